"""From the logic tree of a clause to one predicate, in the literal sense of the text and by the side it stands on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from screening import concepts, variables
from screening.build.carrying import NOTHING_BEFORE, State, modifiers_carried, negation_carried, windows_carried
from screening.build.context import Reader
from screening.build.elements import Chunk, Compared, combine, same_quantity
from screening.build.mentions import Mention, mention, predicate, sex_predicate
from screening.build.timing import measured_in, timed
from screening.parse.logic import Conditioned, Element, Excepted, Grouped, Join, Leaf, Led, Negated, Tree
from screening.predicates import (
    Advisory,
    All,
    Always,
    Any,
    Assumption,
    AtLeast,
    Choice,
    Comparison,
    Connective,
    Except,
    IfElse,
    Judgement,
    Not,
    NotUnderstood,
    OneMethod,
    OrdinalSet,
    Predicate,
    Presence,
    Reading,
    Result,
    Sex,
    Tense,
    Term,
    children,
)
from screening.resources import table
from screening.text import Kind, Span


def lower(reader: Reader, tree: Tree) -> Predicate | None:
    """The predicate of a tree; None where it says nothing."""
    made = _Lowering(reader).lower(tree)
    return _conjoined(made) if reader.excluding and made is not None else made


def _conjoined(made: Predicate) -> Predicate:
    """In an exclusion a conditional limit without a base excludes where condition and limit both hold."""
    match made:
        case IfElse(condition, then, Always()):
            return All((condition, then), made.span)
        case All(items) | Any(items) | AtLeast(_, items) | OneMethod(_, items):
            return replace(made, items=tuple(_conjoined(item) for item in items))
        case Choice(readings=readings):
            return replace(made, readings=tuple(replace(one, predicate=_conjoined(one.predicate)) for one in readings))
        case Except(base, exception):
            return Except(_conjoined(base), exception, made.span)
        case Assumption(reading=reading):
            return replace(made, reading=_conjoined(reading))
        case _:
            return made


class _Lowering:
    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.before: State = NOTHING_BEFORE

    def lower(self, tree: Tree) -> Predicate | None:
        match tree:
            case Leaf(element):
                return self._leaf(element)
            case Join():
                return self._join(tree)
            case Grouped(base, inner):
                return self._grouped(base, inner)
            case Conditioned():
                return self._conditioned(tree)
            case Excepted(base, exception):
                return self._excepted(base, exception)
            case Negated(base):
                made = self.lower(base)
                return Not(made) if made else None
            case Led(lead, base):
                return self._led(lead, base)

    # ---- leaves

    def _leaf(self, element: Element) -> Predicate | None:
        if isinstance(element.payload, Compared):
            return element.payload.made
        if not isinstance(element.payload, Chunk):
            return None
        return self._said(mention(self.reader, element.payload))

    def _said(self, found: Mention) -> Predicate | None:
        made = predicate(self.reader, found)
        sex = sex_predicate(self.reader, found) if found.sex else None
        return self._and([part for part in (sex, made) if part is not None])

    # ---- joins

    def _join(self, tree: Join) -> Predicate | None:
        items = self._conditional_tail(tree)
        made, neither = self._carried(items)
        pairs = [(item, one) for item, one in zip(items, made, strict=True) if one is not None]
        if not pairs:
            return None
        parts = self._distinct(self._merge_conditions([part for _, part in pairs]))
        if len(parts) == 1:
            return parts[0]
        how = tree.how
        if how == "beside":
            return self._beside(parts)
        if neither:
            return All(tuple(parts), self._cover(parts))
        seen = [self._single_variable(part) for part in parts]
        if how == "or" and None not in seen and same_quantity([name for name in seen if name]):
            return OneMethod(Connective.ANY, tuple(parts), self._cover(parts))
        if how in ("list", "semi"):
            return self._open_list(parts)
        if how == "and" and self.reader.excluding:
            return self._and_in_exclusion(parts, [item for item, _ in pairs])
        return (Any if how == "or" else All)(tuple(parts), self._cover(parts))

    def _distinct(self, parts: list[Predicate]) -> list[Predicate]:
        """Each part once; words side by side that nobody could read, or only a person can, as one."""
        kept: list[Predicate] = []
        for part in parts:
            last = kept[-1] if kept else None
            if (
                isinstance(part, NotUnderstood | Judgement)
                and type(last) is type(part)
                and part.span
                and last
                and last.span
            ):
                kept[-1] = replace(self._text(type(part), last.span.cover(part.span)), event=last.event or part.event)
            elif part not in kept:
                kept.append(part)
        return kept

    def _text(self, kind: type[NotUnderstood | Judgement], span: Span) -> NotUnderstood | Judgement:
        return kind(self.reader.between(span), span)

    def _beside(self, parts: list[Predicate]) -> Predicate:
        """Words beside a comparison narrow it; what nobody understood stays open on the safe side."""
        if (
            isinstance(parts[0], Not)
            and isinstance(parts[0].item, Presence)
            and any(_variables(part) for part in parts[1:])
        ):
            return Not(self._beside([parts[0].item, *parts[1:]]), self._cover(parts))  # "no hypertension > 160 mmHg"
        unread = [part for part in parts if isinstance(part, NotUnderstood)]
        read = _without_defined([part for part in parts if not isinstance(part, NotUnderstood)])
        made = self._and(read)
        if made is None or not unread:
            return made or (self._and(unread) or parts[0])
        if not self.reader.excluding:
            return All((made, *unread), self._cover(parts))
        return Any((made, *unread), self._cover(parts))

    def _open_list(self, parts: list[Predicate]) -> Predicate:
        return (Any if self.reader.excluding else All)(tuple(parts), self._cover(parts))

    def _and_in_exclusion(self, parts: list[Predicate], items: Sequence[Tree]) -> Predicate:
        """Nouns under one heading: any excludes. Complete findings: all, but the text may mean any (a choice)."""
        span = self._cover(parts)
        if self.reader.headed or all(_noun(item) for item in items) or any(_organs_only(item) for item in items):
            self.reader.note(
                "and-read-as-or", "“and” in a list of nouns in an exclusion is read as: any of them excludes", span
            )
            return Any(tuple(parts), span)
        self.reader.say(
            "ambiguous-and-or",
            Kind.CHOICE,
            "“and” between findings in an exclusion: must all hold, or does any exclude?",
            span,
        )
        readings = (Reading("written", All(tuple(parts), span)), Reading("any", Any(tuple(parts), span)))
        return Choice("ambiguous-and-or", self.reader.label("and or or"), readings, span)

    def _carried(self, items: Sequence[Tree]) -> tuple[list[Predicate | None], bool]:
        """The parts of a list, each with the words that govern the whole list and stand only once.

        And whether one negation governs several ("no A or B"): then none of them may be.
        """
        alone = [self._mention(item) for item in items]
        found, states = modifiers_carried(alone, self.before)
        made = [
            self._governed(state, item) if one is None else None
            for one, item, state in zip(found, items, states, strict=True)
        ]
        found, made = windows_carried(found, made, [one is not None and one.denied_first for one in alone])
        said = [self._said(one) if one is not None else other for one, other in zip(found, made, strict=True)]
        return said, negation_carried(alone, found) or any(
            state.negated and isinstance(item, Join) for state, item in zip(states, items, strict=True)
        )

    def _governed(self, state: State, item: Tree) -> Predicate | None:
        """A list inside a list, under the words that govern both."""
        outer, self.before = self.before, state if isinstance(item, Join) else NOTHING_BEFORE
        made = self.lower(item)
        self.before = outer
        return made

    def _mention(self, tree: Tree) -> Mention | None:
        if isinstance(tree, Leaf) and isinstance(tree.element.payload, Chunk):
            return mention(self.reader, tree.element.payload)
        return None

    def _conditional_tail(self, tree: Join) -> tuple[Tree, ...]:
        return tree.items

    def _merge_conditions(self, parts: list[Predicate]) -> list[Predicate]:
        """ "≤ 2 × ULN or ≤ 5 × ULN if liver metastasis": the conditional limit replaces the one before it."""
        merged: list[Predicate] = []
        for part in parts:
            if merged and isinstance(part, IfElse) and isinstance(part.otherwise, Always):
                together = self._replace(merged[-1], part)
                if together is not None:
                    merged[-1] = together
                    continue
            merged.append(part)
        return merged

    def _replace(self, base: Predicate, conditional: IfElse) -> Predicate | None:
        """The base limit where the condition fails, the conditional one where it holds; None if of other variables."""
        ours, theirs = _variables(base), _variables(conditional.then)
        if not theirs or not theirs <= ours:
            return None
        if ours == theirs:
            return IfElse(conditional.condition, conditional.then, base, base_span(base, conditional))
        return _inside(base, theirs, conditional)

    # ---- parentheses, conditions, exceptions

    def _grouped(self, base: Tree, inner: Tree) -> Predicate | None:
        outer = self.lower(base)
        aside = self._mention(inner)
        if aside is not None and aside.empty and aside.window is not None and outer is not None:
            return measured_in(timed(outer, aside.window), aside.window)
        if (
            isinstance(inner, Conditioned)
            and outer is not None
            and _variables(outer)
            and self.lower(inner.base) is None
        ):
            return self._where(outer, self.lower(inner.condition))
        within = self.lower(inner)
        if within is None:
            return outer
        if outer is None:
            return within
        if isinstance(within, IfElse) and isinstance(within.otherwise, Always):
            return self._replace(outer, within) or self._and([outer, within])
        if isinstance(within, Except) and isinstance(within.base, Always):
            return self._except(outer, within.exception)
        if (conditional := _limit_in_finding(outer, within)) is not None:
            return self._replace(outer, conditional) or self._and([outer, within])
        if self._restates(outer, within):
            return outer
        if isinstance(inner, Join) and inner.how == "semi" and _decidable(within) and not _variables(outer):
            return within  # "organ failure (A; B; C)": the list says what is meant
        made = self._elaborated(outer, within)
        said = self._mention(base)
        return Not(made) if made is within and said is not None and said.negated and _variables(made) else made

    def _restates(self, outer: Predicate, within: Predicate) -> bool:
        """A parenthesis that repeats what stands before it adds nothing."""
        if (
            isinstance(outer, Comparison | OrdinalSet | All | Any | IfElse | Assumption | Choice)
            and _variables(outer)
            and _variables(outer) == _variables(within)
        ):
            return _only_limits(within)
        return isinstance(within, Advisory) or _same_concepts(_concepts(outer), _concepts(within))

    def _elaborated(self, outer: Predicate, within: Predicate) -> Predicate:
        """ "organ failure (A; B; C)": the parenthesis says what is meant; words alone narrow what stands before."""
        if self.reader.excluding and isinstance(outer, Presence) and not _variables(within) and _dated(within):
            return Any(
                (outer, within), base_span(outer, within)
            )  # "heart disease, including infarction within 6 months"
        if isinstance(outer, Not) and isinstance(outer.item, Presence) and _variables(within):
            return Not(self._elaborated(outer.item, within), outer.span)  # "no hypertension (SBP ≥ 140)"
        if isinstance(outer, Judgement | NotUnderstood | Presence) and _decidable(within):
            narrowed = isinstance(outer, Presence) and bool(_variables(within)) and not _defines(outer, within)
            if (
                self.reader.excluding
                and isinstance(outer, Presence)
                and outer.term.qualifiers
                and not _variables(within)
            ):
                return Any((outer, within), base_span(outer, within))  # "serious eye disease (glaucoma, …)"
            return (
                All((outer, within), base_span(outer, within))
                if narrowed
                else outer
                if isinstance(outer, Presence) and not _variables(within)
                else within
            )
        if isinstance(within, Judgement | NotUnderstood) and _decidable(outer):
            return (Any if self.reader.excluding and isinstance(within, NotUnderstood) else All)(
                (outer, within), base_span(outer, within)
            )
        if _decidable(outer) and isinstance(outer, Presence) and _concepts(within):
            return outer
        return self._and([outer, within]) or outer

    def _conditioned(self, tree: Conditioned) -> Predicate | None:
        aside = self._mention(tree.base)
        base, condition = self.lower(tree.base), self.lower(tree.condition)
        if base is None and condition is not None and aside is not None and aside.window is not None:
            return timed(condition, aside.window)  # "(6 weeks if treated with mitomycin)"
        if base is None or condition is None:
            return base if base is not None else self._ungoverned(condition)
        limits = None if tree.head else _two_limits(base)
        if limits is not None:
            return IfElse(condition, limits[1], limits[0], base_span(base, condition))
        return IfElse(condition, base, Always(), base_span(base, condition))

    def _where(self, base: Predicate, condition: Predicate | None) -> Predicate:
        """A limit that holds only under a condition behind it: "≥ 50 mL/min (only when creatinine > 1.5 × ULN)"."""
        if condition is None or not _decidable(condition):
            return base if condition is None else self._elaborated(base, condition)
        span = base_span(base, condition)
        return All((condition, base), span) if self.reader.excluding else IfElse(condition, base, Always(), span)

    def _ungoverned(self, condition: Predicate | None) -> Predicate | None:
        """A condition that governs nothing readable is still shown, and its limits are none of the patient's."""
        span = place(condition) if condition is not None and _variables(condition) else None
        return NotUnderstood(self.reader.between(span), span) if span else condition

    @staticmethod
    def _inherited(tree: Tree) -> bool:
        return isinstance(tree, Leaf) and isinstance(tree.element.payload, Compared) and tree.element.payload.inherited

    def _excepted(self, base: Tree, exception: Tree) -> Predicate | None:
        outer, unless = self.lower(base), self.lower(exception) or self._small_words(exception)
        if unless is None:
            return outer
        if outer is None:
            return Except(Always(), unless, None)
        return self._except(outer, unless)

    def _except(self, outer: Predicate, unless: Predicate) -> Predicate:
        """Exceptions to a kind of disease name facts that do not count; others are conditions on the patient."""
        terms = _terms(unless)
        if terms is not None:
            replaced = _excluding(_with_window_of(outer, unless), terms)
            if replaced is not None:
                return replaced
        replaced = self._limit_exception(outer, unless)
        if replaced is None and not self.reader.excluding and _demands(outer):
            return IfElse(unless, Always(), outer, base_span(outer, unless))
        return replaced or Except(outer, unless, base_span(outer, unless))

    def _small_words(self, tree: Tree) -> Predicate | None:
        """Words that carry nothing elsewhere ("unless stable") are still an exception: a person weighs them."""
        if not isinstance(tree, Leaf) or not isinstance(tree.element.payload, Chunk):
            return None
        tokens = tree.element.payload.tokens
        return Judgement(self.reader.words(tokens[0], tokens[-1]), self.reader.span(tokens[0], tokens[-1]))

    def _limit_exception(self, outer: Predicate, unless: Predicate) -> Predicate | None:
        """ "≤ ULN, except in Gilbert's syndrome, who must have < 3.0 mg/dL": a conditional limit in other words."""
        if isinstance(unless, IfElse) and isinstance(unless.otherwise, Always):
            return self._replace(outer, unless)
        if isinstance(unless, All) and len(unless.items) == 2:
            condition, limit = unless.items
            if _concepts(condition) and _variables(limit) and _variables(limit) <= _variables(outer):
                return self._replace(outer, IfElse(condition, limit, Always()))
        return None

    def _led(self, lead: Element, base: Tree) -> Predicate | None:
        made = self.lower(base)
        if lead.payload is not None and lead.payload.type == "ONEOF" and isinstance(made, All):
            return Any(made.items, made.span)
        if (
            lead.payload is not None
            and lead.payload.type == "ALLOF"
            and isinstance(made, Any)
            and not self.reader.excluding
        ):
            return made
        return made

    # ---- helpers

    def _and(self, parts: list[Predicate]) -> Predicate | None:
        if not parts:
            return None
        return parts[0] if len(parts) == 1 else All(tuple(parts), self._cover(parts))

    @staticmethod
    def _cover(parts: Sequence[Predicate]) -> Span | None:
        spans = [span for span in (place(part) for part in parts) if span is not None]
        return Span(min(s.start for s in spans), max(s.end for s in spans)) if spans else None

    @staticmethod
    def _single_variable(part: Predicate) -> str | None:
        found = _variables(part)
        return next(iter(found)) if len(found) == 1 else None


