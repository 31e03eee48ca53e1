"""`screening store check` as lines of text; nothing is cut off, since what is not shown would be left out silently."""

from __future__ import annotations

from collections.abc import Iterator

from screening.store import Check, UnitUse


def described(found: Check) -> Iterator[str]:
    """The lines of the report."""
    yield f"store {found.path}"
    yield from (f"{count:>12,}  {name}" for name, count in found.tables.items())
    yield f"{found.deceased:>12,}  deceased patients"
    if found.birthless:
        yield f"{found.birthless:>12,}  patients without a birth date"
    if found.unborn:
        yield f"{found.unborn:>12,}  patients whose birth date lies in the future (a year written with two digits?)"
    if found.sexless:
        yield f"{found.sexless:>12,}  patients whose sex is said neither male, female nor other"
    yield f"{found.undated:>12,}  results without a date"
    yield f"{found.censored:>12,}  results with a comparator (<, >)"
    if found.unread_dates:
        yield f"{found.unread_dates:>12,}  results whose date is none"
    if found.unread_values:
        yield f"{found.unread_values:>12,}  results whose value is NaN, infinite or no number"
    yield ""
    yield f"{'variable':<28}{'unit':<16}{'rows':>10}{'patients':>10}{'range':>7}  {'dates':<26}remarks"
    yield from map(_use, found.uses)
    yield from _listed("tests that are not recognised", found.unknown_tests)
    for name, (total, known) in found.events.items():
        if total:
            yield f"\n{name}: {known:,} of {total:,} rows are a concept of this program"
    yield from _listed("codes and texts that are no concept of this program", found.unknown_events)
    if found.findings:
        lost = sum(finding.rows for finding in found.findings if finding.lost)
        yield f"\nwhat was left out or not understood ({lost:,} {'row' if lost == 1 else 'rows'} left out)"
        yield from (
            f"  {'left out: ' if finding.lost else ''}{finding.message} ({finding.source})"
            for finding in found.findings
        )


def _use(use: UnitUse) -> str:
    dates = f"{use.first} to {use.last}" if use.first else "none"
    other = [(name, count) for name, count in use.spellings if name != use.unit]
    unit = use.unit or (f"{other[0][0]!r}" if other else "-")
    remarks = [use.problem] if use.problem else []
    remarks += use.remarks
    if use.unit and other:
        remarks.append("written " + ", ".join(f"{name!r} ({count:,})" for name, count in other))
    share = f"{100 * use.ranged // use.rows} %"
    return (
        f"{use.variable:<28}{unit:<16}{use.rows:>10,}{use.patients:>10,}{share:>7}  {dates:<26}{'; '.join(remarks)}"
    ).rstrip()


def _listed(title: str, items: tuple[tuple[str, int], ...]) -> Iterator[str]:
    if items:
        yield f"\n{title} ({sum(count for _, count in items):,} rows)"
        yield from (f"{count:>12,}  {name}" for name, count in items)
