"""What parentheses, conditions and exceptions make of the predicate before them."""

from __future__ import annotations

import operator
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace

from screening import variables
from screening.build.clause.goes_on import parted
from screening.build.clause.merging import (
    conjoined,
    is_defined_by,
    is_long_ago,
    leave_out,
    levels_apart,
    limit_in_finding,
    narrows_finding,
    put_inside,
    with_window_of,
)
from screening.build.clause.modalities import of_another_kind
from screening.build.clause.permissions import insists, takes_also
from screening.build.common.contents import (
    are_same_concepts,
    base_span,
    concepts_in,
    holds_only_limits,
    is_dated,
    is_decidable,
    makes_demands,
    place,
    terms_in,
    variables_in,
)
from screening.build.common.context import Reader
from screening.parse.tokens import Token
from screening.predicates import (
    Advisory,
    All,
    Always,
    Amount,
    Any,
    Assumption,
    Choice,
    Comparison,
    Except,
    IfElse,
    Judgement,
    Not,
    NotUnderstood,
    Op,
    OrdinalSet,
    Predicate,
    Presence,
    rebuilt,
)
from screening.resources import table
from screening.text import Span


def announces_exception(said: str) -> bool:
    """Whether words speak of an exception to something said before ("the only exception is vitiligo")."""
    return "exception" in said.casefold()


def everything_but(reader: Reader, made: Predicate) -> Predicate:
    """ "Any condition other than hypertension": what is left excludes nobody knows whom, not everybody."""
    if isinstance(made, Except) and isinstance(made.base, Always):
        if announces_exception(reader.text.text):
            return made  # "the only exception is …" softens the sentence before
        span = place(made.exception)
        return _from_its_opening(reader, span) if span else made
    if isinstance(made, All | Any):
        parts = [everything_but(reader, part) for part in made.items]
        return made if all(map(operator.is_, parts, made.items)) else rebuilt(made, parts)
    return made


def _from_its_opening(reader: Reader, span: Span) -> NotUnderstood:
    """The words of an exception with those before it in the same phrase ("any condition other than …")."""
    text, starts = reader.text.text, reader.text.starts
    at = bisect_left(starts, span.start)
    begin = max(text.rfind(mark, 0, at) for mark in ",.;:(\n") + 1
    begin += len(text[begin:at]) - len(text[begin:at].lstrip())
    whole = Span(starts[begin], span.end)
    return NotUnderstood(reader.between(whole), whole)


def names_instrument(tokens: Sequence[Token], variables: set[str]) -> bool:
    """Whether words name nothing but what values of these variables are read from, one of them at least."""
    for one in table("measures")["instruments"].values():
        if variables and variables <= set(one["variables"]):
            said = [token.text.lower() for token in tokens if token.type not in ("FILL", "GLUE", "DASH", "MOD")]
            return bool(set(said) & set(one["words"])) and set(said) <= {*one["words"], *one["beside"]}
    return False


def text_of(reader: Reader, kind: type[NotUnderstood | Judgement], span: Span) -> NotUnderstood | Judgement:
    """The words of a place, as ones nobody could read or only a person can judge."""
    return kind(reader.between(span), span)


def together(parts: Sequence[Predicate]) -> Predicate | None:
    """All parts; the part itself where it is the only one, None where there is none."""
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else All(tuple(parts), cover(parts))


def cover(parts: Sequence[Predicate]) -> Span | None:
    """The place from the first part to the last."""
    spans = [span for span in (place(part) for part in parts) if span is not None]
    return Span(min(s.start for s in spans), max(s.end for s in spans)) if spans else None


def changed(reader: Reader, outer: Predicate, within: Predicate, *, alternative: bool) -> Predicate | None:
    """What a parenthesis with a conditional limit or an exception makes of what stands before it; *alternative*: it
    opens with "or"."""
    if isinstance(within, IfElse) and isinstance(within.otherwise, Always):
        return (
            _beside_permitted(reader, outer, within)
            or replaced_where(outer, within)
            or asked_beyond(outer, within)
            or together([outer, within])
        )
    if isinstance(within, IfElse) and (tiers := _tiers(outer, within)) is not None:
        return tiers
    if isinstance(within, Except) and isinstance(within.base, Always):
        return except_for(reader, outer, within.exception)
    if variables_in(within) == {"age"} and holds_only_limits(within) and "age" not in variables_in(outer):
        if holds_only_limits(outer):
            return where(reader, outer, within)  # "≥ 50 (> 16 years)"
        if isinstance(outer, All) and narrows_finding(outer) and not concepts_in(outer):
            return replace(
                outer, items=tuple(where(reader, one, within) if variables_in(one) else one for one in outer.items)
            )
    if (conditional := limit_in_finding(outer, within, alternative=alternative)) is not None:
        return replaced_where(outer, conditional) or together([outer, within])
    return None


