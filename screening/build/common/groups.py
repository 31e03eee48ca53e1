"""Clauses that bind a group ("male patients must …"): whom they bind is a condition of what they ask for."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import lru_cache
from itertools import pairwise

from screening.parse.numbers import readings
from screening.parse.tokens import Token
from screening.resources import table

_GROUPS = table("groups")
_PEOPLE = frozenset(_GROUPS["people"]["words"])
_BY_FINDING = frozenset(_GROUPS["people"]["by_finding"])
_VERBS = frozenset(_GROUPS["demands"]["verbs"])
_PASSIVE = frozenset(_GROUPS["demands"]["passive"])
_PERMITTED = frozenset(_GROUPS["demands"]["permitted"])
_PROVIDED = frozenset(_GROUPS["demands"]["provided"])
_UNLESS = re.compile(_GROUPS["demands"]["unless"])
_POPULATIONS = frozenset(table("measures")["populations"]["concepts"])
_SMALL = frozenset({"FILL", "GLUE", "BULLET", "DASH", "EITHER", "LPAR"})
_SUBJECT = _SMALL | {"SEX", "CONCEPT", "MOD", "AND", "OR", "COMMA", "IF", "TO"}
_ENDS = frozenset({"SEMI", "EXCEPT", "COLON", "DOT", "LT", "LE", "GT", "GE", "EQ", "VAR", "SCALE", "NUM"})
_OF_AGE = _SMALL | {"VAR", "LT", "LE", "GT", "GE", "POSTGE", "POSTLE", "NUM", "TIME", "TO", "BETWEEN", "AND", "SEX"}
_OF_LIMITS = _OF_AGE | {"SCALE", "LEVEL", "UNIT", "ULN", "LLN", "TIMES", "MULT", "EQ", "METHOD", "MOD"}
_UPPER = frozenset({"LT", "LE", "POSTLE"})
_BOUND = _UPPER | {"GT", "GE", "POSTGE", "TO"}
_GROWN_YEARS = int(_GROUPS["people"]["grown_years"])
_LIMITS = frozenset({"VAR", "NUM", "LT", "LE", "GT", "GE", "BETWEEN", "FROM"})
_RELATIVE = frozenset({"who have", "who has", "whose", "who can have"})
_COPULA = frozenset({"is", "are"})
_DEMANDING = _VERBS | _COPULA | {"have", "has"}
_BRACKETS = frozenset({"LPAR", "RPAR"})
_FINDING = frozenset({"CONCEPT", "MOD", "ORGAN", "WORD", "OR", "AND", "COMMA", "SLASH"})
_NAMING = frozenset({"CONCEPT", "WORD", "MOD", "AND", "OR", "COMMA", "SLASH", "IF"})
_EVERYBODY = frozenset(_GROUPS["people"]["everybody"])
_AGES = frozenset(_GROUPS["people"]["ages"])
_SOME_AGES = frozenset(_GROUPS["people"]["beside_adults"])
_COHORTS = frozenset(_GROUPS["cohorts"]["words"])
_NO_COHORTS = frozenset(_GROUPS["cohorts"]["others"])
_NAMED_COHORT = re.compile(_GROUPS["cohorts"]["named"])
_MARKS = frozenset({"DOT", "COMMA", "COLON"})
_LABELLED = 10  # words of a name with all around it ("for patients in Parts 1 and 2 only")
_LEADING = frozenset({"COLON", "THEN", "IF"})  # behind a group, or before what it must meet
_SHORT = 5  # words of a parenthesis that names a group
_FAR = 40  # tokens of a clause that may name a group


def demand_at(tokens: Sequence[Token]) -> int | None:
    """Where the demand of a clause begins whose subject is a group of patients; None where it is everybody, or none.

    "Male patients must …", "women of childbearing potential agree …", "patients with CNS tumours should …".
    """
    _join_relatives(tokens)
    near = tokens[:_FAR]
    kinds = [token.type for token in tokens[: _FAR + 1]]
    if not any(map(_may_demand, [token.text for token in near])) and _LEADING.isdisjoint(kinds):
        return None
    if (limited := _limited_end(tokens)) is not None:
        return limited
    depth = 0
    for at, token in enumerate(near):
        if token.type in _BRACKETS:
            depth += 1 if token.type == "LPAR" else -1
        if depth or token.type == "RPAR":
            continue
        if token.type == "COLON" and at + 1 < len(tokens) and _labels_group(tokens, at):
            token.type = "THEN"  # "HIV-positive patients: CD4 > 350/µL", "Women: hemoglobin ≥ 11 g/dL"
            return at
        if at and (token.type == "THEN" or _before_condition(tokens, at)) and _permits_if(tokens, at):
            return at if _is_group(tokens[:at]) or _are_findings(tokens[:at]) else None
        if at and _demands(tokens, at):
            bound = _is_group(tokens[:at]) and not _shuts_out(tokens) and not _ages_everybody(tokens, at)
            return _subject_end(tokens, at) if bound else None
        if token.type in _ENDS or (token.type == "IF" and at and not _all_small(tokens[:at])):
            return None
    return None


def _limited_end(tokens: Sequence[Token]) -> int | None:
    """Where the demand begins on "participants < 16 years", "patients aged 65-75 years", "those with creatinine > 1.5":
    an age or a limit names a group.

    An age that begins where people come of age, and ends nowhere or later, says who the trial is for.
    """
    opening = tokens[:2]
    if not (
        _PEOPLE.intersection(" ".join(token.text for token in opening).lower().split()) or _opens_with_sex(opening)
    ):
        return None
    at = next((at for at, token in enumerate(tokens[:_FAR]) if at and _demands(tokens, at)), None)
    if at is None or _enters(tokens[at : at + 4]):
        return None
    before = tokens[:at]
    kinds = {token.type for token in before}
    if kinds & {"UNIT", "LEVEL"} or any(token.type in ("VAR", "SCALE") and token.value != "age" for token in before):
        return at if kinds & _BOUND and kinds <= _OF_LIMITS and not kinds & {"AND", "OR", "COMMA"} else None
    said = bool(kinds & {"TIME", "VAR", "TO"})
    if not said or not {"NUM"} < kinds <= _OF_AGE or not kinds & _BOUND:
        return None
    return at if _is_elder(before) or (kinds & _UPPER and not kinds & (_BOUND - _UPPER)) else None


def _enters(tokens: Sequence[Token]) -> bool:
    """Whether a verb only says who takes part ("will be included")."""
    return any(not _PERMITTED.isdisjoint(_words(token.text)) for token in tokens)


def _opens_with_sex(tokens: Sequence[Token]) -> bool:
    return any(token.type == "SEX" for token in tokens)


def _is_elder(tokens: Sequence[Token]) -> bool:
    """Whether an age begins in years, beyond the one at which people come of age anywhere."""
    at = next((i for i, token in enumerate(tokens) if token.type == "NUM"), 0)
    found = readings(str(tokens[at].value)) if all(one.value == "a" for one in tokens if one.type == "TIME") else ()
    return bool(found) and found[0] > _GROWN_YEARS and _UPPER.isdisjoint([token.type for token in tokens[:at]])


def said_of_people(tokens: Sequence[Token]) -> None:
    """ "Those aged 65 to 75 years who have LVEF < 50 %": in an exclusion too both are said of the same people."""
    kinds = [token.type for token in tokens]
    if "THEN" in kinds and "IF" not in kinds:
        for token in tokens:
            if token.type == "THEN" and token.text.lower() in _RELATIVE:
                token.type = "GLUE"


def _join_relatives(tokens: Sequence[Token]) -> None:
    """ "Patients who have had X must …": "who have" says whom, and asks for nothing."""
    for before, token in pairwise(tokens[:_FAR]):
        if token.text.lower() in _RELATIVE and (
            before.type in ("IF", "SEX") or _PEOPLE.intersection(before.text.lower().split())
        ):
            token.type = "GLUE"


def names_group(tokens: Sequence[Token]) -> bool:
    """Whether the words before a comma name whom the rest is for: "In women, …", "For patients with X, …"."""
    said = [token for token in tokens if token.type not in ("BULLET", "DASH")]
    if not said or said[0].text.lower() not in _GROUPS["people"]["before"]:
        return False
    return any(token.type == "SEX" or token.text.lower().split()[-1] in _PEOPLE for token in said if token.text.strip())


def introduces_group(tokens: Sequence[Token]) -> bool:
    """Whether the words before a colon name some patients, whom the limits behind it bind: "For MCL patients: …"."""
    said = [token for token in tokens if token.type not in _SMALL]
    people = any(_PEOPLE.intersection(token.text.lower().split()) for token in tokens)
    telling = any(token.type in ("CONCEPT", "WORD") for token in said) or any(map(names_ages, tokens))
    everybody = any(_EVERYBODY.intersection(token.text.lower().split()) for token in tokens)
    return people and telling and not everybody and all(token.type in _NAMING for token in said)


def names_ages(token: Token) -> bool:
    """Whether a word names people of one time of life ("adult participants")."""
    return bool(_AGES.intersection(token.text.lower().split()))


def names_cohort(tokens: Sequence[Token]) -> bool:
    """Whether words name the group of the trial that a criterion is for: "(control group)", "in Cohort A"."""
    words = [word for token in tokens if token.type not in _MARKS for word in token.text.lower().split()]
    if 0 < len(words) <= _LABELLED and _NAMED_COHORT.fullmatch(" ".join(words)):
        return True
    return 1 < len(words) <= _SHORT and words[-1] in _COHORTS and not _NO_COHORTS.intersection(words)


def in_cohort(tokens: Sequence[Token], opening: int) -> bool:
    """Whether the parenthesis that opens there names a group of the trial."""
    furthest = min(len(tokens), opening + _LABELLED + 2)
    end = next((at for at in range(opening + 1, furthest) if tokens[at].type == "RPAR"), None)
    return end is not None and names_cohort(tokens[opening + 1 : end])


def for_some(tokens: Sequence[Token]) -> None:
    """ "A pregnancy test is required for all women of childbearing potential": the group at the end is a condition."""
    depth = 0
    for at, token in enumerate(tokens):
        if token.type in _BRACKETS:
            depth += 1 if token.type == "LPAR" else -1
        if depth or not at or token.type == "IF" or token.text.lower() != "for":
            continue
        named = next((one for one in tokens[at + 1 : at + 4] if one.type not in ("GLUE", "FILL")), None)
        if named is not None and (named.type == "SEX" or _is_population(named)):
            token.type = "IF"


def opens_group(tokens: Sequence[Token]) -> bool:
    """Whether a heading names the group that the list below it binds: "Male patients who:", "For patients with X:"."""
    if not ends_in_colon(tokens, _SMALL):
        return False
    said = [token for token in tokens if token.type not in _SMALL]
    if said[0].type == "IF":
        return said[0].text.lower() == "for" or "for " in said[0].text.lower()
    if said[0].type == "SEX" or _is_population(said[0]):
        return True
    return demand_at(tokens) is not None


def ends_in_colon(tokens: Sequence[Token], small: Collection[str]) -> bool:
    """Whether the last word that is not *small* is a colon: most clauses are no heading."""
    for token in reversed(tokens):
        if token.type not in small:
            return token.type == "COLON"
    return False


def _before_condition(tokens: Sequence[Token], at: int) -> bool:
    """Whether a small word ("allowed") stands right before a condition."""
    return tokens[at].type == "FILL" and at + 1 < len(tokens) and tokens[at + 1].type == "IF"


def _permits_if(tokens: Sequence[Token], at: int) -> bool:
    """ "Patients with HIV are eligible if …": what they must meet; the "if" is then none of its own."""
    words = _words(tokens[at].text)
    if _PERMITTED.isdisjoint(words):
        return False
    behind = next((token for token in tokens[at + 1 : at + 3] if token.type != "FILL"), None)
    if behind is not None and behind.type == "IF" and _words(behind.text)[0] in _PROVIDED:
        behind.type = "FILL"
        return True
    return words[-1] in _PROVIDED


def _demands(tokens: Sequence[Token], at: int) -> bool:
    words = _words(tokens[at].text)
    if not words or words[0] not in _DEMANDING:
        return False
    if words[0] in _VERBS or words[:2] in (["have", "to"], ["has", "to"]):
        return True
    if words[0] in ("have", "has") and len(words) == 1:
        return at + 1 < len(tokens) and tokens[at + 1].text.lower() == "to"
    if words[0] not in _COPULA:
        return False
    behind = " ".join(token.text for token in tokens[at : at + 2]).lower().split()
    return bool(_PASSIVE.intersection(behind[1:3])) or _sex_only(tokens[:at])


@lru_cache(maxsize=1 << 14)
def _may_demand(text: str) -> bool:
    """Whether a token begins with a word that demands something, whatever stands beside it."""
    return not _DEMANDING.isdisjoint(_words(text)[:1])


@lru_cache(maxsize=1 << 14)
def _words(text: str) -> list[str]:
    return text.lower().split()


def _sex_only(tokens: Sequence[Token]) -> bool:
    """ "Female patients are …": nothing but one sex stands before the verb."""
    said = [token.type for token in tokens if token.type not in _SMALL]
    return said == ["SEX"]


def _ages_everybody(tokens: Sequence[Token], at: int) -> bool:
    """ "Women must be 20 to 70 years old" says who the trial is for."""
    behind = [token for token in tokens[at : at + 5] if token.type not in ("FILL", "GLUE")]
    if _of_one_age(tokens[:at]):
        return bool(behind) and (behind[0].value == "age" or behind[0].type in _LIMITS - {"VAR"})
    return _sex_only(tokens[:at]) and bool(behind) and behind[0].type in _LIMITS and not _years_since(tokens[at:])


def _years_since(tokens: Sequence[Token]) -> bool:
    """ "Women must be at least 1 year postmenopausal": years right before what they are counted from."""
    return any(
        one.type == "TIME" and other.text.lower() in table("measures")["aged"]["measured"]
        for one, other in pairwise(tokens)
    )


def _subject_end(tokens: Sequence[Token], at: int) -> int:
    """Where the group ends: before the verb, or before a subject of its own ("in patients with X, scans must …")."""
    if next((token.type for token in tokens if token.type not in _SMALL), "") != "IF":
        return at
    comma = next((i for i in range(1, at) if tokens[i].type == "COMMA"), None)
    if comma is None or any(token.type in ("AND", "OR") for token in tokens[comma:at]):
        return at
    return comma


def _of_one_age(tokens: Sequence[Token]) -> bool:
    """Whether the words name nobody but people of a time of life that a trial has beside another ("adolescents",
    "paediatric patients")."""
    said = [word for token in tokens if token.type != "FILL" for word in token.text.lower().split()]
    return not _SOME_AGES.isdisjoint(said) and all(word in _SOME_AGES or word in _PEOPLE for word in said)


def _is_group(tokens: Sequence[Token]) -> bool:
    """Whether the words before the verb name some patients and not all: a sex, or people with something."""
    if _of_one_age(tokens):
        return True
    if any(
        token.type not in _SUBJECT and token.type != "RPAR"
        for token in _outside(tokens)
        if not _after_people(tokens, token)
    ):
        return False
    if any(token.type == "SEX" or _is_population(token) for token in tokens) or _people_of_a_finding(tokens):
        return True
    people = next((at for at, token in enumerate(tokens) if _PEOPLE.intersection(token.text.lower().split())), None)
    if people is None or not _all_small(tokens[:people]):
        return False
    return any(token.type == "CONCEPT" for token in tokens[people:])


def _are_findings(tokens: Sequence[Token]) -> bool:
    """ "Brain metastases are permitted if …": names of what somebody may have, of several any, with words behind."""
    said = [token for token in tokens if token.type not in _SMALL]
    named = [at for at, token in enumerate(said) if token.type == "CONCEPT"]
    if not named or any(token.type not in _FINDING for token in said):
        return False
    if any(token.type == "WORD" for token in said[: named[-1]]):
        return False
    for token in said:
        token.type = "OR" if token.type == "AND" else token.type
    return True


def _labels_group(tokens: Sequence[Token], colon: int) -> bool:
    """Whether a label names some patients, and not the age or sex that all must have ("Men: 18 to 65 years")."""
    if _people_of_a_finding(tokens[:colon]) or _is_population(tokens[0]):
        return True
    return (
        _sex_only(tokens[:colon])
        and not _ages_everybody(tokens, colon + 1)
        and any(_tells(token) for token in tokens[colon + 1 :])
    )


def _tells(token: Token) -> bool:
    """Whether a word names a finding, or a quantity that is not the age."""
    return token.type in ("CONCEPT", "MOD") or (token.type in ("VAR", "SCALE") and token.value != "age")


def _people_of_a_finding(tokens: Sequence[Token]) -> bool:
    """ "HBsAg-positive patients", "diabetics": a finding right before the people, or in one word with them."""
    said = [token for token in tokens if token.type not in ("FILL", "BULLET", "DASH")]
    if not said or any(token.type not in ("CONCEPT", "MOD", "GLUE", "OR", "SLASH", "COMMA") for token in said):
        return False
    if said[-1].type == "CONCEPT":
        return len(said) == 1 and said[-1].text.lower().split()[-1] in _BY_FINDING
    people = said[-1].text.lower() in _PEOPLE
    return people and len(said) > 1 and said[-2].type == "CONCEPT"


def _after_people(tokens: Sequence[Token], token: Token) -> bool:
    """Whether a word stands behind the people it is said of ("patients who are taking …")."""
    return any(
        one.start < token.start and (one.type == "SEX" or _PEOPLE.intersection(one.text.lower().split()))
        for one in tokens
    )


def _outside(tokens: Sequence[Token]) -> list[Token]:
    depth, kept = 0, []
    for token in tokens:
        depth += (token.type == "LPAR") - (token.type == "RPAR")
        if not depth:
            kept.append(token)
    return kept


def _all_small(tokens: Sequence[Token]) -> bool:
    return all(token.type in _SMALL or token.text.lower() == "also" for token in tokens)


def _is_population(token: Token) -> bool:
    return token.type == "CONCEPT" and token.value in _POPULATIONS


def _shuts_out(tokens: Sequence[Token]) -> bool:
    return bool(_UNLESS.search(" ".join(token.text for token in tokens).lower()))


__all__ = [
    "demand_at",
    "ends_in_colon",
    "for_some",
    "in_cohort",
    "introduces_group",
    "names_ages",
    "names_cohort",
    "opens_group",
    "said_of_people",
]