def _only_limits(made: Predicate) -> bool:
    """Whether nothing but limits stands in a predicate: findings or words beside them would say more."""
    if isinstance(made, Presence | Judgement | NotUnderstood | Sex | Result):
        return False
    return all(_only_limits(part) for part in children(made))


def _limit_in_finding(outer: Predicate, within: Predicate) -> IfElse | None:
    """ "≤ 1.5 × ULN (≤ 3 × ULN in Gilbert's syndrome)": another limit on the same variable, for those with the finding."""
    if not isinstance(within, All) or not _variables(outer) or _variables(within) != _variables(outer):
        return None
    findings = tuple(part for part in within.items if not _variables(part) and _concepts(part))
    limits = tuple(part for part in within.items if _variables(part))
    if not findings or len(findings) + len(limits) != len(within.items):
        return None
    condition = findings[0] if len(findings) == 1 else All(findings)
    return IfElse(condition, limits[0] if len(limits) == 1 else All(limits), Always())


def _with_window_of(outer: Predicate, unless: Predicate) -> Predicate:
    """ "any other malignancy except basal cell carcinoma within 5 years": the window at the end is the whole list's."""
    last = unless.items[-1] if isinstance(unless, All | Any) else unless
    if isinstance(outer, Presence) and outer.window is None and isinstance(last, Presence) and last.window is not None:
        return replace(outer, window=last.window, tense=Tense.HAD)
    return outer


