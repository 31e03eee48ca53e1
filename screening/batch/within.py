"""Deciding a few rules inside a connection that somebody else holds open, so that their answers can be joined there.

Nothing is written to disk; `engine.batch` is for whole trials with a result file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from screening.batch.asking import decide as settled
from screening.batch.compiler import WIDE, Compiler
from screening.batch.records import open_records
from screening.batch.trial import compiled
from screening.evaluate.attested import Answers
from screening.evaluate.context import Context
from screening.ruleset.model import Rule, RuleSet
from screening.store.database import Connection, readable


@dataclass(frozen=True, slots=True)
class Decided:
    """The temporary table *name* has a row per patient of the store: patient_id and c0, c1 …, a code of
    `screening.batch.codes` for each rule in the sense of passing. *refused*: rule id → why SQL does not decide it."""

    name: str
    refused: Mapping[str, str]


def decide(  # noqa: PLR0913 -- where, what, for whom
    connection: Connection,
    store: str | Path,
    rules: Sequence[Rule],
    context: Context,
    name: str,
    *,
    answers: Answers = (),
) -> Decided:
    """The rules decided for every patient of a store, sharing one scan; *answers* are those beside the store.

    Raises StoreError where it cannot be read.
    """
    with readable(str(store)):
        records = open_records(connection, store, answers)
        compiler = Compiler(records, context)
        made = compiled(RuleSet(context.trial or "", "", tuple(rules)), compiler.beside(context), skip_refused=True)
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {WIDE} AS {compiler.wide().sql('duckdb')}")
        settled(made, name)
        connection.execute(f"DROP TABLE {WIDE}")
    return Decided(name, {item.rule.id: item.refused for item in made.criteria if item.refused is not None})
