"""Coverage-guided fuzzing of every way into the program; not part of the tests, which hold what it found.

usage: pip install atheris; nice -n 15 python tests/benchmarks/fuzzing.py TARGET CORPUS [-max_total_time=150 …]

TARGET is text, predicate, rule_file or patients (tests/survival.py says what each must survive). CORPUS is a folder:
what the fuzzer learns is kept there, and if it is empty it is first filled with samples of the repository. Options
after that are libFuzzer's. A find is written beside the place of the call as crash-…; make it a test with the input as
a literal, then mend it.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import atheris  # noqa: E402 -- only here: an optional tool

with atheris.instrument_imports(include=["screening"]):
    from tests import survival

SAMPLES = {
    "text": ("tests/documents/*.txt",),
    "predicate": (),
    "rule_file": ("rules/trials/*.md", "tests/golden/*.md"),
    "patients": ("tests/patients/*.json",),
}
LONGEST = 800  # characters of a sample: short ones let the fuzzer try more


def target(name: str, content: bytes) -> None:
    """One input to one way in."""
    if name == "patients":
        survival.patients(content)
        return
    words = content.decode("utf8", errors="replace")
    {"text": survival.text, "predicate": survival.predicate, "rule_file": survival.rule_file}[name](words)


def fill(folder: Path, name: str) -> None:
    """Samples to start from, in pieces."""
    for pattern in SAMPLES[name]:
        for path in sorted(ROOT.glob(pattern)):
            text = path.read_text(encoding="utf8")
            for at in range(0, len(text), LONGEST):
                (folder / f"{path.stem}-{at}").write_text(text[at : at + LONGEST], encoding="utf8")
    if name == "predicate":
        rules = "\n".join(path.read_text(encoding="utf8") for path in sorted(ROOT.glob("rules/trials/*.md")))
        for number, block in enumerate(rules.split("```rule\n")[1:]):
            (folder / f"rule-{number}").write_text(block.split("```")[0], encoding="utf8")


def main() -> None:
    """Fuzzes until told to stop."""
    if len(sys.argv) < 3 or sys.argv[1] not in SAMPLES:
        sys.exit(__doc__)
    name, folder = sys.argv[1], Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    if not any(folder.iterdir()):
        fill(folder, name)
    atheris.Setup([sys.argv[0], str(folder), *sys.argv[3:]], lambda content: target(name, content))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
