"""From a mention to its predicate: presences of concepts, results, judgements, and what is left over."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from screening import concepts
from screening.build.common.context import Reader
from screening.build.common.settled import settles
from screening.build.findings.amounts import left_to_a_person
from screening.build.findings.dating import SMALL
from screening.build.findings.forbidden_times import either_window
from screening.build.findings.halflives import names_step, with_half_lives
from screening.build.findings.mentions import Mention
from screening.build.findings.narrowing import narrowing
from screening.build.findings.purposes import aim_begin, purposes, run_together, without_purposes
from screening.build.findings.treatments import is_untold
from screening.build.limits.chunks import Chunk
from screening.parse.passes.trailing import VAGUE
from screening.parse.tokens import Token
from screening.predicates import (
    Advisory,
    All,
    Always,
    Any,
    Assumption,
    Event,
    IfElse,
    Judgement,
    Not,
    NotUnderstood,
    Predicate,
    Presence,
    Relation,
    Result,
    Sex,
    Tense,
    Term,
    Window,
)
from screening.resources import table
from screening.text import Kind, Span

_OF_FINDINGS = frozenset((*table("reading")["degrees"]["modifiers"], *table("reading")["degrees"]["of_findings"]))
_VARIABLES = frozenset({"VAR", "SCALE"})
_Open = Judgement | NotUnderstood | Advisory
_OR = re.compile(r"\bor\b", re.IGNORECASE)
_RELEASING = frozenset(table("reading")["releasing"]["words"])
_LATEST = frozenset(table("reading")["vague_times"]["latest"])
_WASHOUTS = frozenset(table("reading")["introduced"]["lengths"])
_DEGREES = frozenset(table("reading")["degrees"]["modifiers"])
_MOMENTARY = frozenset(table("reading")["momentary"]["concepts"])
_HAD = frozenset({"condition", "state"})  # kinds of concepts that a trial is for, unless it says that they have ended
_HAPPENING = frozenset(table("reading")["happening"]["concepts"])


def predicate(reader: Reader, found: Mention) -> Predicate | None:
    """The predicate of a mention; None where it says nothing."""
    aims = purposes(found) if len(found.concepts) > 1 else ()
    if not aims:
        return _predicate(reader, found)
    made = _predicate(reader, without_purposes(found, aims)._replace(negated=False))
    if made is None or isinstance(made, _Open):
        return made
    aim = reader.span(aim_begin(found, aims[0]), aims[-1])
    narrowed = All((made, Judgement(reader.between(aim), aim)), made.span)
    return Not(narrowed, made.span) if found.negated else narrowed


def _predicate(reader: Reader, found: Mention) -> Predicate | None:
    """The predicate of a mention whose findings are all meant as such."""
    if found.empty:
        return None
    tokens = found.chunk.tokens
    span = reader.span(tokens[0], tokens[-1])
    if found.advisory:
        return Advisory(reader.words(tokens[0], tokens[-1]), span)
    if (found.ahead and found.concepts) or is_untold(found):
        return _still_to_come(reader, found, span)
    if not _denies_whole(found):
        return _of_findings(reader, found, span)
    made = _of_findings(reader, found._replace(negated=False), span)
    return Not(made, span) if made is not None else None


def _denies_whole(found: Mention) -> bool:
    """Whether a negation governs one finding with the words that narrow it: "no radiotherapy to the frontal lobe"."""
    if (
        not found.negated
        or found.half_life
        or len(found.concepts) != 1
        or concepts.catalogue()[str(found.concepts[0].value)].attest
    ):
        return False
    told = found.judged or _unread(found) or (found.window is None and _vague(found))
    return (found.denied_first or found.denied_before) and bool(told)


def _of_findings(reader: Reader, found: Mention, span: Span) -> Predicate | None:
    """The findings of a mention, at *span*, what only a person can say beside them, and what was not understood."""
    tokens = found.chunk.tokens
    recorded = _on_record(found)
    attested = len(recorded) < len(found.concepts)
    told = _told_elsewhere(found) or _outcome_told(found)
    undated = found._replace(window=None, history=True) if told else found
    parts = _presences(reader, undated, recorded)
    if attested:
        parts.extend(_pertaining(reader, found))
        parts.append(Judgement(reader.between(span), span, _named_event(reader, found) or _event(reader, found)))
    elif found.judged:
        words, where = reader.words(found.judged[0], found.judged[-1]), reader.span(found.judged[0], found.judged[-1])
        said = Judgement(words, where, None if recorded and not told else _dated_event(reader, found, told))
        parts.append(Not(said, where) if found.denied_before and not recorded else said)
    if found.result and found.tested:
        tested = [Result(str(token.value), found.result, undated.window, reader.span(token)) for token in found.tested]
        parts.extend(tested)
    if found.lasting:
        parts.extend([Judgement(reader.words(*one), reader.span(*one)) for one in found.lasting])
    if parts and found.window is None and (vague := _vague(found)) is not None:
        parts.append(Judgement(reader.words(vague, vague), reader.span(vague)))
    made = _half_lives(reader, found, _all(parts, span))
    unread = _unread(found)
    if made is None and not unread and found.organs:
        return Judgement(reader.words(tokens[0], tokens[-1]), span)
    if not unread:
        return made
    if attested:
        return made
    left = _left_over(reader, found if unread is found.residue else found._replace(residue=unread))
    if made is None:
        return left
    return All((made, left), span)  # words beside a finding narrow it: "tumours of borderline malignancy"


def _on_record(found: Mention) -> list[Token]:
    """The findings that a record may tell; "after a washout of phosphate binders" asks nobody to take them."""
    known = concepts.catalogue()
    if any(str(token.value) in _WASHOUTS for token in found.concepts):
        return []
    return [token for token in found.concepts if not known[str(token.value)].attest]


def _still_to_come(reader: Reader, found: Mention, span: Span) -> Predicate:
    """What is planned is for a person to say: the record tells what was."""
    said = Judgement(reader.between(span), span, _event(reader, found))
    return Not(said, span) if found.denied_before else said


def _presences(reader: Reader, found: Mention, recorded: list[Token]) -> list[Predicate]:
    """Every finding; in an exclusion two that run together are alternatives, and the window is the second's."""
    second = run_together(found) if reader.excluding and not found.negated and len(recorded) > 1 else None
    if second is None:
        named = [_presence(reader, found, token) for token in recorded]
        return list(dict.fromkeys(named)) if len(named) > 1 else named
    alone = found if found.leading else found._replace(window=None)
    made = [_presence(reader, alone if token.start < second.start else found, token) for token in recorded]
    return [Any(tuple(made), reader.span(recorded[0], recorded[-1]))]


