"""Runs a compiled Lark grammar token by token, without a lexer: the grammars are fed tokens that have a meaning
already.

Lark makes the table (LALR(1), one dictionary of actions a state); the driver here walks it. A parse is a chain of
frames that never change, so that a parse can be kept while another one goes on from it, at no cost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from lark import Lark
from lark.parsers.lalr_analysis import Shift

END = "$END"
Frame = tuple[int, Any, Any]  # a state, the value that led to it, the frame below


class Reduction(NamedTuple):
    """The end of a rule: so many values become one of the kind *name*."""

    size: int
    name: str
    build: Callable[[list[Any]], Any] | None  # None: the one value is handed on as it is


class IncompleteError(Exception):
    """The parse may not end here."""


class Machine:
    """The states of one start rule: what each terminal does there, a shift to a state or a reduction."""

    __slots__ = ("bottom", "final", "steps")

    def __init__(self, parser: Lark, start: str, hands_on: Callable[[list[Any]], Any] | None = None) -> None:
        """*hands_on* is the callback of rules that only rename their one value: half of all reductions, not worth a
        call each."""
        conf = parser.parse_interactive("", start=start).parser_state.parse_conf
        callbacks: dict[Any, Any] = conf.callbacks  # by rule
        builds = {rule: None if build == hands_on else build for rule, build in callbacks.items()}
        reductions = {
            rule: Reduction(len(rule.expansion), str(rule.origin.name), build) for rule, build in builds.items()
        }
        self.bottom: Frame = (conf.start_state, None, None)
        self.final = conf.end_state
        self.steps: Mapping[int, dict[str, int | Reduction]] = {
            state: {kind: arg if action is Shift else reductions[arg] for kind, (action, arg) in actions.items()}
            for state, actions in conf.states.items()
        }

    def begin(self) -> Run:
        """A run at the beginning."""
        return Run(self)


class Run:
    """A parse under way; *top* is its last frame."""

    __slots__ = ("machine", "steps", "top")

    def __init__(self, machine: Machine) -> None:
        self.machine, self.steps, self.top = machine, machine.steps, machine.bottom

    def feed(self, kind: str, payload: Any) -> bool:
        """Takes one terminal with its value; False where the grammar has no place for it."""
        steps, top = self.steps, self.top
        while True:
            step = steps[top[0]].get(kind)
            if step is None:
                return False
            if type(step) is int:
                self.top = (step, payload, top)
                return True
            size, name, build = step  # type: ignore[misc] # the rest are reductions
            if size == 1:
                value, top = top[1], top[2]
                state: Any = steps[top[0]][name]
                top = (state, value if build is None else build([value]), top)
            else:
                top = self._reduced(step, top)  # type: ignore[arg-type]

    def may_end(self) -> bool:
        """Whether the end may come next."""
        return END in self.steps[self.top[0]]

    def end(self, top: Frame | None = None) -> Any:
        """The value of the whole, or of the parse up to an earlier frame; IncompleteError where it cannot end."""
        top = top or self.top
        while top[0] != self.machine.final:
            step = self.steps[top[0]].get(END)
            if not isinstance(step, Reduction):
                raise IncompleteError
            top = self._reduced(step, top)
        return top[1]

    def _reduced(self, step: Reduction, top: Frame) -> Frame:
        size, name, build = step
        if build is None:
            _, value, top = top
            state: Any = self.steps[top[0]][name]
            return (state, value, top)
        if size == 1:
            parts, top = [top[1]], top[2]
        else:
            parts = [None] * size
            for at in range(size - 1, -1, -1):
                _, parts[at], top = top
        state = self.steps[top[0]][name]
        return (state, build(parts), top)
