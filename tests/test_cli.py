"""The command line: what it prints, its exit status, and one clear line for input it cannot use."""

import json
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import click
import pytest

import screening
from screening.app.cli import COMMANDS, run

ON = ["--on", "2026-03-11"]

TRIAL = """Inclusion Criteria:
1. Age 18 to 75 years
2. ALT ≤ 2 × ULN
3. Platelets ≥ 100 × 10^9/L
4. Signed informed consent
Exclusion Criteria:
1. Radiotherapy within 4 weeks
"""

PATIENT = {"resourceType": "Patient", "id": "p1", "gender": "female", "birthDate": "1970-05-01"}


def _platelets(value: float, unit: str = "10*9/L") -> dict[str, object]:
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "777-3"}], "text": "Platelets"},
        "subject": {"reference": "Patient/p1"},
        "effectiveDateTime": "2026-03-02",
        "valueQuantity": {"value": value, "unit": unit, "code": unit, "system": "http://unitsofmeasure.org"},
    }


def _bundle(*resources: dict[str, object]) -> str:
    entries = [{"resource": resource} for resource in (PATIENT, *resources)]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries})


@pytest.fixture
def trial(tmp_path: Path) -> str:
    path = tmp_path / "trial.txt"
    path.write_text(TRIAL, encoding="utf8")
    return str(path)


@pytest.fixture
def patient(tmp_path: Path) -> str:
    path = tmp_path / "patient.json"
    path.write_text(_bundle(_platelets(90)), encoding="utf8")
    return str(path)


@pytest.fixture
def rule_file(trial: str, tmp_path: Path) -> Path:
    path = tmp_path / "trial.md"
    assert run(["compile", trial, "-o", str(path)]) == 0
    return path


