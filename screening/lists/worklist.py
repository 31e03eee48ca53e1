"""The missing-data worklist: which facts would settle the most patients, leaving out those who have failed already.

A patient is settled when nothing but judgements is open. A fact settles those for whom it is the only one open;
judgements stand apart, since they alone do not keep anybody from being potentially eligible.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from screening.batch import codes
from screening.batch.trial import INTERPRETER_ONLY
from screening.batch.within import decide
from screening.lists.facts import Fact, Kind, by_reason
from screening.lists.looking import MOST, look
from screening.lists.probes import Probe, Probes
from screening.lists.recheck import Source
from screening.lists.results import Listed, Results
from screening.lists.tables import Answer, Column, Query, Table
from screening.ruleset.model import Rule
from screening.store.database import Connection, literal, make, package

TOP = 100
"""Patients whose list is written out unless more are asked for."""

_PROBED = "probed"
_ALIVE = "verdict IN ('needs_information', 'potentially_eligible')"

COLUMNS = (
    Column("rank", "rank", "integer"),
    Column("fact", "fact"),
    Column("kind", "kind"),
    Column("settles", "settles", "integer"),
    Column("together", "with those above", "integer"),
    Column("open", "open in", "integer"),
    Column("criteria", "criteria"),
    Column("reasons", "why", wide=True),
)

MEANING = (
    "Settles: patients in whom it is the only thing open, judgements apart. With those above: patients settled by all"
    " facts down to this one."
)


def worklist(results: Results, source: Source, *, top: int | None = TOP) -> Answer:
    """The facts by the number of patients they settle, then by the number in whom they are open; and for the first
    *top* patients what to get, those first who lack least.

    With a store, the parts of a criterion that are open are looked up for each patient; without, a criterion that
    may be open for several facts counts as one, named after all of them.
    """
    facts = _gather(results, source)
    connection = results.connection
    make(connection, "facts", ["INTEGER", "VARCHAR", "VARCHAR"], [(n, f.kind, f.name) for n, f in enumerate(facts)])
    connection.execute(f"CREATE OR REPLACE TABLE ranked_facts AS {_RANKED}")
    tables = (_facts(results, source), _patients(results, top))
    return Answer("worklist", "Missing-data worklist", results.about, tables)


def _facts(results: Results, source: Source) -> Table:
    rows = results.rows(_FACTS)
    alive, waiting = results.one("SELECT count(*), count(*) FILTER (open > 0) FROM waiting")
    notes = [f"{waiting} of {alive} patients who have not failed wait for a fact.", MEANING]
    if source.store is None:
        notes.append("Without the store, criteria that hang on several facts are listed as such; --store tells which.")
    return Table("worklist", "Facts, by the number of patients they settle", COLUMNS, tuple(rows), tuple(notes))


def _patients(results: Results, top: int | None) -> Table:
    columns = (
        results.patient,
        Column("lacks", "lacks", "integer"),
        Column("fact", "to get"),
        Column("kind", "kind"),
        Column("reasons", "why"),
        Column("criteria", "criteria", wide=True),
    )
    limit = "" if top is None else f"LIMIT {top}"
    query = _PATIENTS.format(limit=limit)
    (total,) = results.one("SELECT count(DISTINCT patient_id) FROM open_facts")
    notes = (f"{total if top is None else min(total, top)} of {total} patients shown, those first who lack least.",)
    title = "What to get for each patient"
    return Table("worklist-patients", title, columns, Query(results.connection, query), notes)


# Gathering what is open: the table open_facts (patient_id, fact, criterion, reason)


def _gather(results: Results, source: Source) -> list[Fact]:
    """Fills the table; the facts by their numbers in it."""
    connection, known = results.connection, _Numbers()
    connection.execute(
        f"CREATE OR REPLACE TABLE open_facts (patient_id {results.id_kind}, fact INTEGER, place INTEGER,"
        " criterion VARCHAR, reason VARCHAR)"
    )
    why = "".join(f", r{criterion.at}" for criterion in results.criteria)
    connection.execute(f"CREATE OR REPLACE TABLE waiting AS SELECT patient_id, open{why} FROM people WHERE {_ALIVE}")
    rules = {rule.id: rule for rule in source.decided.rules}
    listed = [(criterion, rules[criterion.id]) for criterion in results.criteria]
    undecided = [(criterion, rule) for criterion, rule in listed if _has_open(results, criterion)]
    probes = _probed(results, source, [rule for _, rule in undecided])
    _look(results, source, [entry for entry in undecided if entry[0].id not in probes], known)
    for criterion, rule in listed:
        for query in _queries(criterion, rule, probes.get(criterion.id, ()), known):
            connection.execute(f"INSERT INTO open_facts {query}")
        _rest(connection, criterion, rule, known)
    return list(known.facts)


class _Numbers:
    """Facts numbered in the order in which they come."""

    def __init__(self) -> None:
        self.facts: dict[Fact, int] = {}

    def of(self, fact: Fact) -> int:
        return self.facts.setdefault(fact, len(self.facts))


def _has_open(results: Results, criterion: Listed) -> bool:
    why = f"r{criterion.at}"
    query = f"SELECT count(*) FROM waiting WHERE {why} <> {literal(INTERPRETER_ONLY)}"
    return bool(results.one(query)[0])


def _probed(results: Results, source: Source, rules: Sequence[Rule]) -> dict[str, list[Probe]]:
    """The probes of the criteria that may hang on several facts, decided over the store."""
    probes = Probes()
    if source.store is not None:
        for rule in rules:
            probes.add(rule)
    if not probes.rules or source.store is None:
        return {}
    decided = decide(results.connection, source.needed_store(), probes.rules, source.context, _PROBED)
    return probes.without(decided.refused)


def _look(results: Results, source: Source, unprobed: Sequence[tuple[Listed, Rule]], known: _Numbers) -> None:
    """Criteria of which SQL does not decide every part: by the interpreter, unless too many patients wait for them."""
    if source.store is None or not unprobed:
        return
    waiting = " OR ".join(f"r{criterion.at} <> {literal(INTERPRETER_ONLY)}" for criterion, _ in unprobed)
    ids = results.rows(f"SELECT patient_id, {_whys(unprobed)} FROM waiting WHERE {waiting} LIMIT {MOST + 1}")
    if len(ids) > MOST:
        return
    open_ = {(str(id), c.id) for id, *why in ids for (c, _), reason in zip(unprobed, why, strict=True) if reason}
    names, places = {str(row[0]): row[0] for row in ids}, {criterion.id: criterion.at for criterion, _ in unprobed}
    found = [one for one in look(source, [rule for _, rule in unprobed], list(names)) if one[:2] in open_]
    arrow = package("pyarrow", results.path)
    told = {
        "patient_id": arrow.array([names[one.patient] for one in found]),
        "fact": arrow.array([known.of(one.fact) for one in found], arrow.int32()),
        "place": arrow.array([places[one.criterion] for one in found], arrow.int32()),
        "criterion": arrow.array([one.criterion for one in found], arrow.string()),
        "reason": arrow.array([one.reason for one in found], arrow.string()),
    }
    if found:
        results.connection.register("looked_at", arrow.table(told))
        results.connection.execute("INSERT INTO open_facts SELECT * FROM looked_at")
        results.connection.unregister("looked_at")


def _whys(listed: Sequence[tuple[Listed, Rule]]) -> str:
    """Why each criterion is open, unless no one but the interpreter has been asked."""
    return ", ".join(f"nullif(r{criterion.at}, {literal(INTERPRETER_ONLY)})" for criterion, _ in listed)


def _queries(criterion: Listed, rule: Rule, probes: Iterable[Probe], known: _Numbers) -> Iterator[str]:
    """What is open for whom, by the probes of a criterion."""
    place = f"{criterion.at}, {literal(rule.id)}"
    for probe in probes:
        yield (
            f"SELECT patient_id, {known.of(probe.fact)}, {place}, {_reason(f'v.{probe.code}')}"
            f" FROM (SELECT patient_id FROM waiting WHERE r{criterion.at} IS NOT NULL) AS p"
            f" JOIN {_PROBED} AS v USING (patient_id) WHERE {probe.condition}"
        )


def _reason(code: str) -> str:
    cases = " ".join(f"WHEN {codes.unknown(reason)} THEN {literal(reason.value)}" for reason in codes.REASONS)
    return f"CASE {code} {cases} END"


def _rest(connection: Connection, criterion: Listed, rule: Rule, known: _Numbers) -> None:
    """What is open and no probe has told: by the reason the result gives."""
    why = f"r{criterion.at}"
    rest = (
        f"FROM waiting WHERE {why} IS NOT NULL AND patient_id NOT IN"
        f" (SELECT patient_id FROM open_facts WHERE place = {criterion.at})"
    )
    for (reason,) in connection.execute(f"SELECT DISTINCT {why} {rest} ORDER BY 1").fetchall():
        number = known.of(by_reason(rule, reason))
        told = f"{number}, {criterion.at}, {literal(rule.id)}, {why}"
        query = f"SELECT patient_id, {told} {rest} AND {why} = {literal(reason)}"
        connection.execute(f"INSERT INTO open_facts {query}")


# Questions to the tables open_facts, facts and ranked_facts

_JUDGEMENT = f"kind = '{Kind.JUDGEMENT}'"

_RANKED = f"""
WITH named AS (SELECT c0 AS fact, c1 AS kind, c2 AS name FROM facts),
each_one AS (SELECT DISTINCT patient_id, fact, kind FROM open_facts JOIN named USING (fact)),
lacks AS (
  SELECT patient_id, count(*) FILTER (NOT {_JUDGEMENT}) AS data, count(*) AS everything FROM each_one GROUP BY 1
),
counted AS (
  SELECT fact, kind, name, count(*) AS open,
    count(*) FILTER (CASE WHEN {_JUDGEMENT} THEN everything = 1 ELSE data = 1 END) AS settles
  FROM each_one JOIN lacks USING (patient_id) JOIN named USING (fact, kind) GROUP BY ALL
)
SELECT *, row_number() OVER (ORDER BY {_JUDGEMENT}, settles DESC, open DESC, name) AS rank FROM counted
"""

_FACTS = f"""
WITH last AS (
  SELECT patient_id, max(rank) AS rank FROM open_facts JOIN ranked_facts USING (fact) WHERE NOT {_JUDGEMENT} GROUP BY 1
),
settled AS (SELECT rank, count(*) AS settled FROM last GROUP BY 1),
why AS (
  SELECT fact, string_agg(replace(reason, '_', ' ') || ' ' || people, ', ' ORDER BY people DESC, reason) AS reasons FROM
  (SELECT fact, reason, count(DISTINCT patient_id) AS people FROM open_facts GROUP BY ALL) GROUP BY 1
),
places AS (
  SELECT fact, string_agg(criterion, ' ' ORDER BY place) AS criteria FROM
  (SELECT DISTINCT fact, place, criterion FROM open_facts) GROUP BY 1
)
SELECT rank, name, kind, settles,
  CASE WHEN {_JUDGEMENT} THEN NULL ELSE CAST(sum(coalesce(settled, 0)) OVER (ORDER BY rank) AS BIGINT) END,
  open, criteria, reasons
FROM ranked_facts LEFT JOIN settled USING (rank) JOIN why USING (fact) JOIN places USING (fact) ORDER BY rank
"""

_PATIENTS = f"""
WITH why AS (
  SELECT patient_id, fact, string_agg(replace(reason, '_', ' '), ', ' ORDER BY reason) AS reasons FROM
  (SELECT DISTINCT patient_id, fact, reason FROM open_facts) GROUP BY ALL
),
places AS (
  SELECT patient_id, fact, string_agg(criterion, ' ' ORDER BY place) AS criteria FROM
  (SELECT DISTINCT patient_id, fact, place, criterion FROM open_facts) GROUP BY ALL
),
lacks AS (
  SELECT patient_id, count(*) FILTER (NOT {_JUDGEMENT}) AS lacks FROM why JOIN ranked_facts USING (fact)
  GROUP BY 1 ORDER BY lacks = 0, lacks, patient_id {{limit}}
)
SELECT patient_id, lacks, name, kind, reasons, criteria
FROM why JOIN places USING (patient_id, fact) JOIN lacks USING (patient_id) JOIN ranked_facts USING (fact)
ORDER BY lacks = 0, lacks, patient_id, rank
"""
