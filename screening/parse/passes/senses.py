"""Settles words that may be several things by what stands beside them ("baseline", "at least", "-", "over").

Each rule looks one or two tokens to either side; fillers do not count.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from screening import concepts, variables
from screening.parse.passes.around import Around, first_sense, is_one
from screening.parse.passes.joining import joined
from screening.parse.passes.restoring import limits_by_finding
from screening.parse.tokens import COMPARING, Token
from screening.resources import table

_VALUE_ENDS = frozenset({"NUM", "UNIT", "TIME", "ULN", "LLN", "LEVEL", "RPAR", "NORMAL"})
_VALUE_STARTS = frozenset({"NUM", "ULN", "LLN", "MULT", "LEVEL", "NORMAL", "TIMES"})
_SYMBOLS = frozenset("<>≤≥=")
_CONDITIONS = frozenset(table("reading")["conditions"]["words"])
_FOR_SOME = frozenset(table("reading")["small"]["of_some"])
_RELATIVES = frozenset(table("reading")["conditions"]["relatives"])
_REQUIRED = frozenset(table("reading")["conditions"]["asked"])


def settle(tokens: list[Token], words: Collection[str]) -> list[Token]:
    """The same tokens with one sense each; *words* are the folded words of the text."""
    tokens = joined(tokens, words)
    around = Around(tokens)
    for at, token in enumerate(tokens):
        rule = _RULES.get(token.type)
        if rule:
            rule(token, at, around)
    return limits_by_finding(tokens)


def _starts_value(around: Around, at: int) -> bool:
    following = around.after(at)
    return following is not None and (following.type in _VALUE_STARTS or following.type in COMPARING)


def _ends_value(token: Token | None) -> bool:
    return token is not None and token.type in _VALUE_ENDS


def _ends_limit(token: Token | None) -> bool:
    """ "10 or more on the PHQ-9"."""
    return _ends_value(token) or is_one(token, "POSTGE", "POSTLE")


def _compare(token: Token, at: int, around: Around) -> None:
    """ "at least", "maximum", "over": before a value, behind one, or no comparison at all."""
    if token.text[:1] in _SYMBOLS or _starts_value(around, at):
        return
    post = {"GE": "POSTGE", "LE": "POSTLE"}.get(token.type, "")
    if post in token.senses and _ends_value(around.before(at)):
        token.become(post)
    elif is_one(around.after(at), "VAR", "SCALE"):
        if not is_one(around.after(at, 1), "NUM"):
            token.type = "FILL"
    else:
        first_sense(token, "AFTER", "BEFORE", "FILL", "GLUE")


def _post(token: Token, at: int, around: Around) -> None:
    """ "or older" behind a value; "or older than" begins a new comparison and is cut by the trie."""
    if _ends_value(around.before(at)) and not (token.text == "+" and is_one(around.before(at), "RPAR")):
        return
    first_sense(token, "GE", "LE", "VAR", "FILL", "GLUE")


def _variable(token: Token, at: int, around: Around) -> None:
    """A weak name ("PT", "Na") counts only with a comparison beside it."""
    if "WEAK" not in token.senses:
        return
    after, before = around.after(at), around.before(at)
    kind = variables.catalogue()[token.value].kind
    counted = is_one(before, "NUM") and kind == "count"  # "at least two prior therapies"
    timed = kind != "time" and _timed(around, at)  # "off steroids at least 7 days"
    limited = is_one(after, "LPAR") and is_one(around.after(at, 1), *COMPARING)  # "lymphadenopathy (> 1.5 cm)"
    beside = counted or limited or (is_one(after, *COMPARING, "NUM", "COLON", "LEVEL") and not timed)
    if "CONCEPT" in token.senses and not beside:
        token.become("CONCEPT")
        return
    close = is_one(
        after,
        *COMPARING,
        "NUM",
        "COLON",
        "BETWEEN",
        "FROM",
        "NORMAL",
        "LEVEL",
        "POSTGE",
        "LPAR",
        "UNIT",
        "SLASH",
        "COMMA",
        "AND",
        "OR",
        "VAR",
        "SCALE",
        "TO",
        "ULN",
    )
    behind = (is_one(before, "LPAR") and is_one(around.before_that(at), "UNIT", "NUM")) or is_one(
        before, "UNIT", "TIME", "POSTGE", "POSTLE", "VAR", "SCALE", "NUM", *COMPARING
    )
    if not close and not behind:
        first_sense(token, "CONCEPT", "FILL", "GLUE")


def _timed(around: Around, at: int) -> bool:
    """Whether a length of time is compared right behind a name."""
    return (
        is_one(around.after(at), *COMPARING)
        and is_one(around.after(at, 1), "NUM")
        and is_one(around.after(at, 2), "TIME")
    )


def _within(token: Token, at: int, around: Around) -> None:
    after, before = around.after(at), around.before(at)
    if (
        is_one(before, "VAR")
        and before is not None
        and variables.catalogue()[before.value].kind == "time"
        and is_one(after, "NUM")
    ):
        token.type = (
            "FROM" if is_one(around.after(at, 1), "TO", "AND") or is_one(around.after(at, 2), "TO", "AND") else "LE"
        )
        return
    if is_one(after, "MULT", "ULN") or (is_one(after, "NUM") and is_one(around.after(at, 1), "TIMES", "ULN")):
        token.type = "LE"
        return
    number = is_one(after, "NUM", "TIME") or (is_one(after, *COMPARING) and is_one(around.after(at, 1), "NUM"))
    if not number:
        first_sense(token, "MOD", "BEFORE", "FILL", "GLUE", "ANCHOR")


_STEPS = frozenset(table("reading")["steps"]["anchors"])


def _time_relation(token: Token, at: int, around: Around) -> None:
    """ "before", "of", "from", "since" count only behind a length of time (or an earlier one of themselves)."""
    before = around.before(at)
    if token.text.lower() in ("of", "from") and is_one(around.after(at), "VAR") and is_one(before, "TIME"):
        token.type = "FILL"
        return
    if is_one(before, "TIME") or (is_one(before, "NUM") and is_one(around.after(at), "ANCHOR")):
        return
    first_sense(token, "HISTORY", "MOD", "CONCEPT", "FILL", "GLUE")


def _is_treatment(token: Token | None) -> bool:
    """Whether a concept is a drug or a procedure, whose end a time may be counted from."""
    if token is None or token.type != "CONCEPT" or "ANCHOR" in token.senses:
        return False
    return concepts.catalogue()[str(token.value)].kind in ("drug", "procedure")


def _following(token: Token, at: int, around: Around) -> None:
    """ "3 months following radiotherapy": behind a length of time it does not announce a list."""
    if "AFTER" in token.senses and is_one(around.before(at), "TIME"):
        token.become("AFTER")


def _anchor(token: Token, at: int, around: Around) -> None:
    link = next((one for one in reversed(around.tokens[:at]) if one.type != "FILL"), None)
    if is_one(link, "BEFORE", "AFTER", "WITHIN", "AGO"):
        return
    first_sense(token, "CONCEPT", "VAR", "BASELINE", "JUDGE", "MOD", "FILL", "GLUE")


def _concept(token: Token, at: int, around: Around) -> None:
    """The name of an event behind "before" is the anchor."""
    if (
        "ANCHOR" in token.senses
        and is_one(around.before(at), "BEFORE", "AFTER")
        and not is_one(around.before(at), "TO")
    ):
        token.become("ANCHOR")
    elif token.senses.get("ANCHOR") in _STEPS and at and is_one(around.tokens[at - 1], "BEFORE"):
        token.become("ANCHOR")  # "within 28 days of leukapheresis"
    elif "WEAK" in token.senses and token.text.islower() and not _dated_beside(around, at):
        first_sense(token, "FILL", "GLUE")


def _dated_beside(around: Around, at: int) -> bool:
    """Whether a length of time stands right beside: "no radiation within 2 weeks", "3 weeks from radiation"."""
    if is_one(around.after(at), "WITHIN") and is_one(around.after(at, 1), "NUM", *COMPARING):
        return True
    return is_one(around.before(at), "BEFORE", "AFTER") and is_one(around.before_that(at), "TIME")


_DURING = frozenset({"in", "at", "on", "during", "in the", "at the"})


def _baseline(token: Token, at: int, around: Around) -> None:
    if not is_one(around.before(at), "TIMES", "NUM", *COMPARING) or around.tokens[at - 1].text.lower() in _DURING:
        first_sense(token, "FILL", "GLUE")


def _times(token: Token, at: int, around: Around) -> None:
    if is_one(around.before(at), "NUM") and is_one(around.before_that(at), "ULN", "LLN"):
        return
    if token.text in "×x*" and is_one(around.before(at), "NUM") and around.after(at) is not None:
        return
    if not (
        is_one(around.before(at), "NUM", "ULN", "NORMAL")
        and is_one(around.after(at), "ULN", "LLN", "NORMAL", "BASELINE", "NUM", "TIMES", "WORD")
    ):
        first_sense(token, "FILL", "GLUE")


def _named_range(around: Around, at: int) -> bool:
    """ "between age 18 and 75": the variable stands inside."""
    return is_one(around.after(at), "VAR", "SCALE") and is_one(around.after(at, 1), "NUM")


def _from(token: Token, at: int, around: Around) -> None:
    if not _starts_value(around, at) and not _named_range(around, at):
        first_sense(token, "BEFORE", "AFTER", "FILL", "GLUE")
    if token.type == "BEFORE" and is_one(around.before(at), "TIME") and _is_treatment(around.after(at)):
        token.type = "AFTER"  # "at least 4 weeks from major surgery"


def _between(token: Token, at: int, around: Around) -> None:
    if not _starts_value(around, at) and not (token.type == "BETWEEN" and _named_range(around, at)):
        first_sense(token, "FILL", "GLUE")


def _to(token: Token, at: int, around: Around) -> None:
    """A dash or "to" is a range between values, a link behind a name, else nothing."""
    if _ends_value(around.before(at)) and _starts_value(around, at):
        return
    if token.text in "-~" and is_one(around.before(at), "VAR", "SCALE", "RPAR", "METHOD"):
        return
    first_sense(token, "FILL", "GLUE")
    if token.text in "-~":
        token.type = "DASH"


def _multiple(token: Token, at: int, around: Around) -> None:
    if not is_one(around.after(at), "ULN", "LLN", "NORMAL", "BASELINE"):
        token.become("WORD")


def _normal(token: Token, at: int, around: Around) -> None:
    """ "normal" is a limit behind a variable or a multiple, else a plain word."""
    before, after = around.before(at), around.after(at)
    if (
        is_one(after, "VAR")
        and not is_one(before, "VAR", "TIMES", "NUM", *COMPARING)
        and _ends_there(around.after(at, 1))
    ):
        return  # "normal TSH": the limit stands before its name
    if (
        token.text.lower() == "normal"
        and is_one(after, "VAR", "SCALE", "WORD", "CONCEPT", "JUDGE")
        and not is_one(before, "VAR", "TIMES", "NUM")
    ):
        token.become("WORD")


def _ends_there(token: Token | None) -> bool:
    return token is None or is_one(token, "COMMA", "SEMI", "DOT", "AND", "OR", "RPAR")


def _judge(token: Token, at: int, around: Around) -> None:
    """ "according to", "based on" before a method only name it."""
    after = around.after(at)
    if is_one(after, "METHOD", "QUAL", "SCALE") or (
        is_one(after, "GLUE") and is_one(around.after(at, 1), "METHOD", "QUAL")
    ):
        token.type = "FILL"


def _defines(token: Token, at: int, around: Around) -> None:
    """ "measured by creatinine > 2": what stands before is a heading; elsewhere small words."""
    if is_one(around.after(at), "VAR", "SCALE"):
        token.type = "COLON"
    elif "JUDGE" in token.senses and not is_one(around.after(at), "METHOD", "QUAL"):
        token.become("JUDGE")
    else:
        token.type = "FILL"


def _change(token: Token, at: int, around: Around) -> None:
    after = around.after(at)
    if after is not None and after.type == "NUM" and after.text.isalpha():
        after = around.after(at, skip=1)  # "difference between two Hb values"
    if not is_one(after, "VAR", "SCALE"):
        first_sense(token, "MOD", "CAUSE", "FILL", "WORD")


def _modifier(token: Token, at: int, around: Around) -> None:
    """ "not ≥ 5" negates the comparison; "≥ 5 on the Richmond scale" only names the scale."""
    after = around.after(at)
    if "NOT" in token.senses and is_one(after, *COMPARING):
        token.become("NOT")
    elif token.text.lower() in ("on", "as per") and _ends_limit(around.before(at)):
        if is_one(after, "EITHER") and after is not None and is_one(around.after(at, 1), "SCALE"):
            after.type = "FILL"  # "> 10 on either the PHQ-9 or the GAD-7"
        token.type = "FILL" if is_one(after, "SCALE", "FILL") else token.type


def _sex(token: Token, _at: int, _around: Around) -> None:
    if "WEAK" in token.senses and token.text.islower():
        token.become("WORD")


def _qualifier(token: Token, at: int, around: Around) -> None:
    """ "untreated brain metastases": right before a finding it says what that is like."""
    if "MOD" in token.senses and is_one(around.after(at), "CONCEPT"):
        token.become("MOD")


def _is_first(before: Token | None) -> bool:
    return before is None or before.type in ("DOT", "SEMI", "BULLET")


def _if(token: Token, at: int, around: Around) -> None:
    """ "for", "patients with" and their like are conditions only beside a limit or in parentheses."""
    first = token.text.lower().split()[0]
    before, after = around.before(at), around.after(at)
    if first in _CONDITIONS or (_is_first(before) and token.text.startswith(("For ", "In "))):
        return
    if (
        first == "for"
        and is_one(after, "GLUE")
        and is_one(around.after(at, 1), *COMPARING, "NUM")
        and before is not None
    ):
        return
    limited = first in _FOR_SOME and " " in token.text and _ends_limit(around.before(at, "COMMA", "AND"))
    if limited and is_one(after, *COMPARING, "NUM"):
        return  # "24 or higher for those with more than 8 years of education"; "≥ 60, and, for those > 60 years, ≥ 50"
    if first == "for" and before is not None and (is_one(after, "SEX") or _population(after)):
        return
    if first == "for" and before is not None and before.text.lower() in _REQUIRED and _compared_soon(around, at):
        return  # "stress test required for all patients over 40 years"
    opens = before is None and _limit_follows(around, at)
    limit = _RELATIVES.isdisjoint(one.text.lower() for one in around.tokens[at + 1 : at + 2]) and (
        _ends_value(before)
        or is_one(before, "METHOD", "QUAL", "LPAR", "OR", "COMMA", "SEMI", "POSTGE", "POSTLE", "EXCEPT")
        or opens
    )
    if not (limit and is_one(after, "SEX", "CONCEPT", "MOD", "WORD", "GLUE", "NOT", "VAR", "SCALE", "JUDGE")):
        first_sense(token, "FILL", "GLUE")


def _compared_soon(around: Around, at: int) -> bool:
    """Whether people and a comparison follow at once."""
    return any(token.type in COMPARING for token in around.tokens[at + 1 : at + 5])


def _population(token: Token | None) -> bool:
    """Whether a concept is a group of people a demand may be limited to ("women of childbearing potential")."""
    return token is not None and token.type == "CONCEPT" and token.value in table("measures")["populations"]["concepts"]


_FAR = 40  # tokens from the beginning of a condition to the limit it governs


def _limit_follows(around: Around, at: int) -> bool:
    """Whether a comma, colon or "must" and then a comparison follow: "for patients with X, ALT ≤ 5 × ULN"."""
    kinds = [token.type for token in around.tokens[at + 1 : at + 1 + _FAR]]
    operator = next((i for i, kind in enumerate(kinds) if kind in COMPARING), None)
    return operator is not None and bool({"COMMA", "COLON", "THEN"} & set(kinds[:operator]))


_RULES: dict[str, Callable[[Token, int, Around], None]] = {
    **dict.fromkeys(COMPARING, _compare),
    **dict.fromkeys(("POSTGE", "POSTLE", "POSTGT"), _post),
    **dict.fromkeys(("VAR", "SCALE"), _variable),
    **dict.fromkeys(("BEFORE", "AFTER", "AGO"), _time_relation),
    "WITHIN": _within,
    "ANCHOR": _anchor,
    "CONCEPT": _concept,
    "BASELINE": _baseline,
    "TIMES": _times,
    "FROM": _from,
    "BETWEEN": _between,
    "OUTSIDE": _between,
    "CHANGE": _change,
    "MOD": _modifier,
    "TO": _to,
    "MULT": _multiple,
    "NORMAL": _normal,
    "DEFINES": _defines,
    "JUDGE": _judge,
    "SEX": _sex,
    "QUAL": _qualifier,
    "IF": _if,
    "ALLOF": _following,
}
