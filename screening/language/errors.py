"""What is wrong with a rule text, where, and what to write instead."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class LanguageError(ValueError):
    """A rule text that cannot be read. *line* and *column* count from 1 in the text handed to the parser.

    >>> print(LanguageError("no variable is named 'altt'", "did you mean alt?", 1, 5))
    line 1, column 5: no variable is named 'altt'; did you mean alt?
    """

    def __init__(self, what: str, remedy: str, line: int, column: int) -> None:
        """What is wrong, how to mend it, and where."""
        what, remedy = one_line(what), one_line(remedy)
        super().__init__(f"line {line}, column {column}: {what}; {remedy}")
        self.what = what
        self.remedy = remedy
        self.line = line
        self.column = column


def one_line(text: str) -> str:
    """A message in one line whatever it quotes: what cannot be printed is shown as in a Python string.

    >>> one_line("a" + chr(10) + "b") == "a" + repr(chr(10))[1:-1] + "b"
    True
    """
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


def did_you_mean(word: str, known: Iterable[str], otherwise: str) -> str:
    """A remedy for a misspelt name: its closest matches among *known*, else the sentence *otherwise*.

    >>> did_you_mean("platelet", ["platelets", "alt"], "see rules/variables")
    'did you mean platelets?'
    """
    close = get_close_matches(word, list(known), n=3, cutoff=0.6)
    return f"did you mean {' or '.join(close)}?" if close else otherwise
