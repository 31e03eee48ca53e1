"""A finding of the linter, and the rules by which findings are made: rules/lint.toml."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from screening.resources import table
from screening.ruleset.model import Rule, RuleSet, Waiver
from screening.text import Severity, Span


class Manner(StrEnum):
    """How sure a rule is: one that is right in less than 70 of 100 cases asks."""

    ASSERT = "assert"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Check:
    """One rule of the linter. *why* and *suggestion* are templates with the names of a finding's particulars;
    without *why* the compiler's own words are taken."""

    code: str
    title: str
    severity: Severity
    kind: Manner
    why: str
    suggestion: str
    needs: str = ""  # what the text at the place must match


@dataclass(frozen=True, slots=True)
class Finding:
    """One place that is worth a second look: a sentence of why, and what to write instead.

    *criteria* are the ids of those involved, the one it stands at first; *waiver* is why a reviewer set it aside.
    """

    check: Check
    message: str
    suggestion: str
    span: Span | None = None
    criteria: tuple[str, ...] = ()
    waiver: Waiver | None = None

    @property
    def code(self) -> str:
        """The rule's code."""
        return self.check.code

    @property
    def criterion(self) -> str | None:
        """The criterion it stands at; None for the whole document."""
        return self.criteria[0] if self.criteria else None

    @property
    def fails(self) -> bool:
        """Whether `lint --strict` fails on it: notes and waived findings do not."""
        return self.waiver is None and self.check.severity is not Severity.NOTE


@cache
def checks() -> dict[str, Check]:
    """Every rule by its code, in the order of the table.

    >>> checks()["contradiction"].severity
    <Severity.ERROR: 'error'>
    """
    return {code: _check(code, row) for code, row in table("lint")["rule"].items()}


def _check(code: str, row: dict[str, str]) -> Check:
    severity, kind = Severity(row["severity"]), Manner(row["kind"])
    return Check(code, row["title"], severity, kind, row.get("why", ""), row["suggestion"], row.get("needs", ""))


def finding(code: str, span: Span | None, *rules: Rule, **particulars: str) -> Finding:
    """A finding of the rule *code* about some criteria, its sentences filled with the *particulars*."""
    check = checks()[code]
    why, suggestion = (template.format(**particulars) for template in (check.why, check.suggestion))
    return Finding(check, sentence(why), sentence(suggestion), span, tuple(rule.id for rule in rules))


def sentence(text: str) -> str:
    """*text* with a capital at its beginning and one stop at its end.

    >>> sentence("the text gives no unit"), sentence("is it?")
    ('The text gives no unit.', 'Is it?')
    """
    text = " ".join(text.split())
    if not text:
        return ""
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?", "!", "…")) else ".")


def words_of(rules: RuleSet, span: Span | None, rule: Rule) -> str:
    """The words a finding is about, in one line."""
    return " ".join((span.of(rules.raw) if span and rules.raw else rule.text).split())


def groups(rules: RuleSet) -> dict[str | None, list[Rule]]:
    """For each cohort the criteria that apply to it: its own and the shared ones."""
    cohorts = dict.fromkeys(rule.cohort for rule in rules.rules if rule.cohort is not None)
    return {name: [rule for rule in rules.rules if rule.cohort in (None, name)] for name in cohorts or (None,)}
