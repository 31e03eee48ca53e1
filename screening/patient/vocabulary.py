"""The words and codes in which records say things: rules/patient/*.toml, turned round for looking up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import cache, lru_cache

from screening.patient.facts import EventKind
from screening.resources import table

Code = tuple[str, str]  # (system, code)

UNREAD = "words in place of a number, and none that can be read: not compared"


def _turned(lists: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Word → the key of the list it stands in."""
    return {word: key for key, words in lists.items() for word in words}


_TAG = re.compile(r"\s*\((?:qualifier value|finding)\)\s*$")
"""What terminologies append to a display."""

_LARGEST_POWER = 30
"""Powers of ten beyond which a number is no measurement; exact arithmetic on 1e999999999 would never end."""


def measurable(value: Decimal) -> bool:
    """Whether a number can be a measurement.

    >>> measurable(Decimal("6.02e23")), measurable(Decimal("1e999999999"))
    (True, False)
    """
    return value.is_finite() and (not value or abs(value.adjusted()) <= _LARGEST_POWER)


@cache
def _systems() -> Mapping[str, str]:
    systems: Mapping[str, str] = table("patient/codes")["systems"]
    return systems


@lru_cache(maxsize=1024)
def system(address: str) -> str:
    """The short name of a code system; the address itself where there is none.

    >>> system("http://loinc.org"), system("http://hl7.org/fhir/sid/icd-10-cm/")
    ('loinc', 'icd10cm')
    """
    return _systems().get(address.rstrip("/").split("|")[0], address)


@cache
def address(system: str) -> str:
    """The inverse of `system`: the first address listed for a short name."""
    return next((key for key, name in _systems().items() if name == system), system)


@cache
def status_table(name: str) -> Mapping[str, str]:
    """What each status of a kind of record makes of it."""
    statuses: Mapping[str, str] = table("patient/statuses")[name]
    return statuses


@cache
def counting_intents() -> frozenset[str]:
    """The intents of a medication request that are more than a proposal or a plan."""
    return frozenset(table("patient/statuses")["intent"]["counts"])


@cache
def _severities() -> Mapping[str, str]:
    return _turned(table("patient/statuses")["severity"])


def severity(words: Iterable[str]) -> tuple[str, ...]:
    """The qualifier that codes or words of severity stand for; () where none is known."""
    found = (_severities().get(word) or _severities().get(word.casefold()) for word in words)
    return next(((qualifier,) for qualifier in found if qualifier), ())


@cache
def _result_words() -> Mapping[str, str]:
    return _turned(table("patient/results")["words"])


@cache
def _result_codes() -> Mapping[str, str]:
    return _turned(table("patient/results")["codes"])


@cache
def _interpretations() -> Mapping[str, str]:
    return _turned(table("patient/results")["interpretation"])


def result(text: str | None, codes: Iterable[Code] = ()) -> str | None:
    """What a qualitative result says, by its code or its whole text.

    >>> result("Not detected"), result("HIV-1 Ab: see comment"), result(None, [("loinc", "LA6576-8")])
    ('negative', None, 'positive')
    """
    by_code = next((_result_codes()[code] for _, code in codes if code in _result_codes()), None)
    return by_code or _result_words().get(_TAG.sub("", text or "").strip().casefold())


def interpreted(codes: Iterable[Code]) -> str | None:
    """What the interpretation flag of a result says about a qualitative result; None for high, low and others."""
    return next((_interpretations()[code] for _, code in codes if code in _interpretations()), None)


@cache
def _answers() -> Mapping[str, Decimal]:
    return {code: Decimal(number) for code, number in table("patient/results")["answers"].items()}


def answer(codes: Iterable[Code]) -> Decimal | None:
    """The number on a scale that an answer code stands for."""
    return next((_answers()[code] for _, code in codes if code in _answers()), None)


@cache
def scale_words() -> tuple[str, ...]:
    """Words that may stand between the name of a scale and its level."""
    return tuple(table("patient/results")["scale"]["words"])


@cache
def _normal_ranges() -> frozenset[str]:
    return frozenset(table("patient/results")["range"]["normal"])


def range_type(words: Iterable[str]) -> str | None:
    """What a range is of: "normal", another type as written, or None for an untyped range.

    >>> range_type(["Normal Range"]), range_type(["therapeutic"]), range_type([])
    ('normal', 'therapeutic', None)
    """
    held = list(words)
    if any(word.casefold() in _normal_ranges() for word in held):
        return "normal"
    return held[0] if held else None


