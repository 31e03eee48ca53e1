"""A pattern that is searched only beside its words finds what it finds alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from screening.build.clause.permissions import _PERMITS, _WIDENS
from screening.build.record.remarks import _PATTERNS
from screening.build.record.unsure import _two_verbs
from screening.text import Guarded

FOUND = {
    **{f"{kind}.{name}": one for kind, named in _PATTERNS.items() for name, one in named.items() if one.needs},
    **{name: one for name, one in {**_WIDENS, **_PERMITS}.items() if one.needs},
    "two verbs": _two_verbs(),
}
FITTING = {
    "conditional_on": "patients with hiv are eligible if they are stable|a pacemaker is allowed as long as it is checked",
    "subject": "patients with a level of 2 are eligible|those with a level of 3 may be enrolled if well|those on dialysis are permitted",
    "last": "inhaled steroids permitted|topical treatment allowed.",
    "course.tells": "the effects of X on the fetus are unknown|any woman who becomes pregnant must inform us"
    "|should any woman conceive|she suspects she is pregnant|a scan will be performed",
    "course.counts": "at least 40 % of the patients|about half of the enrolled participants|no more than 10 subjects"
    "|a minimum of 20 volunteers|up to two thirds of all individuals",
    "course.ahead": "requires steroids during the study|they must be stopped at study entry|must undergo surgery"
    "|should also avoid sun",
    "course.quota": "limited to 25 % of participants|at least 40 % of the patients will be women",
    "only_these": "only inhaled steroids are allowed|only topical treatment is permitted|only one drug is acceptable",
    "definitions.terms": "post-menopausal|of child bearing potential|surgically sterile|effective contraception"
    "|of reproductive potential|female sterilization",
    "definitions.alone": "postmenopausal (defined as no menses)|post-menopausal women, defined as",
    "definitions.always": "it will be defined as 12 months",
    "values": "lower values are allowed if due to marrow disease|higher counts acceptable in lymphoma",
    "freely": "may receive insulin|values may be repeated|disease may be verified",
    "takes": "are eligible irrespective of age|regardless of age they are eligible",
    "two verbs": "who have failed surgery are unable to walk|has not been treated is willing to enter",
}
SENTENCES = [
    line.casefold()
    for file in sorted((Path(__file__).parent / "criteria").glob("*.md"))
    for line in file.read_text(encoding="utf8").splitlines()
]


@pytest.mark.parametrize("name", FOUND)
def test_the_words_of_a_pattern_hide_nothing_it_fits(name: str) -> None:
    one: Guarded = FOUND[name]
    fitting = FITTING[name].split("|")
    assert [said for said in fitting if not one.search(said)] == []
    assert [said for said in SENTENCES if one.pattern.search(said) and not one.search(said)] == []
