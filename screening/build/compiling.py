"""From a trial's items to its rule set: every clause a rule, every character accounted for."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from screening.build.clause.barred import bar, lacking
from screening.build.clause.clauses import clauses
from screening.build.clause.elements import elements
from screening.build.clause.garbled import note_garbled
from screening.build.clause.leftovers import complete, tells
from screening.build.clause.lower import lower
from screening.build.clause.opposing import demands, forbid, opposite
from screening.build.clause.permissions import heard, permits_some, permitted, takes_people, widens, wider
from screening.build.clause.qualifying import announces_exception, complement
from screening.build.common.contents import variables_in
from screening.build.common.context import Reader
from screening.build.common.drafts import Draft, kind_of
from screening.build.common.groups import opens_group
from screening.build.ledger import ledger
from screening.build.record.alternatives import (
    alternatives,
    as_definition,
    condition_of,
    either,
    ends_or,
    opens_or,
    under_group,
)
from screening.build.record.both_sexes import of_both_sexes
from screening.build.record.doubts import PASSES
from screening.build.record.exceptions import permitted_below, softened, softens_it, stray, with_exceptions
from screening.build.record.introductions import (
    counts_from,
    denied,
    denied_below,
    denies_list,
    introduces,
    speaks_of_past,
    stated_window,
    under_heading,
)
from screening.build.record.leading import describes, led, stated_logic
from screening.build.record.refusals import refused, refuses
from screening.build.record.registry import index_conditions, registry_drafts, suggested
from screening.build.record.remarks import is_definition, remarked
from screening.build.record.subgroups import for_groups
from screening.build.record.tables import as_table, tabled_by
from screening.build.record.versions import merged
from screening.build.record.whose import of_another_person
from screening.parse.lexer import lex
from screening.parse.passes.agetables import headed_row
from screening.parse.passes.restoring import attested_qualifiers, dated_qualifiers
from screening.parse.tokens import Token
from screening.parse.trees.logic import logic
from screening.parse.trees.tree import Subject, Subjects
from screening.predicates import Advisory, All, Except, IfElse, Judgement, NotUnderstood, Predicate
from screening.records import record
from screening.ruleset.model import Rule, RuleKind, RuleSet
from screening.sections.headings import cohort_prefix
from screening.sections.model import Item, Side, Trial
from screening.text import CleanText, Span, clean

_UNPRINTED = re.compile(r"[^0-9A-Za-z]")
_LETTER = {Side.INCLUSION: "I", Side.EXCLUSION: "E", Side.REGISTRY: "R"}


def compile_trial(trial: Trial) -> RuleSet:
    """The rule set of a registry document; bad text yields diagnostics, never an error."""
    drafts = [draft for item in _numbered(trial) for draft in _item(trial, item)]
    index = index_conditions(trial)
    drafts = merged(alternatives(for_groups(denied_below(drafts, index))))
    drafts = [*registry_drafts(trial), *drafts]
    for one_pass in (of_both_sexes, *PASSES, of_another_person):
        drafts = one_pass(trial, drafts)
    drafts = [*drafts, *suggested(index, drafts)]
    rules = tuple(_rules([draft for draft in drafts if not draft.empty]))
    return RuleSet(
        trial=trial.id,
        title=trial.title,
        rules=rules,
        status=trial.status,
        index_conditions=index,
        diagnostics=trial.diagnostics,
        ledger=ledger(trial, drafts),
        raw=trial.raw,
    )


@record(frozen=True, slots=True)
class _Numbered:
    item: Item
    base: str
    heading: str = ""
    denied: bool = False  # the heading above it denies what it names


def _numbered(trial: Trial) -> Iterator[_Numbered]:
    """Every item with the base of its id: side, version and printed (or running) number."""
    counts: Counter[tuple[Side, int]] = Counter()
    for item in trial.items:
        counts[item.side, item.version] += 1
        printed = _UNPRINTED.sub("", item.marker) if item.marker else ""
        number = printed if printed.isdigit() else str(counts[item.side, item.version])
        version = f"v{item.version + 1}" if item.version else ""
        yield _Numbered(item, f"{_LETTER[item.side]}{number}{version}")


def _rules(drafts: list[Draft]) -> Iterator[Rule]:
    totals = Counter(draft.base for draft in drafts)
    seen: Counter[str] = Counter()
    for draft in drafts:
        seen[draft.base] += 1
        identity = draft.base if totals[draft.base] == 1 else draft.base + _letters(seen[draft.base])
        yield Rule(
            id=identity,
            side=draft.side,
            kind=draft.kind or kind_of(draft.predicate),
            text=draft.text,
            predicate=draft.predicate,
            spans=draft.spans,
            cohort=draft.cohort,
            diagnostics=tuple([one.at(identity) for one in draft.diagnostics]),
        )


def _letters(number: int) -> str:
    """1 → a, 26 → z, 27 → aa."""
    number -= 1
    first, second = divmod(number, 26)
    return (string.ascii_lowercase[first - 1] if first else "") + string.ascii_lowercase[second]


# ---- items


def _item(trial: Trial, numbered: _Numbered) -> Iterator[Draft]:
    item = numbered.item
    own = _clauses(trial, numbered)
    if not item.children:
        yield from [draft.as_structure() if draft.group is not None else draft for draft in own]
        return
    own = [draft.as_structure() if draft.describes else draft for draft in own]
    heading = _heading(trial, item)
    denies = any(draft.denies for draft in own)
    children = (_Numbered(one, numbered.base, heading, numbered.denied or denies) for one in item.children)
    listed = [under_heading(own, list(_item(trial, child))) for child in children]
    below = [denied(draft) if denies and not numbered.denied else draft for drafts in listed for draft in drafts]
    if any(draft.defines for draft in own):
        yield from (*own, *as_definition(below))
        return
    if below and (table := as_table(_heading(trial, item), own, below)) is not None:
        yield table
        return
    if (allowed := permitted_below(own, below)) is not None:
        yield from (draft if not _is_heading(draft) else draft.as_structure() for draft in allowed)
        return
    if (excepted := with_exceptions(own, below)) is not None:
        yield from (*own[:-1], excepted)
        return
    counted = not denies or any(draft.lead and draft.lead.isdigit() for draft in own)
    one = led(own, listed) if counted and all(draft.cohort == item.cohort for draft in below) else None
    if one is not None:
        one = denied(one) if denies else one
        yield from under_group(own, [one]) or [one]
        return
    if (bound := under_group(own, below)) is not None:
        own, below = [*own[:-1], own[-1].as_structure()], bound
    yield from (draft if not _is_heading(draft) else draft.as_structure() for draft in own)
    yield from below


def _heading(trial: Trial, item: Item) -> str:
    return " ".join(span.of(trial.raw) for span in item.spans)


def _is_heading(draft: Draft) -> bool:
    """A line that ends in a colon above a list introduces it and says nothing itself, unless it could be read."""
    return draft.text.rstrip().endswith(":") and kind_of(draft.predicate) is not RuleKind.DATA


# ---- clauses


def _clauses(trial: Trial, numbered: _Numbered) -> list[Draft]:
    """The drafts of an item's own text, one a clause; a permission behind an exclusion is an exception to it."""
    item = numbered.item
    text = clean(trial.raw, item.spans)
    inherited = _named_by(numbered.heading) or (_named_by(f"{item.heading}:") if item.heading else None)
    labels: dict[str, int] = {}
    heading = " ".join(filter(None, (item.heading, numbered.heading)))
    drafts: list[Draft] = []
    words = lex(text.text)
    if tabled := tabled_by(numbered.heading):
        words = headed_row(words, tabled)
    cohort = item.cohort
    for whole in clauses(attested_qualifiers(words) if item.side is Side.EXCLUSION else dated_qualifiers(words)):
        cohort, tokens = _labelled(trial, text, whole, cohort)
        reader = Reader(text, Side.EXCLUSION if numbered.denied else item.side, heading, [], labels)
        lead = (
            stated_logic(tokens, reader.words(tokens[0], tokens[-1]))
            if item.children or whole[-1].type == "COLON"
            else None
        )
        anchor = counts_from(tokens) if item.children else None
        allows = permits_some(reader, tokens)
        said, inherited = _said(reader, tokens, inherited, allows=allows)
        said = complete(reader, tokens, said) if said is not None else None
        base = drafts[-1] if drafts and kind_of(drafts[-1].predicate) is RuleKind.DATA else None
        if allows:
            said, allowed = heard(reader, tokens, said, softening=base is not None)
        else:
            allowed = permitted(reader, tokens, said)
        made = remarked(reader, tokens, allowed)
        note_garbled(reader, tokens)
        if made is None and not item.children and tells(tokens):
            made = NotUnderstood(reader.words(tokens[0], tokens[-1]), reader.span(tokens[0], tokens[-1]))
        draft = _draft(trial, numbered, reader, tokens, made, _Heading(cohort, lead, anchor))
        draft = draft if whole is tokens else _with_label(trial, numbered, reader, whole, draft)
        only_allows = isinstance(allowed, Advisory) and said is not allowed and base is not None
        softens = only_allows and (softens_it(base, said) or takes_people(reader, tokens))
        if (exception := stray(said)) is not None and announces_exception(reader.words(tokens[0], tokens[-1])):
            _except(reader, drafts, draft, exception)
        elif softens and said is not None:
            drafts[-1] = _softened(drafts[-1], draft, said)
        elif drafts and made is not None and widens(reader, tokens, made):
            _widen(drafts, draft, wider(reader, tokens, made) or made)
        else:
            drafts.append(draft)
    return drafts