def _noun(item: Tree) -> bool:
    """Whether a part is a bare noun ("HIV"), not a complete finding."""
    return isinstance(item, Leaf) and isinstance(item.element.payload, Chunk) and not item.element.payload.loose


def _organs_only(item: Tree) -> bool:
    """Whether a part only names organs ("abnormal kidney, lung and liver function, measured by …")."""
    if not isinstance(item, Leaf) or not isinstance(item.element.payload, Chunk):
        return False
    kinds = {token.type for token in item.element.payload.tokens} - {"FILL", "GLUE"}
    return kinds == {"ORGAN"}


def place(made: Predicate) -> Span | None:
    """The raw place of a predicate, or of its parts."""
    if made.span is not None:
        return made.span
    spans = [span for span in map(place, children(made)) if span is not None]
    return Span(min(s.start for s in spans), max(s.end for s in spans)) if spans else None


def base_span(*parts: Predicate) -> Span | None:
    """The place that covers all parts."""
    spans = [span for span in map(place, parts) if span is not None]
    return Span(min(s.start for s in spans), max(s.end for s in spans)) if spans else None


def _demands(made: Predicate) -> bool:
    """Whether an inclusion sets a limit or forbids a finding: an exception releases from it, and shuts nobody out."""
    return isinstance(made, Not) or (bool(_variables(made)) and not _concepts(made))


