"""The pytest plugin: `pytest --screening-rules trial.md` runs every law of a rule file as a test of its own.

A test may ask for the fixture `screening_rules` (the rules of the first such file) and use the laws and strategies of
`screening.testing` on them. Nothing of the program is imported before one of these is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import screening

if TYPE_CHECKING:
    from screening.ruleset.model import RuleSet
    from screening.testing.running import Law

_OPTION = "--screening-rules"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The rule files, and how many patients each law is tried on."""
    group = parser.getgroup("screening")
    group.addoption(_OPTION, action="append", default=[], metavar="RULES", help="Run every law on this rule file.")
    group.addoption("--screening-examples", type=int, default=200, metavar="N", help="Made-up patients for each law.")


def pytest_collection(session: pytest.Session) -> None:
    """Rule files are collected beside whatever else is."""
    session.config.stash[_FILES] = [Path(name).resolve() for name in session.config.getoption(_OPTION)]


_FILES: pytest.StashKey[list[Path]] = pytest.StashKey()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(session: pytest.Session, items: list[pytest.Item]) -> None:
    """A test for each law of each file."""
    for path in session.config.stash.get(_FILES, []):
        file = RulesFile.from_parent(session, path=path)
        items.extend(file.collect())


class RulesFile(pytest.File):
    """One rule file."""

    def collect(self) -> Iterator[LawItem]:
        """Its laws."""
        from screening.testing.laws import laws_of  # noqa: PLC0415 -- a run without rule files pays nothing

        rules = screening.load(self.path)
        for law in laws_of(rules):
            yield LawItem.from_parent(self, name=law.name, law=law, rules=rules)


class LawItem(pytest.Item):
    """One law on one rule file."""

    def __init__(self, *, law: Law, rules: RuleSet, **given: object) -> None:
        """What is to be run."""
        super().__init__(**given)  # type: ignore[arg-type]
        self.law = law
        self.rules = rules

    def runtest(self) -> None:
        """Runs the law; the smallest patient for whom it fails is written beside the rule file."""
        examples = int(self.config.getoption("--screening-examples"))
        self.law(self.rules, examples=examples, folder=self.path.parent)()

    def reportinfo(self) -> tuple[Path, None, str]:
        """Where the test comes from."""
        return self.path, None, f"{self.path.name}: {self.law.says}"


@pytest.fixture(scope="session")
def screening_rules(request: pytest.FixtureRequest) -> RuleSet:
    """The rules of the first file given with --screening-rules."""
    files = request.config.stash.get(_FILES, [])
    if not files:
        pytest.fail(f"no rule file: give one with {_OPTION} RULES", pytrace=False)
    return screening.load(files[0])
