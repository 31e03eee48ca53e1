"""Binds islands to the variables they are about: named, inherited, implied by a finding, or an age."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from screening import units, variables
from screening.build.common.context import Reader
from screening.build.limits.bysex import compared_alike, of_a_sex, paired, signed
from screening.build.limits.chunks import Chunk, Chunker, has_symbol, unit_type
from screening.build.limits.implied import (
    close_to,
    counts_things,
    dates_something,
    implies_several,
    is_no_level,
    named_by_unknown,
    names_another,
    of_a_thing,
    of_children,
    of_others,
    of_pregnancy,
    only_numbers,
    opens_with_age,
    people_of_number,
    said_by_unit,
    says_age,
)
from screening.build.limits.inheriting import (
    State,
    again_for_some,
    carries,
    multiple_of,
    near,
    of_what_follows,
    one_list,
    right_behind,
    says_more,
    whom_again,
)
from screening.build.limits.ranges import runs_into_count
from screening.build.limits.together import apiece, combine, joined_by_or, spread
from screening.build.limits.typing import Unfit
from screening.build.limits.typing import predicate as typed_predicate
from screening.build.limits.unstated import Typed
from screening.parse.tokens import Token
from screening.parse.trees.clause import Element
from screening.parse.trees.tree import Bound, Bounds, Island, Shape, Subject, Subjects
from screening.predicates import IfElse, Predicate, Sex
from screening.records import record
from screening.resources import table
from screening.text import Span

_NEAR = 10
_SCHOOLING = frozenset(table("measures")["traits"]["aside"])
_TRAITS = frozenset(table("measures")["traits"]["variables"])
_DATING = frozenset(table("reading")["dating"]["words"])
_GRADES = frozenset(table("reading")["grades"]["words"])
_SMALL = 4  # tokens between a word that dates and its age
_FEW = 12  # elements: an age without its name stands at the beginning of a clause


@record(frozen=True, slots=True)
class Compared:
    """A PRED element: the predicate of one island, and its subjects (empty: inherited from the island before)."""

    made: Predicate
    subjects: tuple[Subject, ...]
    inherited: bool
    first: Token
    last: Token


def bind(
    reader: Reader, tokens: list[Token], island: Island, state: State, out: list[Element], chunk: Chunker
) -> Compared | None:
    """The comparison an island makes, of its own variable or of the one it inherits; None where it makes none."""
    shape = island.shape
    if is_no_level(tokens, island) or _graded(tokens, island) or runs_into_count(tokens, island):
        return None
    if shape.kind in ("about", "postfix") and shape.subjects:
        passed_on = _belongs_to_next(tokens, island) and not _counts_sized(tokens, island)
        if shape.kind == "postfix" and (passed_on or only_numbers(shape)):
            return None
        if shape.subjects.items[0].token.value == "age" and (
            of_others(tokens, island.first) or dates_something(shape) or (not _limits(shape) and _dated(tokens, island))
        ):
            return None
        if _ends_before(tokens, island, state):
            return None
        made = _about(reader, tokens, island, shape.subjects, state, inherited=False)
        made = made or _paired(reader, tokens, island, shape.subjects, state)
        if made is not None:
            _names_again(tokens, island)
        return made
    if shape.kind == "bare" and not implies_several(shape):
        return _bind_bare(reader, tokens, island, state, out, chunk)
    return None


def _paired(reader: Reader, tokens: list[Token], island: Island, subjects: Subjects, state: State) -> Compared | None:
    """ "HDL < 50/40 mg/dL (F/M)": one limit for each sex."""
    sexes = paired(tokens, island)
    if sexes is None:
        return None
    first, last = tokens[island.first], tokens[island.last - 1]
    span = reader.span(first, last)
    made = [_compare(reader, subjects, bounds, span, state) for bounds in sexes.limits]
    if None in made:
        return None
    one, other = made
    assert one is not None
    assert other is not None
    for token in sexes.words:
        token.type = "FILL"
    return Compared(IfElse(Sex(sexes.first), one, other, span), subjects.items, False, first, last)


def _graded(tokens: list[Token], island: Island) -> bool:
    """The grade of a finding is no quantity of the patient: which finding, a person has to say."""
    subjects = island.shape.subjects.items if island.shape.subjects else ()
    named, graded = table("measures")["grades"], table("measures")["ungraded"]["variables"]
    words = {token.text.lower() for token in tokens[island.first : island.last]}
    if not words.isdisjoint(_GRADES) and any(subject.token.value in graded for subject in subjects):
        return True
    for subject in subjects:
        words = named.get(subject.token.value)
        if not words or any(token.type == "ORGAN" or token.text.lower() in words for token in tokens):
            continue
        if "CONCEPT" in subject.token.senses:
            subject.token.become("CONCEPT")
        return True
    return False


def _about(
    reader: Reader,
    tokens: list[Token],
    island: Island,
    subjects: Subjects,
    state: State,
    *,
    inherited: bool,
    begin: Token | None = None,
) -> Compared | None:
    """The island as a comparison of *subjects*, which bare bounds behind it inherit."""
    first, last = tokens[island.first], tokens[island.last - 1]
    alike = inherited and subjects is not state.near
    named = str(subjects.items[0].token.value)
    bounds = compared_alike(island.shape.bounds, state.sign, named) if alike else island.shape.bounds
    made = _compare(reader, subjects, bounds, reader.span(begin or first, last), state)
    if made is None:
        return None
    state.sign = signed(bounds)
    joined = (
        not inherited and state.subjects is not None and one_list(tokens[state.ended : island.first], island, state)
    )
    if state.subjects is not None and _is_condition(tokens, island, subjects):
        state.ended, state.named, state.whom = island.last, None, subjects
        return Compared(made, subjects.items, inherited, first, last)
    before = state.subjects.items if joined and state.subjects else ()
    state.subjects, state.ended, state.named = Subjects((*before, *subjects.items), subjects.joins), island.last, None
    state.limit = multiple_of(island)
    return Compared(made, subjects.items, inherited, first, last)


def _is_condition(tokens: list[Token], island: Island, subjects: Subjects) -> bool:
    """ "< 150 mmHg if age ≥ 60 years or < 140 mmHg": the age of a condition is not what limits go on about."""
    if subjects.items[0].token.value in _SCHOOLING:
        return True
    before = tokens[max(0, island.first - 2) : island.first]
    return subjects.items[0].token.value in _TRAITS and any(token.type == "IF" for token in before)


def _ends_before(tokens: list[Token], island: Island, state: State) -> bool:
    """ "≥ 20 if education < 6 years, or ≥ 24 if …", "> 24 for high school education, > 20 …": the last limit is no
    length of schooling, but again of the score."""
    items, subjects = island.shape.bounds.items, island.shape.subjects
    if subjects is None or state.subjects is None:
        return False
    trait = subjects.items[0].token.value
    if trait in _SCHOOLING and tokens[island.first + 1].type == "COMMA":
        return not unit_type(items[0])
    return (
        len(items) > 1
        and trait in _TRAITS
        and trait != state.subjects.items[0].token.value
        and unit_type(items[0]) == "TIME"
        and not unit_type(items[-1])
    )


def _names_again(tokens: list[Token], island: Island) -> None:
    """A name repeated right behind its own limit adds nothing ("[EF ≥ 50 %] ejection fraction")."""
    names = {token.value for token in tokens[island.first : island.last] if token.type in ("VAR", "SCALE")}
    for token in tokens[island.last : island.last + 3]:
        if token.type in ("VAR", "SCALE") and token.value in names:
            token.type = "FILL"
        elif token.type not in ("RPAR", "FILL"):
            return


def _belongs_to_next(tokens: list[Token], island: Island) -> bool:
    """Whether the variable behind a bare bound has a limit of its own ("≤ 3 months ANC ≥ 5")."""
    following = next((t for t in tokens[island.last :] if t.type != "FILL"), None)
    return following is not None and following.type in ("LT", "LE", "GT", "GE", "EQ", "NUM", "BETWEEN", "FROM")


def _counts_sized(tokens: list[Token], island: Island) -> bool:
    """ "2-3 lesions ≤ 3 cm": a plain number of what then is given a size counts it."""
    named = variables.catalogue()[str(tokens[island.last - 1].value)] if tokens[island.last - 1].type == "VAR" else None
    plain = not any(unit_type(item) for item in island.shape.bounds.items)
    return named is not None and plain and "" in dict(named.quantities) and "UNIT" in _kinds(tokens[island.last :])


def _kinds(following: list[Token]) -> list[str]:
    """The kinds of the first tokens behind a name: those of its own limit."""
    return [token.type for token in following if token.type != "FILL"][:3]


def _bind_bare(
    reader: Reader, tokens: list[Token], island: Island, state: State, out: list[Element], chunk: Chunker
) -> Compared | None:
    found = _candidates(tokens, island, state, out, chunk)
    for subject, inherited in chain(whom_again(tokens, island, state), found):
        made = _about(
            reader,
            tokens,
            island,
            subject,
            state,
            inherited=inherited,
            begin=state.named if subject is state.near else None,
        )
        if made is not None:
            if subject is state.near:
                _spent(tokens, subject.items[0].token)
            return made
    return None


def _spent(tokens: list[Token], name: Token) -> None:
    """ "Undetectable viral load (< 50 copies/mL)": the limit says what the result before the name says, with it."""
    at = next((i for i, token in enumerate(tokens) if token is name), 0)
    if at and tokens[at - 1].type == "RESULT":
        tokens[at - 1].type = "FILL"
    name.type = "FILL"


def _candidates(
    tokens: list[Token], island: Island, state: State, out: list[Element], chunk: Chunker
) -> Iterator[tuple[Subjects, bool]]:
    """What a bare bound may be about, the likeliest first; True where the subject is inherited."""
    shape, first = island.shape, tokens[island.first]
    if names_another(tokens, island) or (first.type == "NORMAL" and first.text.lower().startswith("of")):
        return  # "50 % or less of normal"
    plain = all(
        isinstance(item, Bound) and item.op is None and not item.value.reference and not unit_type(item)
        for item in shape.bounds.items
    )
    if plain:
        if (
            state.sign
            and state.subjects
            and of_a_sex(tokens, island.last)
            and close_to(tokens, state.ended, island.first)
        ) or (state.subjects and says_more(tokens, island, state)):
            yield state.subjects, True
        return
    said = said_by_unit(tokens, island) or of_pregnancy(tokens, island)
    if said or says_age(shape, first):
        dates = not _limits(shape) and (said == "gestational_age" or _dated(tokens, island))
        dates = dates or (said != "gestational_age" and dates_something(shape))
        if not dates and not of_a_thing(tokens, island.first):
            yield _lone(said or "age", first), False
        if said or not near(tokens, island, state):
            return
    state.near = near(tokens, island, state)
    if state.near:
        yield state.near, True
    yield from ((subjects, False) for subjects in _measured(tokens, island))
    if state.subjects is not None and _goes_on(tokens, island, state):
        yield state.subjects, True
    if of_children(shape, tokens, island.first) or _age_like(tokens, island, out, chunk):
        yield _lone("age", first), False


def _goes_on(tokens: list[Token], island: Island, state: State) -> bool:
    """Whether a bare bound may still be about what the limit before it was about."""
    if (state.near and right_behind(tokens, island, state.near)) or counts_things(tokens, island):
        return False
    if of_what_follows(tokens, island):
        return False
    if close_to(tokens, state.ended, island.first) or again_for_some(tokens, island, state):
        return True
    return carries(island.shape) and not named_by_unknown(tokens, state.ended, island.first)


def _limits(shape: Shape) -> bool:
    """Whether a bare bound compares or ranges: "at 20 weeks of gestation" only dates something."""
    return any(has_symbol(item) for item in shape.bounds.items)


def _dated(tokens: list[Token], island: Island) -> bool:
    """ "still intubated at 2 weeks of age", "onset before the age of 50": when something is, and no limit."""
    for token in reversed(tokens[max(0, island.first - _SMALL) : island.first]):
        if token.text.lower() in _DATING:
            return True
        if token.type != "FILL" and token.text.lower() != "the":
            return False
    return False


def _lone(variable: str, first: Token) -> Subjects:
    return Subjects((Subject(Token("VAR", variable, first.start, first.end, variable)),))


def _age_like(tokens: list[Token], island: Island, out: list[Element], chunk: Chunker) -> bool:
    if _aside_in_years(tokens, island, out):
        return True
    if any(element.type == "PRED" for element in out):
        return people_of_number(island.shape, tokens, island.first)
    outside = _outside(out)
    if len(outside) > _FEW:
        return people_of_number(island.shape, tokens, island.first)
    before = [*(t for e in outside if isinstance(e.payload, Chunk) for t in e.payload.tokens), *chunk.tokens]
    after = tokens[island.last] if island.last < len(tokens) else None
    return opens_with_age(island.shape, before, after) or people_of_number(island.shape, tokens, island.first)


def _aside_in_years(tokens: list[Token], island: Island, out: list[Element]) -> bool:
    """ "Lansky ≥ 50 (< 16 years)": years compared alone in the parenthesis behind a limit are the patient's."""
    alone = island.last < len(tokens) and tokens[island.last].type == "RPAR" and _limits(island.shape)
    behind = [element.type for element in out[-2:]] == ["PRED", "LPAR"] and tokens[island.first - 1].type == "LPAR"
    return alone and behind and tokens[island.last - 1].value == "a"


