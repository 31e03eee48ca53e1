"""Golden screenings: a patient, rules and a date, and what each criterion must give, in files a clinician can read.

`pytest tests/test_screenings.py --rewrite` writes the expected parts anew; then read the diff.
All scalars are read as text, so that decimals stay as written.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from yaml.emitter import Emitter
from yaml.representer import SafeRepresenter
from yaml.resolver import BaseResolver
from yaml.serializer import Serializer

from screening.explain import PatientResult, screen
from screening.language import parse_predicate
from screening.patient import from_native
from screening.patient.facts import EventKind
from screening.patient.native import NativePatient
from screening.ruleset.model import Rule, RuleKind, RuleSet
from screening.sections.model import Side

FOLDER = Path(__file__).parent / "screenings"
FILES = sorted(FOLDER.glob("*.yaml"))
WIDTH = 116

Case = dict[str, Any]


class Dumper(Emitter, Serializer, SafeRepresenter, BaseResolver):
    """Writes text without quotes wherever YAML allows it, since everything is read back as text."""

    def __init__(self, stream: Any, **_: Any) -> None:
        Emitter.__init__(self, stream, width=WIDTH, allow_unicode=True)
        Serializer.__init__(self)
        SafeRepresenter.__init__(self, sort_keys=False, default_flow_style=False)
        BaseResolver.__init__(self)

    def represent_sequence(self, tag: str, sequence: Any, _: bool | None = None) -> yaml.SequenceNode:
        plain = all(isinstance(item, str) for item in sequence)
        return super().represent_sequence(tag, sequence, flow_style=plain)

    def represent_mapping(self, tag: str, mapping: Any, _: bool | None = None) -> yaml.MappingNode:
        small = len(str(mapping)) < WIDTH and not {"title", "criteria", "rule", "outcome"} & set(mapping)
        return super().represent_mapping(tag, mapping, flow_style=small)


def texts(content: str) -> list[Case]:
    """The cases of a file, every scalar as text."""
    read: list[Case] = yaml.load(content, yaml.BaseLoader)  # noqa: S506 -- builds nothing but texts, lists and maps
    return read


def cases() -> Iterator[Any]:
    for path in FILES:
        for case in texts(path.read_text(encoding="utf8")):
            yield pytest.param(case, id=f"{path.stem}: {case['title']}")


def run(case: Case) -> PatientResult:
    """Screens the patient of a case."""
    patient = from_native(NativePatient.model_validate({"id": "P1"} | case.get("patient", {})))
    rules = tuple(rule(number, entry) for number, entry in enumerate(case["criteria"], 1))
    trial = RuleSet("T1", case["title"], rules, index_conditions=tuple(case.get("index", ())))
    return screen(trial, patient, date.fromisoformat(case["on"]), **options(case.get("options", {}))).patients[0]


def rule(number: int, entry: Case) -> Rule:
    side = Side(entry.get("side", "inclusion"))
    identifier = entry.get("id") or f"{side[0].upper()}{number}"
    predicate = parse_predicate(entry["rule"])
    return Rule(identifier, side, RuleKind.DATA, entry["rule"], predicate, cohort=entry.get("cohort"))


def options(given: Case) -> Case:
    max_age = given.get("max_age")
    return {
        "max_age": int(max_age) if max_age and max_age != "none" else max_age,
        "assume_absent": [EventKind(kind) for kind in given.get("assume_absent", ())],
        "anchors": {name: date.fromisoformat(day) for name, day in given.get("anchors", {}).items()},
        "compute": given.get("compute", ()),
    }


def observed(case: Case, result: PatientResult) -> Case:
    """The case with its expected parts as they come out."""
    criteria = [
        {key: entry[key] for key in ("id", "cohort", "side", "rule") if key in entry} | expected(found)
        for entry, found in zip(case["criteria"], result.criteria or [None] * len(case["criteria"]), strict=True)
    ]
    kept = {key: case[key] for key in ("title", "on", "options", "index", "patient") if key in case}
    told: Case = kept | {"criteria": criteria, "verdict": result.verdict}
    if result.cohorts:
        told["cohorts"] = dict(result.cohorts)
    if result.missing:
        told["missing"] = [f"{item.fact} [{', '.join(item.criteria)}]" for item in result.missing]
    if result.to_attest:
        told["to_attest"] = [f"{item.criterion}: {item.text}" for item in result.to_attest]
    return told


def expected(found: Any) -> Case:
    if found is None:
        return {}
    change = {} if found.outcome == "pass" else {"recoverable": "yes" if found.recoverable else "no"}
    readings = [f"{note.reading} → {note.outcome}" for note in found.assumptions]
    return (
        {"outcome": found.outcome if found.reason is None else f"{found.outcome} ({found.reason})"}
        | change
        | {"explanation": found.explanation}
        | ({"readings": readings} if readings else {})
    )


@pytest.mark.parametrize("case", list(cases()))
def test_screening(case: Case) -> None:
    assert observed(case, run(case)) == case


def test_rewriting_changes_nothing_but_what_is_expected(rewrite: bool) -> None:
    for path in FILES:
        text = path.read_text(encoding="utf8")
        found = [observed(case, run(case)) for case in texts(text)]
        head = "".join(line for line in text.splitlines(keepends=True) if line.startswith("#"))
        written = head + "\n".join(yaml.dump([case], Dumper=Dumper) for case in found)
        if rewrite:
            path.write_text(written, encoding="utf8")
        assert texts(written) == found
