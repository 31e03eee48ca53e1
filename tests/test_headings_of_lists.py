"""What a heading says beside its list: washouts in its parenthesis, and lists of what is allowed. Every text is made up."""

from __future__ import annotations

from screening.build import compile_trial
from screening.build.windows import windows
from screening.language import print_flat
from screening.ruleset.model import RuleKind, RuleSet
from screening.sections import read


def compiled(text: str) -> RuleSet:
    return compile_trial(read(text, "T"))


def readings(text: str) -> list[str]:
    return [print_flat(rule.predicate) for rule in compiled(text).rules if rule.id[0] in "IE"]


def test_a_washout_in_the_heading_of_a_list_is_asked_for_and_dates_none_of_its_values() -> None:
    text = (
        "Inclusion Criteria:\n1. Blood count within 6 days before enrolment (no transfusion or growth factor within "
        "12 days before screening):\n - haemoglobin ≥ 85 g/L\n - platelets ≥ 70 × 10^9/L\n"
    )
    assert readings(text) == [
        "not had(transfusion) within 12 days before screening and not had(growth_factor) within 12 days before screening",
        "hemoglobin >= 85 g/L within 6 days before enrolment",
        "platelets >= 70 10*9/L within 6 days before enrolment",
    ]


def test_what_is_allowed_in_a_list_below_an_exclusion_excludes_nobody() -> None:
    text = (
        "Exclusion Criteria:\n1. Chemotherapy or radiotherapy within 5 weeks before enrolment; however, the following "
        "therapies are allowed:\n - Hormone replacement therapy\n - Palliative radiotherapy\n2. Pregnancy\n"
    )
    rules = [rule for rule in compiled(text).rules if rule.id[0] == "E"]
    assert [rule.kind for rule in rules] == [RuleKind.DATA, RuleKind.ADVISORY, RuleKind.DATA]
    softened = print_flat(rules[0].predicate)
    assert "had(radiotherapy) within 5 weeks before enrolment) except" in softened
    assert "hormone" not in softened


def test_a_list_of_what_is_not_allowed_excludes() -> None:
    text = "Exclusion Criteria:\n1. Infection. The following are not allowed:\n - Chemotherapy\n - Radiotherapy\n"
    assert readings(text)[1:] == ["has(chemotherapy)", "had(radiotherapy)"]


def test_windows_on_words_that_name_no_event_are_no_rows() -> None:
    text = (
        "Inclusion Criteria:\n1. Patients may enter 5 weeks after one of these combinations:\n - carmustine on day 1\n"
        " - carmustine on days 1, 8 and 15\n"
    )
    assert {row["event"] for row in windows(compiled(text))} == {"carmustine"}