def _pertaining(reader: Reader, found: Mention) -> list[Predicate]:
    """ "Women of childbearing potential": only one sex can be meant, and that a record tells."""
    sexes = {concepts.catalogue()[str(token.value)].pertains: token for token in found.concepts}
    return [Sex(sex, reader.span(token)) for sex, token in sexes.items() if sex]


def _unread(found: Mention) -> tuple[Token, ...]:
    """The residue, without the variables a qualitative result uses up."""
    if not found.result:
        return found.residue
    return tuple(token for token in found.residue if token.type not in ("VAR", "SCALE", "EQ"))


def _all(parts: list[Predicate], span: Span) -> Predicate | None:
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else All(tuple(parts), span)


def _left_over(reader: Reader, found: Mention) -> Predicate:
    if found.concepts or (found.result and found.tested):
        first, last = found.residue[0], found.residue[-1]
    else:
        first, last = found.chunk.tokens[0], found.chunk.tokens[-1]
    span = reader.span(first, last)
    if (said := left_to_a_person(found)) is not None:
        span = reader.span(*said)
        return Judgement(reader.between(span), span)  # no record read here carries a dose
    if {token.type for token in found.residue} <= _VARIABLES:
        return Judgement(reader.between(span), span)  # a variable without a limit: what is meant is for a person
    return NotUnderstood(reader.words(first, last), span, None if found.concepts else _event(reader, found))


def _event(reader: Reader, found: Mention) -> Event | None:
    """What the window dates where no concept says it: the nearest words before it, else those behind it."""
    if found.window is None:
        return None
    dated = _dated(found.chunk, leading=found.leading)
    if not dated:
        return None
    return Event(reader.words(dated[0], dated[-1]), found.window, reader.span(dated[0], dated[-1]), found.negated)


