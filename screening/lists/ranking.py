"""Ranked candidates: who is nearest to the trial, in an order that anybody can check."""

from __future__ import annotations

from screening.lists.results import Results
from screening.lists.tables import Answer, Column, Query, Table
from screening.store.database import literal

ORDER = "failed, unknown, margin DESC NULLS LAST, patient_id"
"""Fewest failed, fewest unknown, the greatest least distance to a limit, then the patient's id."""


def ranked(results: Results, *, top: int | None = None, failed: bool = False) -> Answer:
    """The living patients, nearest first; with *failed* also those who fail a criterion; *top*: no more than these.

    The margin is the least of a patient's distances to the limits of numeric criteria, relative to the limit and
    positive on the passing side: how much the closest call could still give way.
    """
    query = ranking(results, top=top, failed=failed)
    columns = (
        Column("rank", "rank", "integer"),
        results.patient,
        Column("verdict", "verdict"),
        Column("failed", "failed", "integer"),
        Column("unknown", "open", "integer"),
        Column("margin", "least margin", "number"),
        Column("failed_criteria", "fails", wide=True),
        Column("unknown_criteria", "open criteria", wide=True),
    )
    title = "Candidates: fewest failed, then fewest open, then the greatest least margin"
    table = Table("ranked", title, columns, Query(results.connection, query), _notes(results, top, failed))
    return Answer("ranked", "Ranked candidates", results.about, (table,))


def ranking(results: Results, *, top: int | None, failed: bool) -> str:
    """The query of the ranked list."""
    left_out = "('deceased')" if failed else "('deceased', 'not_eligible')"
    limit = "" if top is None else f" LIMIT {top}"
    return (
        f"SELECT row_number() OVER (ORDER BY {ORDER}) AS rank, patient_id, verdict, failed, unknown, margin,"
        f" failed_criteria, unknown_criteria FROM (SELECT *, {_margin(results)} AS margin,"
        f" {_named(results, 'p{} IS FALSE')} AS failed_criteria, {_named(results, 'r{} IS NOT NULL')}"
        f" AS unknown_criteria FROM people WHERE verdict NOT IN {left_out}) ORDER BY {ORDER}{limit}"
    )


def _margin(results: Results) -> str:
    """The least margin; LEAST passes over what is null."""
    listed = [f"m{criterion.at}" for criterion in results.criteria if criterion.margin]
    return f"least({', '.join(listed)})" if listed else "CAST(NULL AS DOUBLE)"


def _named(results: Results, condition: str) -> str:
    """The ids of the criteria for which a condition holds, in the order of the document."""
    listed = [f"CASE WHEN {condition.format(c.at)} THEN {literal(c.id)} END" for c in results.criteria]
    return f"concat_ws(' ', {', '.join(listed)})" if listed else "''"


def _notes(results: Results, top: int | None, failed: bool) -> tuple[str, ...]:
    """Who is not on the list."""
    counts = dict(results.rows("SELECT verdict, count(*) FROM people GROUP BY verdict"))
    dead, lost = counts.get("deceased", 0), counts.get("not_eligible", 0)
    total = sum(counts.values())
    listed = total - dead - (0 if failed else lost)
    shown = min(listed, top) if top is not None else listed
    out = f"{dead} deceased" + ("" if failed else f" and {lost} not eligible")
    notes = [f"{shown} of {listed} candidates shown; of {total} patients {out} are left out."]
    if not results.margins:
        notes.append("The result holds no margins: made without --margins.")
    return tuple(notes)
