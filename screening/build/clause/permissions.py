"""Clauses that allow something: "patients with treated brain metastases are eligible" asks nobody to have them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from screening.build.clause.merging import conjoined
from screening.build.clause.opposing import opposite
from screening.build.common.contents import is_decidable, place, variables_in
from screening.build.common.context import Reader
from screening.parse.tokens import Token
from screening.predicates import (
    Advisory,
    All,
    Always,
    Choice,
    Comparison,
    IfElse,
    Judgement,
    OrdinalSet,
    Predicate,
    Reading,
    nodes,
)
from screening.resources import table
from screening.text import Kind, Span, guarded

_WIDENS = guarded(table("permissions")["widens"])
_PERMITS = guarded(table("permissions")["permits"])
_NEEDS = tuple(table("permissions")["permits"]["words_needs"])  # one of them stands in whatever allows something
_PHRASES = tuple(table("permissions")["permits"]["words"])
_CONDITIONAL = frozenset({"IF", "THEN"})
_Limit = Comparison | OrdinalSet | IfElse
_IN_PARENTHESES = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")


def permitted(reader: Reader, tokens: Sequence[Token], made: Predicate | None) -> Predicate | None:
    """A permission as what it is: it excludes nobody, on either side.

    A limit, a condition or "only" makes it a demand. Under inclusion, where it speaks of those the trial is for, it
    may also be a demand (a choice).
    """
    if made is None:
        return None
    said = _words(reader, tokens)
    if not any(map(said.__contains__, _NEEDS)):
        return made
    if _says("only_these", said) and not variables_in(made):
        return Judgement(reader.words(tokens[0], tokens[-1]), reader.span(tokens[0], tokens[-1]))
    freely = _WIDENS["freely"].search(said) and not _says("unless", said)
    if not freely and (not _allows(said) or _demands(reader, said, made) or _counts(reader, tokens)):
        return made
    span = reader.span(tokens[0], tokens[-1])
    if not reader.excluding and _says("population", said):
        if _says("takes", said):
            return made
        reader.say("permission-or-requirement", Kind.CHOICE, "“are eligible” may allow this, or demand it", span)
        readings = (Reading("written", made), Reading("allowed", Always(span)))
        return Choice("permission-or-requirement", reader.label("allowed or required"), readings, span)
    return permission(reader, tokens)


def permission(reader: Reader, tokens: Sequence[Token]) -> Advisory:
    """A clause as one that only allows."""
    span = reader.span(tokens[0], tokens[-1])
    what = "excludes nobody; an exclusion it softens must say so" if reader.excluding else "asks for nothing"
    reader.note("permission", f"this allows something and {what}", span)
    return Advisory(reader.between(span), span)


def _counts(reader: Reader, tokens: Sequence[Token]) -> bool:
    """ "Up to 2 earlier biologicals are allowed": how many are allowed is a demand, whatever is counted."""
    if reader.excluding:
        return False
    return any(
        one.type in ("LT", "LE") and number.type == "NUM" and unit.type not in ("TIME", "UNIT", "RPAR")
        for one, number, unit in zip(tokens, tokens[1:], tokens[2:], strict=False)
    )


def permits_some(reader: Reader, tokens: Sequence[Token]) -> bool:
    """Whether a clause among exclusions takes some whom the one before it shuts out: "those … are eligible if …"."""
    if not reader.excluding or _CONDITIONAL.isdisjoint([token.type for token in tokens]):
        return False
    said = _words(reader, tokens)
    if _says("conditional_on", said):
        return not _says("other", said)
    limited = any(token.type in ("LT", "LE", "GT", "GE") for token in tokens)
    return limited and _allows(said) and not _says("unless", said)


def heard(
    reader: Reader, tokens: Sequence[Token], said: Predicate | None, *, softening: bool
) -> tuple[Predicate | None, Predicate | None]:
    """What a clause that takes some says of them, and what it is itself.

    Behind the criterion it softens it is a permission; what of it nobody could read a person must weigh. Alone it is a
    demand on those it names first ("patients with HIV are eligible if …"), and asks nothing of anybody else ("inhaled
    steroids are permitted if …").
    """
    if softening:
        words = Judgement(reader.words(tokens[0], tokens[-1]), reader.span(tokens[0], tokens[-1]))
        return words if said is None else conjoined(said), permission(reader, tokens)
    if said is not None and _asks_some(said):
        asked = opposite(said)
        return asked, asked
    return said, permission(reader, tokens)


def _asks_some(made: Predicate) -> bool:
    """Whether a condition that can be told stands before what is allowed under it."""
    if not isinstance(made, IfElse) or not isinstance(made.otherwise, Always):
        return False
    whom, what = place(made.condition), place(made.then)
    return is_decidable(made.condition) and whom is not None and what is not None and whom.start <= what.start


def takes_people(reader: Reader, tokens: Sequence[Token]) -> bool:
    """Whether a clause says of people, not of a drug or finding, that they may enter ("patients on dialysis are …")."""
    return _WIDENS["subject"].search(_words(reader, tokens))


def takes_also(said: str) -> bool:
    """Whether the words of a limit take those who meet it beside those of the limit before it ("2 is allowed if …")."""
    return _says("also", said.casefold())


def insists(said: str) -> bool:
    """Whether the words of a limit ask for it of those they name ("if LVEF < 40 %, class I only")."""
    return _says("insists", said.casefold())


def widens(reader: Reader, tokens: Sequence[Token], made: Predicate | None) -> bool:
    """Whether a clause with a limit takes patients whatever the clause before it says of the same."""
    if reader.excluding or made is None:
        return False
    if _WIDENS["values"].search(_words(reader, tokens)):
        return True
    takes = _WIDENS["takes"].search(_words(reader, tokens))
    return _limits(made) and (takes or wider(reader, tokens, made) is not None)


def wider(reader: Reader, tokens: Sequence[Token], made: Predicate) -> Predicate | None:
    """Whom a permission takes beside those who meet the limit before it; None where it asks instead.

    "ECOG 2 is acceptable if …", "patients with creatinine > 1.5 × ULN are eligible if …".
    """
    said = _words(reader, tokens)
    if _WIDENS["values"].search(said):
        return Judgement(reader.words(tokens[0], tokens[-1]), reader.span(tokens[0], tokens[-1]))
    if takes_people(reader, tokens) and not insists(said):
        return conjoined(made)
    if not isinstance(made, IfElse) or not isinstance(made.otherwise, Always) or not variables_in(made.then):
        return None
    limit, condition = place(made.then), place(made.condition)
    if limit is None or condition is None or limit.start > condition.start:
        return None
    return All((made.then, made.condition)) if takes_also(reader.between(Span(limit.start, condition.start))) else None


def _allows(said: str) -> bool:
    return (any(map(said.__contains__, _PHRASES)) or _says("last", said)) and not _says("other", said)


def _words(reader: Reader, tokens: Sequence[Token]) -> str:
    """The words of a clause: "arrhythmia (controlled atrial fibrillation is allowed)" still excludes arrhythmia."""
    whole = reader.words(tokens[0], tokens[-1]).casefold()
    if "(" not in whole and "[" not in whole:
        return whole
    outside = _IN_PARENTHESES.sub(" ", _IN_PARENTHESES.sub(" ", whole))
    return outside if re.search(r"\w", outside) else whole


def _says(kind: str, said: str) -> bool:
    return _PERMITS[kind].search(said)


def _demands(reader: Reader, said: str, made: Predicate) -> bool:
    return _limits(made) or _says("unless", said) or (not reader.excluding and _says("conditional", said))


def _limits(made: Predicate) -> bool:
    return any(isinstance(one, _Limit) for one in nodes(made))
