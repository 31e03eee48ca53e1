"""From the tokens of a clause to the terminals of the logic grammar: islands bound to their variables, and text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from screening import variables
from screening.build.clause.common_base import of_one_family, under_treatment, with_alternatives
from screening.build.clause.conditions import settle_conditions
from screening.build.clause.definitions import asides, definitions
from screening.build.clause.rejoining import rejoined
from screening.build.clause.states import ages_apart, behind_either
from screening.build.clause.weighed import weighed
from screening.build.common.contents import variables_in
from screening.build.common.context import Reader
from screening.build.common.groups import (
    demand_at,
    for_some,
    introduces_group,
    names_ages,
    names_cohort,
    said_of_people,
)
from screening.build.findings.dating import dates_name
from screening.build.findings.denials import as_lists, denies_more, is_denied
from screening.build.findings.treatments import judge_members
from screening.build.limits.binding import Compared, _belongs_to_next, bind
from screening.build.limits.bysex import by_sex, is_sex
from screening.build.limits.chunks import Chunk, Chunker, chunk_span, has_symbol, unit_type
from screening.build.limits.circumstances import told_apart
from screening.build.limits.inheriting import State, behind_schooling
from screening.parse.tokens import Token
from screening.parse.trees.clause import Element
from screening.parse.trees.islands import LONGEST, island_at, islands, shorter
from screening.parse.trees.leading_ranges import before_window
from screening.parse.trees.tree import Island, Shape, Subjects
from screening.predicates import All
from screening.resources import table

_FEW = 2  # tokens: a parenthesis and what it begins with; names of a list
_PRIOR = (("history", "prior"),)
_CONDITIONAL = frozenset(table("reading")["conditional_exceptions"]["words"])
_REASONS = frozenset(table("reading")["causes"]["whole"])
_UP_TO = "to"
_TOXICITY = table("reading")["grades"]["scale"]
_CONNECTIVES = {
    "AND": "AND",
    "OR": "OR",
    "COMMA": "COMMA",
    "SEMI": "SEMI",
    "LPAR": "LPAR",
    "RPAR": "RPAR",
    "EXCEPT": "EXCEPT",
    "IF": "IF",
    "THEN": "THEN",
    "COLON": "COLON",
    "ONEOF": "LEAD",
    "ALLOF": "LEAD",
    "EXAMPLE": "OR",
}
_CLOSE = 3  # tokens before a name
_TELLING = frozenset({*_CONNECTIVES, "JUDGE", "ADVISE", "VAR", "SCALE", "MOD"})  # all other words are only collected


def elements(  # noqa: C901 -- one branch a kind of word
    reader: Reader, tokens: Sequence[Token], inherited: Subjects | None = None
) -> tuple[list[Element], Subjects | None]:
    """The elements of one clause, in order, and the subjects the next clause may inherit."""
    tokens = list(tokens)
    state = State(inherited)
    begun = _bound(reader, tokens)
    kinds = _set_aside(reader, tokens, state)
    reader = told_apart(reader, tokens) if "QUAL" in kinds else reader
    found = {island.first: island for island in islands(tokens)}
    weighed(tokens, found)
    _note_cuts(reader, tokens, found.values())
    out: list[Element] = [Element("IF")] if begun or ("THEN" in kinds and _for_some(tokens)) else []
    chunk = Chunker(reader)
    at = 0
    while at < len(tokens):
        island = found.get(at)
        if island is None and tokens[at].type not in _TELLING:
            chunk.tokens.append(tokens[at])  # most words
            at += 1
            continue
        made = bind(reader, tokens, island, state, out, chunk) if island else None
        if island and not made and (better := _better(tokens, island)):
            found.update({one.first: one for one in [better, *_rest_of(tokens, island, better)]})
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
            out.extend(_limit(out, made))
            at = island.last
        elif island:
            chunk.goes_on(out)
            chunk.island(tokens, island)
            at = island.last
        elif tokens[at].type in ("JUDGE", "ADVISE") and not _only_qualifies(tokens, at):
            at = _judge(tokens, at, found, chunk, out)
        else:
            if tokens[at].type in ("VAR", "SCALE") and not _changes(tokens, at):
                state.named = tokens[at]
            at = _word(tokens, at, chunk, out, state)
    out.extend(chunk.close())
    return _arranged(out, kinds, excluding=reader.excluding), state.subjects


def _arranged(out: list[Element], kinds: set[str], *, excluding: bool) -> list[Element]:
    """The elements with what one word says of several of them."""
    out = as_lists(out) if "OR" in kinds and "MOD" in kinds else out
    out = by_sex(out) if "SEX" in kinds else out
    out = rejoined(out) if "EXCEPT" in kinds and "RPAR" in kinds else out
    out = under_treatment(out) if "OR" in kinds and "CONCEPT" in kinds else out
    if "OR" in kinds and not excluding:
        out = ages_apart(out)
        out = with_alternatives(behind_either(out) if "EITHER" in kinds else out)
    return of_one_family(out) if "OR" in kinds and "CONCEPT" in kinds else out


def _set_aside(reader: Reader, tokens: list[Token], state: State) -> set[str]:
    """Takes out the parentheses that state no limit; gives the kinds of the tokens."""
    kinds = {token.type for token in tokens}
    if not kinds.isdisjoint(("IF", "THEN")):
        settle_conditions(tokens, excluding=reader.excluding)
        kinds = {token.type for token in tokens}
    if "EXAMPLE" in kinds and not reader.excluding:
        judge_members(tokens)
    if "RPAR" in kinds:
        state.defined = definitions(reader, tokens)
        asides(reader, tokens)
    return kinds


def _note_cuts(reader: Reader, tokens: list[Token], found: Iterable[Island]) -> None:
    """Says where a limit was cut because it runs on beyond what is read as one."""
    for island in found:
        if island.last - island.first >= LONGEST - 1:
            span = reader.span(tokens[island.first], tokens[island.last - 1])
            reader.note("island-cut", f"the limit goes on for more than {LONGEST} words and was cut", span)


def _rest_of(tokens: list[Token], island: Island, better: Island) -> list[Island]:
    """The islands in what a shorter reading of an island leaves; one that runs on beyond it leaves others behind it."""
    rest = islands(tokens, better.last, island.last)
    beyond = rest[-1].last if rest and rest[-1].last > island.last else len(tokens)
    return [*rest, *islands(tokens, beyond, min(beyond + 1, len(tokens)))]


def _better(tokens: list[Token], island: Island) -> Island | None:
    """What else an island that does not bind may be: the limit of the name at its end, or a shorter one."""
    if island.shape.kind == "postfix":
        names = [at for at in range(island.first, island.last) if tokens[at].type in ("VAR", "SCALE")]
        return island_at(tokens, names[-1]) if names and _belongs_to_next(tokens, island) else None
    bounds = island.shape.bounds
    if island.shape.kind in ("about", "bare") and (len(bounds.items) > 1 or bounds.restated):
        less = shorter(tokens, island)
        return less if less and less.shape.kind == island.shape.kind else None
    if island.shape.kind == "about":
        return _of_last_name(tokens, island) or behind_schooling(tokens, island)
    return before_window(tokens, island)


def _of_last_name(tokens: list[Token], island: Island) -> Island | None:
    """ "undetectable viral load and a CD4 count ≥ 250 cells/µL": a limit that does not fit both names is the last's."""
    names = [at for at in range(island.first, island.last) if tokens[at].type in ("VAR", "SCALE")]
    if len(names) < _FEW or tokens[names[0]].value == tokens[names[-1]].value:
        return None
    found = island_at(tokens, names[-1])
    return found if found is not None and found.last >= island.last else None