def _two_limits(made: Predicate) -> tuple[Predicate, Predicate] | None:
    """ "≤ 3 × ULN or ≤ 5 × ULN" of one variable, for each variable of a list: the first limits, and the second."""
    if not isinstance(made, All | Any | OneMethod):
        return None
    match made.items:
        case (Comparison() as first, Comparison() as second) if first.variable == second.variable:
            return (first, second) if first.op[0] == second.op[0] else None
        case items:
            found = [_two_limits(item) for item in items]
            pairs = [pair for pair in found if pair is not None]
            if not pairs or len(pairs) < len(found):
                return None
            return replace(made, items=tuple(a for a, _ in pairs)), replace(made, items=tuple(b for _, b in pairs))


def _variables(made: Predicate) -> set[str]:
    """Every variable compared in a predicate."""
    if isinstance(made, Comparison | OrdinalSet | Result):
        return {made.variable}
    return {name for part in children(made) for name in _variables(part)}


def _defines(finding: Presence, limit: Predicate) -> bool:
    """Whether the limit is how texts measure the finding ("renal failure (creatinine > 2)")."""
    measured = set(table("measures")["measured_by"].get(finding.term.concept, ()))
    return bool(measured & _variables(limit)) and _variables(limit) <= measured


def _without_defined(parts: list[Predicate]) -> list[Predicate]:
    """Leaves out a finding that a limit beside it defines."""
    limits = [part for part in parts if _variables(part)]
    return [
        part for part in parts if not (isinstance(part, Presence) and any(_defines(part, limit) for limit in limits))
    ]


