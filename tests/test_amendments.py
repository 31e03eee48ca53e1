"""Amendments of the five trials: each change is told by its meaning, and shown on somebody for whom it matters."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from screening import ruleset, synthetic
from screening.amendments import Kind, amendment, flips, versions
from screening.app.cli import cli
from screening.explain import judge
from screening.language import parse_predicate
from screening.patient import from_native
from screening.ruleset.model import Rule, RuleSet
from screening.sections.model import Side

TRIALS = Path(__file__).parents[1] / "rules" / "trials"
ON = date(2026, 3, 11)
ORDER = ("fail", "unknown", "pass")


def _trial(name: str) -> RuleSet:
    return ruleset.load(TRIALS / f"{name}.md")


def _amended(rules: RuleSet, id: str, text: str, reading: str) -> RuleSet:
    """The trial with one criterion written otherwise."""
    assert any(rule.id == id for rule in rules.rules)
    made = parse_predicate(reading)
    return replace(
        rules,
        rules=tuple(replace(rule, text=text, predicate=made) if rule.id == id else rule for rule in rules.rules),
    )


AMENDMENTS = [
    ("NCT02843126", "I4", "Platelets ≥ 75 × 10^9/L, WBC ≥ 3 × 10^9/L, ANC ≥ 2 × 10^9/L, Hb ≥ 80 g/L",
     "platelets >= 75 10*9/L and wbc >= 3 10*9/L and anc >= 2 10*9/L and hemoglobin >= 80 g/L", Kind.LOOSER),
    ("NCT02843126", "I4", "Platelets ≥ 80,000/µL, WBC ≥ 3,000/µL, ANC ≥ 2,000/µL, Hb ≥ 8 g/dL",
     "platelets >= 80000 /uL and wbc >= 3000 /uL and anc >= 2000 /uL and hemoglobin >= 8 g/dL", Kind.REWORDED),
    ("NCT02843126", "I4", "Platelets > 80 × 10^9/L, WBC ≥ 3 × 10^9/L, ANC ≥ 2 × 10^9/L, Hb ≥ 80 g/L",
     "platelets > 80 10*9/L and wbc >= 3 10*9/L and anc >= 2 10*9/L and hemoglobin >= 80 g/L", Kind.TIGHTER),
    ("NCT02843126", "I4", "Platelets ≥ 75 × 10^9/L, WBC ≥ 3 × 10^9/L, ANC ≥ 2 × 10^9/L, Hb ≥ 90 g/L",
     "platelets >= 75 10*9/L and wbc >= 3 10*9/L and anc >= 2 10*9/L and hemoglobin >= 90 g/L", Kind.INCOMPARABLE),
    ("NCT02843126", "I3", "KPS > 60, expected lifespan longer than 6 months",
     "karnofsky > 60 and life_expectancy > 6 months", Kind.REWORDED),
    ("NCT02843126", "I2", "1 to 6 tumours, the longest ≤ 5 cm",
     "(tumor_count >= 1 and tumor_count <= 6) and max(tumor_size) <= 5 cm", Kind.LOOSER),
    ("NCT02843126", "R1", "18 years", "age >= 18 years", Kind.LOOSER),
    ("NCT03619954", "I2", "Aged 18 to 75 (both included)", "not (age < 18 years or age > 75 years)", Kind.REWORDED),
    ("NCT03619954", "I2", "Aged from 18 to below 75", "age >= 18 years and age < 75 years", Kind.TIGHTER),
    ("NCT03619954", "I3", "ECOG: 0-2", "ecog in {0, 1, 2}", Kind.LOOSER),
    ("NCT03619954", "I3", "ECOG below 2", "ecog < 2", Kind.REWORDED),
    ("NCT03619954", "I6b", "TBIL ≤ 1.5 × ULN, ALT and AST ≤ 2 × ULN",
     "bilirubin_total <= 1.5 ULN and alt <= 2 ULN and ast <= 2 ULN", Kind.TIGHTER),
    ("NCT03619954", "I6b", "TBIL ≤ 1.5 × ULN; with liver metastases ALT, AST ≤ 5 × ULN, without them ≤ 2 × ULN",
     ("(if not has(liver_metastasis) then ast <= 2 ULN and alt <= 2 ULN else ast <= 5 ULN and alt <= 5 ULN) and"
      " bilirubin_total <= 1.5 ULN"), Kind.REWORDED),
    ("IRCT20200621047859N1", "I5", "EF ≥ 50% (≥ 45% with hypertension)",
     "if has(hypertension) then lvef >= 45 % else lvef >= 50 %", Kind.LOOSER),
    ("NCT03619954", "I6c", "Creatinine clearance ≥ 50 mL/min (Cockcroft–Gault)",
     "creatinine_clearance[cockcroft_gault] >= 50 mL/min", Kind.LOOSER),
    ("NCT03619954", "E8", "Radiation therapy or immunotherapy within 28 days",
     "had(immunotherapy) within 28 days or had(radiotherapy) within 28 days", Kind.REWORDED),
    ("NCT03619954", "E8", "Radiation therapy or immunotherapy within 2 weeks",
     "had(radiotherapy) within 2 weeks or had(immunotherapy) within 2 weeks", Kind.LOOSER),
    ("NCT03619954", "E8", "Radiation therapy or immunotherapy within 6 weeks",
     "had(radiotherapy) within 6 weeks or had(immunotherapy) within 6 weeks", Kind.TIGHTER),
    ("NCT03619954", "E6", "Patients with both HIV and syphilis", "has(hiv) and has(syphilis)", Kind.LOOSER),
    ("NCT03619954", "E11", "Oxygen saturation < 90 % on room air", "spo2{room_air} < 90 %", Kind.LOOSER),
    ("NCT03619954", "E2", "Patients with brain metastases", "has(brain_metastasis)", Kind.TIGHTER),
    ("NCT03619954", "E17", "The researchers consider participation in the trial inappropriate",
     'judgement "The researchers consider participation in the trial inappropriate"',
     Kind.UNDECIDED),
    ("IRCT20200621047859N1", "I6", "ECOG 0-2", 'assume "scale-assumed: Performance Status is ecog": ecog in {0, 1, 2}',
     Kind.LOOSER),
    ("IRCT20200621047859N1", "E4", "Pregnancy", "has(pregnancy)", Kind.LOOSER),
    ("IRCT20200429047241N1", "E2v2", "Creatinine > 1.5 mg/dL, SpO2 ≤ 96 %, ALT or AST > 2.5 × ULN",
     "creatinine > 1.5 mg/dL or spo2 <= 96 % or alt > 2.5 ULN or ast > 2.5 ULN", Kind.TIGHTER),
    ("IRCT20200429047241N1", "E2v2", "Creatinine > 20 mg/L, SpO2 ≤ 96 %, ALT > 2.5 × ULN or AST > 2.5 × ULN",
     "creatinine > 20 mg/L or spo2 <= 96 % or alt > 2.5 ULN or ast > 2.5 ULN", Kind.REWORDED),
    ("NCT06674265", "E1b", "ANC of 750/µL or less", "anc <= 750 /uL", Kind.TIGHTER),
    ("NCT06674265", "E2b", "ALT of 135 U/L or more", "alt >= 135 U/L", Kind.REWORDED),
    ("NCT06674265", "E3b", "Plasma creatinine more than 2 × ULN", "creatinine > 2 ULN", Kind.LOOSER),
    ("NCT06674265", "E3c", "Shortening fraction < 27 % or ejection fraction < 50 % by echo",
     "one method any of (shortening_fraction[echo] < 27 %, lvef[echo] < 50 %)", Kind.INCOMPARABLE),
]  # fmt: skip


@pytest.mark.parametrize(("trial", "id", "text", "reading", "kind"), AMENDMENTS)
def test_an_amended_criterion_is_told_by_its_meaning(trial: str, id: str, text: str, reading: str, kind: Kind) -> None:
    old = _trial(trial)
    found = amendment(old, _amended(old, id, text, reading), ON)
    changed = [item for item in found.criteria if item.kind is not Kind.UNCHANGED]
    assert [(item.kind, [rule.id for rule in item.new]) for item in changed] == [(kind, [id])]
    rises = {(ORDER.index(one.before) < ORDER.index(one.after)) for one in changed[0].witnesses}
    assert rises == {Kind.LOOSER: {True}, Kind.TIGHTER: {False}, Kind.INCOMPARABLE: {True, False}}.get(kind, set())


@pytest.mark.parametrize(
    ("trial", "id", "text", "reading"), [row[:4] for row in AMENDMENTS if row[4] in (Kind.LOOSER, Kind.TIGHTER)]
)
def test_witnesses_are_people_whom_the_two_versions_judge_differently(
    trial: str, id: str, text: str, reading: str
) -> None:
    """Read back from their files, and judged by the whole trials, assumptions confirmed."""
    old = _trial(trial)
    decided = replace(old, decisions=tuple(((id, label), "confirmed") for label in _labels(old, id)))
    new = _amended(decided, id, text, reading)
    (changed,) = (item for item in amendment(old, new, ON).criteria if item.kind is not Kind.UNCHANGED)
    for witness in changed.witnesses:
        read = from_native(synthetic.native(witness.patient))
        anchors = {"enrolment": ON, "first_dose": ON}
        outcomes = [
            next(j.outcome for j in next(iter(judge(rules, [read], ON, anchors=anchors))).criteria if j.id == id)
            for rules in (decided, new)
        ]
        assert outcomes == [witness.before, witness.after]


def _labels(rules: RuleSet, id: str) -> list[str]:
    (rule,) = (rule for rule in rules.rules if rule.id == id)
    return list(ruleset.open_points(rule.predicate))


def _rule(id: str, side: Side, text: str, reading: str, like: Rule) -> Rule:
    return replace(like, id=id, side=side, text=text, predicate=parse_predicate(reading), diagnostics=(), spans=())


def test_criteria_added_removed_moved_and_divided() -> None:
    old = _trial("NCT03619954")
    rules = {rule.id: rule for rule in old.rules}
    moved = _rule(
        "E2x", Side.EXCLUSION, "Younger than 18 or older than 75", "age < 18 years or age > 75 years", rules["E3"]
    )
    divided = [
        _rule("I6x", Side.INCLUSION, "WBC ≥ 3×10^9/L", "wbc >= 3 10*9/L", rules["I6a"]),
        _rule("I6y", Side.INCLUSION, "ANC≥1.5×10^9/L, Hb≥90g/L, PLT≥100×10^9/L",
              "anc >= 1.5 10*9/L and hemoglobin >= 90 g/L and platelets >= 100 10*9/L", rules["I6a"]),
    ]  # fmt: skip
    added = _rule("I9", Side.INCLUSION, "LVEF at least 50 %", "lvef >= 50 %", rules["I3"])
    kept = [rule for rule in old.rules if rule.id not in ("I2", "I6a", "E4")]
    new = replace(old, rules=(*kept, moved, *divided, added))
    found = {item.id: item for item in amendment(old, new, ON).criteria if item.kind is not Kind.UNCHANGED}
    kinds = {name: item.kind for name, item in found.items()}
    assert kinds.pop("E2x") is Kind.REWORDED
    assert kinds.pop("I9") is Kind.ADDED
    assert kinds.pop("E4") is Kind.REMOVED
    ((name, kind),) = kinds.items()
    assert (set(name.split("+")), kind) == ({"I6x", "I6y"}, Kind.REWORDED)


def test_the_same_trial_is_unchanged() -> None:
    for path in TRIALS.glob("*.md"):
        rules = ruleset.load(path)
        assert {item.kind for item in amendment(rules, rules, ON).criteria} == {Kind.UNCHANGED}


def test_the_two_statements_of_one_document() -> None:
    both = versions(_trial("IRCT20200621047859N1"))
    assert both is not None
    kinds = {item.id: item.kind for item in amendment(*both, ON).criteria}
    assert kinds["R1"] is Kind.UNCHANGED
    assert kinds["I4"] is Kind.REMOVED  # the second statement lacks the failed lines
    assert kinds["I1"] is Kind.REMOVED  # and the age
    assert Kind.LOOSER not in kinds.values()
    assert versions(_trial("NCT02843126")) is None


def test_patients_who_change_their_verdict() -> None:
    old = _trial("NCT02843126")
    new = _amended(old, "I3", "KPS ≥ 90", "karnofsky >= 90 and life_expectancy > 6 months")
    people = [
        synthetic.patient(f"P{value}", synthetic.result("karnofsky", value, day=ON, unit=None), sex="female",
                          birth_date=date(1970, 1, 1))
        for value in (60, 80, 100)
    ]  # fmt: skip
    turned = list(flips(old, new, people, ON))
    assert [(flip.id, flip.before, flip.after) for flip in turned] == [("P80", "needs_information", "not_eligible")]


def test_the_command(tmp_path: Path) -> None:
    path = TRIALS / "NCT03619954.md"
    text = path.read_text(encoding="utf8")
    assert "ecog in {0, 1}" in text
    new = tmp_path / "new.md"
    new.write_text(
        text.replace("ecog in {0, 1}", "ecog in {0, 1, 2}").replace("ECOG: 0-1", "ECOG: 0-2"), encoding="utf8"
    )
    shown = CliRunner().invoke(cli, ["diff", str(path), str(new)], standalone_mode=False)
    assert shown.return_value == 0
    assert "1 looser" in shown.output
    assert "fail → pass" in shown.output
    made = json.loads(
        CliRunner().invoke(cli, ["diff", str(path), str(new), "--format", "json"], standalone_mode=False).output
    )
    (changed,) = (item for item in made["criteria"] if item["change"] != "unchanged")
    assert changed["witnesses"][0]["patient"]["observations"]
    alone = CliRunner().invoke(cli, ["diff", str(path)])
    assert alone.exit_code != 0
    assert "states its eligibility once" in alone.output


def test_documents_are_compared_as_they_stand(tmp_path: Path) -> None:
    text = "Inclusion Criteria:\n- Platelets ≥ {limit}/µL\n- ECOG 0-1\nExclusion Criteria:\n- Pregnancy\n"
    paths = []
    for limit in ("100,000", "75,000"):
        paths.append(tmp_path / f"{limit}.txt")
        paths[-1].write_text(text.replace("{limit}", limit), encoding="utf8")
    shown = CliRunner().invoke(cli, ["diff", *map(str, paths)], standalone_mode=False)
    assert "I1: looser" in shown.output
    assert "2 unchanged, 1 looser" in shown.output