def _only_qualifies(tokens: list[Token], at: int) -> bool:
    """Whether a method or circumstance follows at once ("according to Cockcroft-Gault")."""
    following = next((t for t in tokens[at + 1 :] if t.type not in ("FILL", "GLUE")), None)
    return following is not None and following.type in ("METHOD", "QUAL")


def _judge(tokens: list[Token], at: int, found: dict[int, Island], chunk: Chunker, out: list[Element]) -> int:
    """Words for a person: where they end."""
    if tokens[at].text.lower() in _REASONS:
        out.extend(chunk.close())
    end = _judged_end(tokens, at, found)
    if end < len(tokens) and chunk.negates:
        chunk.clear()  # "no clinically significant ALT > 3 × ULN"
        out.append(Element("NEG"))
    chunk.judged(tokens[at:end])
    out.extend(chunk.close())
    return end


def _judged_end(tokens: list[Token], at: int, found: dict[int, Island]) -> int:
    """Where words for a person end: at the next limit, exception or clause, or the end of their parenthesis."""
    depth = 0
    for here in range(at + 1, len(tokens)):
        kind = tokens[here].type
        depth += (kind == "LPAR") - (kind == "RPAR")
        island = found.get(here)
        if kind in ("VAR", "SCALE") and depth == 0 and _limited_in_parentheses(tokens, here, found):
            return here
        limited = island is not None and _is_limit(island.shape) and not _of_toxicity(tokens, island)
        if depth < 0 or (depth == 0 and kind in ("SEMI", "EXCEPT")) or limited:
            return here
    return len(tokens)