def _vague(found: Mention) -> Token | None:
    """ "Recent" and its like, which only a person can weigh."""
    words = [token.text.lower() for token in found.chunk.tokens]
    if VAGUE.isdisjoint(words):
        return None
    at = next(at for at, word in enumerate(words) if word in VAGUE)
    return None if at > 0 and words[at - 1] in _LATEST else found.chunk.tokens[at]


def _told_elsewhere(found: Mention) -> Token | None:
    """What the window dates, where it counts from an event that only a person can date."""
    return next(iter((*found.concepts[-1:], *found.tested[-1:])), None) if found.elsewhere else None


def _outcome_told(found: Mention) -> Token | None:
    """The course of the disease that the window dates, not the treatment before it ("platinum with relapse within 6
    months")."""
    if found.window_span is None or found.leading or len(found.concepts) < 2:
        return None
    last = concepts.catalogue()[str(found.concepts[-1].value)]
    return found.concepts[-1] if last.attest and last.kind == "state" and not last.lists else None


def _dated_event(reader: Reader, found: Mention, told: Token | None) -> Event | None:
    if told is None or found.window is None:
        return _event(reader, found)
    return Event(str(told.value), found.window, reader.span(told), found.negated)


def _named_event(reader: Reader, found: Mention) -> Event | None:
    """What the window dates where a concept names it that no record carries ("participation in another trial")."""
    token = next((one for one in found.concepts if concepts.catalogue()[str(one.value)].attest), None)
    if token is None or found.window is None:
        return None
    return Event(str(token.value), found.window, reader.span(token), found.negated)


def _dated(chunk: Chunk, *, leading: bool) -> list[Token]:
    kept: list[Token] = []
    first = chunk.windows[0][1].start if chunk.windows and not leading else None
    inside = [(one.start, last.end) for _, one, last in chunk.windows]
    for token in chunk.tokens:
        if any(start <= token.start < end for start, end in inside) or (first is not None and token.start > first):
            continue
        if token.type == "MOD" and any(role in ("history", "current", "negation") for role, _ in token.value):
            if not any(one.type == "WORD" for one in kept):
                kept = []
        elif kept or token.type not in SMALL:
            kept.append(token)
    while kept and kept[-1].type in SMALL:
        kept.pop()
    return kept


def _half_lives(reader: Reader, found: Mention, made: Predicate | None) -> Predicate | None:
    """A number of half-lives is for a person: beside a length of time the longer or shorter of both counts."""
    token = found.half_life
    if token is None:
        return made
    span = reader.span(token)
    if token in found.chunk.tokens:  # else said once for a whole list
        reader.note("window-not-computable", "how long a half-life lasts is not on record: a person must say", span)
    open_ = Judgement(reader.words(token, token), span)
    if made is None:
        return open_
    if names_step(made):
        whole = reader.span(found.chunk.tokens[0], found.chunk.tokens[-1])
        return Judgement(reader.between(whole), whole)
    longer = token.value != "shorter"
    return with_half_lives(made, open_, found.window, span, longer=longer, excluding=reader.excluding)


def _presence(reader: Reader, found: Mention, token: Token) -> Predicate:
    concept = concepts.catalogue()[str(token.value)]
    span = reader.span(token)
    tense = Tense.HAD if "PAST" in token.senses else _tense(found, concept)
    term = Term(concept.id, tuple([name for name in _of_its_kind(found, concept) if name not in concept.id]))
    joint = bool(concept.either) and not _OR.search(token.text)
    at_once = joint and settles(reader, "and_together", span)  # "co-infection with HBV and HCV"
    if joint and not at_once:
        reader.note("and-read-as-or", f"“{concept.name}” is read as: any of them", span)
    made = _graded(concept, term, tense, found.window, span)
    made = All(made.items, made.span) if at_once and isinstance(made, Any) else made
    if found.least is not None and not found.negated:
        both = All((made, _graded(concept, term, tense, found.least, span)), span)
        made = either_window(reader, both, made, found, concept.id) if reader.excluding else both
    elif found.window and reader.excluding and found.window.relation is not Relation.WITHIN and not found.history:
        inside = _named(concept, term, tense, replace(found.window, relation=Relation.WITHIN), span)
        made = either_window(reader, made, inside, found, concept.id)
    graded = next((name for name in term.qualifiers if name.startswith("grade_")), None) if term.qualifiers else None
    if graded and not found.chunk_roles("adverse_events"):
        message = f"the text does not name the scale of “{graded.replace('_', ' ')}” of {concept.name}"
        reader.say("scale-assumed", Kind.ASSUMPTION, message, span)
        made = Assumption("scale-assumed", reader.label(f"{graded.replace('_', ' ')} {concept.id}"), made, span)
    if not reader.excluding and _releases(found, concept):
        before = _narrowed(reader, found, token, _named(concept, term, Tense.HAD, None, span))
        return IfElse(before, made, Always(), span)
    made = _narrowed(reader, found, token, made)
    return Not(made, span) if found.negated else made


