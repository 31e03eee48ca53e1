"""What is counted of a decided trial, and its rows in the order of the patients' ids."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from screening.batch import codes
from screening.batch.result import CriterionCounts, TrialCounts
from screening.batch.trial import VERDICTS, TrialSql
from screening.batch.writing import ROWS
from screening.store.database import Connection


def counts(trial: TrialSql, connection: Connection, relation: str, asked: int) -> TrialCounts:
    """Patients per verdict, and per criterion how many pass, fail and are undecided."""
    listed = [f"count(*) FILTER (verdict = {at})" for at in range(len(VERDICTS))]
    for at in range(len(trial.criteria)):
        listed += [f"count_if(c{at} = {code})" for code in (codes.TRUE, codes.FALSE)]
        listed.append(f"count(c{at})")
    found = connection.execute(f"SELECT {', '.join(listed)} FROM {relation}").fetchall()[0]
    row = [number or 0 for number in found]  # count_if of no rows is NULL
    per = iter(row[len(VERDICTS) :])
    criteria = [
        CriterionCounts(item.rule.id, item.rule.text, passed, failed, total - passed - failed, item.refused)
        for item, passed, failed, total in zip(trial.criteria, per, per, per, strict=True)
    ]
    return TrialCounts(trial.trial, tuple(criteria), dict(zip(VERDICTS, row, strict=False)), asked)


def rows(connection: Connection, relation: str) -> Iterable[Any]:
    """Arrow batches of a decided trial."""
    found: Iterable[Any] = connection.sql(f"SELECT * FROM {relation} ORDER BY patient_id").to_arrow_reader(ROWS)
    return found
