"""Rule files on disk: loading with errors of one line, signing in place, and the same rules as JSON."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from screening import __version__
from screening.language import print_predicate
from screening.ruleset.lines import Line, RuleFileError
from screening.ruleset.markdown import is_signature, read, sections, signature_block
from screening.ruleset.model import Rule, RuleSet
from screening.ruleset.signature import new_signature, rules_hash, status
from screening.text import Diagnostic


def load(path: str | Path) -> RuleSet:
    """The rules in a rule file; a RuleFileError names file, line, what is wrong and the remedy."""
    return read(_text(Path(path)), str(path))


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise RuleFileError(f"{path}: no such file; check the path") from None
    except OSError as error:
        raise RuleFileError(f"{path}: cannot be read ({error.strerror}); check path and rights") from None
    except UnicodeDecodeError as error:
        raise RuleFileError(f"{path}: not a text in UTF-8 (byte {error.start}); save the rule file as UTF-8") from None


def sign_text(text: str, name: str, meaning: str, on: date) -> str:
    """The rule file with a signature block at its end, in place of any earlier one; all else stays as it is."""
    signature = new_signature(read(text), name, meaning, on)
    kept = [_joined(section) for section in sections(text) if section[:1] and not is_signature(section)]
    return "\n".join(kept).rstrip("\n") + "\n\n" + signature_block(signature)


def _joined(section: list[Line]) -> str:
    return "\n".join(line.text for line in section)


def to_json(rules: RuleSet) -> str:
    """The rules as JSON, each reading in the rule language, with what is noted and decided."""
    content = {
        "trial": rules.trial,
        "title": rules.title,
        "status": rules.status,
        "index_conditions": rules.index_conditions,
        "program": __version__,
        "rules": {"hash": rules_hash(rules), "signature": status(rules)},
        "diagnostics": [_diagnostic(item) for item in rules.diagnostics],
        "criteria": [_criterion(rule) for rule in rules.rules],
        "waivers": [{"code": item.code, "criterion": item.criterion, "reason": item.reason} for item in rules.waivers],
        "decisions": [
            {"criterion": criterion, "label": label, "answer": answer} for (criterion, label), answer in rules.decisions
        ],
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _criterion(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "side": rule.side,
        "kind": rule.kind,
        "cohort": rule.cohort,
        "text": rule.text,
        "spans": rule.spans,
        "reading": print_predicate(rule.predicate),
        "diagnostics": [_diagnostic(item) for item in rule.diagnostics],
    }


def _diagnostic(item: Diagnostic) -> dict[str, Any]:
    return {
        "code": item.code,
        "kind": item.kind,
        "severity": item.severity,
        "message": item.message,
        "span": item.span,
        "suggestion": item.suggestion,
    }