def _of_toxicity(tokens: list[Token], island: Island) -> bool:
    """ "recovered to CTCAE grade ≤ 1": the grade is what the person who weighs the recovery goes by."""
    before = tokens[island.first - 1].text.lower() if island.first else ""
    return before.rpartition(" ")[2] == _UP_TO and any(
        token.value == _TOXICITY for token in tokens[island.first : island.last] if token.type == "SCALE"
    )


def _limited_in_parentheses(tokens: list[Token], at: int, found: dict[int, Island]) -> bool:
    """ "Measurable serum paraprotein (≥ 0.5 g/dL)": the name has its limit in the parenthesis right behind it."""
    behind = [here for here in range(at + 1, min(at + 4, len(tokens))) if tokens[here].type != "FILL"]
    if len(behind) < _FEW or tokens[behind[0]].type != "LPAR" or (island := found.get(behind[1])) is None:
        return False
    return _is_limit(island.shape)


def _is_limit(shape: Shape) -> bool:
    """Whether an island compares something: with a variable of its own, or with an operator and a unit."""
    if shape.kind in ("about", "postfix"):
        return True
    return shape.kind == "bare" and any(unit_type(item) == "UNIT" and has_symbol(item) for item in shape.bounds.items)


def _word(tokens: list[Token], at: int, chunk: Chunker, out: list[Element], state: State) -> int:
    kind = _CONNECTIVES.get(tokens[at].type)
    if kind is None or (kind == "COLON" and (at + 1 == len(tokens) or dates_name(tokens, at, chunk))):
        _collect(tokens, at, chunk, out)
    else:
        _connect(tokens, at, kind, chunk, out, state)
    return at + 1


def _collect(tokens: list[Token], at: int, chunk: Chunker, out: list[Element]) -> None:
    """One more word of a chunk; a second negation begins a chunk of its own."""
    if tokens[at].type == "MOD" and denies_more(tokens, at, chunk.tokens):
        if is_denied(chunk.tokens):
            tokens[at].type = "JUDGE"  # "no diabetes without hypertension": what it lacks narrows what is denied
        else:
            out.extend(chunk.close())
    chunk.add(tokens[at])


def _connect(tokens: list[Token], at: int, kind: str, chunk: Chunker, out: list[Element], state: State) -> None:
    """A connective: the chunk before it ends."""
    if tokens[at].type == "EXAMPLE" and chunk.small and out and out[-1].type == "LPAR":
        chunk.clear()
        kind = "LEAD"  # "(e.g. A or B)": how the list stands to what is before it
    if kind == "COLON" and chunk.only_dates:
        kind = "COMMA"  # "within 6 months of enrolment: A, B": the window is the whole list's
    out.extend(chunk.close())
    if kind == "COMMA" and state.included:
        kind = "AND"
    if tokens[at].type == "EXAMPLE" and kind == "OR" and _counts(out):
        kind = "AND"  # "at least 2 prior lines including an anti-CD20 antibody"
        state.included = True
        chunk.add(Token("MOD", _PRIOR, tokens[at].end, tokens[at].end, ""))
    if kind == "LPAR":
        state.outside.append(state.named)
    elif kind == "RPAR" and state.outside:
        state.named = state.outside.pop() or state.named  # a name inside parentheses stays there
    if kind == "COLON":
        _heading(chunk.reader, out, tokens[at + 1 :])
    out.append(Element(kind, tokens[at] if _states_logic(kind, tokens[at]) else None))


def _states_logic(kind: str, token: Token) -> bool:
    """Whether a word says how what follows belongs together: "one of", "unless"."""
    return kind == "LEAD" or (kind == "EXCEPT" and token.text.lower() in _CONDITIONAL)


def _changes(tokens: list[Token], at: int) -> bool:
    """ "change in FEV1 (…) ≥ 12 %": what is said of the name is its change."""
    before = next((token for token in reversed(tokens[max(0, at - _CLOSE) : at]) if token.type != "FILL"), None)
    return before is not None and before.type == "CHANGE"


