"""`screening store check` as lines of text; nothing is cut off, since what is not shown would be left out silently."""

from __future__ import annotations

from collections.abc import Iterator

from screening.store import Check, UnitUse


def described(found: Check) -> Iterator[str]:
    """The lines of the report."""
    yield f"store {found.path}"
    yield from (f"{count:>12,}  {name}" for name, count in found.tables.items())
    yield f"{found.deceased:>12,}  deceased patients"
    yield f"{found.undated:>12,}  results without a date"
    yield f"{found.censored:>12,}  results with a comparator (<, >)"
    yield ""
    yield f"{'variable':<28}{'unit':<16}{'rows':>10}{'patients':>10}{'range':>7}  {'dates':<26}remarks"
    yield from map(_use, found.uses)
    yield from _listed("tests that are not recognised", found.unknown_tests)
    for name, (total, known) in found.events.items():
        if total:
            yield f"\n{name}: {known:,} of {total:,} rows are a concept of this program"
    yield from _listed("codes and texts that are no concept of this program", found.unknown_events)
    if found.findings:
        yield "\nwhat was left out or not understood when the store was made"
        yield from (
            f"  {'left out: ' if finding.lost else ''}{finding.message} ({finding.source})"
            for finding in found.findings
        )


def _use(use: UnitUse) -> str:
    dates = f"{use.first} to {use.last}" if use.first else "none"
    unit = use.unit or (f"{use.raw_unit!r}" if use.raw_unit else "-")
    remarks = [f"written {use.raw_unit!r}"] if use.unit and use.raw_unit not in (None, use.unit) else []
    remarks += [use.problem] if use.problem else []
    if use.implausible:
        remarks.append(f"{use.implausible:,} outside the hard limits")
    share = f"{100 * use.ranged // use.rows} %"
    return (
        f"{use.variable:<28}{unit:<16}{use.rows:>10,}{use.patients:>10,}{share:>7}  {dates:<26}{'; '.join(remarks)}"
    ).rstrip()


def _listed(title: str, items: tuple[tuple[str, int], ...]) -> Iterator[str]:
    if items:
        yield f"\n{title} ({sum(count for _, count in items):,} rows)"
        yield from (f"{count:>12,}  {name}" for name, count in items)