def _tiers(base: Predicate, conditional: IfElse) -> IfElse | None:
    """ "≤ 2.5 × ULN (≤ 5 × ULN if liver metastases; ≤ 3 × ULN if Gilbert's syndrome)": for the rest the base limit."""
    if variables_in(conditional.then) != variables_in(base) or not holds_only_limits(base):
        return None
    match conditional.otherwise:
        case Always():
            rest: Predicate | None = base
        case IfElse() as further:
            rest = _tiers(base, further)
        case _:
            rest = None
    span = base_span(base, conditional)
    return IfElse(conditional.condition, conditional.then, rest, span) if rest is not None else None


def _beside_permitted(reader: Reader, outer: Predicate, within: IfElse) -> Predicate | None:
    """ "Child-Pugh A (B7 is allowed if there is no ascites)": what is allowed of another quantity is an alternative."""
    ours, theirs = variables_in(outer), variables_in(within.then)
    span = base_span(outer, within)
    if reader.excluding or not ours or not theirs or ours == theirs or span is None:
        return None
    if not takes_also(reader.between(span)):
        return None
    return Any((outer, All((within.then, within.condition), place(within))), span)


_ASIDE = 300  # characters of a parenthesis that allows something


def allowed_beside(reader: Reader, outer: Predicate, within: Predicate) -> Predicate | None:
    """ "Hb ≥ 9 g/dL (transfusion allowed if ≥ 7 days before)": an inclusion does not ask for what it allows; whether
    the condition of it is met a person must say. Another value of the same quantity will do as well."""
    span = None if reader.excluding else place(within)
    if span is None:
        return None
    begin = reader.text.at(span.start)
    end = reader.text.text.find(")", begin, begin + _ASIDE)
    said = reader.text.text[begin:end]
    if end < 0 or not takes_also(said) or insists(said):
        return None
    if variables_in(within) and variables_in(within) == variables_in(outer):
        return Any((outer, conjoined(within)), base_span(outer, within))  # "ECOG 0-1 (ECOG 2 allowed)"
    unread = text_of(reader, NotUnderstood, reader.text.raw_span(begin, end))
    levels = all(variables.catalogue()[name].kind == "scale" for name in variables_in(outer))
    if variables_in(outer) and levels:
        return Any((outer, unread), base_span(outer, within))  # "NYHA I-II (class III allowed in patients with …)"
    return All((outer, unread), base_span(outer, within))


def replaced_where(base: Predicate, conditional: IfElse) -> Predicate | None:
    """The base limit where the condition fails, the conditional one where it holds; None if of other variables."""
    ours, theirs = variables_in(base), variables_in(conditional.then)
    if not theirs or not theirs <= ours:
        return None
    if ours == theirs and not narrows_finding(base):
        return for_some(base, conditional.then, conditional.condition)
    return put_inside(base, theirs, conditional)


def asked_beyond(base: Predicate, conditional: IfElse) -> Predicate | None:
    """ "Creatinine ≤ 1.5 × ULN; if > 1.5 × ULN, clearance ≥ 50 mL/min": who is beyond the limit must meet another
    one instead of it."""
    if not complement(base, conditional.condition) and base != conditional.condition:
        return None
    return IfElse(conditional.condition, conditional.then, base, base_span(base, conditional))


def for_some(base: Predicate, other: Predicate, condition: Predicate) -> Predicate:
    """The base limit where the condition fails, the other where it holds; a further level for some takes none of the
    others from them: "ECOG 0-1 (2 is allowed if due to pain)"."""
    span = base_span(base, other, condition)
    if levels_apart(base, other):
        return Any((base, All((other, condition))), span)
    return IfElse(condition, other, base, span)


