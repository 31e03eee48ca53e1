"""Compiled trials: rule files, decisions, signatures."""

from screening.ruleset.decisions import CONFIRMED, DISMISSED, open_points, resolve
from screening.ruleset.files import load, sign_text, to_json
from screening.ruleset.lines import RuleFileError
from screening.ruleset.markdown import places, read, write
from screening.ruleset.signature import Status, content_hash, is_signed, rules_hash, sign, status

__all__ = [
    "CONFIRMED",
    "DISMISSED",
    "RuleFileError",
    "Status",
    "content_hash",
    "is_signed",
    "load",
    "open_points",
    "places",
    "read",
    "resolve",
    "rules_hash",
    "sign",
    "sign_text",
    "status",
    "to_json",
    "write",
]
