"""Pathological texts: reading never fails, and its work grows with the length of the text, not with its square.

Work is counted as grammar terminals fed, so that the test does not depend on the machine; where the work lies elsewhere,
processor time is compared with a wide margin.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from screening.build import compile_trial, extract
from screening.parse.trees.running import Run
from screening.sections import read

PIECES = {
    "deep parentheses": ("(", "ANC > 1", ")"),
    "open parentheses": ("( ", "", ""),
    "commas": ("HIV, ", "", ""),
    "names without a limit": ("ANC, ", "> 5", ""),
    "limits": ("ANC > 1500, ", "", ""),
    "repeated if": ("if liver metastases ", "", ""),
    "repeated for": ("for patients with ", "", ""),
    "repeated unless": ("ALT <= 2.5 ULN unless cirrhosis, ", "", ""),
    "nothing but unless": ("unless ", "", ""),
    "negations": ("not ", "", ""),
    "alternatives": ("HIV or ", "", ""),
    "limits that do not fit": ("ANC > 5 or > 6 mm ", "", ""),
    "levels": ("ECOG 1 or ", "", ""),
    "numbers": ("1 ", "", ""),
    "fractions": ("1/", "", ""),
    "open parentheses with semicolons": ("(a; ", "", ""),
    "words for a person": ("willing to ", "", ""),
    "words": ("word ", "", ""),
}
TIMES = 150


def _text(name: str, times: int) -> str:
    before, middle, after = PIECES[name]
    return f"Inclusion Criteria:\n- {before * times}{middle}{after * times}\n\nExclusion Criteria:\n- {before * times}{middle}{after * times}\n"


@contextmanager
def _counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    fed: list[str] = []
    feed = Run.feed

    def counting(self: Run, kind: str, payload: object) -> bool:
        fed.append(kind)
        return feed(self, kind, payload)

    with monkeypatch.context() as patch:
        patch.setattr(Run, "feed", counting)
        yield fed


def _work(monkeypatch: pytest.MonkeyPatch, text: str) -> int:
    with _counted(monkeypatch) as fed:
        extract(compile_trial(read(text, "a text")))
    return len(fed)


@pytest.mark.parametrize("name", PIECES)
def test_twice_the_text_is_at_most_little_more_than_twice_the_work(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    once, twice = _work(monkeypatch, _text(name, TIMES)), _work(monkeypatch, _text(name, 2 * TIMES))
    assert twice <= 2.4 * once + 200


@pytest.mark.parametrize("name", PIECES)
def test_every_character_is_accounted_for(name: str) -> None:
    text = _text(name, TIMES)
    rules = compile_trial(read(text, "a text"))
    covered = sum(entry.span.end - entry.span.start for entry in rules.ledger)
    assert covered == sum(span.end - span.start for span in read(text, "a text").eligibility)


def test_four_times_the_parentheses_take_far_from_sixteen_times_the_time() -> None:
    once, four_times = (_seconds(_text("deep parentheses", times * TIMES)) for times in (4, 16))
    assert four_times < 10 * once


def _seconds(text: str) -> float:
    """The least processor time of three readings."""
    spent = []
    for _ in range(3):
        begin = time.process_time()
        extract(compile_trial(read(text, "a text")))
        spent.append(time.process_time() - begin)
    return min(spent)
