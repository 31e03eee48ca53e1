"""Damage to documents as the world does it: cut off, doubled, shuffled, full of foreign characters, wrapped in markup."""

from __future__ import annotations

import json
import random
from collections.abc import Callable

FOREIGN = "≥≤⁹³²µμ×−–—“”、 。％９۱٣🇨🇳éβ\u200b\u00a0\ufeff\u202e\x0b\x85\u2028(){}[]<>&\\'\"`$^*_#|/;:.,0123456789\n\r\t"
TAGS = (
    "<p>",
    "</p>",
    "<li>",
    "<br/>",
    "&nbsp;",
    "&gt;=",
    "&lt;",
    "<table><tr><td>",
    "<!-- x -->",
    "\\geq",
    "**",
    "```",
)
IRCT = "Iranian Registry of Clinical Trials\nIRCT registration number: **IRCT1N1**\nParticipants/Inclusion and exclusion criteria\n\n{}\n\nIntervention groups\n"

Damage = Callable[[random.Random, str], str]


def cut(lots: random.Random, text: str) -> str:
    """A passage is all that is left, or is lost."""
    start, end = _passage(lots, text)
    return text[start:end] if lots.random() < 0.5 else text[:start] + text[end:]


def doubled(lots: random.Random, text: str) -> str:
    """A passage stands again, at its place or anywhere."""
    start, end = _passage(lots, text)
    at = end if lots.random() < 0.5 else lots.randint(0, len(text))
    return text[:at] + text[start:end] * lots.randint(1, 3) + text[at:]


def shuffled(lots: random.Random, text: str) -> str:
    """Lines, words or characters of a passage in any order."""
    start, end = _passage(lots, text)
    separator = lots.choice(["\n", " ", ""])
    parts = text[start:end].split(separator) if separator else list(text[start:end])
    lots.shuffle(parts)
    return text[:start] + separator.join(parts) + text[end:]


def foreign(lots: random.Random, text: str) -> str:
    """Characters replaced or put in."""
    signs = list(text)
    for _ in range(lots.randint(1, 40)):
        at = lots.randint(0, len(signs))
        signs[at : at + lots.randint(0, 1)] = [lots.choice(FOREIGN)]
    return "".join(signs)


def marked_up(lots: random.Random, text: str) -> str:
    """Pieces of HTML, TeX and Markdown anywhere."""
    for _ in range(lots.randint(1, 20)):
        at = lots.randint(0, len(text))
        text = text[:at] + lots.choice(TAGS) + text[at:]
    return text


def in_study(lots: random.Random, text: str) -> str:
    """The eligibility text of a registry's JSON, with fields of the wrong kind; sometimes broken off."""
    wrong = (None, 3, [], {}, "N/A", "18 Years", "216 Months", "-1 Years", "FEMALE", text[:40])
    study = {
        "protocolSection": {
            "identificationModule": {"nctId": lots.choice(wrong), "briefTitle": lots.choice(wrong)},
            "conditionsModule": lots.choice([*wrong, {"conditions": [text[:30], None, "Breast Cancer"]}]),
            "eligibilityModule": {
                "eligibilityCriteria": lots.choice([text, text, text, foreign(lots, text), None]),
                **{key: lots.choice(wrong) for key in ("minimumAge", "maximumAge", "sex")},
            },
        }
    }
    written = json.dumps(study, ensure_ascii=lots.random() < 0.5)
    return written if lots.random() < 0.8 else written[: lots.randint(0, len(written))]


def in_page(lots: random.Random, text: str) -> str:
    """Inside a page of a registry whose lines may be lost or moved."""
    page = IRCT.format(text)
    return page if lots.random() < 0.5 else shuffled(lots, page)


DAMAGES: tuple[Damage, ...] = (cut, doubled, shuffled, foreign, marked_up, in_study, in_page)


def damaged(lots: random.Random, text: str) -> tuple[str, str]:
    """The text after one damage, or two; and what was done."""
    chosen = [lots.choice(DAMAGES) for _ in range(lots.choice((1, 1, 2)))]
    for damage in chosen:
        text = damage(lots, text)
    return text, " and ".join(damage.__name__ for damage in chosen)


def _passage(lots: random.Random, text: str) -> tuple[int, int]:
    start, end = sorted((lots.randint(0, len(text)), lots.randint(0, len(text))))
    return start, end
