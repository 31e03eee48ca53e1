"""Numbers, letters and bullets that open an item, at the start of a line or run into a paragraph."""

from __future__ import annotations

import re
from dataclasses import replace

from screening.records import record
from screening.sections.vocabulary import vocabulary

NUMBER, LOWER, UPPER, ROMAN, BULLET = "number", "lower", "upper", "roman", "bullet"
_ROMAN_VALUES = {
    numeral: value
    for value, numeral in enumerate(
        ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii", "xiv", "xv"], 1
    )
}
_LINE = re.compile(
    r"""
      [(（](?P<inner>\d{1,2}|[a-zA-Z]|[ivx]{2,5}|[IVX]{2,5})[)）](?![a-zA-Z\d_])
    | (?P<section>\d{1,2}(?:\.\d{1,2}){1,3})(?P<section_end>[.)]?)(?=\s+[^\W\d_a-z]|\s+\d\+)
    | (?P<number>\d{1,2})(?P<after>\.\)|\\?[.)）、．](?!\d)|[-–](?=\s+[^\W\d]|[A-Z][a-z])|\s[-–](?=\s+[A-Z]))
    | (?P<letter>[a-zA-Z]|[ivx]{2,5}|[IVX]{2,5})(?P<letter_after>\.\)|[.)）、](?=\s))
    | (?P<circled>[①-⑳])
    | (?P<bullet>[•●▪◦‣⁃➢►○■□◆❖✓∙·]|\\?\*(?=\s|[A-Z])|\\?[-–—](?=\s|[A-Za-z])|o(?=\s{1,4}\S))
    """,
    re.VERBOSE,
)
_INLINE = re.compile(
    r"""
      (?<![a-zA-Z\d_])[(（](?P<inner>\d{1,2}|[a-z]|[ivx]{2,4})[)）](?=\s*[^\W_]|\s*[≥≤<>])
    | (?<![\w.,/(\[<>=≤≥-])(?P<section>\d{1,2}(?:\.\d{1,2}){2,3})(?P<section_end>[.)]?)(?=\s+[^\W\d_])
    | (?<![\w/(\[<>=≤≥-])(?<!\d[.,])(?P<number>\d{1,2})(?P<after>\\?[.)）、．](?![\d.,;)])|[-–](?=\s+[A-Z]))
      (?=\s*[^\W\d_]|\s*[≥≤<>]|\s+\d|\Z)
    | (?<![\w.(\[])(?P<letter>[a-z]|[ivx]{2,4})(?P<letter_after>\))(?=\s*[^\W_]|\s*[≥≤<>])
    | (?P<circled>[①-⑳])
    | (?P<bullet>[•●▪◦‣⁃➢►■❖](?=\s*\S)(?!\s*1[.,]7\d?\s*m)|(?<=\s)[*·](?=\s+\S)|(?<=\s)[-–](?=\s+\S))
    """,
    re.VERBOSE,
)
_SIGN = re.compile(r"[\d)）①-⑳•●▪◦‣➢►■❖*·–-]")  # stands in every hint, and is found five times faster
_HINT = re.compile(  # what every inline marker holds; most lines have none
    r"[\s(（;；,.:。](?:\d{1,2}|[a-z]|[ivx]{2,4})[)）]|\d\\?[.)、．](?=\s*[^\d\s]|\d+\.\d|\Z)|\d[-–]\s|[①-⑳•●▪◦‣⁃➢►■❖*·]|\s[-–]\s"
)


@record(frozen=True, slots=True)
class Marker:
    """A printed marker: what it shows, and what it may count as ("i" is a ninth letter or a first numeral)."""

    start: int
    end: int
    text: str  # "6", "a", "-"
    style: str  # the marker with its value replaced: "#.", "(#)", "a)", "-"
    options: tuple[tuple[str, int], ...]  # (kind, value)

    @property
    def bullet(self) -> bool:
        """Whether it carries no order."""
        return self.options[0][0] == BULLET

    @property
    def section(self) -> bool:
        """Whether it is a section number ("4.1.2")."""
        return self.style[0].isdigit()

    @property
    def opens(self) -> bool:
        """Whether it can be the first of a list."""
        return self.bullet or any(value == 1 for _, value in self.options)

    def value(self, kind: str) -> int | None:
        """Its place in a list of *kind*, if it can stand there."""
        for own, value in self.options:
            if own == kind:
                return value
        return None


