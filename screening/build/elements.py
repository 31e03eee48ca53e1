"""From the tokens of a clause to the terminals of the logic grammar: islands bound to their variables, and text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from screening import units, variables
from screening.build.bysex import by_sex, is_sex, paired
from screening.build.context import Reader
from screening.build.definitions import allowances, definitions
from screening.build.implied import (
    close_to,
    counts_things,
    is_duration,
    is_no_level,
    of_a_thing,
    only_numbers,
    opens_with_age,
    people_of_number,
    said_by_unit,
    says_age,
    unit_of,
)
from screening.build.typing import Typed, Unfit
from screening.build.typing import predicate as typed_predicate
from screening.parse.islands import island_at, islands, shorter
from screening.parse.logic import Element
from screening.parse.tokens import Token
from screening.parse.tree import Bound, Bounds, Island, Shape, Span2, Subject, Subjects
from screening.predicates import All, Amount, Any, Choice, Connective, IfElse, OneMethod, Predicate, Sex
from screening.resources import table
from screening.text import Span

_CONNECTIVES = {"AND": "AND", "OR": "OR", "COMMA": "COMMA", "SEMI": "SEMI", "LPAR": "LPAR", "RPAR": "RPAR", "EXCEPT": "EXCEPT", "IF": "IF", "THEN": "THEN", "COLON": "COLON", "ONEOF": "LEAD", "ALLOF": "LEAD", "EXAMPLE": "OR"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Compared:
    """A PRED element: the predicate of one island, and its subjects (empty: inherited from the island before)."""

    made: Predicate
    subjects: tuple[Subject, ...]
    inherited: bool
    first: Token
    last: Token


@dataclass(frozen=True, slots=True)
class Chunk:
    """A TEXT element: tokens between connectives, and the windows found among them."""

    tokens: tuple[Token, ...]
    windows: tuple[tuple[Shape, Token, Token], ...] = ()
    loose: tuple[tuple[Token, Token], ...] = ()  # formal pieces that belong to no variable


@dataclass(slots=True)
class _State:
    """What bare bounds inherit while a clause is read from left to right."""

    subjects: Subjects | None = None
    defined: dict[str, Amount] = field(default_factory=dict)
    ended: int = 0  # where the comparison that named them ends
    limit: tuple[str, ...] | None = None  # the multiple of a reference they share
    outside: list[Token | None] = field(default_factory=list)  # what was named before each open parenthesis
    near: Subjects | None = None  # the variable of the bound at hand, named a few words before it
    named: Token | None = None  # a variable named without a limit of its own: a bare bound behind it is about it


def elements(
    reader: Reader, tokens: Sequence[Token], inherited: Subjects | None = None
) -> tuple[list[Element], Subjects | None]:
    """The elements of one clause, in order, and the subjects the next clause may inherit."""
    tokens = list(tokens)
    state = _State(inherited)
    state.defined = definitions(reader, tokens)
    allowances(reader, tokens)
    found = {island.first: island for island in islands(tokens)}
    out: list[Element] = [Element("IF")] if _for_some(tokens) else []
    chunk = _Chunker(reader)
    at = 0
    while at < len(tokens):
        island = found.get(at)
        made = _bind(reader, tokens, island, state, out, chunk) if island else None
        if island and not made and (better := _better(tokens, island)):
            found.update({one.first: one for one in [better, *islands(tokens, better.last, island.last)]})
            if better.first > at:
                chunk.tokens.extend(tokens[at : better.first])
                at = better.first
            continue
        if island and made:
            if out and out[-1].type == "IF" and chunk.small:
                chunk.clear()  # "for patients ≥ 50 years": the limit itself is the condition
            if chunk.negates:
                chunk.clear()
                out.append(Element("NEG"))
            out.extend(chunk.close())
            out.append(Element("PRED", made))
            at = island.last
        elif island:
            chunk.island(tokens, island)
            at = island.last
        elif tokens[at].type in ("JUDGE", "ADVISE") and not _only_qualifies(tokens, at):
            end = _judged_end(tokens, at, found)
            chunk.judged(tokens[at:end])
            out.extend(chunk.close())
            at = end
        else:
            if tokens[at].type in ("VAR", "SCALE"):
                state.named = tokens[at]
            at = _word(tokens, at, chunk, out, state)
    out.extend(chunk.close())
    return by_sex(out), state.subjects


def _better(tokens: list[Token], island: Island) -> Island | None:
    """What else an island that does not bind may be: the limit of the name at its end, or a shorter one."""
    if island.shape.kind == "postfix":
        names = [at for at in range(island.first, island.last) if tokens[at].type in ("VAR", "SCALE")]
        return island_at(tokens, names[-1]) if names and _belongs_to_next(tokens, island) else None
    if island.shape.kind == "about" and len(island.shape.bounds.items) > 1:
        less = shorter(tokens, island)
        return less if less and less.shape.kind == "about" else None
    return None


def _only_qualifies(tokens: list[Token], at: int) -> bool:
    """Whether a method or circumstance follows at once ("according to Cockcroft-Gault")."""
    following = next((t for t in tokens[at + 1 :] if t.type not in ("FILL", "GLUE")), None)
    return following is not None and following.type in ("METHOD", "QUAL")


def _judged_end(tokens: list[Token], at: int, found: dict[int, Island]) -> int:
    """Where words for a person end: at the next limit, exception or clause, or the end of their parenthesis."""
    depth = 0
    for here in range(at + 1, len(tokens)):
        kind = tokens[here].type
        depth += (kind == "LPAR") - (kind == "RPAR")
        island = found.get(here)
        if depth < 0 or (depth == 0 and kind in ("SEMI", "EXCEPT")) or (island and _is_limit(island.shape)):
            return here
    return len(tokens)


def _is_limit(shape: Shape) -> bool:
    """Whether an island compares something: with a variable of its own, or with an operator and a unit."""
    if shape.kind in ("about", "postfix"):
        return True
    return shape.kind == "bare" and any(_unit_type(item) == "UNIT" and _has_symbol(item) for item in shape.bounds.items)


def _word(tokens: list[Token], at: int, chunk: _Chunker, out: list[Element], state: _State) -> int:
    kind = _CONNECTIVES.get(tokens[at].type)
    if kind is None or (kind == "COLON" and not _introduces(tokens, at)):
        chunk.add(tokens[at])
    else:
        out.extend(chunk.close())
        if kind == "LPAR":
            state.outside.append(state.named)
        elif kind == "RPAR" and state.outside:
            state.named = state.outside.pop() or state.named  # a name inside parentheses stays there
        if kind == "COLON":
            _heading(chunk.reader, out, tokens[at + 1 :])
        payload = tokens[at] if kind == "LEAD" else None
        out.append(Element(kind, payload))
    return at + 1


def _heading(reader: Reader, out: list[Element], following: list[Token]) -> None:
    """Words before a colon introduce the limits behind it and are no finding of their own."""
    begin = next((i + 1 for i in range(len(out) - 1, -1, -1) if out[i].type in ("SEMI", "LPAR")), 0)
    if any(element.type == "IF" for element in out[begin:]):
        out.append(Element("THEN"))  # "for patients with X: …"
        return
    limits = any(token.type in ("LT", "LE", "GT", "GE", "EQ", "NUM") for token in following)
    dated = any(isinstance(element.payload, Chunk) and element.payload.windows for element in out[begin:])
    if (
        limits
        and not dated
        and all(element.type != "PRED" for element in out[begin:])
        and not any(is_sex(element) for element in out[begin:])
    ):
        del out[begin:]
        reader.headed = True


def _for_some(tokens: list[Token]) -> bool:
    """ "Women of childbearing potential must have …": a demand on a group of people, with the group in front."""
    content = [token for token in tokens if token.type not in ("FILL", "GLUE", "BULLET", "DASH")]
    named = table("measures")["populations"]["concepts"]
    if not content or content[0].type != "CONCEPT" or content[0].value not in named:
        return False
    kinds = [token.type for token in content[1:]]
    return "THEN" in kinds and not {"IF", "EXCEPT"} & set(kinds[: kinds.index("THEN")])


def _introduces(tokens: list[Token], at: int) -> bool:
    return at + 1 < len(tokens)


class _Chunker:
    """Collects the tokens between connectives."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.clear()

    def clear(self) -> None:
        """Forgets what was collected."""
        self.tokens: list[Token] = []
        self.windows: list[tuple[Shape, Token, Token]] = []
        self.loose: list[tuple[Token, Token]] = []

    def judged(self, tokens: list[Token]) -> None:
        """Words that only a person can weigh, with everything up to the next limit."""
        self.tokens.extend(tokens)

    def add(self, token: Token) -> None:
        self.tokens.append(token)

    def island(self, tokens: list[Token], island: Island) -> None:
        """An island that is no comparison of a variable: a window, or a loose formal piece."""
        first, last = tokens[island.first], tokens[island.last - 1]
        if island.shape.kind == "window" or is_duration(island.shape):
            self.windows.append((island.shape, first, last))
        else:
            self.loose.append((first, last))
        self.tokens.extend(tokens[island.first : island.last])

    @property
    def negates(self) -> bool:
        """Whether "no" stands here alone: what follows is negated."""
        said = [token for token in self.tokens if token.type not in ("FILL", "GLUE", "DASH", "BULLET")]
        return len(said) == 1 and said[0].type == "MOD" and any(role == "negation" for role, _ in said[0].value)

    @property
    def small(self) -> bool:
        """Whether only small words were collected."""
        return all(token.type in ("FILL", "GLUE") for token in self.tokens)

    def close(self) -> list[Element]:
        if not self.tokens:
            return []
        chunk = Chunk(tuple(self.tokens), tuple(self.windows), tuple(self.loose))
        self.clear()
        return [Element("TEXT", chunk)]


