"""Letters and numbers that count off the parts of one line: "either (i) A or (ii) B", "a) A, b) B and c) C".

The pass takes the tokens and gives the tokens, as in joining.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from string import ascii_lowercase

from screening.parse.tokens import Token

_ROMANS = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x")
_NUMBERS = tuple(str(number) for number in range(1, 21))
_SERIES = (tuple(ascii_lowercase), _ROMANS, _NUMBERS)
_PARTED = frozenset({"COMMA", "SEMI", "OR", "AND", "DOT"})
_OPENED = frozenset({"COLON", "EITHER", "ONEOF", "ALLOF", "EXAMPLE", "COMMA", "SEMI", "OR", "AND", "DOT", "IF"})


def enumerated(tokens: list[Token]) -> list[Token]:
    """The tokens with running letters and numbers as small words; where nothing else parts two, they are a comma."""
    found = list(_labels(tokens))
    for series in _SERIES:
        run = _run(found, series, tokens)
        if len(run) < 2:
            continue
        for first, last, _ in run:
            for token in tokens[first : last + 1]:
                token.type, token.value, token.senses = "FILL", "", {}
        for first, _, _ in run[1:]:
            if tokens[first - 1].type not in _PARTED:
                tokens[first].type = "COMMA"
    return tokens


def _labels(tokens: Sequence[Token]) -> Iterator[tuple[int, int, str]]:
    """The places of what looks like a running letter or number: "(a)", "b)", "(ii)", "3)"."""
    for at, token in enumerate(tokens[:-1]):
        closed = tokens[at + 1].type == "RPAR" and tokens[at + 1].start == token.end
        if not closed or not (token.text.islower() or token.type == "NUM") or len(token.text) > len("viii"):
            continue
        opened = at > 0 and tokens[at - 1].type == "LPAR" and tokens[at - 1].end == token.start
        yield (at - 1 if opened else at), at + 1, token.text


def _run(
    found: Sequence[tuple[int, int, str]], series: Sequence[str], tokens: Sequence[Token]
) -> list[tuple[int, int, str]]:
    """The labels that count on from the first of a series, which opens the line or follows a sign that opens a list."""
    run: list[tuple[int, int, str]] = []
    for label in found:
        if label[2] != series[len(run)]:
            continue
        if run or label[0] == 0 or tokens[label[0] - 1].type in _OPENED or _is_lettered(label, tokens):
            run.append(label)
        if len(run) == len(series):
            break
    return run


def _is_lettered(label: tuple[int, int, str], tokens: Sequence[Token]) -> bool:
    """Whether it is a letter in parentheses: numbers may be a grade or a score ("ECOG (1)")."""
    first, last, text = label
    return text.isalpha() and last - first > 1 and tokens[first - 1].type not in ("VAR", "SCALE", "WORD")


__all__ = ["enumerated"]