def _measured(tokens: list[Token], island: Island) -> Iterator[Subjects]:
    """A bound beside a finding that is measured so ("measurable lesion ≥ 10 mm", "0.5 mg/kg/day of prednisone")."""
    if any(unit_type(item) for item in island.shape.bounds.items):
        first = tokens[island.first]
        for token in _concepts_near(tokens, island):
            for name in table("measures")["measured_by"].get(token.value, ()):
                yield Subjects((Subject(Token("VAR", name, first.start, first.end, token.text)),))


def _concepts_near(tokens: list[Token], island: Island) -> Iterator[Token]:
    stops = ("COMMA", "SEMI", "AND", "OR", "IF", "EXCEPT")
    for at in range(island.first - 1, max(-1, island.first - 8), -1):
        if tokens[at].type == "CONCEPT":
            yield tokens[at]
        elif tokens[at].type in stops:
            break
    for at in range(island.last, min(len(tokens), island.last + 5)):
        if tokens[at].type == "CONCEPT":
            yield tokens[at]
        elif tokens[at].type in stops:
            break


def _compare(reader: Reader, subjects: Subjects, bounds: Bounds, span: Span, state: State) -> Predicate | None:
    made, seen = [], []
    named = list(spread(subjects))
    for subject, own in zip(named, apiece(named, bounds), strict=True):
        variable = variables.catalogue()[subject.token.value]
        try:
            made.append(typed_predicate(reader, Typed(variable, subject, span), own, state.defined.get(variable.id)))
        except (Unfit, units.UnitError):
            return None
        seen.append(variable.id)
    return combine(reader, made, joined_by_or(subjects), seen, span)


def _outside(out: list[Element]) -> list[Element]:
    """What stands before, without closed parentheses: "male or female (non-pregnant) ≥ 18 years"."""
    kept: list[Element] = []
    for element in out:
        opened = next((at for at in reversed(range(len(kept))) if kept[at].type == "LPAR"), None)
        if element.type == "RPAR" and opened is not None:
            del kept[opened:]
        else:
            kept.append(element)
    return kept