def _has_symbol(item: Bound | Span2) -> bool:
    return isinstance(item, Span2) or item.op is not None


def _unit_type(item: Bound | Span2) -> str | None:
    unit = unit_of(item)
    return unit.type if unit else None


# ---- binding


def _bind(
    reader: Reader, tokens: list[Token], island: Island, state: _State, out: list[Element], chunk: _Chunker
) -> Compared | None:
    shape = island.shape
    if is_no_level(tokens, island) or _graded(tokens, island):
        return None
    if shape.kind in ("about", "postfix") and shape.subjects:
        if shape.kind == "postfix" and (_belongs_to_next(tokens, island) or only_numbers(shape)):
            return None
        made = _about(reader, tokens, island, shape.subjects, state, inherited=False)
        made = made or _paired(reader, tokens, island, shape.subjects, state)
        if made is not None:
            _names_again(tokens, island)
        return made
    if shape.kind == "bare":
        return _bind_bare(reader, tokens, island, state, out, chunk)
    return None


def _paired(reader: Reader, tokens: list[Token], island: Island, subjects: Subjects, state: _State) -> Compared | None:
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
    named = table("measures")["grades"]
    for subject in subjects:
        words = named.get(subject.token.value)
        if words and not any(word in token.text.lower() for word in words for token in tokens):
            return True
    return False


