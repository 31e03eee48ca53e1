"""Rules as the key of what was made of them."""

from __future__ import annotations

from screening.ruleset.model import RuleSet


class Same:
    """Rules compared by identity: a hash over a whole trial for every patient would cost more than judging one.

    They are kept, so that no other rules can take their place.
    """

    __slots__ = ("rules",)

    def __init__(self, rules: RuleSet) -> None:
        """The rules themselves are at hand under *rules*."""
        self.rules = rules

    def __hash__(self) -> int:
        """By identity."""
        return id(self.rules)

    def __eq__(self, other: object) -> bool:
        """Whether it holds the very same rules."""
        return isinstance(other, Same) and other.rules is self.rules