@cache
def _sexes() -> Mapping[str, str]:
    return _turned(table("patient/results")["sex"])


def sex(words: Iterable[str]) -> str | None:
    """The sex a code or word stands for.

    >>> sex(["F"]), sex(["pregnant"])
    ('female', None)
    """
    return next((_sexes()[word.casefold()] for word in words if word.casefold() in _sexes()), None)


@cache
def taken_by() -> Mapping[str, tuple[frozenset[Decimal], str, str]]:
    """LOINC of a component that tells how a result was taken → (values, the qualifier they mean, the other one)."""
    rows = table("patient/results")["taken"]
    return {
        code: (frozenset(map(Decimal, row["equals"])), row["qualifier"], row["other"])
        for row in rows
        for code in row["loinc"]
    }


@cache
def years_per() -> Mapping[str, Fraction]:
    """UCUM unit of time → years."""
    return {unit: Fraction(factor) for unit, factor in table("patient/ages")["years"].items()}


# Recorded absence


@cache
def _absent_lists() -> Mapping[str, str]:
    return _turned(table("patient/absence")["lists"])


@cache
def _absence() -> Mapping[str, Mapping[str, object]]:
    content: Mapping[str, Mapping[str, object]] = table("patient/absence")
    return content


@cache
def _absent_words() -> Mapping[str, str]:
    words = table("patient/absence")["words"]
    return _turned({kind.value: words[kind.value] for kind in EventKind})


def denies_list(codes: Iterable[Code], text: str) -> EventKind | None:
    """The list that a "no known …" entry declares empty.

    >>> denies_list([], "No known allergies"), denies_list([], "No known latex allergy")
    (<EventKind.ALLERGY: 'allergy'>, None)
    """
    by_code = next((_absent_lists().get("|".join(code)) for code in codes if "|".join(code) in _absent_lists()), None)
    kind = by_code or _absent_words().get(_denied_words(text) or "")
    return EventKind(kind) if kind else None


def denies_thing(codes: Iterable[Code], text: str) -> str | None:
    """The one thing that a "no known …" entry denies.

    >>> denies_thing([], "No known latex allergy"), denies_thing([("snomed", "409137002")], "")
    ('latex allergy', 'drug allergy')
    """
    things = _absence()["things"]
    by_code = next((str(things["|".join(code)]) for code in codes if "|".join(code) in things), None)
    return by_code or _denied_words(text)


def says_nothing(codes: Iterable[Code]) -> bool:
    """Whether an entry looks like a denial and denies nothing for good."""
    return any("|".join(code) in _undecided() for code in codes)


@cache
def _undecided() -> frozenset[str]:
    return frozenset(table("patient/absence")["unknown"]["codes"])


@lru_cache(maxsize=4096)
def _denied_words(text: str) -> str | None:
    words = table("patient/absence")["words"]
    plain = text.strip().casefold().removesuffix(" (situation)")
    if plain in words["abbreviations"]:
        return str(words["abbreviations"][plain])
    return next((plain.removeprefix(opening) for opening in words["openings"] if plain.startswith(opening)), None)


@cache
def _list_codes() -> Mapping[str, str]:
    return _turned(table("patient/absence")["list_codes"])


def list_kind(codes: Iterable[Code]) -> EventKind | None:
    """Which of the patient's lists a List resource is."""
    kind = next((_list_codes()[code] for _, code in codes if code in _list_codes()), None)
    return EventKind(kind) if kind else None


def empty_means_none(codes: Iterable[Code]) -> bool:
    """Whether the reason why a list is empty is that there is nothing to list."""
    return any(code in _absence()["empty"]["reasons"] for _, code in codes)  # type: ignore[operator]


@cache
def _methods() -> Mapping[str, str]:
    """Method id by id and by every name, casefolded."""
    rows = table("methods")
    names = {name.casefold(): key for key, row in rows.items() for name in row["names"]}
    return names | {key: key for key in rows}


def method(text: str) -> str | None:
    """The method that a record's words name exactly.

    >>> method("Cockcroft-Gault"), method("by guess")
    ('cockcroft_gault', None)
    """
    return _methods().get(text.strip().casefold())