def _about(
    reader: Reader,
    tokens: list[Token],
    island: Island,
    subjects: Subjects,
    state: _State,
    *,
    inherited: bool,
    begin: Token | None = None,
) -> Compared | None:
    """The island as a comparison of *subjects*, which bare bounds behind it inherit."""
    first, last = tokens[island.first], tokens[island.last - 1]
    made = _compare(reader, subjects, island.shape.bounds, reader.span(begin or first, last), state)
    if made is None:
        return None
    joined = (
        not inherited and state.subjects is not None and _one_list(tokens[state.ended : island.first], island, state)
    )
    before = state.subjects.items if joined and state.subjects else ()
    state.subjects, state.ended, state.named = Subjects((*before, *subjects.items), subjects.joins), island.last, None
    state.limit = _multiple_of(island)
    return Compared(made, subjects.items, inherited, first, last)


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


def _bind_bare(
    reader: Reader, tokens: list[Token], island: Island, state: _State, out: list[Element], chunk: _Chunker
) -> Compared | None:
    for subject, inherited in _candidates(tokens, island, state, out, chunk):
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
                subject.items[0].token.type = "FILL"
            return made
    return None


def _one_list(between: list[Token], island: Island, state: _State) -> bool:
    """ "AST ≤ 2.5 × ULN or ALT ≤ 2.5 × ULN": two variables under the same multiple are one list for what follows."""
    same = state.limit is not None and state.limit == _multiple_of(island)
    return same and all(token.type in ("AND", "OR", "COMMA", "FILL", "SLASH") for token in between)


def _multiple_of(island: Island) -> tuple[str, ...] | None:
    """The multiple of a reference that an island asks for, as written."""
    item = island.shape.bounds.items[0]
    if isinstance(item, Span2) or not item.value.reference:
        return None
    return (item.value.reference, *(number.value for number in item.value.numbers))


def _candidates(
    tokens: list[Token], island: Island, state: _State, out: list[Element], chunk: _Chunker
) -> Iterator[tuple[Subjects, bool]]:
    """What a bare bound may be about, the likeliest first; True where the subject is inherited."""
    shape, first = island.shape, tokens[island.first]
    if first.type == "NORMAL" and first.text.lower().startswith("of"):
        return  # "50 % or less of normal"
    plain = all(
        isinstance(item, Bound) and item.op is None and not item.value.reference and not _unit_type(item)
        for item in shape.bounds.items
    )
    if plain:
        return
    said = said_by_unit(tokens, island)
    if said or says_age(shape, first):
        if not of_a_thing(tokens, island.first):
            yield _lone(said or "age", first), False
        if said or not _near(tokens, island, state):
            return
    state.near = _near(tokens, island, state)
    if state.near:
        yield state.near, True
    yield from ((subjects, False) for subjects in _measured(tokens, island))
    if (
        state.subjects is not None
        and not counts_things(tokens, island)
        and (close_to(tokens, state.ended, island.first) or _carries(shape))
    ):
        yield state.subjects, True
    if _age_like(tokens, island, out, chunk):
        yield _lone("age", first), False


