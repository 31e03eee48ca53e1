"""What a heading says of the list below it: that any of its items will do ("one of the following"), or so many of them.

"Two or more of the following risk factors:" · "cirrhosis, shown by either:" · "must meet either a or b".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from screening.build.common.drafts import Draft, kind_of
from screening.build.common.groups import ends_in_colon
from screening.parse.tokens import Token
from screening.predicates import All, Any, AtLeast, NotUnderstood, Predicate
from screening.resources import table
from screening.ruleset.model import RuleKind
from screening.sections.model import Side
from screening.text import Diagnostic, Kind, Severity

_SILENT = ("FILL", "GLUE", "DASH", "BULLET")
_TELLING = frozenset({"CONCEPT", "VAR", "SCALE", "NUM", "ORGAN", "EXCEPT", "IF"})
_LIMITS = frozenset({"VAR", "SCALE", "LT", "LE", "GT", "GE", "EQ", "EXCEPT", "IF", "COMMA"})
_SMALL = ("FILL", "GLUE", "COLON", "WORD", "DOT", "JUDGE")


def stated_logic(tokens: Sequence[Token], said: str) -> str | None:
    """The logic that a clause states for a list behind it: "any", a number of its items, or nothing.

    *said*: the words of the clause.
    """
    if counted := _counted("counted").search(said) or _counted("kinds").search(said):
        _silence(tokens, counted["count"])
        number = _numbers()[counted["count"].lower()]
        return str(number) if number > 1 else "any"
    kinds = [token.type for token in tokens]
    if describes(tokens, said):
        return "any"
    if "ONEOF" in kinds:
        behind = kinds[kinds.index("ONEOF") + 1 :]
        if all(kind in _SMALL for kind in behind):
            return "any"
    return "any" if _pattern("either").search(said) else None


def _silence(tokens: Sequence[Token], count: str) -> None:
    """Makes the number of items small words, with "at least" and with how many there are ("2 of the following 4")."""
    at = next((at for at, token in enumerate(tokens) if token.type == "NUM" and token.text == count), None)
    if at is None:
        return
    before = tokens[at - 1 : at] if at else ()
    for token in (*(one for one in before if one.type == "GE"), *(one for one in tokens[at:] if one.type == "NUM")):
        token.type = "FILL"


def describes(tokens: Sequence[Token], words: str) -> bool:
    """Whether a heading only says of what kind the items of its list are: "Any of the following heart diseases:"."""
    if not ends_in_colon(tokens, _SILENT):
        return False
    said = [token for token in tokens if token.type not in _SILENT]
    if _counted("kinds").search(words):
        return True
    at = next((at for at, token in enumerate(said) if token.type == "ONEOF"), None)
    if at is None or any(token.type in _TELLING for token in said[:at]):
        return False
    return all(token.type not in _LIMITS for token in said[at:])


@cache
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(table("reading")["lists"][name], re.IGNORECASE)


@cache
def _numbers() -> dict[str, int]:
    return {word: int(number) for word, number in table("reading")["lists"]["counts"].items()}


@cache
def _counted(name: str) -> re.Pattern[str]:
    counts = "|".join(_numbers())
    return re.compile(table("reading")["lists"][name].replace("COUNT", f"(?P<count>{counts})"), re.IGNORECASE)


def led(own: Sequence[Draft], below: Sequence[Sequence[Draft]]) -> Draft | None:
    """One rule of a heading that states a logic and the list below it, the drafts of each item together.

    None where it states none; not understood where it asks for more items than there are.
    """
    lead = next((draft.lead for draft in own if draft.lead), None)
    items = [said for drafts in below if (said := [draft for draft in drafts if not draft.empty])]
    if lead is None or not items:
        return None
    if lead.isdigit() and int(lead) > len(items):
        return _too_few(own, below)
    joined = _joined(lead, tuple(_item(drafts) for drafts in items))
    outer = [draft.predicate for draft in own if _says(draft)]
    inner = [draft for drafts in below for draft in drafts]
    whole = [*own, *inner]
    return replace(
        items[0][0],
        text=" ".join(draft.text for draft in whole),
        predicate=All((*outer, joined)) if outer else joined,
        spans=tuple(span for draft in whole for span in draft.spans),
        diagnostics=tuple(one for draft in whole for one in draft.diagnostics),
        shares=(
            *(share for draft in own for share in (draft if outer else draft.as_structure()).painted()),
            *(share for draft in inner for share in draft.painted()),
        ),
    )


def _too_few(own: Sequence[Draft], below: Sequence[Sequence[Draft]]) -> Draft:
    """ "At least three of the following" above two items: the others are lost, or stand inside an item."""
    whole = [*own, *(draft for drafts in below for draft in drafts)]
    spans = tuple(span for draft in whole for span in draft.spans)
    text = " ".join(draft.text for draft in whole)
    items = [draft for draft in whole if not draft.empty]
    message = "more items are asked for than the list has; none of them was read"
    told = tuple(Diagnostic("unparsed-formal", Kind.NOTE, message, span, Severity.NOTE) for span in spans)
    made = NotUnderstood(text, spans[0])
    return replace(items[0], text=text, predicate=made, spans=spans, diagnostics=told, lead=None, shares=None)


def _says(draft: Draft) -> bool:
    """Whether a heading asks for something besides its list."""
    return not draft.empty and draft.group is None and kind_of(draft.predicate) is RuleKind.DATA


def _item(drafts: Sequence[Draft]) -> Predicate:
    """What one item of the list says, with what stands below it: all of it, or in an exclusion any."""
    if len(drafts) == 1:
        return drafts[0].predicate
    together = Any if drafts[0].side is Side.EXCLUSION else All
    return together(tuple(draft.predicate for draft in drafts))


def _joined(lead: str, parts: tuple[Predicate, ...]) -> Predicate:
    if len(parts) == 1:
        return parts[0]
    return Any(parts) if lead == "any" else AtLeast(int(lead), parts)


__all__ = ["describes", "led", "stated_logic"]
