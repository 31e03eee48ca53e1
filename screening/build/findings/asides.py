"""A parenthesis behind a finding that holds findings: examples of it, what it means here, or one that narrows it.

"heart disease (angina, infarction)" excludes by any of the three; asked for, it may ask for one of the two or only
illustrate, which is for a reviewer to say. Nothing in the parenthesis is passed over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from screening import concepts
from screening.build.common.contents import base_span, concepts_in, variables_in
from screening.build.common.context import Reader
from screening.build.findings.mentions import Mention
from screening.build.findings.presences import predicate
from screening.parse.tokens import Token
from screening.parse.trees.clause import Led, Tree
from screening.predicates import (
    All,
    Always,
    Any,
    Assumption,
    Choice,
    IfElse,
    Judgement,
    Not,
    NotUnderstood,
    Predicate,
    Presence,
    Reading,
    Tense,
    children,
    rebuilt,
)
from screening.resources import table
from screening.text import Kind

Mark = Literal["example", "meaning"]
_RESTATING = frozenset(table("reading")["restating"]["words"])


def marked(inner: Tree) -> tuple[Tree, Mark | None]:
    """What stands in a parenthesis without the words that open it, and what they say: "e.g.", "i.e.", or nothing."""
    if not isinstance(inner, Led) or inner.lead.payload is None or inner.lead.payload.type != "EXAMPLE":
        return inner, None
    return inner.base, "meaning" if inner.lead.payload.text.lower() in _RESTATING else "example"


def with_aside(reader: Reader, outer: Predicate, within: Predicate, mark: Mark | None) -> Predicate | None:
    """A finding with the findings in the parenthesis behind it; None where either side is something else."""
    if isinstance(outer, Not):
        made = with_aside(reader.turned(), outer.item, within, mark)
        return Not(made, base_span(outer, within)) if made is not None else None
    if isinstance(outer, IfElse) and mark == "example":
        return _washouts(outer, within)
    found = _finding(outer)
    if found is None or variables_in(within) or not concepts_in(within) or _denies(within):
        return None
    parts = [_governed(found, part) for part in _listed(within)]
    if mark == "meaning":
        return _any(parts)
    if reader.excluding or mark == "example":
        return _any([outer, *parts])
    return _asked_for(reader, outer, parts)


def _washouts(outer: IfElse, within: Predicate) -> Predicate | None:
    """ "At least 4 weeks since chemotherapy (including topotecan)": the examples are washed out alike, and nobody need
    have had one."""
    parts = _listed(within)
    if not (isinstance(outer.then, Presence) and isinstance(outer.otherwise, Always)):
        return None
    window, made = outer.then.window, [outer]
    for part in parts:
        if not isinstance(part, Presence) or part.window is not None:
            return None
        had = replace(part, tense=Tense.HAD)
        made.append(IfElse(had, replace(had, window=window), Always(), part.span))
    return All(tuple(made), base_span(outer, *parts))


def narrowed(reader: Reader, outer: Predicate, aside: Mention) -> Predicate | None:
    """A finding under the modifiers that stand alone in the parenthesis behind it ("infection (grade ≥ 3)")."""
    if not isinstance(outer, Presence) or not aside.narrowing or not _only_modifies(aside):
        return None
    named = aside.chunk.tokens[0]
    token = Token("CONCEPT", outer.term.concept, named.start, named.end, named.text)
    found = aside._replace(
        concepts=(token,),
        narrowing=tuple(dict.fromkeys((*outer.term.qualifiers, *aside.narrowing))),
        history=outer.tense is Tense.HAD,
    )
    made = predicate(reader, found)
    return placed(made, outer) if made is not None else None


def placed(made: Predicate, outer: Presence) -> Predicate:
    """*made* with the place, tense and window of the finding it stands for."""
    if isinstance(made, Presence):
        return replace(made, span=outer.span, window=outer.window, tense=outer.tense)
    return rebuilt(made, [placed(part, outer) for part in children(made)])


def _only_modifies(aside: Mention) -> bool:
    return not (aside.concepts or aside.residue or aside.judged or aside.negated or aside.organs or aside.window)


def _finding(made: Predicate) -> Presence | None:
    """The finding that a parenthesis explains: bare, of an assumed grade, or the first of those one name stands for."""
    match made:
        case Presence():
            return made
        case Assumption(reading=reading):
            return _finding(reading)
        case Any(items) if all(isinstance(item, Presence) for item in items):
            return _finding(items[0])
        case _:
            return None


def _denies(made: Predicate) -> bool:
    """Whether something in it is denied ("without angina"): then it is no list of examples."""
    return isinstance(made, Not) or (isinstance(made, All | Any) and any(_denies(item) for item in made.items))


def _listed(within: Predicate) -> Sequence[Predicate]:
    return within.items if isinstance(within, All | Any) else (within,)


def _governed(found: Presence, part: Predicate) -> Predicate:
    """An item of the list under the tense and window of the finding it stands behind."""
    if isinstance(part, All | Any):
        return replace(part, items=tuple(_governed(found, item) for item in part.items))
    if not isinstance(part, Presence):
        return part
    tense = Tense.HAD if found.tense is Tense.HAD else part.tense
    return replace(part, tense=tense, window=part.window or found.window)


def _any(parts: Sequence[Predicate]) -> Predicate:
    kept = list(dict.fromkeys(parts))
    return kept[0] if len(kept) == 1 else Any(tuple(kept), base_span(*kept))


def _asked_for(reader: Reader, outer: Predicate, parts: list[Predicate]) -> Predicate:
    """What an inclusion asks for: one finding in the parenthesis narrows; of several one must hold, or they illustrate.

    A finding that implies the one before it is enough by itself.
    """
    span = base_span(outer, *parts)
    one = _any(parts)
    narrowed = one if _implied(outer, parts) else All((outer, one), span)
    if len(parts) == 1:
        return narrowed
    if any(isinstance(part, NotUnderstood | Judgement) for part in parts):
        return All((outer, one), span)
    implied = [_implied(outer, [part]) for part in parts]
    if all(implied):
        return narrowed  # "lymphoma (follicular lymphoma, …)": the kinds that are meant
    if not any(implied) and span is not None:
        return All((outer, Judgement(reader.between(span), span)), span)  # "portal hypertension (varices, ascites)"
    reader.say(
        "parenthesised-list",
        Kind.CHOICE,
        "must one of the findings in parentheses hold, or are they examples of the finding before them?",
        span,
    )
    readings = (Reading("written", narrowed), Reading("examples", _any([outer, *parts])))
    return Choice("parenthesised-list", reader.label("list in parentheses"), readings, span)


def _implied(outer: Predicate, parts: Sequence[Predicate]) -> bool:
    """Whether each part implies the finding: narrower by its codes or by declaration, and the finding unqualified."""
    if not isinstance(outer, Presence) or outer.term.qualifiers:
        return False
    known = concepts.narrower(outer.term.concept)
    return all(isinstance(part, Presence) and part.term.concept in known for part in parts)


def degree_alone(reader: Reader, found: Mention | None) -> Judgement | None:
    """ "Heart rate < 50 /min with symptoms": a degree or course behind a limit is for a person; before it the limit
    says what is meant ("severe anaemia < 8 g/dL")."""
    if found is None or not found.empty or not found.narrowing:
        return None
    tokens = found.chunk.tokens
    return Judgement(reader.words(tokens[0], tokens[-1]), reader.span(tokens[0], tokens[-1]))
