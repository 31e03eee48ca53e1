"""Hypothesis strategies: every predicate that the rules in rules/ can name.

`predicates()` nests; `atoms()` does not. Names, units, methods and qualifiers are drawn from the data, so that
whatever is drawn can be printed, parsed, screened and translated.
"""

from __future__ import annotations

from decimal import Decimal
from functools import cache

from hypothesis import strategies as st

from screening import concepts, variables
from screening import predicates as p
from screening.units import accepted
from screening.variables import Variable

STEPS = frozenset({"scale", "count"})
UNITLESS = frozenset({"scale", "ratio", "count", "qualitative"})


@cache
def _variables() -> tuple[Variable, ...]:
    return tuple(sorted(variables.catalogue().values(), key=lambda item: item.id))


@cache
def _scales() -> tuple[Variable, ...]:
    return tuple(item for item in _variables() if item.kind in STEPS)


def decimals() -> st.SearchStrategy[Decimal]:
    """Limits as texts write them: few digits, either sign, any trailing zeros, also from powers of ten."""
    plain = st.decimals(min_value=-1_000_000, max_value=1_000_000, places=4, allow_nan=False, allow_infinity=False)
    short = st.builds(lambda digits, exponent: Decimal((0, (digits,), exponent)), st.integers(0, 9), st.integers(-6, 9))
    return plain | short


def words() -> st.SearchStrategy[str]:
    """Names nobody checks: plain ones, keywords, and anything else that can be quoted."""
    plain = st.sampled_from(
        ["negative", "positive", "female", "written", "first_dose", "and", "any", "all", "ULN", "a b", "x", ""]
    )
    return plain | texts()


def texts() -> st.SearchStrategy[str]:
    """Any text that UTF-8 can hold."""
    return st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


def durations() -> st.SearchStrategy[p.Duration]:
    """Lengths of time."""
    return st.builds(p.Duration, decimals(), st.sampled_from(["h", "d", "wk", "mo", "a"]))


def windows() -> st.SearchStrategy[p.Window | None]:
    """Windows with anchors stated and not, or none."""
    anchors = st.sampled_from(["screening", "enrolment", "first_dose", "baseline"]) | words()
    return st.none() | st.builds(p.Window, st.sampled_from(p.Relation), durations(), anchors, st.booleans())


def amounts(owner: Variable) -> st.SearchStrategy[p.Amount]:
    """Limits in the units that a variable accepts; without a unit only where it needs none."""
    units = st.sampled_from(accepted(owner.id)) if accepted(owner.id) else st.none()
    if owner.unit in (None, "1") or owner.kind in UNITLESS:
        units = units | st.none()
    return st.builds(p.Amount, decimals(), units)


def limits(owner: Variable) -> st.SearchStrategy[p.Limit]:
    """Absolute limits and multiples, with and without the trial's own definition."""
    references = [p.Reference.BASELINE] if owner.kind in STEPS else list(p.Reference)
    return amounts(owner) | st.builds(p.Multiple, decimals(), st.sampled_from(references), st.none() | amounts(owner))


def _some(known: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(known), max_size=2, unique=True).map(tuple) if known else st.just(())


def _comparison_of(owner: Variable) -> st.SearchStrategy[p.Comparison]:
    methods = (*owner.methods, *owner.formulas)
    return st.builds(
        p.Comparison,
        st.just(owner.id),
        st.sampled_from(p.Op),
        limits(owner),
        st.none() | st.sampled_from(methods) if methods else st.none(),
        _some(owner.qualifiers),
        windows(),
        st.sampled_from([None, "max", "min", "any"]),
    )


def comparisons() -> st.SearchStrategy[p.Comparison]:
    """Comparisons of every variable."""
    return st.sampled_from(_variables()).flatmap(_comparison_of)


def ordinal_sets() -> st.SearchStrategy[p.OrdinalSet]:
    """Sets of steps of every scale."""
    values = st.lists(st.integers(0, 10).map(Decimal), max_size=4).map(tuple)
    return st.sampled_from(_scales()).flatmap(
        lambda owner: st.builds(p.OrdinalSet, st.just(owner.id), values, _some(owner.qualifiers), windows())
    )


def terms() -> st.SearchStrategy[p.Term]:
    """Concepts with qualifiers."""
    return st.builds(p.Term, st.sampled_from(sorted(concepts.catalogue())), _some(tuple(sorted(concepts.modifiers()))))


def presences() -> st.SearchStrategy[p.Presence]:
    """Presence of a concept, now or ever, with what does not count."""
    excluding = st.lists(terms(), max_size=3).map(tuple)
    return st.builds(p.Presence, terms(), st.sampled_from(p.Tense), windows(), excluding)


def results() -> st.SearchStrategy[p.Result]:
    """Qualitative results."""
    return st.builds(p.Result, st.sampled_from([item.id for item in _variables()]), words(), windows())


def atoms() -> st.SearchStrategy[p.Predicate]:
    """Predicates without parts."""
    return st.one_of(
        comparisons(),
        ordinal_sets(),
        results(),
        presences(),
        st.builds(p.Sex, words()),
        st.just(p.Always()),
        st.builds(p.Judgement, texts()),
        st.builds(p.Advisory, texts()),
        st.builds(p.NotUnderstood, texts()),
    )


def _labels() -> st.SearchStrategy[tuple[str, str]]:
    """(code, label): no code holds a colon and a blank, no label is empty."""
    code = st.sampled_from(["missing-unit", "reversed-polarity", "strict-age"]) | words().filter(
        lambda word: ": " not in word
    )
    return st.tuples(code, words()).map(lambda pair: (pair[0], pair[1] or pair[0]))


def _compounds(parts: st.SearchStrategy[p.Predicate]) -> st.SearchStrategy[p.Predicate]:
    items = st.lists(parts, max_size=3).map(tuple)
    readings = st.dictionaries(words(), parts, max_size=3).map(
        lambda named: tuple(p.Reading(name, part) for name, part in named.items())
    )
    return st.one_of(
        st.builds(p.Not, parts),
        st.builds(p.All, items),
        st.builds(p.Any, items),
        st.builds(p.AtLeast, st.integers(0, 4), items),
        st.builds(p.IfElse, parts, parts, parts),
        st.builds(p.Except, parts, parts),
        st.builds(p.OneMethod, st.sampled_from(p.Connective), items),
        st.builds(lambda names, reading: p.Assumption(*names, reading), _labels(), parts),
        st.builds(lambda names, several: p.Choice(*names, several), _labels(), readings),
    )


def predicates() -> st.SearchStrategy[p.Predicate]:
    """Every predicate."""
    return st.recursive(atoms(), _compounds, max_leaves=8)
