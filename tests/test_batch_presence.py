"""Presence in SQL: interpreter and SQL give the same code, cell by cell, for generated predicates × generated events."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
import sqlglot
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlglot.errors import ErrorLevel

from screening import concepts
from screening import predicates as p
from screening.evaluate import Chart, Context
from screening.evaluate.interpreter import prepare
from screening.patient.facts import EventKind

duckdb = pytest.importorskip("duckdb")
pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

from screening.batch.codes import FALSE, MISSING, TRUE, code_of  # noqa: E402
from screening.batch.compiler import WIDE, Compiler  # noqa: E402
from screening.batch.records import open_records  # noqa: E402
from screening.store import read_store  # noqa: E402
from screening.store.errors import StoreError  # noqa: E402

ON = date(2028, 2, 29)
PEOPLE = 300
NAMED = (
    "malignancy", "breast_cancer", "lung_cancer", "nsclc", "prostate_cancer", "basal_cell_carcinoma", "liver_metastasis",
    "other_malignancy", "metastatic_disease", "hiv", "hypertension", "diabetes", "pregnancy", "radiotherapy",
    "corticosteroids", "chemotherapy", "consent",
)  # fmt: skip
QUALIFIERS = ("active", "inactive", "severe", "mild", "uncontrolled", "controlled", "cured")

# Predicates

terms = st.builds(
    p.Term,
    st.sampled_from(NAMED),
    st.lists(st.sampled_from(QUALIFIERS), max_size=1).map(tuple) | st.just(()) | st.just(()),
)
windows = st.builds(
    p.Window,
    st.sampled_from(p.Relation),
    st.builds(
        p.Duration,
        st.sampled_from([Decimal(1), Decimal(4), Decimal("1.5"), Decimal(36)]),
        st.sampled_from(["h", "d", "wk", "mo", "a"]),
    ),
    st.sampled_from(["screening", "screening", "first_dose", "enrolment"]),
)
presences = st.builds(
    p.Presence, terms, st.sampled_from(p.Tense), st.none() | windows, st.lists(terms, max_size=1).map(tuple)
)


def joined(inner: st.SearchStrategy[p.Predicate]) -> st.SearchStrategy[p.Predicate]:
    return st.one_of(
        st.builds(p.Not, inner),
        st.builds(lambda one, other: p.All((one, other)), inner, inner),
        st.builds(lambda one, other: p.Any((one, other)), inner, inner),
        st.builds(p.Except, inner, inner),
        st.builds(p.IfElse, inner, inner, inner),
    )


predicates = st.recursive(presences, joined, max_leaves=2)
lists_assumed = st.frozensets(st.sampled_from(EventKind), max_size=4)
contexts = st.builds(
    Context,
    st.just(ON),
    assume_absent=st.just(frozenset()) | lists_assumed,
    anchors=st.sampled_from([{}, {"first_dose": ON - timedelta(days=10)}, {"first_dose": ON + timedelta(days=10)}]),
    index_conditions=st.sampled_from([(), ("breast_cancer",), ("lung_cancer", "nsclc"), ("malignancy",)]),
)

# Events

TABLES = {"conditions": "icd10", "medications": "atc", "procedures": "icd10", "allergies": "icd10cm"}


def codes_of(name: str) -> list[tuple[str, str]]:
    concept = concepts.catalogue()[name]
    listed = [*concept.icd10[:2], *concept.icd10_history[:1], *concept.icd10_possible[:1], *concept.icd10_exact[:1]]
    listed += [code[:3] for code in concept.icd10[:1]]
    return [("icd10cm", code) for code in listed] + [("atc", code) for code in concept.atc[:2]]


POOL = [pair for name in NAMED for pair in codes_of(name)]
STRANGE = [("snomed", "254837009"), ("local", "17"), (None, "C50.9"), ("icd10", ""), ("icd10", "I10"), (None, None)]
WORDS = [
    *(concepts.catalogue()[name].name for name in NAMED), "malignant tumour", "something else", "", None,
    "prednisolone 5 MG tablet", "hydrocortisone cream", "Breast cancer (disorder)",
]  # fmt: skip


def day(pick: Random) -> date | None:
    near = [0, 1, 9, 10, 11, 27, 28, 29, 30, 31, 365, -1, -10]
    back = pick.choice([*near, None, pick.randint(-20, 60), pick.randint(0, 4000)])
    return None if back is None else ON - timedelta(days=back)


def span(pick: Random) -> tuple[date | None, date | None]:
    first = day(pick)
    if first is None:
        return None, pick.choice([None, None, ON])
    return first, pick.choice([None, None, None, first, first + timedelta(days=pick.choice([1, 27, 30, 364, -9]))])


def codings(pick: Random) -> list[tuple[str | None, str | None]]:
    several = pick.choice([1, 1, 1, 1, 2, 3])
    return [pick.choice(POOL if pick.random() < 0.8 else STRANGE) for _ in range(several)]


def event_rows(pick: Random, number: int) -> list[dict[str, Any]]:
    """The rows of one event: most with a number, all with words that may say something else than the codes."""
    start, end = span(pick), pick.choice([(None, None), span(pick)])
    held = {
        "patient_id": pick.randrange(PEOPLE),
        "text": pick.choice(WORDS) if pick.random() < 0.5 else "",
        "start": start[0],
        "start_last": start[1],
        "end": end[0],
        "end_last": end[1],
        "certainty": pick.choice(["confirmed", "confirmed", "confirmed", "possible", "refuted", None]),
        "activity": pick.choice(["current", "past", "unknown", None]),
        "qualifiers": pick.choice([None, [], [], [pick.choice(QUALIFIERS)], pick.sample(QUALIFIERS, 2)]),
    }
    found = codings(pick)
    known = number if len(found) > 1 or pick.random() < 0.7 else None
    return [held | {"system": system, "code": code, "event": known} for system, code in found]


TYPES = {
    "patient_id": pa.int64(), "event": pa.int64(), "qualifiers": pa.list_(pa.string()), "birth_date": pa.date32(),
    "start": pa.date32(), "start_last": pa.date32(), "end": pa.date32(), "end_last": pa.date32(),
}  # fmt: skip


def write(folder: Path, tables: dict[str, list[dict[str, Any]]]) -> None:
    folder.mkdir(exist_ok=True)
    for name, rows in tables.items():
        columns = {
            key: pa.array([row[key] for row in rows], TYPES.get(key, pa.string())) for key in (rows[0] if rows else ())
        }
        if columns:
            pq.write_table(pa.table(columns), folder / f"{name}.parquet")


def generated(pick: Random, events: int = 1000) -> dict[str, list[dict[str, Any]]]:
    """A store of patients with a few events each; lists declared complete for some."""
    tables: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
    for number in range(events):
        tables[pick.choice([*TABLES, "conditions", "conditions"])] += event_rows(pick, number)
    for rows in tables.values():
        pick.shuffle(rows)
    people = [{"patient_id": n, "sex": pick.choice(["female", "male", "other", None])} for n in range(PEOPLE)]
    listed = [(n, name) for n in range(PEOPLE) for name in TABLES if pick.random() < 0.4]  # fmt: skip
    return {
        "patients": people,
        **tables,
        "complete": [{"patient_id": n, "list": name} for n, name in listed] if pick.random() < 0.8 else [],
    }


def agree(folder: Path, wanted: list[p.Predicate], context: Context) -> int:
    """Asserts that every cell is the same in SQL and by the interpreter; the number of cells."""
    connection = duckdb.connect()
    compiler = Compiler(open_records(connection, folder), context)
    nodes = [compiler._node(predicate, context) for predicate in wanted]  # noqa: SLF001 -- predicates without rules
    connection.execute(f"CREATE TEMP TABLE {WIDE} AS {compiler.wide().sql('duckdb')}")
    listed = ", ".join(f"{node.use().sql('duckdb')} AS c{n}" for n, node in enumerate(nodes))
    rows = connection.execute(f"SELECT patient_id, {listed} FROM ({compiler.decided().sql('duckdb')})").fetchall()
    connection.close()
    said = {str(row[0]): row[1:] for row in rows}
    judges = [prepare(predicate, context) for predicate in wanted]
    cells = 0
    for patient in read_store(folder):
        chart = Chart(patient)
        for predicate, judge, code in zip(wanted, judges, said[patient.id], strict=True):
            expected = code_of(judge(chart))
            assert code == expected, f"{predicate} for {patient.id}: SQL {code}, interpreter {expected}\n{patient}"
            cells += 1
    return cells


SETTINGS = settings(deadline=None, max_examples=4, phases=[Phase.generate], suppress_health_check=list(HealthCheck))


@SETTINGS
@given(st.integers(0, 2**32), st.lists(predicates, min_size=20, max_size=20), contexts)
def test_every_cell_is_the_same(
    tmp_path_factory: pytest.TempPathFactory, seed: int, wanted: list[p.Predicate], context: Context
) -> None:
    folder = tmp_path_factory.mktemp("store")
    write(folder, generated(Random(seed)))  # noqa: S311 -- test data
    assert agree(folder, wanted, context) == PEOPLE * 20


@given(st.lists(st.sampled_from([*POOL, ("snomed", "254837009")]), max_size=3), st.sampled_from(WORDS))
def test_codes_and_words_say_nothing_together_where_neither_does_alone(codes: list[Any], text: str | None) -> None:
    held, words = tuple(codes), text or ""
    for name in NAMED:
        if concepts.matches(name, held, words) != "no":
            assert {concepts.matches(name, held, ""), concepts.matches(name, (), words)} != {"no"}


# Single stores

PERSON = [{"patient_id": 1, "sex": "female"}]


def store(folder: Path, tables: dict[str, list[dict[str, Any]]]) -> Path:
    write(
        folder,
        {"patients": PERSON} | {name: [{"patient_id": 1} | row for row in rows] for name, rows in tables.items()},
    )
    return folder


def told(folder: Path, predicate: p.Predicate, context: Context = Context(ON)) -> int:  # noqa: B008 -- frozen
    """The code of the only patient; interpreter and SQL agree on it."""
    assert agree(folder, [predicate], context) == 1
    (patient,) = read_store(folder)
    return code_of(prepare(predicate, context)(Chart(patient)))


def has(concept: str, *qualifiers: str, **more: Any) -> p.Presence:
    return p.Presence(p.Term(concept, qualifiers), **more)


def test_a_store_of_codes_alone_is_a_store(tmp_path: Path) -> None:
    folder = store(tmp_path / "s", {"conditions": [{"system": "icd10", "code": "C50.9"}]})
    assert told(folder, has("breast_cancer")) == TRUE
    assert told(folder, has("hypertension")) == MISSING


def test_rows_that_share_a_number_are_one_event_with_the_words_of_the_first(tmp_path: Path) -> None:
    rows = [
        {"system": "snomed", "code": "254837009", "text": "growth", "start": ON, "event": 7},
        {"system": "icd10cm", "code": "C50.911", "text": "growth", "start": None, "event": 7},
        {"system": "icd10cm", "code": "I10", "text": "", "start": ON - timedelta(days=400), "event": None},
    ]
    month = p.Window(p.Relation.WITHIN, p.Duration(Decimal(1), "mo"))
    folder = store(tmp_path / "s", {"conditions": rows, "complete": [{"list": "conditions"}]})
    assert told(folder, has("breast_cancer", window=month)) == TRUE
    assert told(folder, has("diabetes")) == FALSE  # a known code among them makes an entry readable


def test_what_nobody_can_read_blocks_an_absence(tmp_path: Path) -> None:
    readable, strange = {"system": "icd10", "code": "I10", "text": ""}, {"system": "local", "code": "17", "text": "x"}
    listed = {"complete": [{"list": "conditions"}]}
    assert told(store(tmp_path / "a", {"conditions": [readable], **listed}), has("diabetes")) == FALSE
    assert told(store(tmp_path / "b", {"conditions": [readable, strange], **listed}), has("diabetes")) == MISSING


def test_an_absence_is_assumed_where_asked_and_never_in_an_exception(tmp_path: Path) -> None:
    folder = store(tmp_path / "s", {"conditions": [{"system": "icd10", "code": "I10"}]})
    assuming = Context(ON, assume_absent=frozenset({EventKind.CONDITION}))
    assert told(folder, has("diabetes"), assuming) == FALSE
    assert told(folder, p.Except(has("hypertension"), has("diabetes")), assuming) == MISSING


def test_a_second_primary_counts_and_one_still_to_come_does_not(tmp_path: Path) -> None:
    breast, colon = ({"system": "icd10", "code": code, "start": ON} for code in ("C50.9", "C18.7"))
    later = colon | {"start": ON + timedelta(days=5)}
    both = store(tmp_path / "a", {"conditions": [breast, colon]})
    one = store(tmp_path / "b", {"conditions": [breast, later]})
    other = has("other_malignancy")
    assert told(both, other, Context(ON, index_conditions=("breast_cancer",))) == TRUE
    assert told(both, other) == TRUE  # whichever of the two is the trial's own
    assert [told(one, other, Context(ON, index_conditions=index)) for index in ((), ("breast_cancer",))] == [
        MISSING
    ] * 2
    listed = store(tmp_path / "c", {"conditions": [breast, later], "complete": [{"list": "conditions"}]})
    assert told(listed, other) == FALSE


def test_a_word_for_certainty_that_no_store_uses_is_an_error_of_one_line(tmp_path: Path) -> None:
    folder = store(tmp_path / "s", {"conditions": [{"system": "icd10", "code": "I10", "certainty": "perhaps"}]})
    compiler = Compiler(open_records(duckdb.connect(), folder), Context(ON))
    compiler.presences.code(has("hypertension"), Context(ON), compiler.records)
    with pytest.raises(StoreError, match=r"^conditions: the column certainty"):
        compiler.wide()


@pytest.mark.parametrize("dialect", ["duckdb", "spark"])
def test_both_dialects_say_the_same(tmp_path: Path, dialect: str) -> None:
    write(tmp_path / "s", generated(Random(5), 60))  # noqa: S311 -- test data
    records = open_records(duckdb.connect(), tmp_path / "s")
    compiler = Compiler(records, Context(ON, assume_absent=frozenset(EventKind)))
    for concept in NAMED:
        window = p.Window(p.Relation.AT_LEAST, p.Duration(Decimal(36), "h"))
        for predicate in (has(concept), has(concept, "severe", window=window), has(concept, tense=p.Tense.HAD)):
            compiler._node(predicate, compiler.context)  # noqa: SLF001 -- predicates without rules
    query = compiler.wide().sql(dialect, unsupported_level=ErrorLevel.RAISE)
    named = {item.alias for item in sqlglot.parse_one(query, dialect=dialect).find_all(sqlglot.exp.Alias)}
    assert {f"e{at}" for at in range(3 * len(NAMED))} <= named
    assert compiler.decided().sql(dialect, unsupported_level=ErrorLevel.RAISE)