def _labelled(trial: Trial, text: CleanText, tokens: list[Token], cohort: str | None) -> tuple[str | None, list[Token]]:
    """ "Cohort A: HbA1c 7-10 %; Cohort B: …": the group that a clause names is its own; the words behind."""
    if len(tokens) < _LABELLED or tokens[0].start == 0:
        return cohort, tokens
    place = text.raw_span(tokens[0].start, tokens[-1].end)
    found = cohort_prefix(trial.raw, place.start, place.end)
    rest = [token for token in tokens if text.raw_span(token.start, token.end).start >= found[0].end] if found else []
    return (found[1], rest) if found and rest else (cohort, tokens)


def _with_label(trial: Trial, numbered: _Numbered, reader: Reader, whole: list[Token], draft: Draft) -> Draft:
    """The draft of a clause with the words before it that name its group: no word of the text is left over."""
    spans = _pieces(numbered.item.spans, reader.span(whole[0], whole[-1]))
    return replace(draft, spans=spans, text=" ".join(" ".join(piece.of(trial.raw) for piece in spans).split()))


def _except(reader: Reader, drafts: list[Draft], draft: Draft, exception: Predicate) -> None:
    """An exception in a sentence of its own softens the one before; where there is none, it asks for nothing."""
    if drafts and kind_of(drafts[-1].predicate) is RuleKind.DATA:
        drafts[-1] = softened(reader, drafts[-1], draft, exception)
    else:
        drafts.append(replace(draft, predicate=Advisory(draft.text, draft.spans[0] if draft.spans else None)))


