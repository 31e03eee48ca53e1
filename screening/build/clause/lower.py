"""From the logic tree of a clause to one predicate, in the literal sense of the text and by the side it stands on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from screening.build.clause.besides import beside, distinct, in_state
from screening.build.clause.carrying import (
    NOTHING_BEFORE,
    State,
    groups_denied,
    is_named_only,
    modifiers_carried,
    negation_carried,
    windows_carried,
)
from screening.build.clause.conjunctions import and_in_exclusion, asked, either_of, lacks_treatment, single_variable
from screening.build.clause.governing import for_the_limits, governed_alone, is_another_limit
from screening.build.clause.merging import (
    conjoined,
    narrows_finding,
    not_vacuous,
    two_limits,
    with_last_exception,
)
from screening.build.clause.qualifying import (
    allowed_beside,
    changed,
    cover,
    elaborated,
    everything_but,
    except_for,
    for_some,
    merge_conditions,
    of_cohort,
    restates,
    text_of,
    together,
    where,
)
from screening.build.clause.reaching import Trailing, reached, trailing
from screening.build.clause.states import of_one_disease
from screening.build.clause.steps import only_measures
from screening.build.clause.trees import cohort_named, names_people, opened_by_or, unbracketed
from screening.build.common.contents import (
    base_span,
    is_by_methods,
    is_decidable,
    place,
    variables_in,
)
from screening.build.common.context import Reader
from screening.build.common.groups import names_cohort
from screening.build.findings.asides import degree_alone, marked, narrowed, with_aside
from screening.build.findings.courses import chunks_in, courses, released_apart, washout_of_list
from screening.build.findings.mentions import Mention, mention, under_negation
from screening.build.findings.presences import predicate
from screening.build.findings.sexes_named import sex_predicate
from screening.build.findings.timing import elapsed_since, measured_in, timed, without_vague
from screening.build.findings.washouts import longer_for_some
from screening.build.limits.binding import Compared
from screening.build.limits.chunks import Chunk
from screening.build.limits.together import same_quantity
from screening.parse.trees.clause import Conditioned, Element, Excepted, Grouped, Join, Leaf, Led, Negated, Tree
from screening.predicates import (
    All,
    Always,
    Any,
    Connective,
    Except,
    IfElse,
    Judgement,
    Not,
    NotUnderstood,
    OneMethod,
    Predicate,
    Relation,
    children,
)


def lower(reader: Reader, tree: Tree) -> Predicate | None:
    """The predicate of a tree; None where it says nothing."""
    if not reader.excluding and (listed := washout_of_list(reader, tree)) is not None:
        return listed
    made = _Lowering(reader).lower(tree)
    return conjoined(everything_but(reader, made)) if reader.excluding and made is not None else made


class _Lowering:
    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.before: State = NOTHING_BEFORE
        self.exempting = False  # inside an exception, where small words count too
        self.mentions: dict[int, Mention] = {}  # by the identity of their chunks, which the tree keeps

    def lower(self, tree: Tree) -> Predicate | None:
        if isinstance(tree, Leaf):
            return self._leaf(tree.element)
        match tree:
            case Join():
                name = cohort_named(tree.items[1:]) if tree.how == "beside" else None
                return self._beside_cohort(tree, name) if name is not None else self._join(tree)
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
        return together([part for part in (sex, made) if part is not None])

    # ---- joins

    def _join(self, tree: Join) -> Predicate | None:
        said = trailing(tree)
        return self._joined(tree) if said is None else self._exempting(said)

    def _joined(self, tree: Join) -> Predicate | None:
        items = self._telling(tree) if tree.how == "beside" else tree.items
        made, neither = self._carried(items, narrowing=tree.how == "beside")
        state = self.exempting or (self.reader.weighing and tree.how == "and")
        made = self._weighed(items, made) if state else in_state(tree, made, self._state)
        made = of_one_disease(tree, items, made, self._mention)
        pairs = [(item, one) for item, one in zip(items, made, strict=True) if one is not None]
        if not pairs:
            return None
        if len(pairs) > 1 and tree.how == "list" and names_people(pairs[0][0]):
            return self._for_group(pairs[0][1], replace(tree, items=tuple(item for item, _ in pairs[1:])))
        parts = distinct(self.reader, merge_conditions([part for _, part in pairs], tree.how))
        parts = released_apart(self.reader, tree.how, parts, map(self._mention, items))
        if len(parts) == 1:
            return parts[0]
        how = tree.how
        parts = not_vacuous(with_last_exception(parts)) if how == "or" else parts
        if how == "beside":
            return beside(self.reader, parts)
        if neither:
            return All(tuple(parts), cover(parts))
        if how == "or" and same_quantity([single_variable(part) for part in parts]):
            methods = [one for part in parts for one in (children(part) if is_by_methods(part) else (part,))]
            return OneMethod(Connective.ANY, tuple(methods), cover(parts))
        if how in ("list", "semi"):
            return self._open_list(parts)
        if not self.reader.excluding:
            return asked(how, parts)
        if how == "and":
            return and_in_exclusion(self.reader, parts, [item for item, _ in pairs])
        return Any(tuple(parts), cover(parts))

    def _telling(self, tree: Join) -> tuple[Tree, ...]:
        """The parts side by side, without words that only say what a value is read from, or when."""
        idle = [item for item in tree.items if only_measures(item, tree)]
        self.reader.spent.extend(
            self.reader.span(one.tokens[0], one.tokens[-1]) for item in idle for one in chunks_in(item)
        )
        return tuple([item for item in tree.items if all(item is not one for one in idle)])

    def _beside_cohort(self, tree: Join, name: Leaf) -> Predicate | None:
        rest = tuple([item for item in tree.items if item is not name])
        made = self.lower(rest[0] if len(rest) == 1 else Join("beside", rest))
        return of_cohort(self.reader, made, name.element.payload.tokens) if made is not None else self.lower(name)

    def _for_group(self, group: Predicate, rest: Join) -> Predicate | None:
        """ "In women, QTc > 470 ms": a limit for a group."""
        made = self.lower(rest.items[0] if len(rest.items) == 1 else rest)
        if made is None or not is_decidable(group):
            return together([part for part in (group, made) if part is not None])
        return where(self.reader, made, group)

    def _open_list(self, parts: list[Predicate]) -> Predicate:
        if self.reader.excluding and lacks_treatment(parts):
            return All(tuple(parts), cover(parts))
        return (Any if self.reader.excluding else All)(tuple(parts), cover(parts))

    def _carried(self, items: Sequence[Tree], *, narrowing: bool) -> tuple[list[Predicate | None], bool]:
        """The parts of a list, each with the words that govern the whole list and stand only once.

        And whether one negation governs several ("no A or B"): then none of them may be.
        """
        alone = [self._mention(item) for item in items]
        outer = [self._mention(unbracketed(item)) for item in items]
        found, states = modifiers_carried(alone, outer, self.before)
        found = [one and under_negation(self.reader, one) for one in found]
        made = [
            self._governed(state, item) if one is None else None
            for one, item, state in zip(found, items, states, strict=True)
        ]
        made, denied = groups_denied(states, outer, made)
        if any(one is None or one.window is not None for one in found):
            found, made = windows_carried(found, made, alone, outer)
        said = [self._said(one) if one is not None else other for one, other in zip(found, made, strict=True)]
        if narrowing:
            said[1:] = [one or degree_alone(self.reader, aside) for aside, one in zip(found[1:], said[1:], strict=True)]
        governed = zip(states, items, found, strict=True)
        return said, denied or negation_carried(alone, found) or any(
            state.negated and (isinstance(item, Join) or is_named_only(one)) for state, item, one in governed
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

    # ---- parentheses, conditions, exceptions

    def _grouped(self, base: Tree, inner: Tree) -> Predicate | None:
        outer = self.lower(base)
        inner, mark = marked(inner)
        inner, alternative = opened_by_or(inner)
        aside = self._mention(inner)
        said = None
        if aside is not None and outer is not None and not alternative:
            said = self._beside_aside(outer, aside)
        if (closer := said or self._with_washout(outer, inner)) is not None:
            return closer
        if (
            isinstance(inner, Conditioned)
            and outer is not None
            and variables_in(outer)
            and self.lower(inner.base) is None
        ):
            return where(self.reader, outer, self.lower(inner.condition))
        within = self.lower(inner)
        if within is None or outer is None:
            return outer if within is None else within
        replaced = changed(self.reader, outer, within, alternative=alternative)
        replaced = replaced or allowed_beside(self.reader, outer, within)
        if replaced is not None:
            return replaced
        if restates(self.reader, outer, within):
            return outer
        told = isinstance(within, Judgement) or is_decidable(within) or bool(variables_in(outer))
        if alternative and told and is_decidable(outer):
            return either_of(outer, within)  # "Hb ≥ 10 g/dL (or haematocrit ≥ 30 %)", "transplanted (or planned)"
        if isinstance(inner, Join) and inner.how == "semi" and is_decidable(within) and not variables_in(outer):
            return within  # "organ failure (A; B; C)": the list says what is meant
        listed = with_aside(self.reader, outer, within, mark)
        if listed is not None:
            return listed
        made = elaborated(self.reader, outer, within)
        negated = self._mention(base)
        return Not(made) if made is within and negated is not None and negated.negated and variables_in(made) else made

    def _beside_aside(self, outer: Predicate, aside: Mention) -> Predicate | None:
        """What words in parentheses that are no finding of their own make of the one before: its time, its grade, or
        the group of the trial that it is for."""
        if aside.empty and aside.window_span is not None and aside.result is not None:
            self.reader.spent.append(aside.window_span)
            return outer  # "pregnancy (positive test within 14 days)"
        if aside.empty and aside.window is not None:
            return measured_in(timed(without_vague(outer), aside.window), aside.window)
        if (graded := narrowed(self.reader, outer, aside)) is not None:
            return graded
        return of_cohort(self.reader, outer, aside.chunk.tokens) if names_cohort(aside.chunk.tokens) else None

    def _with_washout(self, outer: Predicate | None, inner: Tree) -> Predicate | None:
        """ "4 weeks since chemotherapy (6 weeks for mitomycin)": the parenthesis gives only another length."""
        if outer is None or self.reader.excluding or not isinstance(inner, Conditioned):
            return None
        length = self._mention(inner.base)
        if length is None or not length.empty or length.window is None or length.window.stated:
            return None
        within = self.lower(inner.condition)
        longer = longer_for_some(outer, within, length.window) if within is not None else None
        if longer is None:
            return None
        self.reader.spent.extend(span for span in (length.window_span,) if span is not None)
        return together([outer, longer])

    def _conditioned(self, tree: Conditioned) -> Predicate | None:
        aside = self._mention(tree.base)
        base = self._literally(tree.base) if self._asks(tree) else self.lower(tree.base)
        condition = self._condition(tree.condition)
        if base is None and condition is not None and aside is not None and aside.window is not None:
            asking = tree.head or aside.window.relation is not Relation.WITHIN  # "(6 weeks if treated with mitomycin)"
            return (timed if self.reader.excluding or not asking else elapsed_since)(condition, aside.window)
        if base is None and self._asks(tree):
            base = self._small_words(tree.base)  # "patients who had surgery must have recovered"
        if base is None or condition is None:
            return base if base is not None else self._ungoverned(condition)
        limits = None if tree.head else two_limits(base)
        if limits is not None:
            return for_some(*limits, condition)
        if not (tree.head or self.reader.excluding) and isinstance(base, All) and narrows_finding(base):
            items = [
                IfElse(condition, one, Always(), base_span(one, condition)) if variables_in(one) else one
                for one in base.items
            ]
            return replace(base, items=tuple(items))  # "atrial fibrillation with a score ≥ 2 in men"
        if tree.head and self.reader.excluding and (held := governed_alone(condition, base)):
            return for_the_limits(self.reader, condition, base, held)
        if is_another_limit(base, condition, tree) and (span := place(base)):
            base = text_of(self.reader, NotUnderstood, span)  # "if > 470 ms, the mean of three must be ≤ 470 ms"
        return IfElse(condition, base, Always(), base_span(base, condition))

    def _condition(self, tree: Tree) -> Predicate | None:
        if isinstance(tree, Join) and tree.how == "and":
            return self._literally(tree)
        if isinstance(tree, Leaf) and cohort_named((tree,)) is not None:
            return self._small_words(tree)  # "for Part 1": who belongs to it a person must say
        return self.lower(tree) or self._state(tree)

    def _asks(self, tree: Conditioned) -> bool:
        """Whether something is asked of a group named before: "patients who had X must have completed it …"."""
        return tree.head and not self.reader.excluding

    def _ungoverned(self, condition: Predicate | None) -> Predicate | None:
        """A condition that governs nothing readable is still shown, and its limits are none of the patient's; of those
        who may enter all the same it says who they are."""
        if self.reader.weighing:
            return condition
        span = place(condition) if condition is not None and variables_in(condition) else None
        return NotUnderstood(self.reader.between(span), span) if span else condition

    def _exempting(self, said: Trailing) -> Predicate | None:
        """ "A or B, unless C": an exception at the end of a list."""
        unless, whole = self._exemption(said.exception), self._join(said.rest)
        if unless is None or whole is None:
            return whole if unless is None else Except(Always(), unless, None)
        return reached(self.reader, whole, unless, said)

    def _excepted(self, base: Tree, exception: Tree) -> Predicate | None:
        unless, outer = self._exemption(exception), self.lower(base)
        if unless is None or outer is None:
            return outer if unless is None else Except(Always(), unless, None)
        return except_for(self.reader, outer, unless)

    def _exemption(self, tree: Tree) -> Predicate | None:
        self.mentions.update(courses((id(chunk), self._read(chunk)) for chunk in chunks_in(tree)))
        outer, self.exempting = self.exempting, True
        made = self.lower(tree) or self._small_words(tree)
        self.exempting = outer
        return made

    def _weighed(self, items: Sequence[Tree], made: Sequence[Predicate | None]) -> list[Predicate | None]:
        return [one or self._state(item) for item, one in zip(items, made, strict=True)]

    def _state(self, item: Tree) -> Predicate | None:
        """ "unless asymptomatic, off steroids and stable": the words of a state that nothing carries further."""
        found = self._mention(item)
        return self._small_words(item) if found is not None and found.narrowing else None

    def _small_words(self, tree: Tree) -> Predicate | None:
        """Words that carry nothing elsewhere ("unless stable") are still an exception: a person weighs them."""
        if not isinstance(tree, Leaf) or not isinstance(tree.element.payload, Chunk):
            return None
        tokens = tree.element.payload.tokens
        return Judgement(self.reader.words(tokens[0], tokens[-1]), self.reader.span(tokens[0], tokens[-1]))

    def _led(self, lead: Element, base: Tree) -> Predicate | None:
        if lead.payload is not None and lead.payload.type == "EXCEPT":
            return self._literally(base)
        made = self.lower(base)
        if lead.payload is not None and lead.payload.type == "ONEOF" and isinstance(made, All):
            return Any(made.items, made.span)
        return made

    def _literally(self, tree: Tree) -> Predicate | None:
        """Conditions on whoever is shut out, by their own words: "and" joins what must all hold."""
        outer = self.reader
        self.reader = outer.allowing()
        made = self.lower(tree)
        self.reader = outer
        return made
