"""What Spark does otherwise than DuckDB under the same name, or does fast only if it is said otherwise."""

from __future__ import annotations

import re

from sqlglot import exp

from screening.batch.sql import Sql, case, no, num, text


def in_sparks_words(query: Sql) -> Sql:
    """The query as Spark has to be told it."""
    return query.transform(_of_some).transform(_translated, copy=False)


def _translated(node: Sql) -> Sql:
    """One expression in Spark's words; `transform` does not look into what is new, so its parts are translated here.

    Days between dates as whole numbers: DATEDIFF of a unit goes by way of time stamps and zones. Text that is no number
    as NULL: a cast is an error, and even TRY_CAST takes Java's 1d, 2f and 0x1p3 for numbers.
    """
    match node:
        case exp.DateDiff():
            return exp.TsOrDsDiff(this=node.this, expression=node.expression)
        case exp.ArrayPosition():
            return _place_in_list(node.this.expressions, in_sparks_words(node.expression))
        case exp.TryCast():
            java = exp.RegexpLike(this=node.this.copy(), expression=text(_JAVAS))
            plain = case((no(java), node.this), default=exp.null())
            return exp.TryCast(this=plain, to=node.to, safe=True)
        case exp.Cast(this=exp.Literal() as written) if node.is_type("DOUBLE") and _DIGITS.fullmatch(written.name):
            return exp.Literal.number(f"{written.name}D")  # there are hundreds, and Spark reads a cast slowly
        case _:
            return node


def _place_in_list(listed: list[Sql], value: Sql) -> Sql:
    """The place of a value in a list; NULL and not Spark's 0 where it is not there.

    Spark works a list out anew for each mention of it, in the filter and in the column: branches are read once each.
    Of long lists they would make methods too long for Java to compile (`_SETTINGS`).
    """
    places: dict[Sql, int] = {}
    for at, item in enumerate(listed, 1):
        places.setdefault(item, at)  # a list may repeat what stands for values that are not looked for
    if len(places) > _BRANCHES:
        place = exp.ArrayPosition(this=exp.array(*(item.copy() for item in listed)), expression=value)
        return exp.Nullif(this=place, expression=num(0))
    branches = [(exp.EQ(this=value.copy(), expression=item.copy()), num(at)) for item, at in places.items()]
    return case(*branches, default=exp.null())


def _of_some(node: Sql) -> Sql:
    """An aggregate of some rows, as `sql.filtered` makes them, with FILTER: Spark then passes over the aggregates that
    a row has no part in, which are nearly all of them; a NULL it would carry through each."""
    if not isinstance(node, exp.ArgMax | exp.Max):
        return node
    place = "expression" if node.args.get("expression") else "this"
    match node.args[place]:
        case exp.Case(args={"ifs": [exp.If() as only], "default": exp.Null()}):
            made = node.copy()
            made.set(place, only.args["true"].copy())
            return exp.Filter(this=made, expression=exp.Where(this=only.this.copy()))
        case _:
            return node


_BRANCHES = 30
"""So many values of a list at most are told apart by branches."""

_DIGITS = re.compile(r"\d+\.\d+(e[+-]?\d+)?")
"""A double as Python writes most of them."""

_JAVAS = r"[0-9.][DdFfPpXx]"
"""In a number that only Java reads."""
