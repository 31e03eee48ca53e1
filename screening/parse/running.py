"""Runs a compiled Lark grammar token by token, without a lexer: the grammars are fed tokens that have a meaning
already."""

from __future__ import annotations

from typing import Any

from lark import Lark
from lark.exceptions import UnexpectedToken
from lark.lexer import Token as LarkToken
from lark.parsers.lalr_parser_state import ParserState

_END = LarkToken("$END", "")


def terminal(kind: str, payload: Any) -> LarkToken:
    """A token of the grammar that carries any value; its text is its kind, so that no value is ever turned into
    text."""
    token = LarkToken(kind, kind)
    token.value = payload
    return token


class Machine:
    """The states of one start rule."""

    def __init__(self, parser: Lark, start: str) -> None:
        self.conf = parser.parse_interactive("", start=start).parser_state.parse_conf

    def begin(self) -> Run:
        """A run at the beginning."""
        return Run(ParserState(self.conf, None))  # type: ignore[arg-type]


class Run:
    """A parse under way."""

    __slots__ = ("state",)

    def __init__(self, state: ParserState[Any]) -> None:
        self.state = state

    def takes(self, kind: str) -> bool:
        """Whether a terminal of this kind may come next ("$END": whether the parse may end here)."""
        state = self.state
        return kind in state.parse_conf.states[state.state_stack[-1]]

    def feed(self, kind: str, payload: Any) -> bool:
        """Takes one terminal; False where the grammar has no place for it."""
        if not self.takes(kind):
            return False
        try:
            self.state.feed_token(terminal(kind, payload))
        except UnexpectedToken:
            return False
        return True

    def copy(self) -> Run:
        """The same parse, to be ended while this one goes on; the values are shared, they never change."""
        return Run(self.state.copy(deepcopy_values=False))

    def end(self) -> Any:
        """The value of the whole; raises UnexpectedToken where it is not complete."""
        return self.state.feed_token(_END, is_end=True)
