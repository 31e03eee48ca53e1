"""From the logic tree of a clause to one predicate, in the literal sense of the text and by the side it stands on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from screening.build.asides import marked, narrowed, with_aside
from screening.build.binding import Compared, same_quantity
from screening.build.carrying import NOTHING_BEFORE, State, modifiers_carried, negation_carried, windows_carried
from screening.build.chunks import Chunk
from screening.build.contents import (
    base_span,
    holds_only_limits,
    is_decidable,
    place,
    variables_in,
)
from screening.build.context import Reader
from screening.build.groups import names_group
from screening.build.mentions import Mention, mention
from screening.build.merging import (
    conjoined,
    exclusive_levels,
    two_limits,
    without_defined,
)
from screening.build.presences import predicate, sex_predicate
from screening.build.qualifying import (
    changed,
    cover,
    elaborated,
    except_for,
    merge_conditions,
    restates,
    together,
    where,
)
from screening.build.settled import settles
from screening.build.timing import measured_in, timed
from screening.build.washouts import all_released, longer_for_some
from screening.parse.logic import Conditioned, Element, Excepted, Grouped, Join, Leaf, Led, Negated, Tree
from screening.predicates import (
    All,
    Always,
    Any,
    Choice,
    Connective,
    Except,
    IfElse,
    Judgement,
    Not,
    NotUnderstood,
    OneMethod,
    Predicate,
    Presence,
    Reading,
    Sex,
    children,
    rebuilt,
)
from screening.text import Kind


def lower(reader: Reader, tree: Tree) -> Predicate | None:
    """The predicate of a tree; None where it says nothing."""
    made = _Lowering(reader).lower(tree)
    return conjoined(_everything_but(reader, made)) if reader.excluding and made is not None else made


def _everything_but(reader: Reader, made: Predicate) -> Predicate:
    """ "Any condition other than hypertension": what is left excludes nobody knows whom, not everybody."""
    if isinstance(made, Except) and isinstance(made.base, Always):
        span = place(made.exception)
        return NotUnderstood(reader.between(span), span) if span else made
    if isinstance(made, All | Any):
        return rebuilt(made, tuple(_everything_but(reader, part) for part in made.items))
    return made


_Words = NotUnderstood | Judgement


class _Lowering:
    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.before: State = NOTHING_BEFORE
        self.mentions: dict[int, Mention] = {}  # by the identity of their chunks, which the tree keeps

    def lower(self, tree: Tree) -> Predicate | None:
        if isinstance(tree, Leaf):
            return self._leaf(tree.element)
        match tree:
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
        return together([part for part in (sex, made) if part is not None])

    # ---- joins

    def _join(self, tree: Join) -> Predicate | None:
        items = tree.items
        made, neither = self._carried(items)
        pairs = [(item, one) for item, one in zip(items, made, strict=True) if one is not None]
        if not pairs:
            return None
        if len(pairs) > 1 and tree.how == "list" and self._names_group(pairs[0][0]):
            return self._for_group(pairs[0][1], replace(tree, items=tuple(item for item, _ in pairs[1:])))
        parts = self._distinct(merge_conditions([part for _, part in pairs], tree.how))
        if len(parts) == 1:
            return parts[0]
        how = tree.how
        if how == "beside":
            return self._beside(parts)
        if neither:
            return All(tuple(parts), cover(parts))
        seen = [self._single_variable(part) for part in parts]
        if how == "or" and None not in seen and same_quantity([name for name in seen if name]):
            return OneMethod(Connective.ANY, tuple(parts), cover(parts))
        if how in ("list", "semi"):
            return self._open_list(parts)
        if not self.reader.excluding:
            return _asked(how, parts)
        if how == "and":
            return self._and_in_exclusion(parts, [item for item, _ in pairs])
        return Any(tuple(parts), cover(parts))

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
            return together([part for part in (group, made) if part is not None])
        return where(self.reader, made, group)

    def _distinct(self, parts: list[Predicate]) -> list[Predicate]:
        """Each part once; words side by side that nobody could read, or only a person can, as one."""
        kept: list[Predicate] = []
        told: set[Predicate] = set()  # what can be checked; words may yet grow
        for part in parts:
            last = kept[-1] if kept else None
            if isinstance(part, _Words):
                if type(last) is type(part) and part.span and last.span:
                    span = last.span.cover(part.span)
                    kept[-1] = type(part)(self.reader.between(span), span, last.event or part.event)
                elif part not in kept:
                    kept.append(part)
            elif part not in told:
                kept.append(part)
                told.add(part)
        return kept

    def _beside(self, parts: list[Predicate]) -> Predicate:
        """Words beside a comparison narrow it; what nobody understood stays open on the safe side."""
        if (
            isinstance(parts[0], Not)
            and isinstance(parts[0].item, Presence)
            and any(variables_in(part) for part in parts[1:])
        ):
            return Not(self._beside([parts[0].item, *parts[1:]]), cover(parts))  # "no hypertension > 160 mmHg"
        unread = [part for part in parts if isinstance(part, NotUnderstood)]
        read = without_defined([part for part in parts if not isinstance(part, NotUnderstood)])
        made = together(read)
        if made is None or not unread:
            return made or (together(unread) or parts[0])
        if not self.reader.excluding:
            return All((made, *unread), cover(parts))
        return Any((made, *unread), cover(parts))

    def _open_list(self, parts: list[Predicate]) -> Predicate:
        return (Any if self.reader.excluding else All)(tuple(parts), cover(parts))

    def _and_in_exclusion(self, parts: list[Predicate], items: Sequence[Tree]) -> Predicate:
        """Nouns under one heading: any excludes. Complete findings: as the sentence shows, else all, but the
        text may mean any (a choice)."""
        span = cover(parts)
        if _by_sex(parts):
            return Any(tuple(parts), span)  # "> 450 ms in men and > 470 ms in women"
        if self.reader.headed or all(_noun(item) for item in items) or any(_organs_only(item) for item in items):
            self.reader.note(
                "and-read-as-or", "“and” in a list of nouns in an exclusion is read as: any of them excludes", span
            )
            return Any(tuple(parts), span)
        before = cover(parts[:-1])
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
        if any(one is None or one.window is not None for one in found):
            outer = [self._mention(_unbracketed(item)) for item in items]
            found, made = windows_carried(found, made, [one is not None and one.denied_first for one in alone], outer)
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

    # ---- parentheses, conditions, exceptions

    def _grouped(self, base: Tree, inner: Tree) -> Predicate | None:
        outer = self.lower(base)
        inner, mark = marked(inner)
        inner, alternative = _opened_by_or(inner)
        aside = self._mention(inner)
        if aside is not None and aside.empty and aside.window is not None and outer is not None:
            return measured_in(timed(outer, aside.window), aside.window)
        graded = narrowed(self.reader, outer, aside) if aside is not None and outer is not None else None
        if (closer := graded or self._with_washout(outer, inner)) is not None:
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
        replaced = changed(self.reader, outer, within)
        if replaced is not None:
            return replaced
        if restates(self.reader, outer, within):
            return outer
        if alternative and is_decidable(outer) and is_decidable(within):
            return _either(outer, within)  # "Hb ≥ 10 g/dL (or haematocrit ≥ 30 %)"
        if isinstance(inner, Join) and inner.how == "semi" and is_decidable(within) and not variables_in(outer):
            return within  # "organ failure (A; B; C)": the list says what is meant
        listed = with_aside(self.reader, outer, within, mark)
        if listed is not None:
            return listed
        made = elaborated(self.reader, outer, within)
        said = self._mention(base)
        return Not(made) if made is within and said is not None and said.negated and variables_in(made) else made

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
        base, condition = self.lower(tree.base), self.lower(tree.condition)
        if base is None and condition is not None and aside is not None and aside.window is not None:
            dated = timed(condition, aside.window)  # "(6 weeks if treated with mitomycin)"
            return IfElse(condition, dated, Always(), base_span(dated, condition)) if self._asks(tree) else dated
        if base is None and self._asks(tree):
            base = self._small_words(tree.base)  # "patients who had surgery must have recovered"
        if base is None or condition is None:
            return base if base is not None else self._ungoverned(condition)
        limits = None if tree.head else two_limits(base)
        if limits is not None:
            return IfElse(condition, limits[1], limits[0], base_span(base, condition))
        return IfElse(condition, base, Always(), base_span(base, condition))

    def _asks(self, tree: Conditioned) -> bool:
        """Whether something is asked of a group named before: "patients who had X must have completed it …"."""
        return tree.head and not self.reader.excluding

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
        return except_for(self.reader, outer, unless)

    def _small_words(self, tree: Tree) -> Predicate | None:
        """Words that carry nothing elsewhere ("unless stable") are still an exception: a person weighs them."""
        if not isinstance(tree, Leaf) or not isinstance(tree.element.payload, Chunk):
            return None
        tokens = tree.element.payload.tokens
        return Judgement(self.reader.words(tokens[0], tokens[-1]), self.reader.span(tokens[0], tokens[-1]))

    def _led(self, lead: Element, base: Tree) -> Predicate | None:
        made = self.lower(base)
        if lead.payload is not None and lead.payload.type == "ONEOF" and isinstance(made, All):
            return Any(made.items, made.span)
        return made

    # ---- helpers

    @staticmethod
    def _single_variable(part: Predicate) -> str | None:
        found = variables_in(part)
        return next(iter(found)) if len(found) == 1 else None


def _asked(how: str, parts: Sequence[Predicate]) -> Predicate:
    """Parts an inclusion joins by "and" or "or", where the connective means what it says."""
    both = all_released(parts) if how == "or" else not (exclusive_levels(parts) or _of_each_sex(parts))
    return (All if both else Any)(tuple(parts), cover(parts))


def _unbracketed(item: Tree) -> Tree:
    """What stands before a parenthesis, and before the words behind it."""
    if isinstance(item, Join) and item.how in ("beside", "list"):
        item = item.items[0]
    return item.base if isinstance(item, Grouped) else item


def _opened_by_or(inner: Tree) -> tuple[Tree, bool]:
    """What stands in a parenthesis without the "or" that opens it, and whether one did."""
    if isinstance(inner, Led) and inner.lead.type == "OR":
        return inner.base, True
    return inner, False


def _either(one: Predicate, other: Predicate) -> Predicate:
    """Either of two; of two methods of one quantity, the one available."""
    span = base_span(one, other)
    if same_quantity([*variables_in(one), *variables_in(other)]) and holds_only_limits(All((one, other))):
        return OneMethod(Connective.ANY, (one, other), span)
    return Any((one, other), span)


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


def _of_each_sex(parts: Sequence[Predicate]) -> bool:
    """ "Men with prostate cancer and women with breast cancer": each part names its sex, and nobody has both."""
    named = [[one.value for one in children(part) if isinstance(one, Sex)] for part in parts if isinstance(part, All)]
    return len(named) == len(parts) > 1 and all(len(one) == 1 for one in named) and len({one[0] for one in named}) > 1


def _by_sex(parts: Sequence[Predicate]) -> bool:
    """Whether parts are for different sexes, so that nobody can have all of them."""
    sexes = {part.condition.value for part in parts if isinstance(part, IfElse) and isinstance(part.condition, Sex)}
    return len(sexes) > 1
