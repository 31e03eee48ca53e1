"""Cuts the tokens of one criterion into clauses: at semicolons and sentence ends outside parentheses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from screening.build.clause.washed_out import washouts_apart
from screening.build.clause.whole import weigh_whole
from screening.parse.tokens import Token
from screening.resources import table


def clauses(tokens: Sequence[Token]) -> list[list[Token]]:
    """The clauses in order; separators stay behind the clause they end. A clause of "or …" joins the one before."""
    found: list[list[Token]] = []
    kinds = {token.type for token in tokens}
    if "COLON" in kinds and "MOD" in kinds:
        _denied_list(tokens)
    cut = _cut(_numbered(tokens) if kinds >= _NUMBERED else tokens)
    for clause in (part for whole in cut for part in washouts_apart(whole)):
        _unlabelled(clause)
        _unmarked(clause)
        _reasons(clause)
        weigh_whole(clause)
        if found and _continues(clause):
            if found[-1][-1].type == "DOT":
                found[-1][-1].type = "SEMI"
            found[-1].extend(clause)
        else:
            found.append(clause)
    return found


def _denied_list(tokens: Sequence[Token]) -> None:
    """ "No prior: A; B; or C": the words before the colon deny every item, so that nothing parts them from it."""
    at = next((here for here, token in enumerate(tokens) if token.type == "COLON"), len(tokens))
    opening = [token for token in tokens[:at] if token.type not in _UNTOLD]
    roles = [role for token in opening if token.type == "MOD" for role, _ in token.value]
    if not opening or "negation" not in roles or any(token.type != "MOD" for token in opening):
        return
    for token in tokens[: at + 1]:
        token.type = "MOD" if token.type == "MOD" else "FILL"
    for token in tokens[at + 1 :]:
        if token.type == "DOT":
            return
        if token.type == "SEMI":
            token.type = "COMMA"


def _for_the_rest(clause: Sequence[Token]) -> bool:
    """ "Urine protein ≤ 1+; otherwise 24-hour protein < 1 g": who misses the first limit may meet the other."""
    kinds = {token.type for token in clause[1:]}
    return (
        clause[0].text.lower() in _OTHERWISE and bool(kinds & {"LT", "LE", "GT", "GE"}) and not kinds & {"IF", "THEN"}
    )


_OTHERWISE = frozenset(table("reading")["otherwise"]["words"])
_LETTER = re.compile(r"[a-k]")  # no later one: "s. Creatinine" is that in serum
_MARK = re.compile(r"[A-Z]?\d{1,2}")
_WHY = frozenset(table("reading")["causes"]["whole"])
_UNTOLD = frozenset({"FILL", "GLUE", "BULLET", "DASH", "ALLOF", "ONEOF"})
_LABEL = 5  # tokens, and letters, that a label in capitals has at most and at least
_STOPS = frozenset({"SEMI", "DOT", "BULLET"})
_NAMING = frozenset({"CONCEPT", "VAR", "SCALE", "SEX", "RESULT", "NUM"})
_NUMBERED = frozenset({"NUM", "RPAR", "COLON"})


def _continues(clause: Sequence[Token]) -> bool:
    """ "or …", or a limit without a name that holds under a condition ("ALT ≤ 3 × ULN; ≤ 5 × ULN if …")."""
    if clause[0].type in ("OR", "AND"):
        return clause[0].text.islower() or clause[0].text == "OR"
    if _for_the_rest(clause):
        clause[0].type = "OR"
        return True
    if clause[0].type == "IF":
        if any(_ELIGIBLE.intersection(token.text.lower().split()) for token in clause):
            return False  # "hepatitis B; patients with HBV DNA < 500 IU/mL are eligible"
        return any(token.type in ("LT", "LE", "GT", "GE") for token in clause)
    return clause[0].type in ("LT", "LE", "GT", "GE") and any(token.type == "IF" for token in clause)


def _unlabelled(tokens: Sequence[Token]) -> None:
    """ "PRE-REGISTRATION: …": words in capitals before a colon that name no finding are a heading of the line."""
    kinds = [token.type for token in tokens[:_LABEL]]
    at = kinds.index("COLON") if "COLON" in kinds else 0
    if not at or at + 1 == len(tokens) or _NAMING & {token.type for token in tokens[:at]}:
        return
    said = "".join(token.text for token in tokens[:at])
    if said.isupper() and len(said) > _LABEL and said != "NOTE":
        for token in tokens[: at + 1]:
            token.type = "GLUE"


def _unmarked(tokens: Sequence[Token]) -> None:
    """ "(B2) Known allergy", "f. Total bilirubin": a running mark before a line is no word or number of the text."""
    if len(tokens) > len("f.T") and _LETTER.fullmatch(tokens[0].text) and tokens[1].text in (".", ")"):
        if tokens[0].end == tokens[1].start and tokens[2].text[:1].isupper():
            tokens[0].type = tokens[1].type = "GLUE"
        return
    opening, mark, closing = tokens[:3] if len(tokens) > len("(1)") else (None, None, None)
    if opening is None or mark is None or closing is None or (opening.type, closing.type) != ("LPAR", "RPAR"):
        return
    if _MARK.fullmatch(mark.text):
        for token in (opening, mark, closing):
            token.become("GLUE")


def _reasons(tokens: Sequence[Token]) -> None:
    """ "Pregnant women are excluded because the drug may harm the fetus": why somebody is shut out narrows nothing."""
    shut_out = False
    for token in tokens:
        shut_out = shut_out or token.type == "INELIGIBLE"
        if shut_out and token.text.lower() in _WHY:
            token.become("ADVISE")


def _numbered(tokens: Sequence[Token]) -> Sequence[Token]:
    """ "(1: … or 2): …": the running number of an alternative is no number of the text."""
    for number, bracket, colon in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if number.type == "NUM" and bracket.type == "RPAR" and colon.type == "COLON":
            number.become("GLUE")
    return tokens


def _cut(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    begin, depth = 0, 0
    closing = [token.type for token in tokens].count("RPAR")  # parentheses that close further on
    for at, token in enumerate(tokens):
        kind = token.type
        if kind == "LPAR":
            depth += 1
        elif kind == "RPAR":
            depth = max(0, depth - 1)
            closing -= 1
        if depth == 0 and at > begin and token.text[:1].isupper() and _new_sentence(tokens, begin, at):
            yield list(tokens[begin:at])
            begin = at
        if kind not in _STOPS:
            continue
        hopeless = kind != "BULLET" and closing < depth  # open parentheses that never close
        if depth and not hopeless:
            continue
        if kind == "SEMI" or _ends_sentence(tokens, at):
            yield list(tokens[begin : at + 1])
            begin, depth = at + 1, 0
    if begin < len(tokens):
        yield list(tokens[begin:])


def _new_sentence(tokens: Sequence[Token], begin: int, at: int) -> bool:
    """A small word with a capital behind a word without: the full stop was lost ("… enrollment An infection")."""
    token, before = tokens[at], tokens[at - 1]
    if token.type in ("VAR", "SCALE"):
        return _next_limit(tokens, begin, at)
    if token.text == "NOTE" and at + 2 < len(tokens) and tokens[at + 1].type == "COLON":
        return tokens[at + 2].type not in ("LT", "LE", "GT", "GE")
    if (
        before.type == "RESULT" and token.type == "CONCEPT"
    ):  # "hepatitis B antigen negative Hepatitis C antibody negative"
        return any(one.type == "RESULT" for one in tokens[at + 1 : at + _FEW])
    if (token.type not in ("MOD", "JUDGE") and token.text.lower() not in _OPENERS) or not token.text[1:].islower():
        return False
    if token.text == "No" and before.type in _VALUE_ENDS:
        return at + 1 < len(tokens) and tokens[at + 1].text[:1].islower()  # "… ≤ 2 mg/dL No renal failure"
    return (
        before.text.rpartition(" ")[2].islower()
        and (_SPACED.sub("", before.text) if _opens(token) else before.text).isalpha()
        and before.type not in ("FILL", "AND", "OR", "IF", "EXCEPT")
        and at + 1 < len(tokens)
    )


def _opens(token: Token) -> bool:
    """Whether a word with a capital begins a sentence behind a name of several words too."""
    return token.text == "No" or token.text.lower() in _OPENERS


def _next_limit(tokens: Sequence[Token], begin: int, at: int) -> bool:
    """A name with a capital and its limit right behind a whole limit: lines that ran together ("… g/dL Platelets ≥ …").

    What stands under a condition or under "one of" stays together.
    """
    token, before = tokens[at], tokens[at - 1]
    if not token.text[:1].isupper() or before.type not in _LIMIT_ENDS or not _is_limited(tokens, at):
        return False
    said = tokens[begin:at]
    named = next((i for i, one in enumerate(said) if one.type in ("VAR", "SCALE")), None)
    if named is None or any(one.type in ("ONEOF", "ALLOF", "EITHER", "IF", "COLON") for one in said[:named]):
        return False
    return any(one.type in _COMPARISONS for one in said[named:]) and any(one.type in _PARTING for one in tokens)


def _is_limited(tokens: Sequence[Token], at: int) -> bool:
    """Whether a comparison follows a name before the next one."""
    for token in tokens[at + 1 : at + 1 + _NEAR]:
        if token.type in _COMPARISONS:
            return True
        if token.type not in ("FILL", "GLUE", "LPAR", "RPAR", "VAR", "COLON", "METHOD", "QUAL", "WORD"):
            return False
    return False


_COMPARISONS = frozenset({"LT", "LE", "GT", "GE", "BETWEEN", "NORMAL"})
_LIMIT_ENDS = frozenset({"NUM", "UNIT", "TIME", "ULN", "LLN", "NORMAL", "RPAR", "GLUE", "WORD"})
_PARTING = frozenset({"OR", "EXCEPT", "IF"})
_FEW = 4  # tokens from a test to its result
_SPACED = re.compile(r"[ -]")  # what parts the words of one name
_VALUE_ENDS = frozenset({"UNIT", "TIME", "ULN", "LLN", "NORMAL", "RPAR"})
_NEAR = 8  # tokens from a name to its comparison
_ELIGIBLE = frozenset((*table("groups")["demands"]["taken"], *table("groups")["demands"]["entering"]))
_OPENERS = frozenset(table("reading")["openers"]["words"])


def _ends_sentence(tokens: Sequence[Token], at: int) -> bool:
    if at + 1 >= len(tokens):
        return True
    after, before = tokens[at + 1], tokens[at - 1] if at else None
    if after.start == tokens[at].end and not after.text[:1].isupper():
        return False
    if (
        before is not None
        and before.text.lower() in ("e.g", "i.e", "vs", "no", "approx", "st", "dr", "resp")
        and after.text[:1].islower()
    ):
        return False
    if before is not None and len(before.text) == 1 and before.text.isalpha() and before.end == tokens[at].start:
        return False  # an initial: "T. Bil", "S. aureus"
    return (
        after.text[:1].isupper()
        or after.text[:1].isdigit()
        or after.type in ("LT", "LE", "GT", "GE", "TO", "DASH", "LPAR")
    )