def merge_conditions(parts: list[Predicate], how: str) -> list[Predicate]:
    """ "≤ 2 × ULN or ≤ 5 × ULN if liver metastasis": the conditional limit replaces the one before it."""
    merged: list[Predicate] = []
    for part in parts:
        if merged and isinstance(part, IfElse) and isinstance(part.otherwise, Always):
            one = replaced_where(merged[-1], part) or asked_beyond(merged[-1], part)
            if one is not None:
                merged[-1] = one
                continue
        merged.append(part)
    return _settled_otherwise(merged) if how == "or" else merged


def complement(limit: Predicate, condition: Predicate) -> bool:
    """Whether a condition speaks of those beyond the limit before it: "≤ 1.5" and "> 1.5", "≤ 1+" and "≥ 2+"."""
    limit, condition = _as_read(limit), _as_read(condition)
    if not isinstance(limit, Comparison) or not isinstance(condition, Comparison) or limit.op is Op.EQ:
        return False
    if limit.variable != condition.variable or limit.op[0] == condition.op[0]:
        return False
    return limit.limit == condition.limit or _next_level(limit, condition)


def _as_read(made: Predicate) -> Predicate:
    return made.reading if isinstance(made, Assumption) else made


def _next_level(limit: Comparison, condition: Comparison) -> bool:
    """Whether two limits of one scale leave no level between them."""
    if not isinstance(limit.limit, Amount) or not isinstance(condition.limit, Amount):
        return False
    apart = abs(limit.limit.value - condition.limit.value)
    both = {limit.op, condition.op} == {Op.LE, Op.GE}
    return both and apart == 1 and variables.catalogue()[limit.variable].kind == "scale"


def _settled_otherwise(parts: list[Predicate]) -> list[Predicate]:
    """ "≤ 3 × ULN if on statins or ≤ 2 × ULN if not": of two limits of one variable, the second is for the rest."""
    if len(parts) != 2:
        return parts
    one, other = parts
    if (
        isinstance(one, IfElse)
        and isinstance(one.otherwise, Always)
        and holds_only_limits(other)
        and variables_in(one.then) == variables_in(other)
    ):
        return [IfElse(one.condition, one.then, other, base_span(one, other))]
    return parts


def restates(reader: Reader, outer: Predicate, within: Predicate) -> bool:
    """A parenthesis that repeats what stands before it adds nothing."""
    if (
        isinstance(outer, Comparison | OrdinalSet | All | Any | IfElse | Assumption | Choice)
        and variables_in(outer)
        and variables_in(outer) == variables_in(within)
    ):
        return holds_only_limits(within)
    if isinstance(within, Advisory) and within.span is not None:
        reader.spent.append(within.span)
    same = are_same_concepts(concepts_in(outer), concepts_in(within)) and not variables_in(within)
    return isinstance(within, Advisory) or same


def elaborated(reader: Reader, outer: Predicate, within: Predicate) -> Predicate:
    """ "organ failure (A; B; C)": the parenthesis says what is meant; words alone narrow what stands before."""
    if isinstance(outer, Any) and (found := _of_degrees(outer)) is not None:
        made = elaborated(reader, found, within)
        return outer if made is found else within if made is within else rebuilt(made, (outer, within))
    if reader.excluding and isinstance(outer, Presence) and not variables_in(within) and is_dated(within):
        return Any((outer, within), base_span(outer, within))  # "heart disease, including infarction within 6 months"
    if isinstance(outer, Not) and isinstance(outer.item, Presence) and variables_in(within):
        return Not(elaborated(reader, outer.item, within), outer.span)  # "no hypertension (SBP ≥ 140)"
    if isinstance(outer, Judgement | NotUnderstood) and not variables_in(within):
        return _named_inside(reader, outer, within)
    if isinstance(outer, Judgement | NotUnderstood | Presence) and is_decidable(within):
        narrowed = isinstance(outer, Presence) and bool(variables_in(within)) and not is_defined_by(outer, within)
        if reader.excluding and isinstance(outer, Presence) and outer.term.qualifiers and not variables_in(within):
            return Any((outer, within), base_span(outer, within))  # "serious eye disease (glaucoma, …)"
        return (
            All((outer, within), base_span(outer, within))
            if narrowed
            else outer
            if isinstance(outer, Presence) and not variables_in(within)
            else within
        )
    if isinstance(within, Judgement | NotUnderstood) and is_decidable(outer):
        apart = reader.excluding and isinstance(within, NotUnderstood) and bool(variables_in(outer))
        return (Any if apart else All)((outer, within), base_span(outer, within))
    if is_decidable(outer) and isinstance(outer, Presence) and concepts_in(within):
        return outer
    return together([outer, within]) or outer