def _of_its_kind(found: Mention, concept: concepts.Concept) -> tuple[str, ...]:
    """The modifiers that can be said of it: beside a finding, a grade is the finding's and not a drug's ("grade 2
    pneumonitis under a checkpoint inhibitor")."""
    if concept.kind not in ("drug", "procedure") or not found.concepts[1:]:
        return found.narrowing
    return tuple(name for name in found.narrowing if name not in _OF_FINDINGS and not name.startswith("grade_"))


def _narrowed(reader: Reader, found: Mention, token: Token, made: Predicate) -> Predicate:
    """The presence, and what only a person can say of it: a special kind, an organ, a cause."""
    said = narrowing(found, token)
    if said is None:
        return made
    place = reader.span(*said)
    words = reader.between(place) or f"{token.text} {token.senses['NARROW']}"  # a noun said once for two modifiers
    return All((made, Judgement(words, place)), place)


def _releases(found: Mention, concept: concepts.Concept) -> bool:
    """ "At least 4 weeks since surgery" asks nobody to have had surgery; "must have received X at least …" does, and so
    do "stroke at least 6 months ago" and "diabetes diagnosed at least a year before screening"."""
    if found.window is None or found.window.relation is Relation.WITHIN or found.negated:
        return False
    if releases(found.chunk.tokens) or (found.leading and not _lasted(found)):
        return True
    if concept.kind in _HAD and "procedure" not in concept.lists:
        return False
    return concept.id not in _HAPPENING and not found.chunk_roles("received", "history_of")


def _lasted(found: Mention) -> bool:
    """ "At least 1 year postmenopausal": a length of time right before a state says how long it has lasted."""
    pairs = pairwise(found.chunk.tokens)
    return any(one.type == "TIME" and other.type == "CONCEPT" for one, other in pairs) and found.sort == "condition"


def releases(tokens: Sequence[Token]) -> bool:
    """Whether words by which a washout speaks of what may have been stand among these ("completed", "elapsed")."""
    return any(token.text.lower() in _RELEASING for token in tokens)


def _graded(concept: concepts.Concept, term: Term, tense: Tense, window: Window | None, span: Span) -> Predicate:
    """The presence, of any of several grades ("grade 3 or 4") or degrees ("moderate to severe")."""
    levels = [name for name in term.qualifiers if name.startswith("grade_") or name in _DEGREES]
    if len(levels) < 2:
        return _named(concept, term, tense, window, span)
    others = tuple(name for name in term.qualifiers if name not in levels)
    made = [_named(concept, Term(term.concept, (*others, level)), tense, window, span) for level in levels]
    return Any(tuple(made), span)


def _named(concept: concepts.Concept, term: Term, tense: Tense, window: Window | None, span: Span) -> Predicate:
    """The presence of a concept, or of any of the findings its name stands for ("cardiac and pulmonary
    dysfunction")."""
    if not concept.either:
        return Presence(term, tense, window, (), span)
    return Any(tuple(Presence(Term(part, term.qualifiers), tense, window, (), span) for part in concept.either), span)


def _tense(found: Mention, concept: concepts.Concept) -> Tense:
    """What was done, or befell somebody on a day, is past unless the text says that it goes on."""
    if found.history or found.window is not None:
        return Tense.HAD
    if concept.id in _MOMENTARY and not found.chunk_roles("current", "acute", "active"):
        return Tense.HAD
    return Tense.HAD if concept.kind == "procedure" and not found.current else Tense.HAS
