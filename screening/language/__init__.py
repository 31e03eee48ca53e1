"""The strict rule language: predicates as text that a clinician checks and a program runs.

`parse_predicate(print_predicate(p)) == p` for every predicate. The whole language, with a sample of every form,
stands at the top of grammars/rule.lark; in short:

    alt <= 2.5 ULN                                    a limit: value, operator, number, UCUM unit or ULN/LLN/baseline
    creatinine_clearance[cockcroft_gault] >= 60 mL/min    [method]    spo2{room_air} <= 90 %    {qualifier}
    max(tumor_size) <= 6 cm                           which of several values
    ecog in {0, 1} · hcg is negative · sex is female  scales, results, sex
    has(severe autoimmune_disease)                    now; had(...): at any time
    had(radiotherapy) within 4 weeks before screening     also "at least", "more than"; no anchor named: left out
    not p · p and q · p or q · p except q             mixed only with parentheses
    if c then p else q · at least 2 of (p, q, r) · one method any of (p, q) · always
    judgement "..." · advisory "..." · not understood "..."
    assume "missing-unit: anc": p                     undecided until confirmed
    choose "reversed-polarity: platelets" { written: p; reversed: q }     undecided where they differ

Names and units are checked against rules/ while parsing; what is wrong raises a LanguageError with line, column,
what and a remedy. As input, spelled-out times ("18 years"), the unit spellings of rules/units.toml
and the spoken names of concepts will do.
"""

from screening.language.errors import LanguageError, did_you_mean
from screening.language.printing import print_flat, print_predicate, quoted, title
from screening.language.reading import parse_predicate

__all__ = ["LanguageError", "did_you_mean", "parse_predicate", "print_flat", "print_predicate", "quoted", "title"]
