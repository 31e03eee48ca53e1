"""The linter: each rule fires on a small text with the fault and is silent on its twin without it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from screening.app.cli import run
from screening.build import compile_trial
from screening.language import parse_predicate
from screening.linter import Finding, checks, lint
from screening.ruleset import content_hash, read, resolve, write
from screening.ruleset.model import Rule, RuleKind, RuleSet, Waiver
from screening.sections import Trial
from screening.sections import read as read_trial
from screening.sections.model import Side

REGISTRY = "Ages Eligible for Study:\n{ages}\n"


def document(inclusion: str, exclusion: str = "Pregnancy") -> str:
    return f"Inclusion Criteria:\n{_numbered(inclusion)}Exclusion Criteria:\n{_numbered(exclusion)}"


def _numbered(items: str) -> str:
    return "".join(f"{number}. {item}\n" for number, item in enumerate(items.split(" | "), 1))


def findings(text: str) -> list[Finding]:
    return list(lint(compile_trial(read_trial(text, "T1"))))


def codes(text: str) -> set[str]:
    return {finding.code for finding in findings(text)}


def rule(identifier: str, predicate: str, side: Side = Side.INCLUSION, cohort: str | None = None) -> Rule:
    return Rule(identifier, side, RuleKind.DATA, predicate, parse_predicate(predicate), cohort=cohort)


def exclusion(identifier: str, predicate: str) -> Rule:
    return rule(identifier, predicate, Side.EXCLUSION)


def field(identifier: str, predicate: str) -> Rule:
    return rule(identifier, predicate, Side.REGISTRY)


def codes_of(*rules: Rule) -> list[str]:
    """The findings; those of proofs over the whole trial have tests of their own."""
    found = [finding.code for finding in lint(RuleSet("T1", "A trial", rules))]
    return [code for code in found if code not in ("never-decides", "nobody-can-pass")]


# ---- on texts

FAULTS = [
    ("contradiction", ("ANC ≥ 1500/µL", "ANC ≥ 1500/µL"), ("ANC ≥ 1500/µL", "ANC < 1500/µL")),
    ("impossible-range", ("BMI < 18 and > 28 kg/m2",), ("BMI > 18 and < 28 kg/m2",)),
    ("limits-gap", ("Age > 18 years", "Age < 18 years"), ("Age ≥ 18 years", "Age < 18 years")),
    ("limits-gap", ("Platelets ≥ 100 x 10^9/L", "Platelets < 75 x 10^9/L"), ("Platelets ≥ 100 x 10^9/L", "Age < 18")),
    ("limits-overlap", ("BMI ≤ 35 kg/m2", "BMI ≥ 35 kg/m2"), ("BMI ≤ 35 kg/m2", "BMI > 35 kg/m2")),
    ("limits-overlap", ("ECOG 0-2", "ECOG ≥ 2"), ("ECOG 0-2", "ECOG ≥ 3")),
    (
        "duplicate-threshold",
        ("Hemoglobin ≥ 9 g/dL | Hemoglobin ≥ 10 g/dL",),
        ("Hemoglobin ≥ 9 g/dL | Hemoglobin ≥ 90 g/L",),
    ),
    ("reversed-polarity", ("Age ≥ 18 years", "ALT < 2 x ULN"), ("Age ≥ 18 years", "ALT > 2 x ULN")),
    ("missing-unit", ("Platelets ≥ 100",), ("Platelets ≥ 100 x 10^9/L",)),
    (
        "implausible-value",
        ("Age ≥ 18 years", "Total bilirubin > 17 mmol/L"),
        ("Age ≥ 18 years", "Total bilirubin > 17 µmol/L"),
    ),
    ("unit-slip", ("Hemoglobin > 9 g/L",), ("Hemoglobin > 9 g/dL",)),
    ("repaired-superscript", ("ANC ≥ 1.5 x 109/L",), ("ANC ≥ 1.5 x 10^9/L",)),
    ("lost-comparator", ("Platelets 100,000/mm3",), ("Platelets ≥ 100,000/mm3",)),
    (
        "ambiguous-and-or",
        ("Age ≥ 18 years", "ALT > 3 x ULN and creatinine > 2 mg/dL"),
        ("Age ≥ 18 years", "ALT > 3 x ULN or creatinine > 2 mg/dL"),
    ),
    (
        "window-without-anchor",
        ("Age ≥ 18 years", "Surgery within 4 weeks"),
        ("Age ≥ 18 years", "Surgery within 4 weeks before enrolment"),
    ),
    (
        "ambiguous-window",
        ("Age ≥ 18 years", "Radiotherapy at least 7 days before enrolment"),
        ("Age ≥ 18 years", "Radiotherapy within 7 days before enrolment"),
    ),
    ("garbled-text", ("ECOG 0-1 (at screening",), ("ECOG 0-1 (at screening)",)),
    ("garbled-text", ("ANC ≥ 1500/µL) at screening",), ("ECOG of 1) 0 or 2) 1",)),
    ("units-disagree", ("Creatinine ≤ 1.5 mg/dL (200 µmol/L)",), ("Creatinine ≤ 1.5 mg/dL (133 µmol/L)",)),
    ("scale-assumed", ("Performance status 0-1",), ("ECOG performance status 0-1",)),
    ("strict-age", ("Age > 18 years",), ("Age ≥ 18 years",)),
]


@pytest.mark.parametrize(("code", "faulty", "right"), FAULTS)
def test_a_fault_is_found_and_its_right_twin_is_silent(
    code: str, faulty: tuple[str, ...], right: tuple[str, ...]
) -> None:
    assert code in codes(document(*faulty))
    assert code not in codes(document(*right))


@pytest.mark.parametrize(
    ("exclusion", "code"),
    [
        ("Radiotherapy must have been completed at least 2 weeks before enrolment", "ambiguous-window"),
        ("Brain metastases unless radiotherapy was completed at least 4 weeks before enrolment", "ambiguous-window"),
        ("Patients with HIV and hepatitis B may be enrolled", "ambiguous-and-or"),
        ("QTcF > 450 ms for males and > 470 ms for females", "ambiguous-and-or"),
        ("Severe infections, severe heart disease and liver disease, malignancy", "ambiguous-and-or"),
    ],
)
def test_no_question_is_put_that_a_reader_need_not_ask(exclusion: str, code: str) -> None:
    assert code not in codes(document("Age ≥ 18 years", exclusion))


@pytest.mark.parametrize(
    ("inclusion", "reading"),
    [
        ("Prior lapatinib is allowed", RuleKind.ADVISORY),
        ("Patients with seizure disorder are eligible if well controlled", None),
        ("All patients with newly diagnosed breast cancer will be included", None),
        ("Breast cancer (prior histological documentation is acceptable)", None),
    ],
)
def test_a_permission_is_told_from_a_demand_without_asking(inclusion: str, reading: RuleKind | None) -> None:
    (made,) = (one for one in compile_trial(read_trial(document(inclusion), "T1")).rules if one.side is Side.INCLUSION)
    assert (made.kind is RuleKind.ADVISORY) is (reading is RuleKind.ADVISORY)
    assert "permission-or-requirement" not in codes(document(inclusion))


def test_who_the_trial_is_for_may_be_a_demand_or_a_permission() -> None:
    assert "permission-or-requirement" in codes(document("Patients with relapsed breast cancer are eligible"))


@pytest.mark.parametrize("window", ["within the past 6 months", "in the last year"])
def test_the_past_counts_from_now(window: str) -> None:
    assert "window-without-anchor" not in codes(document("Age ≥ 18 years", f"Surgery {window}"))


def test_numbering_gap() -> None:
    assert "numbering-gap" in codes("Inclusion Criteria:\n1. Age ≥ 18 years\n2. ECOG 0-1\n4. ANC ≥ 1500/µL\n")
    assert "numbering-gap" not in codes("Inclusion Criteria:\n1. Age ≥ 18 years\n2. ECOG 0-1\n3. ANC ≥ 1500/µL\n")


def test_several_cohorts() -> None:
    two = "Inclusion Criteria:\nCohort A:\n1. Age ≥ 18 years\nCohort B:\n1. Age ≥ 60 years\n"
    assert "several-cohorts" in codes(two)
    assert "several-cohorts" not in codes(two.replace("Cohort B:\n", "").replace("Cohort A:\n", ""))


@pytest.mark.parametrize(("minimum", "found"), [("18 Years", False), ("20 Years", True), ("216 Months", False)])
def test_registry_age_against_the_text(minimum: str, found: bool) -> None:
    study = {
        "protocolSection": {
            "identificationModule": {"nctId": "NCT00000001", "briefTitle": "A trial"},
            "eligibilityModule": {
                "eligibilityCriteria": "Inclusion Criteria:\n\n* Age 18 to 75 years\n",
                "minimumAge": minimum,
                "maximumAge": "75 Years",
            },
        }
    }
    assert ("registry-differs" in codes(json.dumps(study))) is found


def test_every_finding_has_a_place_a_sentence_and_a_suggestion() -> None:
    text = "".join(document(*faulty) for _, faulty, _ in FAULTS[:1]) + document(
        "Age > 18 years | BMI < 18 and > 28 kg/m2 | Platelets 100 | Hemoglobin > 9 g/L", "Age < 18 | ALT < 2 x ULN"
    )
    for finding in findings(text):
        assert finding.span is not None
        assert finding.message.endswith((".", "?"))
        assert finding.suggestion
        assert finding.code in checks()


# ---- on predicates: what the intervals prove, and what they leave alone


def test_an_impossible_range_in_an_edited_rule_is_found() -> None:
    assert codes_of(rule("I1", "bmi < 18 kg/m2 and bmi > 28 kg/m2")) == ["impossible-range"]
    assert codes_of(rule("I1", "bmi > 18 kg/m2 and bmi < 28 kg/m2")) == []
    assert codes_of(exclusion("E1", "age > 60 years and age < 18 years")) == ["impossible-range"]


def test_a_range_that_every_value_satisfies_is_found() -> None:
    assert codes_of(rule("I1", "bmi > 18 kg/m2 or bmi < 28 kg/m2")) == ["always-true-range"]
    assert codes_of(exclusion("E1", "bmi < 18 kg/m2 or bmi > 28 kg/m2")) == []


def test_limits_meet_exactly_in_any_unit() -> None:
    included = rule("I1", "anc >= 1.5 10*9/L")
    assert codes_of(included, exclusion("E1", "anc < 1500 /uL")) == []
    assert codes_of(included, exclusion("E1", "anc <= 1500 /uL")) == ["limits-overlap"]
    assert codes_of(included, exclusion("E1", "anc < 1499 /uL")) == ["limits-gap"]


def test_values_finer_than_the_limits_are_written_are_no_gap() -> None:
    assert codes_of(rule("I1", "bmi >= 18.5 kg/m2"), exclusion("E1", "bmi <= 18.4 kg/m2")) == []
    assert codes_of(rule("I1", "bmi >= 18.5 kg/m2"), exclusion("E1", "bmi <= 18.3 kg/m2")) == ["limits-gap"]


def test_ages_count_completed_units() -> None:
    upto = rule("I1", "age <= 75 years")
    assert codes_of(upto, exclusion("E1", "age > 75 years")) == []
    assert codes_of(upto, exclusion("E1", "age >= 76 years")) == []
    assert codes_of(upto, exclusion("E1", "age >= 75 years")) == ["limits-overlap"]
    assert codes_of(rule("I1", "age >= 2 years"), exclusion("E1", "age < 24 months")) == []
    assert codes_of(rule("I1", "age >= 18 years"), exclusion("E1", "age <= 17 years")) == []


def test_scales_go_by_steps() -> None:
    assert codes_of(rule("I1", "ecog in {0, 1}"), exclusion("E1", "ecog > 1")) == []
    assert codes_of(rule("I1", "karnofsky >= 70"), exclusion("E1", "karnofsky <= 60")) == []
    assert codes_of(rule("I1", "karnofsky >= 70"), exclusion("E1", "karnofsky <= 50")) == ["limits-gap"]


def test_multiples_of_uln_are_a_scale_of_their_own() -> None:
    assert codes_of(rule("I1", "alt <= 2.5 ULN"), exclusion("E1", "alt > 40 U/L")) == []
    assert codes_of(rule("I1", "alt <= 2.5 ULN"), exclusion("E1", "alt > 3 ULN")) == ["limits-gap"]


@pytest.mark.parametrize(
    "other",
    [
        "if has(liver_metastasis) then alt <= 5 ULN else alt <= 2 ULN",
        "alt <= 5 ULN or has(liver_metastasis)",
        'alt <= 5 ULN and not understood "in patients with metastases"',
        "alt <= 5 ULN within 7 days before screening",
    ],
)
def test_conditions_windows_and_unread_words_are_not_compared(other: str) -> None:
    assert codes_of(rule("I1", "alt <= 2.5 ULN"), rule("I2", other)) == []


def test_cohorts_are_never_mixed() -> None:
    one, two = "age >= 18 years and age <= 40 years", "age >= 60 years"
    mixed = (rule("I1", one, cohort="A"), rule("I2", two, cohort="B"), exclusion("E1", "age < 18 years"))
    assert codes_of(*mixed) == ["several-cohorts"]
    assert codes_of(rule("I1", one, cohort="A"), rule("I2", two, cohort="B")) == ["several-cohorts"]
    assert "contradiction" in codes_of(rule("I1", one), exclusion("E1", "age < 50 years"))


def test_the_registry_may_round_but_not_differ() -> None:
    low, high, sex = field("R1", "age >= 18 years"), field("R2", "age <= 75 years"), field("R3", "sex is female")
    assert codes_of(low, high, rule("I1", "age >= 18 years and age < 75 years")) == []
    assert codes_of(low, high, rule("I1", "age >= 20 years and age <= 75 years")) == ["registry-differs"]
    assert codes_of(low, exclusion("E1", "age < 20 years")) == ["registry-differs"]
    assert codes_of(low, rule("I1", "age >= 18 years", cohort="A"), rule("I2", "age >= 60 years", cohort="B")) == [
        "several-cohorts"
    ]
    assert codes_of(sex, rule("I1", "sex is male")) == ["registry-differs"]
    assert codes_of(sex, rule("I1", "sex is female")) == []


# ---- waivers


def compiled(text: str) -> RuleSet:
    return compile_trial(read_trial(text, "T1"))


def test_a_waiver_covers_findings_of_its_code_at_its_criterion_or_everywhere() -> None:
    rules = compiled(document("Age > 18 years", "Age < 18 years"))
    for criterion in ("E1", "I1", None):
        waived = replace(rules, waivers=(Waiver("limits-gap", "settled in the protocol", criterion),))
        assert {one.code for one in lint(waived) if one.waiver} == {"limits-gap"}
    elsewhere = replace(rules, waivers=(Waiver("limits-gap", "settled", "I9"),))
    assert {one.code for one in lint(elsewhere) if one.waiver} == set()
    assert "unused-waiver" in {one.code for one in lint(elsewhere)}


def test_waivers_stand_in_the_rule_file_and_in_the_hash() -> None:
    rules = compiled(document("Age > 18 years"))
    waivers = (Waiver("strict-age", "asked: reached", None), Waiver("strict-age", "— see protocol", "I1"))
    waived = replace(rules, waivers=waivers)
    assert "- waive strict-age: asked: reached" in write(waived)
    assert read(write(waived)).waivers == waivers
    assert content_hash(waived) != content_hash(rules)
    assert content_hash(read(write(waived))) == content_hash(waived)


def test_a_waiver_needs_a_reason() -> None:
    text = write(compiled(document("Age > 18 years"))).replace(
        "- choice strict-age", "- waive strict-age:\n- choice strict-age"
    )
    with pytest.raises(ValueError, match="gives no reason"):
        read(text)


def test_what_a_reviewer_decided_is_no_finding_any_more() -> None:
    rules = compiled(document("Platelets ≥ 100"))
    assert "missing-unit" in {one.code for one in lint(rules)}
    decided = read(
        write(rules).replace(
            "[ ] missing-unit: platelets in 10*9/L — confirm", "[x] missing-unit: platelets in 10*9/L — confirm"
        )
    )
    assert decided.decisions
    assert "missing-unit" not in {one.code for one in lint(decided)}
    assert resolve(decided) != decided


# ---- the command

LEVELS = {"none", "note", "warning", "error"}


@pytest.fixture
def faulty(tmp_path: Path) -> str:
    path = tmp_path / "trial.txt"
    path.write_text(document("Age > 18 years | Platelets ≥ 100 x 10^9/L", "Age < 18 years"), encoding="utf8")
    return str(path)


def test_text_names_place_severity_code_and_suggestion(faulty: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lint", faulty]) == 0
    out = capsys.readouterr().out
    assert f"{faulty}:5:4: warning: limits-gap: E1: Between I1 (age > 18 years) and E1 (age < 18 years) lie" in out
    assert "Suggestion: Let the exclusion begin" in out
    assert "(question)" in out


def test_json_has_the_fields_of_a_finding(faulty: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lint", "--format", "json", faulty]) == 0
    rows = json.loads(capsys.readouterr().out)["findings"]
    gap = next(row for row in rows if row["code"] == "limits-gap")
    assert (gap["criteria"], gap["severity"], gap["kind"]) == (["E1", "I1"], "warning", "assert")
    assert (gap["line"], gap["column"], gap["waived"]) == (5, 4, None)
    assert gap["message"]
    assert gap["suggestion"]


def check_sarif(log: dict[str, Any], source: str) -> None:
    """The constraints of the SARIF 2.1.0 schema that this output touches (OASIS, section 3)."""
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-2.1.0.json")
    (one,) = log["runs"]
    driver = one["tool"]["driver"]
    assert driver["name"]
    identifiers = [item["id"] for item in driver["rules"]]
    assert len(set(identifiers)) == len(identifiers)
    assert all(item["shortDescription"]["text"] for item in driver["rules"])
    assert all(item["defaultConfiguration"]["level"] in LEVELS for item in driver["rules"])
    assert one["columnKind"] in ("utf16CodeUnits", "unicodeCodePoints")
    for result in one["results"]:
        check_result(result, identifiers, source)


def check_result(result: dict[str, Any], identifiers: list[str], source: str) -> None:
    assert identifiers[result["ruleIndex"]] == result["ruleId"]
    assert result["level"] in LEVELS
    assert result["message"]["text"]
    for location in result["locations"]:
        physical = location["physicalLocation"]
        assert physical["artifactLocation"]["uri"]
        region = physical.get("region")
        if region:
            assert region["startLine"] >= 1
            assert region["startColumn"] >= 1
            assert (region["endLine"], region["endColumn"]) >= (region["startLine"], region["startColumn"])
            assert 0 <= region["charOffset"] <= len(source)
            line = source.split("\n")[region["startLine"] - 1]
            assert source[region["charOffset"] :].startswith(line[region["startColumn"] - 1 :])
    for suppression in result.get("suppressions", []):
        assert suppression["kind"] in ("inSource", "external")
        assert suppression["justification"]


def test_sarif_keeps_to_its_schema(faulty: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lint", "--format", "sarif", faulty]) == 0
    log = json.loads(capsys.readouterr().out)
    assert {result["ruleId"] for result in log["runs"][0]["results"]} >= {"limits-gap", "strict-age"}
    check_sarif(log, Path(faulty).read_text(encoding="utf8"))


@pytest.fixture
def rule_file(faulty: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    path = tmp_path / "trial.md"
    assert run(["compile", faulty, "-o", str(path)]) == 0
    capsys.readouterr()
    return path


def test_a_rule_file_is_linted_at_its_own_lines(rule_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lint", str(rule_file)]) == 0
    lines = rule_file.read_text(encoding="utf8").split("\n")
    gap = next(line for line in capsys.readouterr().out.splitlines() if "limits-gap" in line)
    number, column = map(int, gap.removeprefix(f"{rule_file}:").split(":")[:2])
    assert lines[number - 1][column - 1 :] == "Age < 18 years"


def test_strict_fails_on_findings_until_they_are_waived(rule_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lint", "--strict", str(rule_file)]) == 1
    text = rule_file.read_text(encoding="utf8")
    waivers = "- waive limits-gap: nobody is 18 in this trial\n- waive strict-age: from the 19th birthday\n"
    rule_file.write_text(text.replace("- Written by:", f"{waivers}- Written by:"), encoding="utf8")
    capsys.readouterr()
    assert run(["lint", "--strict", str(rule_file)]) == 0
    assert "(2 waived)" in capsys.readouterr().out
    assert run(["lint", "--format", "sarif", str(rule_file)]) == 0
    log = json.loads(capsys.readouterr().out)
    check_sarif(log, rule_file.read_text(encoding="utf8"))
    assert sum("suppressions" in result for result in log["runs"][0]["results"]) == 2


def test_strict_passes_notes(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text(document("ANC ≥ 1.5 x 109/L"), encoding="utf8")
    assert run(["lint", "--strict", str(path)]) == 0


def test_lint_takes_trials_rules_and_paths(faulty: str) -> None:
    import screening  # noqa: PLC0415 -- the public name

    trial: Trial = screening.read(faulty)
    expected = [one.code for one in screening.lint(faulty)]
    assert [one.code for one in screening.lint(trial)] == expected
    assert [one.code for one in screening.lint(screening.compile(trial))] == expected


def test_compile_says_what_became_of_the_text(faulty: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["compile", faulty]) == 0
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith(f"{faulty}: compiled ")
    assert all(f"{share} " in last for share in ("judgement", "advisory", "structure", "not understood"))


def test_places_are_right_behind_crlf_and_characters_beyond_the_basic_plane(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "trial.txt"
    source = "Inclusion Criteria:\r\n\r\n1. Age \U0001f600 > 18 years\r\n2. \U0001f600 Platelets ≥ 100\r\n"
    path.write_bytes(source.encode("utf8"))
    assert run(["lint", "--format", "sarif", str(path)]) == 0
    (results,) = (one["results"] for one in json.loads(capsys.readouterr().out)["runs"])
    region = next(one for one in results if one["ruleId"] == "missing-unit")["locations"][0]["physicalLocation"][
        "region"
    ]
    lines = source.split("\r\n")
    assert lines[region["startLine"] - 1][region["startColumn"] - 1 : region["endColumn"] - 1].endswith(
        "Platelets ≥ 100"
    )
    at = region["charOffset"]
    assert source[at : at + region["charLength"]].endswith("Platelets ≥ 100")


def test_a_sex_that_is_none_is_compared_with_nothing() -> None:
    """Found by fuzzing: a slip in a rule file stopped the linter."""
    rules = RuleSet(
        "T",
        "",
        tuple(
            Rule(f"I{at}", Side.INCLUSION, RuleKind.DATA, words, parse_predicate(words))
            for at, words in enumerate(("sex is femal and age <= 65 years", "sex is female"), 1)
        ),
    )
    assert not [one for one in lint(rules) if len(one.criteria) > 1]
