"""Joins tokens that are one thing: repetitions in parentheses, weeks and days, signs of numbers, ellipses of nouns.

Each pass takes and gives the tokens; all run before any token settles on one of its senses.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import lru_cache

from screening.parse.passes import homonyms
from screening.parse.passes.agetables import OF_SOME, age_tables, for_ages, inline_rows
from screening.parse.passes.causes import cause_lists
from screening.parse.passes.classes import CLASSES, classes_again
from screening.parse.passes.compounds import LONE, any_method, elliptical, elliptical_names, lone_times, ratios
from screening.parse.passes.dated_tests import GOING_ON, dated_tests, never_given
from screening.parse.passes.ellipses import (
    TESTED,
    indifferent,
    multiples_alone,
    nor,
    results_alone,
    types_alone,
    units_alone,
)
from screening.parse.passes.elsewhere import WORDS as ELSEWHERE
from screening.parse.passes.elsewhere import elsewhere
from screening.parse.passes.ends import colon_ranges, ends_again, exclusive_ends
from screening.parse.passes.enumerations import enumerated
from screening.parse.passes.gestation import COMING, before_weeks, still_to_come, weeks_and_days
from screening.parse.passes.glosses import GLOSSES
from screening.parse.passes.glued import (
    bracketed_modifiers,
    empty_parentheses,
    glued_parentheses,
    lone_signs,
    shut_out_asides,
)
from screening.parse.passes.grades import grades
from screening.parse.passes.halflives import half_lives
from screening.parse.passes.intervals import INTERVALS, intervals
from screening.parse.passes.involved import INVOLVED, involved
from screening.parse.passes.joints import JOINTS, joint_counts
from screening.parse.passes.lesions import (
    ONE,
    PER_DAY,
    SPECIMENS,
    at_least_one,
    beside_normal,
    beyond_normal,
    one_lesion,
    other_specimens,
    per_day,
    timed_lesions,
    unnormed,
)
from screening.parse.passes.levels import (
    PARTS,
    STAGE_WORDS,
    SYMPTOMS,
    either_level,
    lettered,
    levels_ahead,
    of_other_scales,
    parts_of_scales,
    plus_levels,
    rated,
    scale_widths,
    scale_words,
    stages,
    stages_ahead,
    stages_aside,
    twice_rated,
    versions,
    whole_scales,
)
from screening.parse.passes.percent_above import ABOVE, percents_above
from screening.parse.passes.places import NUMBERED, multiplied, numbered
from screening.parse.passes.points import comma_levels, listed_levels, of_whole_scales
from screening.parse.passes.powers import lost_exponents, powers_of_ten
from screening.parse.passes.repetitions import named_twice, said_again, unwrapped
from screening.parse.passes.restoring import (
    PRODUCT,
    RAISED,
    beyond_scale,
    bracketed_connectives,
    for_age,
    measures_told,
    multiples_of,
    named_lists,
    percent_names,
    products,
    raised,
    scored_levels,
    scores_of_classes,
)
from screening.parse.passes.results import USING, defined_results, methods_used
from screening.parse.passes.secondly import BESIDE, second_ranges
from screening.parse.passes.sexes import both_sexes, some_of_one_sex
from screening.parse.passes.shared import either_named, organ_lists, shared_nouns
from screening.parse.passes.shares import (
    EXPRESSED,
    PERFORMANCE,
    TAKING,
    numbers_of_drugs,
    percent_performance,
    shares_of_cells,
)
from screening.parse.passes.signs import (
    both_ends,
    folds_higher,
    lost_dashes,
    lost_strokes,
    manifold,
    pair_over,
    plus_or_minus,
    signed,
    sums,
    years_between,
)
from screening.parse.passes.stages import NAMED, staged
from screening.parse.passes.steroids import STEROIDS, named_steroids
from screening.parse.passes.trailing import dated_before_noun, times_behind
from screening.parse.passes.twice import ends_twice
from screening.parse.passes.viruses import LOADS, loads
from screening.parse.passes.washouts import ENDING, stopped
from screening.parse.passes.worded import WORDED
from screening.parse.tokens import COMPARING, Token
from screening.parse.words.lexicon import lettered_words
from screening.resources import table

_HALF_LIVES = lettered_words(table("phrases")["HALFLIFE"]["words"])
_GRADES = lettered_words(table("reading")["grades"]["words"])


def joined(tokens: list[Token], words: Collection[str]) -> list[Token]:
    """The same text in fewer, fuller tokens; *words* are the folded words of the text, which say what to look for."""
    said = _SAID.intersection(words)
    for one_pass, needed in _passes(_DECIDING.intersection([token.type for token in tokens]), said >= _NOR):
        if needed is None or not needed.isdisjoint(said):
            tokens = one_pass(tokens)
    return tokens


@lru_cache(maxsize=1 << 12)
def _passes(kinds: frozenset[str], joins: bool) -> list[tuple[_Pass, frozenset[str] | None]]:
    """The passes that tokens of these kinds may need, each with the words it has nothing to do without."""
    there = kinds | {"OR"} if joins else kinds
    return [
        (one_pass, said or None)
        for one_pass, needed, said in _PASSES
        if needed <= kinds and (one_pass not in _ONE_OF or not _ONE_OF[one_pass].isdisjoint(there))
    ]


_Pass = Callable[[list[Token]], list[Token]]
_ANY: frozenset[str] = frozenset()
_NOR = frozenset({"nor"})  # a pass makes an "or" of it
# The passes in order, each with the kinds of token (all of them) and the words (one of them) it does nothing without.
_PASSES: tuple[tuple[_Pass, frozenset[str], frozenset[str]], ...] = (
    *WORDED,
    *GLOSSES,
    (half_lives, _ANY, _HALF_LIVES),
    (both_ends, frozenset({"LE", "NUM"}), frozenset({"but"})),
    (both_ends, frozenset({"EXCEPT", "NUM"}), frozenset({"but"})),
    (folds_higher, frozenset({"MULT"}), _ANY),
    (percents_above, frozenset({"NUM", "ULN"}), ABOVE),
    (colon_ranges, frozenset({"COLON", "NUM", "VAR"}), _ANY),
    (ends_again, frozenset({"RPAR", "EXAMPLE", "NUM"}), _ANY),
    (enumerated, frozenset({"RPAR"}), _ANY),
    (homonyms.taken, frozenset({"CONCEPT"}), homonyms.HOMONYMS),
    (homonyms.given, frozenset({"VAR", "TIME"}), homonyms.GIVEN),
    (homonyms.against, frozenset({"CONCEPT"}), homonyms.AGAINST),
    (homonyms.treatment_of, frozenset({"CONCEPT"}), homonyms.TREATING),
    (homonyms.by_kind, frozenset({"MOD"}), homonyms.BY_KIND),
    (homonyms.set_in_time, frozenset({"CONCEPT"}), homonyms.DATING),
    (shares_of_cells, frozenset({"VAR", "UNIT", "NUM"}), EXPRESSED),
    (numbers_of_drugs, frozenset({"LE", "NUM", "CONCEPT"}), TAKING),
    (numbers_of_drugs, frozenset({"LT", "NUM", "CONCEPT"}), TAKING),
    (percent_performance, frozenset({"SCALE", "NUM"}), PERFORMANCE),
    (named_steroids, frozenset({"UNIT"}), STEROIDS),
    (involved, frozenset({"CONCEPT"}), INVOLVED),
    (numbered, frozenset({"NUM"}), NUMBERED),
    (multiplied, _ANY, _ANY),
    (powers_of_ten, frozenset({"NUM"}), frozenset({"^"})),
    (grades, _ANY, _GRADES),
    (scale_words, frozenset({"SCALE"}), _ANY),
    (comma_levels, frozenset({"SCALE", "NUM"}), _ANY),
    (of_whole_scales, frozenset({"SCALE", "NUM"}), frozenset({"of"})),
    (listed_levels, frozenset({"SCALE", "EQ", "NUM"}), _ANY),
    (versions, frozenset({"SCALE", "NUM"}), _ANY),
    (of_other_scales, frozenset({"SCALE"}), _ANY),
    (rated, frozenset({"SCALE"}), SYMPTOMS),
    (twice_rated, frozenset({"SCALE", "NUM"}), _ANY),
    (parts_of_scales, frozenset({"SCALE"}), PARTS),
    (lettered, frozenset({"SCALE", "NUM", "WORD"}), _ANY),
    (stages_ahead, frozenset({"NUM"}), STAGE_WORDS),
    (stages_aside, frozenset({"NUM", "LPAR"}), STAGE_WORDS),
    (named_twice, frozenset({"VAR"}), _ANY),
    (named_twice, frozenset({"SCALE"}), _ANY),
    (scores_of_classes, frozenset({"SCALE", "NUM"}), _ANY),
    (scored_levels, frozenset({"SCALE", "WORD"}), _ANY),
    (bracketed_connectives, frozenset({"RPAR"}), _ANY),
    (named_lists, frozenset({"RPAR", "VAR"}), _ANY),
    (manifold, frozenset({"NUM", "TIMES"}), _ANY),
    (some_of_one_sex, frozenset({"SEX", "CONCEPT"}), _ANY),
    (both_sexes, frozenset({"SEX"}), _ANY),
    (stages, _ANY, STAGE_WORDS),
    (lone_times, frozenset({"WORD"}), LONE),
    (glued_parentheses, frozenset({"RPAR", "WORD"}), _ANY),
    (shut_out_asides, frozenset({"RPAR", "INELIGIBLE"}), _ANY),
    (bracketed_modifiers, frozenset({"RPAR", "CONCEPT"}), _ANY),
    (ends_twice, frozenset({"RPAR", "UNIT"}), _ANY),
    (said_again, frozenset({"RPAR"}), _ANY),
    (for_age, frozenset({"VAR"}), frozenset({"age"})),
    (loads, frozenset({"VAR", "CONCEPT"}), LOADS),
    (raised, frozenset({"VAR"}), RAISED),
    (measures_told, frozenset({"EQ", "NUM"}), _ANY),
    (products, frozenset({"VAR"}), PRODUCT),
    (beyond_scale, frozenset({"VAR", "NUM"}), _ANY),
    (joint_counts, frozenset({"NUM"}), JOINTS),
    (percent_names, frozenset({"VAR"}), frozenset({"%"})),
    (second_ranges, frozenset({"VAR", "OR", "NUM"}), BESIDE),
    (multiples_of, frozenset({"TIMES", "NUM"}), _ANY),
    (any_method, frozenset({"METHOD"}), _ANY),
    (ratios, frozenset({"SLASH", "VAR"}), _ANY),
    (unwrapped, frozenset({"RPAR"}), _ANY),
    (multiples_alone, frozenset({"TIMES", "ULN"}), _ANY),
    (multiples_alone, frozenset({"TIMES", "LLN"}), _ANY),
    (types_alone, frozenset({"CONCEPT"}), frozenset({"type"})),
    (units_alone, frozenset({"VAR", "UNIT", "NUM"}), _ANY),
    (nor, frozenset({"MOD"}), _NOR),
    (indifferent, frozenset({"OR"}), frozenset({"without"})),
    (indifferent, frozenset({"SLASH"}), frozenset({"without"})),
    (results_alone, frozenset({"CONCEPT"}), TESTED),
    (elliptical, frozenset({"CONCEPT"}), _ANY),
    (elliptical_names, frozenset({"WORD", "VAR"}), _ANY),
    (dated_before_noun, frozenset({"RPAR", "TIME"}), _ANY),
    (times_behind, frozenset({"OR", "MOD"}), _ANY),
    (shared_nouns, frozenset({"MOD"}), _ANY),
    (either_named, frozenset({"SLASH", "CONCEPT"}), _ANY),
    (organ_lists, frozenset({"ORGAN", "CONCEPT"}), _ANY),
    (cause_lists, frozenset({"CAUSE", "CONCEPT"}), _ANY),
    (signed, frozenset({"NUM", "TO"}), _ANY),
    (signed, frozenset({"NUM", "POSTGE"}), _ANY),
    (sums, frozenset({"SCALE", "NUM", "POSTGE"}), _ANY),
    (plus_or_minus, frozenset({"NUM", "PLUSMINUS"}), _ANY),
    (plus_or_minus, frozenset({"NUM", "OUTSIDE", "POSTGE"}), _ANY),
    (pair_over, frozenset({"NUM", "GT", "VAR"}), frozenset({"over"})),
    (lost_dashes, frozenset({"NUM", "TIME"}), _ANY),
    (for_ages, frozenset({"NUM", "TIME"}), OF_SOME),
    (lost_strokes, frozenset({"EQ", "NUM", "AND"}), _ANY),
    (years_between, frozenset({"VAR", "NUM", "AND", "TIME"}), _ANY),
    (lone_signs, frozenset({"RPAR", "NUM"}), _ANY),
    (still_to_come, frozenset({"NUM"}), COMING),
    (weeks_and_days, frozenset({"TIME"}), _ANY),
    (weeks_and_days, frozenset({"POSTGE", "VAR", "NUM"}), _ANY),
    (before_weeks, frozenset({"TIME", "NUM"}), frozenset({"before", "after"})),
    (empty_parentheses, frozenset({"RPAR"}), _ANY),
    (exclusive_ends, frozenset({"RPAR", "NUM"}), frozenset({"exclusive"})),
    (scale_widths, frozenset({"NUM"}), frozenset({"scale"})),
    (whole_scales, frozenset({"SCALE", "TO"}), _ANY),
    (whole_scales, frozenset({"SCALE", "BETWEEN", "AND"}), _ANY),
    (age_tables, frozenset({"SEX", "TIME", "VAR"}), _ANY),
    (inline_rows, frozenset({"VAR", "TIME", "COLON", "UNIT"}), frozenset({"age"})),
    (plus_levels, frozenset({"SCALE", "NUM"}), _ANY),
    (either_level, frozenset({"SLASH"}), _ANY),
    (levels_ahead, frozenset({"SCALE"}), _ANY),
    (classes_again, frozenset({"SCALE"}), CLASSES),
    (one_lesion, frozenset({"VAR"}), frozenset({"one", "1"})),
    (timed_lesions, frozenset({"VAR", "NUM", "TIME"}), _ANY),
    (dated_tests, frozenset({"VAR", "NUM", "TIME"}), _ANY),
    (never_given, frozenset({"QUAL", "NUM", "TIME"}), GOING_ON),
    (methods_used, frozenset({"MOD", "METHOD"}), USING),
    (defined_results, frozenset({"RESULT", "RPAR", "NUM", "VAR"}), _ANY),
    (at_least_one, frozenset({"CONCEPT", "GE"}), ONE),
    (other_specimens, frozenset({"VAR"}), SPECIMENS),
    (stopped, frozenset({"TIME", "NUM"}), ENDING),
    (intervals, frozenset({"TIME", "NUM"}), INTERVALS),
    (lost_exponents, frozenset({"VAR", "TIMES", "NUM", "UNIT"}), frozenset({"10"})),
    (per_day, frozenset({"VAR", "UNIT", "NUM"}), PER_DAY),
    (unnormed, frozenset({"VAR", "ULN", "NUM"}), _ANY),
    (beyond_normal, frozenset({"OUTSIDE"}), _ANY),
    (elsewhere, frozenset({"VAR"}), ELSEWHERE),
    (beside_normal, frozenset({"LT", "LLN", "UNIT"}), _ANY),
    (beside_normal, frozenset({"GT", "ULN", "UNIT"}), _ANY),
    (staged, _ANY, NAMED),
)
# What joins or parts words: of these kinds, one must stand in a text in which a pass has something to do. A running
# letter ("b)") may become a comma on the way.
_JOINED = frozenset({"AND", "OR", "COMMA", "SLASH", "RPAR"})
_ONE_OF: dict[_Pass, frozenset[str]] = {
    multiplied: COMPARING,
    elliptical: _JOINED,
    elliptical_names: _JOINED,
    shared_nouns: _JOINED,
    organ_lists: _JOINED,
}
_DECIDING: frozenset[str] = frozenset().union(*(needed for _, needed, _ in _PASSES), *_ONE_OF.values())
_SAID: frozenset[str] = frozenset().union(*(said for _, _, said in _PASSES))