def line_marker(raw: str, start: int, end: int) -> Marker | None:
    """The marker raw[start:end] opens with; a bullet before a number ("- 1.") is part of the number's marker.

    >>> line_marker("(7) Length", 0, 10).text, line_marker("1.5 x ULN", 0, 9)
    ('7', None)
    """
    match = _LINE.match(raw, start, end)
    if not match:
        return None
    if match["bullet"]:
        at = match.end()
        while at < end and raw[at] in " \t":
            at += 1
        lettered = raw[at + 1 : at + 2] in (".", ")") and raw[at : at + 1].islower()
        inner = _LINE.match(raw, at, end) if at < end and (lettered or raw[at] in "(（0123456789") else None
        if inner and not inner["bullet"]:
            return _marker(inner, start)
        twice = _LINE.match(raw, at, end) if at < end and raw[at] in "•*-●▪" else None
        if twice and twice["bullet"]:
            return replace(_marker(match, start), end=twice.end())
    return _marker(match, start)


def inline_markers(raw: str, start: int, end: int) -> list[Marker]:
    """All that could be markers inside raw[start:end]; whether they are is for the list they would go on."""
    hint = _HINT.search(raw, start, end) if _SIGN.search(raw, start, end) else None
    if not hint:
        return []
    return [_marker(match, match.start()) for match in _INLINE.finditer(raw, max(hint.start() - 2, start), end)]


def _marker(match: re.Match[str], start: int) -> Marker:
    if match["bullet"]:
        text = match["bullet"].lstrip("\\")
        return Marker(start, match.end(), text, _bullet_style(text), ((BULLET, 0),))
    if match["circled"]:
        return Marker(start, match.end(), match["circled"], "①", ((NUMBER, ord(match["circled"]) - 0x245F),))
    if match["section"]:
        parts = match["section"].split(".")
        return Marker(start, match.end(), match["section"], ".".join(parts[:-1]) + ".#", ((NUMBER, int(parts[-1])),))
    text = match["inner"] or match["number"] or match["letter"]
    after = match["after"] or match["letter_after"]
    options = _options(text)
    shape = "#" if text[0].isdigit() else "a" if text[0].islower() else "A"
    style = (
        f"({shape})"
        if match["inner"]
        else shape + after.strip().lstrip("\\").replace("–", "-").replace("．", ".").replace("）", ")")
    )
    return Marker(start, match.end(), text, style, options)


def _bullet_style(text: str) -> str:
    return "-" if text in "-–—" else text


def _options(text: str) -> tuple[tuple[str, int], ...]:
    if text.isdigit():
        return ((NUMBER, int(text)),)
    numeral = _ROMAN_VALUES.get(text.lower())
    roman = ((ROMAN, numeral),) if numeral else ()
    if len(text) > 1:
        return roman or ((ROMAN, 0),)
    letter = ((LOWER if text.islower() else UPPER, ord(text.lower()) - 96),)
    return roman + letter if text in "iI" else letter + roman


def follows_number_word(raw: str, start: int, at: int, *, enclosed: bool = False) -> bool:
    """Whether a number at *at* belongs to the words before it: "grade 3.", "≤ 2)", "18 to 65.".

    An *enclosed* number, "2)", may follow "and" or "or" as a marker.
    """
    before = raw[max(start, at - 24) : at].rstrip()
    if not before:
        return False
    if before[-1] in "<>=≤≥~±+-–/(×*":
        return True
    word = re.split(r"[^\w]", before)[-1].lower()
    return word in vocabulary().number_words and not (enclosed and word in ("and", "or"))


def is_product(raw: str, marker: Marker) -> bool:
    """Whether a star is a multiplication sign: "2 * ULN"."""
    before = raw[max(marker.start - 3, 0) : marker.start].rstrip()
    after = vocabulary().multiplicand.match(raw, marker.end)
    return (
        marker.text == "*"
        and before[-1:].isdigit()
        and (after is not None or raw[marker.end : marker.end + 2].strip()[:1].isdigit())
    )
