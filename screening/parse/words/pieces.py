"""Cuts clean text into pieces before any of them has a meaning: words, numbers, signs, each with the key of the word
trie."""

from __future__ import annotations

from screening.parse.words.lexicon import RAW, fold


class Pieces:
    """The pieces of a text, column by column: the i-th is *texts*[i], of *kinds*[i], at *starts*[i] to *ends*[i].

    >>> pieces = Pieces("ANC ≥ 5")
    >>> pieces.texts, pieces.keys, pieces.kinds
    (['ANC', '≥', '5'], ['anc', '≥', '5'], ['word', 'sym', 'num'])
    """

    __slots__ = ("ends", "keys", "kinds", "starts", "text", "texts")

    def __init__(self, text: str) -> None:
        self.text = text
        found = list(RAW.finditer(text))
        self.texts: list[str] = [match[0] for match in found]
        self.kinds: list[str] = [match.lastgroup or "sym" for match in found]
        self.starts = [match.start() for match in found]
        self.ends = [match.end() for match in found]
        self.keys = list(map(fold, self.texts))

    def __len__(self) -> int:
        """The number of pieces."""
        return len(self.texts)

    def words(self, first: int, last: int) -> str:
        """The text from piece *first* up to *last*, which is excluded."""
        return self.text[self.starts[first] : self.ends[last - 1]]

    def inside_word(self, at: int) -> bool:
        """Whether the hyphen at *at* joins two words without spaces."""
        return (
            at + 1 < len(self.texts) and self.ends[at - 1] == self.starts[at] and self.starts[at + 1] == self.ends[at]
        )

    def joins(self, at: int) -> bool:
        """Whether a hyphen inside a word stands at *at*."""
        return at < len(self.texts) and self.texts[at] == "-" and self.inside_word(at)
