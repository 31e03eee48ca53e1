"""Sentences that ask nothing of who enters: notes, definitions, the course of the study; "they", said of a group."""

from __future__ import annotations

import re
from collections.abc import Sequence

from screening.build.common.contents import variables_in
from screening.build.common.context import Reader
from screening.parse.tokens import Token
from screening.predicates import Advisory, Judgement, NotUnderstood, Predicate
from screening.resources import table
from screening.text import guarded

_PATTERNS = {kind: guarded(found) for kind, found in table("groups").items()}
_NOTES, _COURSE = _PATTERNS["notes"], _PATTERNS["course"]
_IN_PARENTHESES = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_TERMS, _ANAPHORA = _PATTERNS["definitions"], _PATTERNS["anaphora"]


def remarked(reader: Reader, tokens: Sequence[Token], made: Predicate | None) -> Predicate | None:
    """*made*, or what it is where the clause is a remark: advisory, or for a person to say.

    A remark with a limit of its own stays what it says, but for permissions and definitions of a term.
    """
    if made is None or isinstance(made, Advisory):
        return made
    said = reader.words(tokens[0], tokens[-1]).casefold()
    limited, note = bool(variables_in(made)), _NOTES["opens"].search(said)
    if _only_explains(reader, said, limited=limited, note=note):
        return _aside(reader, tokens)
    if not limited and not isinstance(made, NotUnderstood) and _for_a_person(reader, said, note=note):
        return Judgement(reader.words(tokens[0], tokens[-1]), reader.span(tokens[0], tokens[-1]))
    return made


def is_definition(said: str) -> bool:
    """Whether words say what a term of reproduction means ("postmenopausal, defined as:")."""
    words = said.casefold()
    return _TERMS["terms"].search(words) and _TERMS["says"].search(words)


def demands(said: str) -> bool:
    """Whether a definition stands in a sentence that demands ("must be postmenopausal, defined as …")."""
    return _TERMS["demands"].search(said.casefold())


def _only_explains(reader: Reader, said: str, *, limited: bool, note: bool) -> bool:
    if is_definition(said) and not demands(said) and not _asks(reader, said):
        return True
    if not limited and (_TERMS["always"].search(said) or _NOTES["empty"].search(said)):
        return True
    if note:
        return not _NOTES["demands"].search(said)
    return _counts_enrolled(said) or (not limited and not reader.excluding and _tells_course(said))


def _asks(reader: Reader, said: str) -> bool:
    """Whether a definition stands behind what is asked: "women who are postmenopausal, defined as …", and as a
    criterion of its own "postmenopausal (defined as …)"."""
    return _TERMS["people"].search(said) or (not reader.heading and _TERMS["alone"].search(said))


def _counts_enrolled(said: str) -> bool:
    """ "Enrolment of patients with ECOG 2 will be limited to 25 % of participants": outside parentheses, and nothing
    else is asked."""
    return (
        "%" in said and _COURSE["quota"].search(_IN_PARENTHESES.sub(" ", said)) and not _NOTES["demands"].search(said)
    )


def _for_a_person(reader: Reader, said: str, *, note: bool) -> bool:
    """Notes that demand, demands on those named before, and treatment that lies ahead."""
    if note:
        return _NOTES["shares"].search(said) or not _NOTES["shuts"].search(said)
    if _ANAPHORA["opens"].search(said):
        return not reader.excluding
    return _COURSE["ahead"].search(said) or (reader.excluding and _tells_course(said))


def _tells_course(said: str) -> bool:
    """Whether words tell what becomes of those enrolled, or how many there are."""
    return _COURSE["tells"].search(said) or _COURSE["counts"].search(said)


def _aside(reader: Reader, tokens: Sequence[Token]) -> Advisory:
    span = reader.span(tokens[0], tokens[-1])
    return Advisory(reader.between(span), span)


__all__ = ["demands", "is_definition", "remarked"]
