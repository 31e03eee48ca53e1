"""From the logic tree of a clause to one predicate, in the literal sense of the text and by the side it stands on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from screening import variables
from screening.build.asides import marked, narrowed, with_aside
from screening.build.binding import Compared, combine, same_quantity
from screening.build.carrying import NOTHING_BEFORE, State, modifiers_carried, negation_carried, windows_carried
from screening.build.chunks import Chunk
from screening.build.contents import (
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
from screening.build.context import Reader
from screening.build.groups import names_group
from screening.build.mentions import Mention, mention
from screening.build.merging import (
    conjoined,
    is_defined_by,
    leave_out,
    limit_in_finding,
    put_inside,
    two_limits,
    with_window_of,
    without_defined,
)
from screening.build.presences import predicate, sex_predicate
from screening.build.settled import settles
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
    Sex,
)
from screening.text import Kind, Span


def lower(reader: Reader, tree: Tree) -> Predicate | None:
    """The predicate of a tree; None where it says nothing."""
    made = _Lowering(reader).lower(tree)
    return conjoined(made) if reader.excluding and made is not None else made


class _Lowering:
    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.before: State = NOTHING_BEFORE
        self.mentions: dict[int, Mention] = {}  # by the identity of their chunks, which the tree keeps

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
        return self._said(self._read(element.payload))

    def _read(self, chunk: Chunk) -> Mention:
        """What a chunk says, read once."""
        found = self.mentions.get(id(chunk))
        if found is None:
            found = self.mentions[id(chunk)] = mention(self.reader, chunk)
        return found

    def _said(self, found: Mention) -> Predicate | None:
        made = predicate(self.reader, found)
        sex = sex_predicate(self.reader, found) if found.sex else None
        return self._and([part for part in (sex, made) if part is not None])

    # ---- joins

    def _join(self, tree: Join) -> Predicate | None:
        items = tree.items
        made, neither = self._carried(items)
        pairs = [(item, one) for item, one in zip(items, made, strict=True) if one is not None]
        if not pairs:
            return None
        if len(pairs) > 1 and tree.how == "list" and self._names_group(pairs[0][0]):
            return self._for_group(pairs[0][1], replace(tree, items=tuple(item for item, _ in pairs[1:])))
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

    def _names_group(self, item: Tree) -> bool:
        return (
            isinstance(item, Leaf)
            and isinstance(item.element.payload, Chunk)
            and names_group(item.element.payload.tokens)
        )

    def _for_group(self, group: Predicate, rest: Join) -> Predicate | None:
        """ "In women, QTc > 470 ms": a limit for a group."""
        made = self.lower(rest.items[0] if len(rest.items) == 1 else rest)
        if made is None or not is_decidable(group):
            return self._and([part for part in (group, made) if part is not None])
        return self._where(made, group)

    def _distinct(self, parts: list[Predicate]) -> list[Predicate]:
        """Each part once; words side by side that nobody could read, or only a person can, as one."""
        kept: list[Predicate] = []
        told: set[Predicate] = set()  # what can be checked; words may yet grow
        for part in parts:
            last = kept[-1] if kept else None
            words = isinstance(part, NotUnderstood | Judgement)
            if isinstance(part, NotUnderstood | Judgement) and type(last) is type(part) and part.span and last.span:
                kept[-1] = replace(self._text(type(part), last.span.cover(part.span)), event=last.event or part.event)
            elif part not in (kept if words else told):
                kept.append(part)
                told.add(part)
        return kept

    def _text(self, kind: type[NotUnderstood | Judgement], span: Span) -> NotUnderstood | Judgement:
        return kind(self.reader.between(span), span)

    def _beside(self, parts: list[Predicate]) -> Predicate:
        """Words beside a comparison narrow it; what nobody understood stays open on the safe side."""
        if (
            isinstance(parts[0], Not)
            and isinstance(parts[0].item, Presence)
            and any(variables_in(part) for part in parts[1:])
        ):
            return Not(self._beside([parts[0].item, *parts[1:]]), self._cover(parts))  # "no hypertension > 160 mmHg"
        unread = [part for part in parts if isinstance(part, NotUnderstood)]
        read = without_defined([part for part in parts if not isinstance(part, NotUnderstood)])
        made = self._and(read)
        if made is None or not unread:
            return made or (self._and(unread) or parts[0])
        if not self.reader.excluding:
            return All((made, *unread), self._cover(parts))
        return Any((made, *unread), self._cover(parts))

    def _open_list(self, parts: list[Predicate]) -> Predicate:
        return (Any if self.reader.excluding else All)(tuple(parts), self._cover(parts))

    def _and_in_exclusion(self, parts: list[Predicate], items: Sequence[Tree]) -> Predicate:
        """Nouns under one heading: any excludes. Complete findings: as the sentence shows, else all, but the
        text may mean any (a choice)."""
        span = self._cover(parts)
        if _by_sex(parts):
            return Any(tuple(parts), span)  # "> 450 ms in men and > 470 ms in women"
        if self.reader.headed or all(_noun(item) for item in items) or any(_organs_only(item) for item in items):
            self.reader.note(
                "and-read-as-or", "“and” in a list of nouns in an exclusion is read as: any of them excludes", span
            )
            return Any(tuple(parts), span)
        before = self._cover(parts[:-1])
        if settles(self.reader, "and_all", before, whole=False) or settles(self.reader, "and_permits", span):
            return All(tuple(parts), span)
        if _enumerates(parts) or settles(self.reader, "and_any", span, whole=False):
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
            return self._read(tree.element.payload)
        return None

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
        ours, theirs = variables_in(base), variables_in(conditional.then)
        if not theirs or not theirs <= ours:
            return None
        if ours == theirs:
            return IfElse(conditional.condition, conditional.then, base, base_span(base, conditional))
        return put_inside(base, theirs, conditional)

    # ---- parentheses, conditions, exceptions

    def _grouped(self, base: Tree, inner: Tree) -> Predicate | None:
        outer = self.lower(base)
        inner, mark = marked(inner)
        aside = self._mention(inner)
        if aside is not None and aside.empty and aside.window is not None and outer is not None:
            return measured_in(timed(outer, aside.window), aside.window)
        if aside is not None and outer is not None and (graded := narrowed(self.reader, outer, aside)) is not None:
            return graded
        if (
            isinstance(inner, Conditioned)
            and outer is not None
            and variables_in(outer)
            and self.lower(inner.base) is None
        ):
            return self._where(outer, self.lower(inner.condition))
        within = self.lower(inner)
        if within is None:
            return outer
        if outer is None:
            return within
        changed = self._changed(outer, within)
        if changed is not None:
            return changed
        if self._restates(outer, within):
            return outer
        if isinstance(inner, Join) and inner.how == "semi" and is_decidable(within) and not variables_in(outer):
            return within  # "organ failure (A; B; C)": the list says what is meant
        listed = with_aside(self.reader, outer, within, mark)
        if listed is not None:
            return listed
        made = self._elaborated(outer, within)
        said = self._mention(base)
        return Not(made) if made is within and said is not None and said.negated and variables_in(made) else made

    def _changed(self, outer: Predicate, within: Predicate) -> Predicate | None:
        """What a parenthesis with a conditional limit or an exception makes of what stands before it."""
        if isinstance(within, IfElse) and isinstance(within.otherwise, Always):
            return self._replace(outer, within) or self._and([outer, within])
        if isinstance(within, Except) and isinstance(within.base, Always):
            return self._except(outer, within.exception)
        if (conditional := limit_in_finding(outer, within)) is not None:
            return self._replace(outer, conditional) or self._and([outer, within])
        return None

    def _restates(self, outer: Predicate, within: Predicate) -> bool:
        """A parenthesis that repeats what stands before it adds nothing."""
        if (
            isinstance(outer, Comparison | OrdinalSet | All | Any | IfElse | Assumption | Choice)
            and variables_in(outer)
            and variables_in(outer) == variables_in(within)
        ):
            return holds_only_limits(within)
        if isinstance(within, Advisory) and within.span is not None:
            self.reader.spent.append(within.span)
        return isinstance(within, Advisory) or are_same_concepts(concepts_in(outer), concepts_in(within))

    def _elaborated(self, outer: Predicate, within: Predicate) -> Predicate:
        """ "organ failure (A; B; C)": the parenthesis says what is meant; words alone narrow what stands before."""
        if self.reader.excluding and isinstance(outer, Presence) and not variables_in(within) and is_dated(within):
            return Any(
                (outer, within), base_span(outer, within)
            )  # "heart disease, including infarction within 6 months"
        if isinstance(outer, Not) and isinstance(outer.item, Presence) and variables_in(within):
            return Not(self._elaborated(outer.item, within), outer.span)  # "no hypertension (SBP ≥ 140)"
        if isinstance(outer, Judgement | NotUnderstood) and not variables_in(within):
            return self._named_inside(outer, within)
        if isinstance(outer, Judgement | NotUnderstood | Presence) and is_decidable(within):
            narrowed = isinstance(outer, Presence) and bool(variables_in(within)) and not is_defined_by(outer, within)
            if (
                self.reader.excluding
                and isinstance(outer, Presence)
                and outer.term.qualifiers
                and not variables_in(within)
            ):
                return Any((outer, within), base_span(outer, within))  # "serious eye disease (glaucoma, …)"
            return (
                All((outer, within), base_span(outer, within))
                if narrowed
                else outer
                if isinstance(outer, Presence) and not variables_in(within)
                else within
            )
        if isinstance(within, Judgement | NotUnderstood) and is_decidable(outer):
            return (Any if self.reader.excluding and isinstance(within, NotUnderstood) else All)(
                (outer, within), base_span(outer, within)
            )
        if is_decidable(outer) and isinstance(outer, Presence) and concepts_in(within):
            return outer
        return self._and([outer, within]) or outer

    def _named_inside(self, outer: Judgement | NotUnderstood, within: Predicate) -> Predicate:
        """ "frob's disease (asthma)": of words nobody could read the findings in parentheses may be all or a part."""
        if self.reader.excluding and isinstance(outer, NotUnderstood):
            return Any((outer, within), base_span(outer, within))
        span = base_span(outer, within)
        return replace(self._text(type(outer), span), event=outer.event) if span else outer

    def _conditioned(self, tree: Conditioned) -> Predicate | None:
        aside = self._mention(tree.base)
        base, condition = self.lower(tree.base), self.lower(tree.condition)
        if base is None and condition is not None and aside is not None and aside.window is not None:
            return timed(condition, aside.window)  # "(6 weeks if treated with mitomycin)"
        if base is None or condition is None:
            return base if base is not None else self._ungoverned(condition)
        limits = None if tree.head else two_limits(base)
        if limits is not None:
            return IfElse(condition, limits[1], limits[0], base_span(base, condition))
        return IfElse(condition, base, Always(), base_span(base, condition))

    def _where(self, base: Predicate, condition: Predicate | None) -> Predicate:
        """A limit that holds only under a condition behind it: "≥ 50 mL/min (only when creatinine > 1.5 × ULN)"."""
        if condition is None or not is_decidable(condition):
            return base if condition is None else self._elaborated(base, condition)
        span = base_span(base, condition)
        return All((condition, base), span) if self.reader.excluding else IfElse(condition, base, Always(), span)

    def _ungoverned(self, condition: Predicate | None) -> Predicate | None:
        """A condition that governs nothing readable is still shown, and its limits are none of the patient's."""
        span = place(condition) if condition is not None and variables_in(condition) else None
        return NotUnderstood(self.reader.between(span), span) if span else condition

    def _excepted(self, base: Tree, exception: Tree) -> Predicate | None:
        outer, unless = self.lower(base), self.lower(exception) or self._small_words(exception)
        if unless is None:
            return outer
        if outer is None:
            return Except(Always(), unless, None)
        return self._except(outer, unless)

    def _except(self, outer: Predicate, unless: Predicate) -> Predicate:
        """Exceptions to a kind of disease name facts that do not count; others are conditions on the patient."""
        terms = terms_in(unless)
        if terms is not None:
            replaced = leave_out(with_window_of(outer, unless), terms)
            if replaced is not None:
                return replaced
        replaced = self._limit_exception(outer, unless)
        if replaced is None and not self.reader.excluding and makes_demands(outer):
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
            if concepts_in(condition) and variables_in(limit) and variables_in(limit) <= variables_in(outer):
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

    def _and(self, parts: Sequence[Predicate]) -> Predicate | None:
        if not parts:
            return None
        return parts[0] if len(parts) == 1 else All(tuple(parts), self._cover(parts))

    @staticmethod
    def _cover(parts: Sequence[Predicate]) -> Span | None:
        spans = [span for span in (place(part) for part in parts) if span is not None]
        return Span(min(s.start for s in spans), max(s.end for s in spans)) if spans else None

    @staticmethod
    def _single_variable(part: Predicate) -> str | None:
        found = variables_in(part)
        return next(iter(found)) if len(found) == 1 else None


def _noun(item: Tree) -> bool:
    """Whether a part is a bare noun ("HIV"), not a complete finding."""
    return isinstance(item, Leaf) and isinstance(item.element.payload, Chunk) and not item.element.payload.loose


def _enumerates(parts: list[Predicate]) -> bool:
    """Whether several findings are listed, none of them with a limit: "infections, heart disease and malignancy"."""
    return len(parts) > 2 and not any(variables_in(part) for part in parts)


def _organs_only(item: Tree) -> bool:
    """Whether a part only names organs ("abnormal kidney, lung and liver function, measured by …")."""
    if not isinstance(item, Leaf) or not isinstance(item.element.payload, Chunk):
        return False
    kinds = {token.type for token in item.element.payload.tokens} - {"FILL", "GLUE"}
    return kinds == {"ORGAN"}


__all__ = ["AtLeast", "combine", "lower", "place", "variables"]


def _by_sex(parts: Sequence[Predicate]) -> bool:
    """Whether parts are for different sexes, so that nobody can have all of them."""
    sexes = {part.condition.value for part in parts if isinstance(part, IfElse) and isinstance(part.condition, Sex)}
    return len(sexes) > 1