def _said(
    reader: Reader, tokens: list[Token], inherited: Subjects | None, *, allows: bool
) -> tuple[Predicate | None, Subjects | None]:
    """What a clause says, and the subjects the next clause may inherit. What it *allows* it says of who may enter."""
    asking = reader.excluding and demands(tokens)
    if reader.excluding:
        forbid(tokens)
    else:
        bar(tokens)
        lacking(tokens)
    turned = asking or (not reader.excluding and refuses(tokens))
    heard = reader.allowing() if allows else reader.turned() if turned else reader
    found, inherited = elements(heard, tokens, inherited)
    said = refused(reader, tokens, lower(heard, logic(found)))
    return (opposite(said) if asking and said is not None else said), inherited


def _widen(drafts: list[Draft], other: Draft, taken: Predicate) -> None:
    """ "CrCl ≥ 50 by formula. Those with a measured CrCl ≥ 50 are eligible regardless.": either will do.

    *taken*: those whom the permission takes, where there is a limit to widen.
    """
    names = variables_in(taken)
    limited = [(i, variables_in(draft.predicate)) for i, draft in enumerate(drafts)]
    at = next((i for i, found in limited if found & names), None)
    if isinstance(taken, Judgement):
        at = next((i for i, found in reversed(limited) if found), None)  # "lower values are allowed if …"
    if at is None:
        drafts.append(other)
        return
    match taken:
        case All((condition, then)) if complement(drafts[at].predicate, condition):
            made = IfElse(condition, then, drafts[at].predicate)
            drafts[at] = replace(either(drafts[at], other), predicate=made, any_of=False)
        case _:
            drafts[at] = either(drafts[at], replace(other, predicate=taken))