def _concepts(made: Predicate) -> set[str]:
    if isinstance(made, Presence):
        return {made.term.concept}
    return {name for part in children(made) for name in _concepts(part)}


def _dated(made: Predicate) -> bool:
    """Whether a window stands in it."""
    return (isinstance(made, Presence) and made.window is not None) or any(_dated(part) for part in children(made))


def _same_concepts(outer: set[str], within: set[str]) -> bool:
    """Whether a parenthesis names what stands before it again, or more broadly ("G-CSF (growth factor)")."""
    if outer == within:
        return outer != set()
    return len(outer) == len(within) == 1 and outer <= concepts.narrower(next(iter(within)))


def _decidable(made: Predicate) -> bool:
    """Whether anything in it can be checked against a record."""
    if isinstance(made, Comparison | OrdinalSet | Result | Presence | Sex):
        return True
    return any(_decidable(part) for part in children(made))


def _inside(base: Predicate, names: set[str], conditional: IfElse) -> Predicate | None:
    """Puts a conditional limit at the part of *base* that is about *names*."""
    if not isinstance(base, All | Any | OneMethod):
        return None
    items = [
        IfElse(conditional.condition, conditional.then, item, base_span(item, conditional))
        if _variables(item) == names
        else item
        for item in base.items
    ]
    return replace(base, items=tuple(items)) if items != list(base.items) else None


def _terms(made: Predicate) -> tuple[Term, ...] | None:
    """The terms of a list of presences; None where anything else stands in it."""
    match made:
        case Presence(term=term):
            return (term,)
        case All(items) | Any(items):
            found = [_terms(item) for item in items]
            return None if None in found else tuple(term for terms in found if terms for term in terms)
        case _:
            return None


def _excluding(outer: Predicate, terms: tuple[Term, ...]) -> Predicate | None:
    """*outer* with facts of these terms left out, where they are narrower than what it names."""
    match outer:
        case Presence(term=term):
            kinds = {concepts.catalogue()[t.concept].kind for t in terms}
            broad = concepts.catalogue()[term.concept]
            if broad.kind in kinds and all(t.concept != term.concept for t in terms):
                return replace(outer, excluding=(*outer.excluding, *terms))
            return None
        case All(items) | Any(items):
            found = [_excluding(item, terms) for item in items]
            at = next((i for i, one in enumerate(found) if one is not None), None)
            if at is None:
                return None
            made = found[at]
            assert made is not None
            return replace(outer, items=(*items[:at], made, *items[at + 1 :]))
        case _:
            return None


__all__ = ["AtLeast", "combine", "lower", "place", "variables"]