def _near(tokens: list[Token], island: Island, state: _State) -> Subjects | None:
    """A variable named a few words before a bare bound."""
    if state.named is None or state.named.type == "FILL":
        return None
    between = [t for t in tokens[max(0, island.first - _NEAR) : island.first] if t.start > state.named.start]
    begins = tokens[max(0, island.first - _NEAR - 1)].start <= state.named.start
    dated = any(token.type in ("BEFORE", "AFTER") or "BEFORE" in token.senses for token in between)
    stops = ("VAR", "SCALE", "SEMI", "TIME", "PLUSMINUS", *(() if dated else ("CONCEPT",)))
    if not begins or any(token.type in stops for token in _outside_parentheses(between)):
        return None
    return Subjects((Subject(state.named),))


_NEAR = 10
_FEW = 12  # elements: an age without its name stands at the beginning of a clause


def _outside_parentheses(tokens: list[Token]) -> Iterator[Token]:
    """The tokens that stand in no parenthesis of their own."""
    depth = 0
    for token in tokens:
        depth += token.type == "LPAR"
        if depth <= 0:
            yield token
        depth -= token.type == "RPAR"


def _carries(shape: Shape) -> bool:
    """Whether a bound shows by its unit or reference what kind of variable it is about."""
    return any(_unit_type(item) == "UNIT" or _refers(item) for item in shape.bounds.items)


def _refers(item: Bound | Span2) -> bool:
    ends = (item,) if isinstance(item, Bound) else (item.low, item.high)
    return any(end.value.reference and (end.op or end.value.numbers) for end in ends)


def _lone(variable: str, first: Token) -> Subjects:
    return Subjects((Subject(Token("VAR", variable, first.start, first.end, variable)),))


def _age_like(tokens: list[Token], island: Island, out: list[Element], chunk: _Chunker) -> bool:
    if any(element.type == "PRED" for element in out):
        return False
    if len(out) > _FEW:
        return people_of_number(island.shape, tokens, island.first)
    before = [*(t for e in out if isinstance(e.payload, Chunk) for t in e.payload.tokens), *chunk.tokens]
    after = tokens[island.last] if island.last < len(tokens) else None
    return opens_with_age(island.shape, before, after) or people_of_number(island.shape, tokens, island.first)


def _measured(tokens: list[Token], island: Island) -> Iterator[Subjects]:
    """A bound beside a finding that is measured so ("measurable lesion ≥ 10 mm", "0.5 mg/kg/day of prednisone")."""
    if any(_unit_type(item) for item in island.shape.bounds.items):
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


def _compare(reader: Reader, subjects: Subjects, bounds: Bounds, span: Span, state: _State) -> Predicate | None:
    made, seen = [], []
    for subject in _spread(subjects):
        variable = variables.catalogue()[subject.token.value]
        try:
            made.append(typed_predicate(reader, Typed(variable, subject, span), bounds, state.defined.get(variable.id)))
        except (Unfit, units.UnitError):
            return None
        seen.append(variable.id)
    return combine(reader, made, _joined_by_or(subjects), seen, span)


def _spread(subjects: Subjects) -> Iterator[Subject]:
    """Each variable once; names in parentheses that are other variables refine the one outside ("liver enzymes (AST, ALT)")."""
    seen: set[str] = set()
    for subject in subjects.items:
        inner = [part for part in subject.inner if part.token.value != subject.token.value]
        family = variables.catalogue()[subject.token.value]
        chosen = inner if inner and (family.stands_for or family.group_of or len(inner) > 1) else [subject]
        for part in chosen:
            if part.token.value not in seen:
                seen.add(part.token.value)
                yield Subject(
                    part.token,
                    (),
                    part.unit or subject.unit,
                    part.how + subject.how if part is not subject else subject.how,
                )


def _joined_by_or(subjects: Subjects) -> bool:
    return "OR" in subjects.joins or any(join == "OR" for join in subjects.joins)


def combine(reader: Reader, made: list[Predicate], by_or: bool, seen: list[str], span: Span) -> Predicate:
    """Several variables under one limit: all must hold, or under exclusion any excludes; methods of one quantity apart."""
    if len(made) == 1:
        return made[0]
    if same_quantity(seen):
        return OneMethod(Connective.ANY if by_or or reader.excluding else Connective.ALL, tuple(made), span)
    if reader.excluding:
        if not by_or:
            reader.note(
                "and-read-as-or", "a list of variables under one limit in an exclusion: any of them excludes", span
            )
        return Any(tuple(made), span)
    return (Any if by_or else All)(tuple(made), span)


def same_quantity(seen: Sequence[str]) -> bool:
    """Whether the variables are methods of one quantity ("creatinine clearance or GFR")."""
    return any(set(seen) <= set(family) for family in table("measures")["alternatives"]["sets"]) and len(set(seen)) > 1


def choice_first(made: Predicate) -> Predicate:
    """The literal reading of a choice."""
    return made.readings[0].predicate if isinstance(made, Choice) else made