def _of_degrees(made: Any) -> Presence | None:
    """One finding of several degrees ("moderate to severe depression"), as the first of them."""
    found = [one for one in made.items if isinstance(one, Presence)]
    same = len(found) == len(made.items) and len({one.term.concept for one in found}) == 1
    return found[0] if same else None


def _named_inside(reader: Reader, outer: Judgement | NotUnderstood, within: Predicate) -> Predicate:
    """ "frob's disease (asthma)": of words nobody could read the findings in parentheses may be all or a part."""
    if reader.excluding and isinstance(outer, NotUnderstood):
        return Any((outer, within), base_span(outer, within))
    span = base_span(outer, within)
    return replace(text_of(reader, type(outer), span), event=outer.event) if span else outer


def where(reader: Reader, base: Predicate, condition: Predicate | None) -> Predicate:
    """A limit that holds only under a condition behind it: "≥ 50 mL/min (only when creatinine > 1.5 × ULN)"."""
    if condition is None or not is_decidable(condition):
        return base if condition is None else elaborated(reader, base, condition)
    span = base_span(base, condition)
    return All((condition, base), span) if reader.excluding else IfElse(condition, base, Always(), span)


def of_cohort(reader: Reader, made: Predicate, name: Sequence[Token]) -> Predicate:
    """ "No diabetes (control group)": for one group of the trial; who belongs to it a person must say."""
    condition = Judgement(reader.words(name[0], name[-1]), reader.span(name[0], name[-1]))
    return All((condition, made)) if reader.excluding else IfElse(condition, made, Always())


def except_for(reader: Reader, outer: Predicate, unless: Predicate) -> Predicate:
    """Exceptions to a kind of disease name facts that do not count; others are conditions on the patient.

    A treatment of another kind than those before it excuses nobody.
    """
    if reader.excluding and of_another_kind(outer, unless):
        reader.spent.extend(span for span in (place(unless),) if span is not None)
        return with_window_of(outer, unless)
    unless, further = parted(outer, unless) if reader.excluding else (unless, ())
    if further:
        return Any((except_for(reader, outer, unless), *further), base_span(outer, *further))
    terms = terms_in(unless)
    span = base_span(outer, unless)
    if reader.excluding and terms is not None and isinstance(outer, Judgement) and span is not None:
        return text_of(reader, Judgement, span)  # who has what is excepted may have something else of what is before
    if terms is not None and not (reader.excluding and is_long_ago(unless)):
        replaced = leave_out(with_window_of(outer, unless), terms)
        if replaced is not None:
            return replaced
    replaced = _limit_exception(reader, outer, unless)
    if replaced is None and not reader.excluding and makes_demands(outer):
        return IfElse(unless, Always(), outer, span)
    return replaced or Except(outer, unless, span)


def _asked_instead(reader: Reader, outer: Predicate, unless: IfElse) -> Predicate:
    """ "Total bilirubin < 2 mg/dL, except in Gilbert's syndrome, where direct bilirubin must be < 1": those of the
    exception, and nobody else, must meet its own limit; the rest the one before it."""
    span = base_span(outer, unless)
    if reader.excluding:
        return Except(outer, All((unless.condition, unless.then), unless.span), span)
    return IfElse(unless.condition, unless.then, outer, span)


def _limit_exception(reader: Reader, outer: Predicate, unless: Predicate) -> Predicate | None:
    """ "≤ ULN, except in Gilbert's syndrome, who must have < 3.0 mg/dL": a conditional limit in other words."""
    if isinstance(unless, IfElse) and isinstance(unless.otherwise, Always):
        return replaced_where(outer, unless) or _asked_instead(reader, outer, unless)
    if isinstance(unless, All) and len(unless.items) == 2:
        condition, limit = unless.items
        if not concepts_in(condition) or not variables_in(limit):
            return None
        limited = IfElse(condition, limit, Always())
        if variables_in(limit) <= variables_in(outer):
            return replaced_where(outer, limited)
        return None if reader.excluding or variables_in(condition) else _asked_instead(reader, outer, limited)
    return None