def _json(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, object]:
    capsys.readouterr()
    assert run([*arguments, "--format", "json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert isinstance(result, dict)
    return result


# What it prints


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_says_what_each_help_says(name: str) -> None:
    command = import_module(f"screening.app.commands.{name}").command
    assert isinstance(command, click.Command)
    assert command.name == name
    assert all(
        option.help or option.opts == ["--format"] for option in command.params if isinstance(option, click.Option)
    )


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    out = capsys.readouterr().out
    assert all(f"  {name} " in out for name in COMMANDS)


def test_help_imports_nothing_heavy() -> None:
    code = "import sys; from screening.app.cli import run; run(['--help']); print(*sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert not {"pydantic", "lark", "pint", "rich"} & set(out.split())


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"screening {screening.__version__}\n"


def test_screen_reports_program_rules_and_date(trial: str, patient: str, capsys: pytest.CaptureFixture[str]) -> None:
    result = _json(capsys, "screen", trial, patient, *ON)
    assert result["program"] == f"screening {screening.__version__}"
    assert result["on"] == "2026-03-11"
    assert result["rules"]["signed"] is False  # type: ignore[index]


def test_a_document_and_its_rule_file_screen_alike(
    trial: str, rule_file: Path, patient: str, capsys: pytest.CaptureFixture[str]
) -> None:
    by_document = _json(capsys, "screen", trial, patient, *ON)
    by_file = _json(capsys, "screen", str(rule_file), patient, *ON)
    assert by_document["patients"] == by_file["patients"]
    assert by_document["rules"] == by_file["rules"]


@pytest.mark.parametrize("form", ["text", "json", "html", "csv"])
def test_reports_go_to_a_file(
    form: str, trial: str, patient: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "report"
    assert run(["screen", trial, patient, *ON, "--format", form, "-o", str(target)]) == 0
    assert "p1" in target.read_text(encoding="utf8")
    assert capsys.readouterr().out == ""


def test_an_explanation_holds_value_date_limit_and_result(
    trial: str, patient: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["screen", trial, patient, *ON]) == 0
    out = " ".join(capsys.readouterr().out.split())
    for part in ("not eligible", "90", "2026-03-02", "9 days before screening", "100"):
        assert part in out


def test_extract_lists_comparisons_as_lines_or_as_a_list(trial: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["extract", trial, "--jsonl"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(row["variable"], row["op"], row["value"]) for row in rows][-1] == ("platelets", ">=", 100)
    assert run(["extract", trial]) == 0
    assert json.loads(capsys.readouterr().out) == rows


def test_extract_lists_windows(trial: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["extract", "--windows", "--jsonl", trial]) == 0
    (row,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert (row["relation"], row["days"], row["side"]) == ("within", 28, "exclusion")


def test_lint_fails_only_when_strict(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "unclear.txt"
    path.write_text("Inclusion Criteria:\n1. Platelets ≥ 100\n", encoding="utf8")
    assert run(["lint", str(path)]) == 0
    assert f"{path}:2:" in capsys.readouterr().out
    assert run(["lint", "--strict", str(path)]) == 1


def test_lint_writes_sarif(trial: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lint", "--format", "sarif", trial]) == 0
    log = json.loads(capsys.readouterr().out)
    assert log["version"] == "2.1.0"
    for result in log["runs"][0]["results"]:
        region = result["locations"][0]["physicalLocation"].get("region", {"startLine": 1, "charLength": 0})
        assert 1 <= region["startLine"] <= TRIAL.count("\n") + 1
        assert region["charLength"] >= 0


def test_signing_is_seen_and_a_change_undoes_it(
    rule_file: Path, patient: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["sign", str(rule_file), "--name", "A. Reader", "--meaning", "reviewed"]) == 0
    assert _json(capsys, "screen", str(rule_file), patient, *ON, "--require-signed")["rules"]["signed"] is True  # type: ignore[index]
    changed = rule_file.read_text(encoding="utf8").replace("100", "101")
    rule_file.write_text(changed, encoding="utf8")
    assert _json(capsys, "screen", str(rule_file), patient, *ON)["rules"]["signed"] is False  # type: ignore[index]
    _refused(
        capsys, ["screen", str(rule_file), patient, *ON, "--require-signed"], "trial.md", "changed", "screening sign"
    )


def test_unsigned_rules_and_documents_are_refused_where_a_signature_is_required(
    trial: str, rule_file: Path, patient: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for rules in (trial, str(rule_file)):
        _refused(capsys, ["screen", rules, patient, *ON, "--require-signed"], rules, "signed by nobody")


def test_standard_input_serves_as_document() -> None:
    command = [sys.executable, "-m", "screening", "extract", "--jsonl", "-"]
    done = subprocess.run(command, input=TRIAL, capture_output=True, text=True, check=True, encoding="utf8")
    assert "platelets" in done.stdout


@pytest.mark.parametrize("command", ["--help", "--version", "compile TRIAL", "extract --jsonl TRIAL"])
def test_a_reader_that_has_gone_is_no_error(command: str, trial: str) -> None:
    line = f"{sys.executable} -m screening {command.replace('TRIAL', trial)} | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True)
    assert done.stdout == "0\n"
    assert "Traceback" not in done.stderr
    assert "Broken" not in done.stderr


def test_without_a_command_there_is_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == 0
    assert "Commands:" in capsys.readouterr().out


# Input that cannot be used: one line, status 2


def _refused(capsys: pytest.CaptureFixture[str], arguments: list[str], *parts: str) -> None:
    capsys.readouterr()
    assert run(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1, captured.err
    for part in parts:
        assert part in captured.err


BAD_DOCUMENTS = {
    "binary.txt": b"\x00\xff\xfe\x80\x81 Inclusion",
    "empty.txt": b"",
    "broken.json": b'{"protocolSection": ',
    "other.json": b'{"hello": "world"}',
}

BAD_PATIENTS = {
    "binary.json": b"\x00\xff\xfe\x80\x81",
    "broken.json": b'{"resourceType": "Patient",',
    "other.json": b'{"hello": "world"}',
    "list.json": b"[1, 2]",
    "empty.json": b"",
}


@pytest.mark.parametrize("name", BAD_DOCUMENTS)
@pytest.mark.parametrize("command", ["compile", "lint", "extract"])
def test_a_document_that_cannot_be_used(
    command: str, name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_bytes(BAD_DOCUMENTS[name])
    _refused(capsys, [command, str(tmp_path / name)], name)


@pytest.mark.parametrize("name", BAD_PATIENTS)
def test_patients_that_cannot_be_used(
    name: str, trial: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_bytes(BAD_PATIENTS[name])
    _refused(capsys, ["screen", trial, str(tmp_path / name), *ON], name)


@pytest.mark.parametrize("command", ["compile", "lint", "extract"])
def test_a_missing_document(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    _refused(capsys, [command, "nowhere/trial.txt"], "nowhere/trial.txt", "path")


def test_missing_rules_and_patients(trial: str, patient: str, capsys: pytest.CaptureFixture[str]) -> None:
    _refused(capsys, ["screen", "nowhere.md", patient, *ON], "nowhere.md")
    _refused(capsys, ["screen", trial, "nowhere.json", *ON], "nowhere.json")
    _refused(capsys, ["sign", "nowhere.md", "--name", "A", "--meaning", "B"], "nowhere.md")


def test_an_empty_folder(trial: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "nobody").mkdir()
    _refused(capsys, ["screen", trial, str(tmp_path / "nobody"), *ON], "nobody")


@pytest.mark.parametrize("day", ["11.03.2026", "2026-02-30", "tomorrow", "20260311"])
def test_an_unreadable_date(day: str, trial: str, patient: str, capsys: pytest.CaptureFixture[str]) -> None:
    _refused(capsys, ["screen", trial, patient, "--on", day], "--on", day, "YYYY-MM-DD")


def test_a_missing_date(trial: str, patient: str, capsys: pytest.CaptureFixture[str]) -> None:
    _refused(capsys, ["screen", trial, patient], "--on")


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--max-age", "soon"),
        ("--max-age", "99999999999"),
        ("--assume-absent", "pets"),
        ("--anchor", "2026-03-11"),
        ("--anchor", "dose=soon"),
        ("--compute", "magic"),
        ("--format", "pdf"),
    ],
)
def test_an_unreadable_option(
    option: str, value: str, trial: str, patient: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _refused(capsys, ["screen", trial, patient, *ON, option, value], option)


@pytest.mark.parametrize("option", ["--attest", "--ranges"])
def test_a_missing_side_file(option: str, trial: str, patient: str, capsys: pytest.CaptureFixture[str]) -> None:
    _refused(capsys, ["screen", trial, patient, *ON, option, "nowhere.csv"], "nowhere.csv")


@pytest.mark.parametrize(("old", "new"), [("platelets", "plateletts"), ("10*9/L", "10*9/X"), (">= 100", ">== 100")])
def test_a_fault_in_a_rule_file_is_placed(
    old: str, new: str, rule_file: Path, patient: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before, fence, after = rule_file.read_text(encoding="utf8").partition("platelets")
    rule_file.write_text(before + (fence + after).replace(old, new, 1), encoding="utf8")
    number = 1 + next(n for n, line in enumerate(rule_file.read_text(encoding="utf8").splitlines()) if new in line)
    _refused(capsys, ["screen", str(rule_file), patient, *ON], f"trial.md:{number}:", "; ")


def test_an_output_that_cannot_be_written(trial: str, patient: str, capsys: pytest.CaptureFixture[str]) -> None:
    _refused(capsys, ["screen", trial, patient, *ON, "-o", "nowhere/report.txt"], "nowhere/report.txt")


def test_standard_output_that_is_full(trial: str, patient: str) -> None:
    arguments = [sys.executable, "-m", "screening", "screen", trial, patient, "--on", "2026-03-11"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(arguments, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert done.stderr.startswith("screening: standard output: ")


def test_an_anchor_that_nothing_counts_from_is_said(
    tmp_path: Path, patient: str, capsys: pytest.CaptureFixture[str]
) -> None:
    trial = tmp_path / "dose.txt"
    trial.write_text("Exclusion Criteria:\n1. Radiotherapy within 4 weeks before first dose\n", encoding="utf8")
    run(["screen", str(trial), patient, *ON, "--anchor", "firstdose=2026-03-20"])
    assert "--anchor firstdose: not used; these rules count from first_dose" in capsys.readouterr().err
    run(["screen", str(trial), patient, *ON, "--anchor", "first_dose=2026-03-20"])
    assert "--anchor" not in capsys.readouterr().err


def test_an_anchor_given_twice(trial: str, patient: str, capsys: pytest.CaptureFixture[str]) -> None:
    anchors = ["--anchor", "first_dose=2026-03-20", "--anchor", "first_dose=2026-03-21"]
    _refused(capsys, ["screen", trial, patient, "--on", "2026-03-11", *anchors], "first_dose", "twice")


def test_standard_input_cannot_be_both(capsys: pytest.CaptureFixture[str]) -> None:
    _refused(capsys, ["screen", "-", "-", *ON], "standard input", "file")


def test_a_folder_is_no_document(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _refused(capsys, ["compile", str(tmp_path)], str(tmp_path))


def test_an_unknown_command(capsys: pytest.CaptureFixture[str]) -> None:
    _refused(capsys, ["scren"], "scren", "--help")


# Input that can be used in part: the screening goes on, and says what it left out


def test_a_damaged_line_is_left_out_and_named(trial: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "patients.ndjson"
    path.write_text(json.dumps(PATIENT) + "\n{damaged\n" + json.dumps(_platelets(120)) + "\n", encoding="utf8")
    assert run(["screen", trial, str(path), *ON]) == 1
    captured = capsys.readouterr()
    assert "p1" in captured.out
    assert "line 2" in captured.err


def test_an_unknown_unit_and_a_later_fact_are_shown_and_lose_nothing(
    trial: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "patient.json"
    later = _platelets(120) | {"effectiveDateTime": "2026-04-01"}
    path.write_text(_bundle(_platelets(120, "furlong"), later), encoding="utf8")
    assert run(["screen", trial, str(path), *ON]) == 0
    out = capsys.readouterr().out
    assert "furlong" in out
    assert "2026-04-01" in out


@pytest.mark.parametrize("form", ["text", "json", "html", "csv"])
def test_a_finding_is_shown_in_every_format(
    form: str, trial: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "patient.json"
    path.write_text(_bundle(_platelets(120, "furlong")), encoding="utf8")
    assert run(["screen", trial, str(path), *ON, "--format", form]) == 0
    captured = capsys.readouterr()
    assert "furlong" in captured.out + captured.err


def test_a_patient_without_birth_date_is_screened(
    trial: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "patient.json"
    path.write_text(
        json.dumps({name: value for name, value in PATIENT.items() if name != "birthDate"}), encoding="utf8"
    )
    result = _json(capsys, "screen", trial, str(path), *ON)
    (found,) = result["patients"]  # type: ignore[misc]
    assert found["verdict"] == "needs_information"


def test_no_value_of_a_patient_reaches_standard_error(
    trial: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "patient.json"
    secret = {"resourceType": "Patient", "id": "p1", "birthDate": "SECRET-1970", "gender": ["SECRET"]}
    path.write_text(json.dumps(secret), encoding="utf8")
    run(["screen", trial, str(path), *ON])
    assert "SECRET" not in capsys.readouterr().err


# What the user allows or adds


def _outcome(result: dict[str, object], criterion: str) -> tuple[str, str | None]:
    (patient,) = result["patients"]  # type: ignore[misc]
    (found,) = (entry for entry in patient["criteria"] if entry["id"] == criterion)
    return found["outcome"], found["reason"]


def test_silence_means_absence_only_where_the_user_says_so(
    trial: str, patient: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _outcome(_json(capsys, "screen", trial, patient, *ON), "E1") == ("unknown", "missing")
    allowed = _json(capsys, "screen", trial, patient, *ON, "--assume-absent", "conditions, procedures")
    assert _outcome(allowed, "E1") == ("pass", None)


def test_a_maximum_age_replaces_the_default(trial: str, patient: str, capsys: pytest.CaptureFixture[str]) -> None:
    for days, expected in (("8", ("unknown", "stale")), ("9", ("fail", None)), ("none", ("fail", None))):
        assert _outcome(_json(capsys, "screen", trial, patient, *ON, "--max-age", days), "I3") == expected


ATTESTATIONS = {
    "answers.csv": "patient,criterion,answer,who,on,why\np1,I4,yes,A. Reader,2026-03-10,signed form seen\n",
    "answers.json": '[{"patient": "p1", "criterion": "I4", "answer": true, "who": "A. Reader", "on": "2026-03-10"}]',
}


@pytest.mark.parametrize("name", ATTESTATIONS)
def test_an_attestation_answers_a_judgement(
    name: str, trial: str, patient: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_text(ATTESTATIONS[name], encoding="utf8")
    assert _outcome(_json(capsys, "screen", trial, patient, *ON), "I4")[0] == "unknown"
    answered = _json(capsys, "screen", trial, patient, *ON, "--attest", str(tmp_path / name))
    assert _outcome(answered, "I4") == ("pass", None)


@pytest.mark.parametrize(("who", "criterion"), [("p2", "I4"), ("p1", "I99")])
def test_an_attestation_that_fits_nobody_is_left_out_and_named(
    who: str, criterion: str, trial: str, patient: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "answers.csv"
    path.write_text(f"patient,criterion,answer,who,on\n{who},{criterion},yes,A. Reader,2026-03-10\n", encoding="utf8")
    assert run(["screen", trial, patient, *ON, "--attest", str(path)]) == 1
    assert f"{who} {criterion}" in capsys.readouterr().err


BOOK = "laboratory,variable,low,high,unit\n"


def test_a_range_book_serves_a_result_without_its_own_range(
    trial: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, book = tmp_path / "patient.json", tmp_path / "ranges.csv"
    alt = {"variable": "alt", "value": 88, "unit": "U/L", "date": "2026-03-02"}
    path.write_text(json.dumps({"id": "p1", "birth_date": "1970-05-01", "observations": [alt]}), encoding="utf8")
    book.write_text(BOOK + "central,alt,7,40,U/L\n", encoding="utf8")
    assert _outcome(_json(capsys, "screen", trial, str(path), *ON), "I2") == ("unknown", "no_reference_range")
    assert _outcome(_json(capsys, "screen", trial, str(path), *ON, "--ranges", str(book)), "I2") == ("fail", None)


@pytest.mark.parametrize(
    ("rows", "parts"),
    [
        ("central,altt,7,40,U/L\n", ["row 1", "altt"]),
        ("central,alt,7,40,furlong\n", ["row 1", "furlong", "U/L"]),
        ("central,alt,7,forty,U/L\n", ["row 1", "high"]),
    ],
)
def test_a_range_book_that_cannot_be_used(
    rows: str, parts: list[str], trial: str, patient: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = tmp_path / "ranges.csv"
    book.write_text(BOOK + rows, encoding="utf8")
    _refused(capsys, ["screen", trial, patient, *ON, "--ranges", str(book)], "ranges.csv", *parts)


@pytest.mark.parametrize("option", ["--attest", "--ranges"])
@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe\x00",
        b"[{]",
        b'[{"patient": 1}]',
        b"a,b\n1,2\n",
        b"",
        b" \n",
        b"[]",
        b"laboratory,variable,low,high,unit\n",
    ],
)
def test_a_side_file_that_cannot_be_used(
    content: bytes, option: str, trial: str, patient: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "side.csv"
    path.write_bytes(content)
    _refused(capsys, ["screen", trial, patient, *ON, option, str(path)], "side.csv")


def test_a_bad_patient_of_an_array_is_left_out_and_counted(
    trial: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "patients.json"
    path.write_text('[{"id": "p1"}, {"id": "Jane", "sex": "f"}, {"id": "p3"}]', encoding="utf8")
    assert run(["screen", trial, str(path), *ON, "--format", "json"]) == 1
    said = capsys.readouterr()
    assert [patient["id"] for patient in json.loads(said.out)["patients"]] == ["p1", "p3"]
    assert "patients.json: [1]" in said.err
    assert "Jane" not in said.err
    assert said.err.splitlines()[-1] == "screening: 1 row left out in all"


def test_an_anchor_moves_a_window(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trial, path = tmp_path / "trial.txt", tmp_path / "patient.json"
    trial.write_text("Exclusion Criteria:\n1. Radiotherapy within 4 weeks before the first dose\n", encoding="utf8")
    done = {"text": "radiotherapy", "start": "2026-02-12", "end": "2026-02-12"}
    path.write_text(json.dumps({"id": "p1", "procedures": [done], "complete": ["procedures"]}), encoding="utf8")
    (name,) = {row["anchor"] for row in screening.windows(screening.load(trial))}
    given = [_json(capsys, "screen", str(trial), str(path), *ON, "--anchor", f"{name}={day}") for day in DAYS]
    assert [_outcome(result, "E1")[0] for result in given] == ["fail", "pass"]


DAYS = ("2026-03-12", "2026-03-13")
"""28 and 29 days after the radiotherapy."""


def test_a_value_nobody_reported_is_computed_only_if_the_user_names_the_formula(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trial, path = tmp_path / "trial.txt", tmp_path / "patient.json"
    trial.write_text("Inclusion Criteria:\n1. BMI < 30 kg/m2\n", encoding="utf8")
    observations = [
        {"variable": "weight", "value": 70, "unit": "kg", "date": "2026-03-02"},
        {"variable": "height", "value": 175, "unit": "cm", "date": "2026-03-02"},
    ]
    path.write_text(json.dumps({"id": "p1", "birth_date": "1970-05-01", "observations": observations}), encoding="utf8")
    assert _outcome(_json(capsys, "screen", str(trial), str(path), *ON), "I1")[0] == "unknown"
    assert _outcome(_json(capsys, "screen", str(trial), str(path), *ON, "--compute", "bmi"), "I1")[0] == "pass"


# Promises of the whole


def test_the_demo_shows_table_explanation_and_advice() -> None:
    done = subprocess.run([sys.executable, "-m", "screening", "demo"], capture_output=True, text=True, check=True)
    for trial in ("NCT03619954", "NCT02843126", "NCT06674265", "IRCT20200621047859N1", "IRCT20200429047241N1"):
        assert trial in done.stdout
    assert "screening screen" in done.stdout


def test_a_document_compiles_the_same_in_every_locale(trial: str) -> None:
    environment = os.environ | {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    command = [sys.executable, "-m", "screening", "compile", trial]
    done = subprocess.run(command, capture_output=True, check=True, env=environment)
    assert "≤ 2 × ULN" in done.stdout.decode("utf8")


WITHOUT_EXTRAS = """
import sys
for name in ("duckdb", "hypothesis", "pyarrow", "sqlglot"):
    sys.modules[name] = None
from screening.app.cli import run
sys.exit(run(sys.argv[1:]))
"""


@pytest.mark.parametrize(
    ("arguments", "extra"),
    [
        (["batch", "{trial}", "{folder}", "--on", "2026-03-11", "-o", "{folder}/out.parquet"], "batch"),
        (["list", "ranked", "{trial}"], "batch"),
        (["test", "{trial}"], "test"),
    ],
)
def test_without_the_packages_of_an_extra_commands_show_their_help_and_the_remedy(
    arguments: list[str], extra: str, tmp_path: Path
) -> None:
    trial = tmp_path / "NCT00000001.txt"
    trial.write_text(TRIAL, encoding="utf8")
    given = [item.format(trial=trial, folder=tmp_path) for item in arguments]
    plain = [sys.executable, "-c", WITHOUT_EXTRAS]
    shown = subprocess.run([*plain, *given[:1], "--help"], capture_output=True, text=True, check=False)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert f"Usage: screening {given[0]}" in shown.stdout
    done = subprocess.run([*plain, *given], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert f"Install it with: pip install 'screening[{extra}]'" in done.stderr
