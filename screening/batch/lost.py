"""Rows of a store's source that no patient is decided by: left out when it was made, or of nobody in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from screening.batch import sql
from screening.batch.records import Records
from screening.patient import Attestation, Finding
from screening.ruleset.model import RuleSet
from screening.store.database import Connection, columns
from screening.store.reading import Store
from screening.store.shape import LISTS

SHOWN = 5
"""Messages that are worth reading; `screening store check` has them all."""

UNPLACED = "attestation for a patient or criterion that was not screened"


@dataclass(frozen=True, slots=True)
class Lost:
    """How many, and the first of them with their places."""

    count: int = 0
    shown: tuple[Finding, ...] = ()


def lost(connection: Connection, records: Records, trials: Sequence[RuleSet]) -> Lost:
    """What is lost, as the store has recorded it, rows that belong to no patient of it, and answers to no criterion."""
    store = records.store
    kinds = (_recorded(connection, store), _orphans(connection, store), _unplaced(records, trials))
    return Lost(sum(kind.count for kind in kinds), tuple(one for kind in kinds for one in kind.shown)[:SHOWN])


def _unplaced(records: Records, trials: Sequence[RuleSet]) -> Lost:
    """Answers beside the store that no screened patient or criterion took up; those to other trials are not missed."""
    if not records.given:
        return Lost()
    criteria = {rules.trial: {rule.id for rule in rules.rules} for rules in trials}
    living = _living(records)
    found = [
        Finding(UNPLACED, f"{owner or 'every patient'} {answer.criterion}", lost=True)
        for owner, answer in records.given
        if (meant := _meant(answer, criteria))
        and (owner not in living or not any(answer.criterion in criteria[trial] for trial in meant))
    ]
    return Lost(len(found), tuple(found[:SHOWN]))


def _meant(answer: Attestation, criteria: Mapping[str, set[str]]) -> list[str]:
    """The trials of this batch that an answer may be about."""
    return [trial for trial in criteria if answer.trial in (None, trial)]


def _living(records: Records) -> set[str | None]:
    """The ids of all who are screened, and None, which stands for every one of them."""
    alive = sql.no(exp.Coalesce(this=records.field("patients", "deceased", "BOOLEAN"), expressions=[exp.false()]))
    ids = exp.select(sql.cast(sql.col("patient_id"), "VARCHAR")).from_("patients").where(alive)
    return {None, *(row[0] for row in records.rows(ids))}


def _recorded(connection: Connection, store: Store) -> Lost:
    source = store.source("findings")
    if source is None:
        return Lost()
    rows_each = "coalesce(rows, 1)" if "rows" in columns(connection, source) else "1"
    count = connection.execute(f"SELECT coalesce(sum({rows_each}), 0) FROM {source} WHERE lost").fetchone()[0]
    rows = connection.execute(
        f"SELECT message, source FROM {source} WHERE lost ORDER BY filename, file_row_number LIMIT {SHOWN}"
    ).fetchall()
    return Lost(int(count), tuple(Finding(message, place or "", lost=True) for message, place in rows))


def _orphans(connection: Connection, store: Store) -> Lost:
    total, found = 0, []
    nameless = f"SELECT count(*) FROM {store.source('patients')} WHERE patient_id IS NULL"
    count = connection.execute(nameless).fetchone()[0]
    if count:
        total += count
        found.append(Finding(f"{count} rows without patient id", "patients", lost=True))
    for table in ("observations", *LISTS):
        source = store.source(table)
        if source is None:
            continue
        count = connection.execute(
            f"SELECT count(*) FROM {source} AS t WHERE t.patient_id IS NULL OR t.patient_id NOT IN"
            f" (SELECT patient_id FROM {store.source('patients')} WHERE patient_id IS NOT NULL)"
        ).fetchone()[0]
        if count:
            total += count
            found.append(Finding(f"{count} rows belong to no patient of the store", table, lost=True))
    return Lost(total, tuple(found))
