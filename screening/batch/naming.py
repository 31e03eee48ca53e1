"""Which of the concepts asked for the events of a store are, or may be: from distinct codes and words, in Python.

A store can hold hundreds of thousands of combinations of codes and words. Of a concept of which neither the codes
alone nor the words alone say anything, the two together say nothing either; so most combinations are set aside by
two look-ups, and only the others are judged whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from screening import concepts
from screening.batch.events import Words


@dataclass(slots=True)
class Naming:
    """What names say of some concepts; what was found of codes and of words is remembered."""

    wanted: frozenset[str]
    _said: dict[Words, frozenset[str]] = field(default_factory=dict)

    def of(self, words: Words) -> Mapping[str, concepts.Verdict]:
        """The concepts that a record of this name is ("yes") or may be ("possible")."""
        halves = (Words(words.codes, ""), Words((), words.text))
        maybe = self._of_half(halves[0]) | self._of_half(halves[1])
        return _verdicts(maybe, words) if maybe else {}

    def _of_half(self, words: Words) -> frozenset[str]:
        if words not in self._said:
            self._said[words] = frozenset(_verdicts(self.wanted, words))
        return self._said[words]

    def recognised(self, words: Words) -> bool:
        """Whether a record of this name says what it is."""
        return concepts.recognised(words.codes, words.text)


def _verdicts(wanted: Iterable[str], words: Words) -> dict[str, concepts.Verdict]:
    found = {name: concepts.matches(name, words.codes, words.text) for name in wanted}
    return {name: verdict for name, verdict in found.items() if verdict != "no"}
