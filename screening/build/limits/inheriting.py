"""What a bound without a name of its own takes from what stands before it: variable, sign, multiple."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from screening.build.common.groups import in_cohort
from screening.build.limits.chunks import has_symbol, unit_type
from screening.build.limits.implied import close_to
from screening.parse.tokens import COMPARING, Token
from screening.parse.trees.islands import island_at
from screening.parse.trees.tree import Bound, Island, Shape, Span2, Subject, Subjects
from screening.predicates import Amount
from screening.resources import table

_ASIDE = frozenset(table("measures")["traits"]["aside"])
_WITH = frozenset(table("reading")["small"]["beside"])
_NAMED_BEHIND = {"of": ("WORD", "CONCEPT", "RESULT", "ORGAN"), "on": ("WORD",)}
_NEAR = 10  # tokens from a name to the bound that is about it
_LIST = 2  # tokens: a comma, and a name behind it
_COMPARED = frozenset({"VAR", "SCALE", "NUM", *COMPARING})
_BETWEEN = 3  # tokens that may stand between a name and a bound right behind it


@dataclass(slots=True)
class State:
    """What bare bounds inherit while a clause is read from left to right."""

    subjects: Subjects | None = None
    defined: dict[str, Amount] = field(default_factory=dict)
    ended: int = 0  # where the comparison that named them ends
    limit: tuple[str, ...] | None = None  # the multiple of a reference they share
    sign: Bound | None = None  # the last limit with a comparison: "… or 45 kg (females)" goes by it
    outside: list[Token | None] = field(default_factory=list)  # what was named before each open parenthesis
    near: Subjects | None = None  # the variable of the bound at hand, named a few words before it
    whom: Subjects | None = None  # what the condition before is about: "if education < 6 years, … if ≥ 6 years"
    included: bool = False  # what follows is included in the number before it: all of it is asked for
    named: Token | None = None  # a variable named without a limit of its own: a bare bound behind it is about it


def near(tokens: list[Token], island: Island, state: State) -> Subjects | None:
    """A variable named a few words before a bare bound."""
    if state.named is None or state.named.type == "FILL":
        return None
    if state.named.value in _ASIDE and state.subjects is not None:
        return None  # "MMSE > 24 for high school education, > 20 for …"
    between = [t for t in tokens[max(0, island.first - _NEAR) : island.first] if t.start > state.named.start]
    if _abbreviated(tokens[max(0, island.first - 2) : island.first]):
        return None
    begins = tokens[max(0, island.first - _NEAR - 1)].start <= state.named.start
    dated = any(token.type in ("BEFORE", "AFTER") or "BEFORE" in token.senses for token in between)
    apart = () if _measures(island.shape) else ("TIME",)
    stops = ("VAR", "SCALE", "SEMI", "PLUSMINUS", *apart, *(() if dated else ("CONCEPT",)))
    if not begins or any(token.type in stops for token in _outside_parentheses(between)):
        return None
    if any("OUTSIDE" in (token.type, *token.senses) for token in between):
        return None  # "outside" of a range that is told in words nobody knows
    if any(token.type == "TIME" for token in between) and any("CHANGE" in token.senses for token in between):
        return None  # "weight stable for 3 months (gain or loss < 4 kg)"
    return Subjects((Subject(state.named),))


def _abbreviated(before: Sequence[Token]) -> bool:
    """ "plaque score < 20 %, FMBS ≤ 20 %": capitals that nobody knows, alone between a comma and a sign, name
    something else."""
    if len(before) < _LIST or before[0].type not in ("COMMA", "AND", "OR", "SEMI") or before[1].type != "WORD":
        return False
    return before[1].text.isupper() and len(before[1].text) > 1


def right_behind(tokens: list[Token], island: Island, near: Subjects) -> bool:
    """ "urine protein (≥ 0.2 g/dL)": a bound right behind a name is about that and nothing else."""
    named = near.items[0].token
    between = [t for t in tokens[max(0, island.first - _BETWEEN) : island.first] if t.start > named.start]
    return len(between) < _BETWEEN and all(token.type in ("LPAR", "FILL") for token in between)


def _outside_parentheses(tokens: list[Token]) -> Iterator[Token]:
    """The tokens that stand in no parenthesis of their own."""
    depth = 0
    for token in tokens:
        depth += token.type == "LPAR"
        if depth <= 0:
            yield token
        depth -= token.type == "RPAR"


def of_what_follows(tokens: Sequence[Token], island: Island) -> bool:
    """ "and ≥ 3 mm of detectable bone loss", "and < 14 on the Hypomania Checklist": words behind a bound that name what
    it is about."""
    preposition = tokens[island.last].text.lower() if island.last < len(tokens) else ""
    kinds = _NAMED_BEHIND.get(preposition.removesuffix(" the"), ())
    behind = next((token for token in tokens[island.last + 1 : island.last + 3] if token.text.lower() != "the"), None)
    return behind is not None and behind.type in kinds


def ends_at_another(tokens: Sequence[Token], island: Island) -> bool:
    """Whether the last of two bounds on one side is another quantity's, or goes with one: of one quantity alone, it
    would say nothing."""
    last = island.shape.bounds.items[-2:]
    if len({str(item.op).rstrip("=") for item in last if isinstance(item, Bound) and item.op}) != 1:
        return False
    units = {item.value.unit.value for item in last if isinstance(item, Bound) and item.value.unit}
    return of_what_follows(tokens, island) or (len(units) < len(last) and _with_another(tokens, island))


def _with_another(tokens: Sequence[Token], island: Island) -> bool:
    """ "AHI ≥ 15/h or ≥ 5/h with ESS > 10": the limit of another quantity goes with the second alternative only."""
    behind = tokens[island.last : island.last + 4]
    if island.shape.bounds.joins[-1:] != ("or",) or not behind or behind[0].text.lower() not in _WITH:
        return False
    if behind[0].type == "IF":
        return False  # "< 135/85 mmHg, or < 155/95 mmHg if age ≥ 61 years": a condition
    kinds = [token.type for token in behind[1:] if token.type != "FILL"]
    return len(kinds) > 1 and kinds[0] in ("VAR", "SCALE") and kinds[1] in COMPARING


def carries(shape: Shape) -> bool:
    """Whether a compared bound shows by its unit, reference or level ("≥ 2+") what kind of variable it is about."""
    return any(
        (unit_type(item) == "UNIT" and has_symbol(item)) or _refers(item) or _is_level(item)
        for item in shape.bounds.items
    )


def _is_level(item: Bound | Span2) -> bool:
    return isinstance(item, Bound) and item.op is not None and item.value.level is not None


def _measures(shape: Shape) -> bool:
    """Whether a bound has a comparison and a unit that measures something other than time."""
    return all(unit_type(item) == "UNIT" and has_symbol(item) for item in shape.bounds.items)


def _refers(item: Bound | Span2) -> bool:
    ends = (item,) if isinstance(item, Bound) else (item.low, item.high)
    return any(end.value.reference and (end.op or end.value.numbers) for end in ends)


def one_list(between: list[Token], island: Island, state: State) -> bool:
    """ "AST ≤ 2.5 × ULN or ALT ≤ 2.5 × ULN": two variables under the same multiple are one list for what follows."""
    same = state.limit is not None and state.limit == multiple_of(island)
    return same and all(token.type in ("AND", "OR", "COMMA", "FILL", "SLASH") for token in between)


def whom_again(tokens: Sequence[Token], island: Island, state: State) -> tuple[tuple[Subjects, bool], ...]:
    """What the condition before is about, for a length of time right behind "if": "education < 6 years, … if ≥ 6"."""
    if state.whom is None or island.first == 0 or tokens[island.first - 1].type != "IF":
        return ()
    timed = all(unit_type(item) == "TIME" and has_symbol(item) for item in island.shape.bounds.items)
    return ((state.whom, True),) if timed else ()


def behind_schooling(tokens: Sequence[Token], island: Island) -> Island | None:
    """ "≥ 24 for high school education, ≥ 20 for …": the limit behind the comma begins anew."""
    opening = tokens[island.first]
    if opening.value not in _ASIDE or tokens[island.first + 1].type != "COMMA":
        return None
    begin = next((at for at in range(island.first + 2, island.last) if tokens[at].type in COMPARING), None)
    return island_at(tokens, begin) if begin is not None else None


def again_for_some(tokens: Sequence[Token], island: Island, state: State) -> bool:
    """ "MMSE > 17 for illiterates, > 20 for primary school": whom each limit is for stands behind it in words; all of
    them are limits of one score, with one sign."""
    between = tokens[state.ended : island.first]
    behind = tokens[island.last] if island.last < len(tokens) else None
    kinds = [token.type for token in between]
    if len(kinds) < _LIST or behind is None or (kinds[0], behind.type) != ("IF", "IF"):
        return False
    joins = 2 if kinds[-2:-1] == ["COMMA"] else 1  # ", and" is one
    words, join = {token.type for token in between[1:-joins] if token.value not in _ASIDE}, kinds[-1]
    sign = state.sign.op if state.sign is not None else None
    same = all(isinstance(item, Bound) and item.op is sign for item in island.shape.bounds.items)
    return same and join in ("COMMA", "AND", "OR", "SEMI") and _COMPARED.isdisjoint(words)


def multiple_of(island: Island) -> tuple[str, ...] | None:
    """The multiple of a reference that an island asks for, as written."""
    item = island.shape.bounds.items[0]
    if isinstance(item, Span2) or not item.value.reference:
        return None
    return (item.value.reference, *(number.value for number in item.value.numbers))


def says_more(tokens: Sequence[Token], island: Island, state: State) -> bool:
    """Whether a level without sign or name is one more of the scale before it, for some.

    "ECOG 0-1 (2 if due to pain)", "ECOG 0-1 (Part 1) or 0-2 (Part 2)".
    """
    opening = next((one for one in reversed(tokens[: island.first]) if one.type != "FILL"), None)
    behind = tokens[island.last] if island.last < len(tokens) else None
    if opening is None or behind is None:
        return False
    if opening.type == "LPAR" and behind.type in ("IF", "THEN"):
        return True
    return behind.type == "LPAR" and in_cohort(tokens, island.last) and close_to(tokens, state.ended, island.first)


__all__ = [
    "State",
    "again_for_some",
    "behind_schooling",
    "carries",
    "ends_at_another",
    "multiple_of",
    "near",
    "of_what_follows",
    "one_list",
    "right_behind",
    "says_more",
    "whom_again",
]
