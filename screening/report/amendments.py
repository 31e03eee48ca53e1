"""What an amendment changes, as lines and as JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from textwrap import shorten
from typing import Any

from screening import __version__, synthetic
from screening.amendments import Amended, Amendment, Flip, Kind, Witness
from screening.language import print_flat
from screening.ruleset.model import Rule

AMENDMENT_FORMATS = ("text", "json")

_SHOWN = 100
_HASH = 12


def render_amendment(found: Amendment, flips: Sequence[Flip] | None, on: date, format: str = "text") -> str:
    """The comparison, and the patients it turns where some were asked for (None: none were)."""
    if format == "json":
        return json.dumps(_json(found, flips, on), ensure_ascii=False, indent=2) + "\n"
    return "".join(f"{line}\n" for line in _lines(found, flips, on))


# ---- text


def _lines(found: Amendment, flips: Sequence[Flip] | None, on: date) -> Iterator[str]:
    yield (
        f"screening {__version__}, on {on}: {found.trial}, rules {found.old_hash[:_HASH]} → {found.new_hash[:_HASH]}"
    )
    counts = Counter(item.kind for item in found.criteria)
    yield ", ".join(f"{counts[kind]} {kind}" for kind in Kind if counts[kind]) or "no criteria"
    for item in found.criteria:
        if item.kind is not Kind.UNCHANGED:
            yield ""
            yield from _entry(item)
    if flips is not None:
        yield from _flips(flips)


def _entry(item: Amended) -> Iterator[str]:
    yield f"{item.id}: {item.kind}" + (f" ({item.note})" if item.note else "")
    yield from (_rule("-", rule) for rule in item.old)
    yield from (_rule("+", rule) for rule in item.new)
    for witness in item.witnesses:
        yield f"  {witness.before} → {witness.after}, for a made-up patient:"
        yield f"    before: {witness.why_before}"
        yield f"    after:  {witness.why_after}"


def _rule(sign: str, rule: Rule) -> str:
    return f"  {sign} {rule.id} {rule.side.value}: {shorten(rule.text, _SHOWN, placeholder='…')}"


def _flips(flips: Sequence[Flip]) -> Iterator[str]:
    yield ""
    yield f"{len(flips)} of the patients change their verdict" if flips else "none of the patients changes the verdict"
    for flip in flips:
        words = f"{flip.before} → {flip.after}".replace("_", " ")
        still = ", ".join(f"{judged.id} {judged.outcome}" for judged in flip.open)
        yield f"  {flip.id}: {words}" + (f" ({still})" if still else "")


# ---- JSON


def _json(found: Amendment, flips: Sequence[Flip] | None, on: date) -> dict[str, Any]:
    made: dict[str, Any] = {
        "program": f"screening {__version__}",
        "on": on.isoformat(),
        "trial": found.trial,
        "rules": {"old": found.old_hash, "new": found.new_hash},
        "criteria": [_criterion(item) for item in found.criteria],
    }
    if flips is not None:
        made["patients"] = [{"id": flip.id, "before": flip.before, "after": flip.after} for flip in flips]
    return made


def _criterion(item: Amended) -> dict[str, Any]:
    return {
        "change": item.kind.value,
        "old": [_side(rule) for rule in item.old],
        "new": [_side(rule) for rule in item.new],
        "note": item.note or None,
        "witnesses": [_witness(witness) for witness in item.witnesses],
    }


def _side(rule: Rule) -> dict[str, str]:
    return {"id": rule.id, "side": rule.side.value, "text": rule.text, "reading": print_flat(rule.predicate)}


def _witness(witness: Witness) -> dict[str, Any]:
    return {
        "before": witness.before,
        "after": witness.after,
        "explanation_before": witness.why_before,
        "explanation_after": witness.why_after,
        "patient": synthetic.native(witness.patient),
    }
