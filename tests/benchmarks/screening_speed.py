"""How fast one screening, one compilation and the start of the program are, on this machine.

usage: python tests/benchmarks/screening_speed.py [--document FILE] [--seconds N]

Prints a table; compares with nothing and fails at nothing, because machines differ.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from statistics import median

import screening
from screening.explain import judge
from screening.patient import from_native
from screening.ruleset.model import RuleKind

ON = date(2026, 3, 11)

DOCUMENT = """Inclusion Criteria:
1. Age 18 to 75 years
2. ECOG performance status 0-1
3. Life expectancy of at least 3 months
4. WBC ≥ 3 × 10^9/L
5. ANC ≥ 1.5 × 10^9/L
6. Hemoglobin ≥ 90 g/L
7. Platelets ≥ 100 × 10^9/L
8. Total bilirubin ≤ 1.5 × ULN
9. ALT ≤ 2.5 × ULN (≤ 5 × ULN if liver metastases)
10. AST ≤ 2.5 × ULN (≤ 5 × ULN if liver metastases)
11. Creatinine clearance ≥ 60 mL/min by Cockcroft-Gault
12. Albumin ≥ 30 g/L
13. LVEF ≥ 50 %
14. INR ≤ 1.5
15. Signed informed consent
Exclusion Criteria:
1. SpO2 ≤ 90 % on room air
2. Brain metastases
3. HIV infection
4. Active infection
5. Pregnancy
6. Radiotherapy within 4 weeks
7. Major surgery within 4 weeks
8. Systolic blood pressure > 160 mmHg
9. QTcF > 470 ms
10. Potassium < 3.5 mmol/L
"""

MANY = 100
"""Patients a call, where a trial is prepared once for all of them."""


def _observation(variable: str, value: str, unit: str | None = None, high: str | None = None) -> dict[str, object]:
    found = {"variable": variable, "value": value, "unit": unit, "date": "2026-03-02"}
    return found | ({"reference_range": {"high": high}} if high else {})


PATIENT = {
    "id": "P-01",
    "birth_date": "1970-05-01",
    "sex": "female",
    "observations": [
        _observation("ecog", "1"),
        _observation("life_expectancy", "6", "mo"),
        _observation("wbc", "4.2", "10*9/L"),
        _observation("anc", "2.1", "10*9/L"),
        _observation("hemoglobin", "11.2", "g/dL"),
        _observation("platelets", "145", "10*9/L"),
        _observation("bilirubin_total", "0.9", "mg/dL", "1.2"),
        _observation("alt", "88", "U/L", "40"),
        _observation("ast", "35", "U/L", "40"),
        _observation("creatinine", "0.8", "mg/dL"),
        _observation("weight", "62", "kg"),
        _observation("albumin", "3.9", "g/dL"),
        _observation("lvef", "60", "%"),
        _observation("inr", "1.1"),
        _observation("spo2", "97", "%"),
        _observation("systolic_bp", "128", "mm[Hg]"),
        _observation("qtc", "420", "ms"),
        _observation("potassium", "4.1", "mmol/L"),
    ],
    "conditions": [{"text": "breast cancer", "code": "C50.9", "system": "icd10cm"}],
    "procedures": [{"text": "radiotherapy", "start": "2026-01-05", "end": "2026-02-04"}],
    "complete": ["conditions", "procedures", "medications"],
}


def rate(action: Callable[[], object], seconds: float) -> float:
    """Calls a second, after one call that fills the caches."""
    action()
    started, count = time.perf_counter(), 0
    while time.perf_counter() - started < seconds:
        action()
        count += 1
    return count / (time.perf_counter() - started)


def help_time() -> float:
    """Seconds `screening --help` takes from start to end, the median of several."""
    return median(_timed([sys.executable, "-m", "screening", "--help"]) for _ in range(5))


def _timed(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - started


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--document", type=Path, help="the document to compile; default: a trial of 25 criteria")
    parser.add_argument("--seconds", type=float, default=3.0, help="how long each rate is measured")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        document = options.document or _written(Path(folder) / "trial.txt")
        show(rows(document, options.seconds))


def _written(path: Path) -> Path:
    path.write_text(DOCUMENT, encoding="utf8")
    return path


def rows(document: Path, seconds: float) -> list[tuple[str, str]]:
    """What is measured, and the figures."""
    rules = screening.compile(document)
    patient = [from_native(PATIENT)]
    criteria = sum(rule.kind is not RuleKind.NOT_UNDERSTOOD for rule in rules.rules)
    explained = rate(lambda: screening.screen(rules, patient, ON), seconds)
    bare = rate(lambda: list(judge(rules, patient, ON)), seconds)
    many = MANY * rate(lambda: screening.screen(rules, patient * MANY, ON), seconds)
    many_bare = MANY * rate(lambda: list(judge(rules, patient * MANY, ON)), seconds)
    compiled = 1000 / rate(lambda: screening.compile(document), seconds)
    return [
        ("criteria of the trial", f"{criteria}"),
        ("screenings with explanations, one patient a call", f"{explained:,.0f} a second"),
        (f"screenings with explanations, {MANY} patients a call", f"{many:,.0f} a second"),
        ("screenings without explanations, one patient a call", f"{bare:,.0f} a second"),
        (f"screenings without explanations, {MANY} patients a call", f"{many_bare:,.0f} a second"),
        (f"compiling {document.name} after start-up", f"{compiled:.1f} ms"),
        ("screening --help", f"{1000 * help_time():.0f} ms"),
    ]


def show(table: list[tuple[str, str]]) -> None:
    """Prints two columns."""
    wide = max(len(name) for name, _ in table)
    for name, figure in table:
        print(f"{name:<{wide}}  {figure}")


if __name__ == "__main__":
    main()