def _counts(out: list[Element]) -> bool:
    """Whether the last element is a limit on a number of things: what it includes is asked for as well."""
    last = next((one for one in reversed(out) if one.type != "COMMA"), None)
    if last is None or not isinstance(last.payload, Compared):
        return False
    named = variables_in(last.payload.made)
    return bool(named) and all(variables.catalogue()[name].kind == "count" for name in named)


def _heading(reader: Reader, out: list[Element], following: list[Token]) -> None:
    """Words before a colon introduce the limits behind it and are no finding of their own."""
    begin = next((i + 1 for i in range(len(out) - 1, -1, -1) if out[i].type in ("SEMI", "LPAR")), 0)
    if any(element.type == "IF" for element in out[begin:]):
        out.append(Element("THEN"))  # "for patients with X: …"
        return
    if any(before.type == "AND" and after.type == "LEAD" for before, after in pairwise(out[begin:])):
        return  # "diabetes and one of the following: …"
    limits = any(token.type in ("LT", "LE", "GT", "GE", "EQ", "NUM") for token in following)
    said = [token for one in out[begin:] if isinstance(one.payload, Chunk) for token in one.payload.tokens]
    if limits and out[begin:] and (introduces_group(said) or names_cohort(said)):
        for token in filter(names_ages, said):
            token.type = "WORD"
        out.insert(begin, Element("IF"))
        out.append(Element("THEN"))  # "MCL patients: …"
        return
    dated = any(isinstance(element.payload, Chunk) and element.payload.windows for element in out[begin:])
    if (
        limits
        and not dated
        and all(element.type != "PRED" for element in out[begin:])
        and not any(is_sex(element) for element in out[begin:])
    ):
        reader.spent.extend(chunk_span(reader, one.payload) for one in out[begin:] if isinstance(one.payload, Chunk))
        out[begin:] = [one for one in out[begin:] if one.type == "LEAD"]
        reader.headed = True
    elif limits and dated and not reader.excluding and _names_event(out[begin:]):
        out.append(Element("SEMI"))  # "no transfusion within 14 days: ANC ≥ 1.5": two demands


def _names_event(before: list[Element]) -> bool:
    chunks = [one.payload for one in before if isinstance(one.payload, Chunk)]
    return any(token.type == "CONCEPT" for chunk in chunks for token in chunk.tokens)


def _bound(reader: Reader, tokens: list[Token]) -> bool:
    """Marks where the demand on a group begins, and gives whether the clause opens with the group."""
    if reader.excluding:
        said_of_people(tokens)
        return False
    for_some(tokens)
    at = demand_at(tokens)
    if at is None:
        return False
    if tokens[at].type != "THEN":
        begin = tokens[at].start
        tokens.insert(at, Token("THEN", "", begin, begin, ""))
    return all(token.type != "IF" for token in tokens[:at])


def _limit(out: list[Element], made: Compared) -> list[Element]:
    """A limit; the age right behind a group belongs to the condition ("… for women age 20-29 years")."""
    ages = len(out) > 1 and out[-2].type == "IF" and is_sex(out[-1]) and variables_in(made.made) == {"age"}
    if _counted_and_sized(out, made):
        counted: Compared = out.pop().payload
        made = replace(made, made=All((counted.made, made.made)), first=counted.first)
    return [*([Element("AND", "inside")] if ages else []), Element("PRED", made)]


def _counted_and_sized(out: list[Element], made: Compared) -> bool:
    """ "… or 2-3 lesions ≤ 3 cm": how many and how large are one alternative."""
    if not out or not isinstance(out[-1].payload, Compared):
        return False
    return variables_in(out[-1].payload.made) == {"tumor_count"} and variables_in(made.made) == {"tumor_size"}


def _for_some(tokens: list[Token]) -> bool:
    """ "Women of childbearing potential must have …": a demand on a group of people, with the group in front."""
    content = [token for token in tokens if token.type not in ("FILL", "GLUE", "BULLET", "DASH")]
    named = table("measures")["populations"]["concepts"]
    if not content or content[0].type != "CONCEPT" or content[0].value not in named:
        return False
    kinds = [token.type for token in content[1:]]
    return "THEN" in kinds and not {"IF", "EXCEPT"} & set(kinds[: kinds.index("THEN")])