def _softened(excluded: Draft, allowed: Draft, exception: Predicate) -> Draft:
    """ "Brain metastases. Stable ones are allowed.": one criterion with its exception."""
    return replace(
        excluded,
        text=f"{excluded.text} {allowed.text}",
        predicate=Except(excluded.predicate, exception),
        spans=(*excluded.spans, *allowed.spans),
        diagnostics=(*excluded.diagnostics, *allowed.diagnostics),
    )


def _named_by(heading: str) -> Subjects | None:
    """The variable that a heading consists of ("Age:"), which the limits below it are about."""
    if len(heading) > _SHORT or not heading.rstrip().endswith(":"):
        return None
    named = _named_alone(heading)
    return Subjects((Subject(replace(named, start=0, end=0)),)) if named else None


@lru_cache(maxsize=1 << 10)
def _named_alone(heading: str) -> Token | None:
    """The only telling word of a heading, if it is a variable; read once for all the lines below it."""
    tokens = [
        token
        for token in lex(clean(heading).text)
        if token.type not in ("FILL", "GLUE", "COLON", "DOT", "BULLET", "DASH")
    ]
    return tokens[0] if len(tokens) == 1 and tokens[0].type in ("VAR", "SCALE") else None


_LABELLED = 4  # tokens at least of a clause with the name of its group
_SHORT = 60  # characters of a heading that may be a name


class _Heading(NamedTuple):
    """What a clause is under, and what it states for the list below it: its logic, and from when the list counts."""

    cohort: str | None
    lead: str | None
    anchor: str | None


def _draft(
    trial: Trial, numbered: _Numbered, reader: Reader, tokens: list[Token], made: Predicate | None, heading: _Heading
) -> Draft:
    span = reader.span(tokens[0], tokens[-1])
    spans = _pieces(numbered.item.spans, span)
    said = " ".join([piece.of(trial.raw) for piece in spans])
    heads = bool(numbered.item.children)
    introduced = heads and (
        describes(tokens, reader.words(tokens[0], tokens[-1])) or introduces(tokens, said, excluding=reader.excluding)
    )
    return Draft(
        base=numbered.base,
        side=numbered.item.side,
        text=" ".join(said.split()),
        predicate=made if made is not None else NotUnderstood("", span),
        spans=spans,
        cohort=heading.cohort,
        version=numbered.item.version,
        heading=f"{reader.heading} {_own_heading(reader, tokens)}".strip(),
        diagnostics=tuple(reader.diagnostics),
        lead=heading.lead,
        window=stated_window(reader) if heads else None,
        anchor=heading.anchor,
        denies=denies_list(tokens) and numbered.item.side is Side.INCLUSION,
        past=heads and (made is None or introduced) and speaks_of_past(tokens),
        empty=made is None,
        group=condition_of(tokens, made) if opens_group(tokens) else None,
        defines=heads and is_definition(said),
        describes=introduced,
        opens_or=opens_or(tokens),
        ends_or=ends_or(tokens),
    )


def _own_heading(reader: Reader, tokens: list[Token]) -> str:
    """The words before a colon inside the clause ("Insufficient bone marrow function: …")."""
    kinds = [token.type for token in tokens]
    at = kinds.index("COLON") if "COLON" in kinds else 0
    return reader.words(tokens[0], tokens[at]) if at else ""


def _pieces(spans: tuple[Span, ...], whole: Span) -> tuple[Span, ...]:
    """What *whole* has of the pieces of a text at *spans*."""
    if len(spans) == 1 and spans[0].start <= whole.start < whole.end <= spans[0].end:
        return (whole,)
    found = [Span(max(span.start, whole.start), min(span.end, whole.end)) for span in spans]
    return tuple([piece for piece in found if piece.start < piece.end])


__all__ = ["compile_trial"]
