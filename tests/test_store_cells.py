"""What single cells of somebody's tables may hold: dates of every form, the dead, words recoded, signs, limits.

Whatever is not understood is counted with its place and never taken for something else.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from screening.patient import Activity, Certainty, DateSpan, Patient
from screening.store import Converted, StoreError, convert, read_store

HEAD = """
date_formats = ["%d.%m.%Y", "%m/%Y", "%Y"]
[tests]
GPT = "alt"
[patients]
table = "people"
patient = "nr"
birth = "born"
sex = { column = "sex", values = { "1" = "male", "2" = "female" } }
deceased = "died"
"""
LABS = """
[[observations]]
table = "labs"
patient = "nr"
code = "test"
value = "result"
comparator = "sign"
unit = { value = "U/L" }
date = "day"
low = "low"
high = "high"
"""
PROBLEMS = """
[[conditions]]
table = "problems"
patient = "nr"
text = "what"
start = "since"
certainty = { column = "sure", values = { S = "confirmed", A = "refuted" } }
activity = "state"
"""
PEOPLE = "nr;born;sex;died\n"


def made(tmp_path: Path, mapping: str, **tables: str) -> tuple[Converted, dict[str, Patient]]:
    for name, content in tables.items():
        (tmp_path / f"{name}.csv").write_text(content, encoding="utf8")
    (tmp_path / "mapping.toml").write_text(mapping, encoding="utf8")
    found = convert(tmp_path, tmp_path / "store", tmp_path / "mapping.toml")
    return found, {patient.id: patient for patient in read_store(tmp_path / "store")}


def told(found: Converted) -> dict[str, str]:
    return {finding.message: finding.source for finding in found.findings}


def span(first: str, last: str) -> DateSpan:
    return DateSpan(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("04.03.1961", span("1961-03-04", "1961-03-04")),
        ("03/1961", span("1961-03-01", "1961-03-31")),
        ("1961", span("1961-01-01", "1961-12-31")),
        ("1961-02", span("1961-02-01", "1961-02-28")),
        ("1961-03-04T10:00:00+01:00", span("1961-03-04", "1961-03-04")),
        ("1961-03-04/1962-05-06", span("1961-03-04", "1962-05-06")),
        ("1961/1962", span("1961-01-01", "1962-12-31")),
        ("19610304", span("1961-03-04", "1961-03-04")),
    ],
)
def test_a_date_is_as_exact_as_it_is_written(tmp_path: Path, written: str, meant: DateSpan) -> None:
    _, people = made(tmp_path, HEAD, people=f"{PEOPLE}1;{written};1;\n")
    assert people["1"].birth == meant


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("31.02.1961", "birth: date not read"),
        ("04.03.61", "birth: date not read"),
        ("1961-03-04 or later", "birth: date not read"),
        ("22345", "birth: a spreadsheet's number of a day"),
        ("", "no birth date (1 rows)"),
    ],
)
def test_what_is_no_date_is_said_to_be_none(tmp_path: Path, written: str, said: str) -> None:
    found, people = made(tmp_path, HEAD, people=f"{PEOPLE}1;{written};1;\n")
    assert people["1"].birth is None
    assert [message for message in told(found) if message.startswith(said)]


def test_two_forms_that_read_one_date_as_two_days_are_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="read one date as two different days"):
        made(tmp_path, HEAD.replace('"%m/%Y"', '"%m.%d.%Y"'), people=PEOPLE)
    with pytest.raises(StoreError, match="'%Q' is no form of a date"):
        made(tmp_path, HEAD.replace('"%m/%Y"', '"%Q"'), people=PEOPLE)


def test_a_date_of_death_is_a_death_and_no_word_is_guessed(tmp_path: Path) -> None:
    rows = "1;1960;1;12.01.2026\n2;1960;1;2025-12\n3;1960;1;0\n4;1960;1;\n5;1960;1;ja\n6;1960;1;Y\n"
    found, people = made(tmp_path, HEAD, people=PEOPLE + rows)
    assert [name for name, patient in people.items() if patient.deceased] == ["1", "2", "6"]
    assert told(found) == {
        "deceased: neither yes or no nor a date of death, taken for alive: recode it with values in the mapping"
        " (1 rows)": "people row 5"
    }


def test_two_rows_of_one_patient_that_differ_in_anything_are_named(tmp_path: Path) -> None:
    found, people = made(tmp_path, HEAD, people=f"{PEOPLE}1;1960;1;0\n1;1960;1;1\n2;1960;1;0\n2;1960;1;0\n")
    assert len(people) == 2
    assert told(found) == {"patient listed twice and differently: the first counts (2 rows)": "people row 1"}


def test_a_recoded_cell_that_the_mapping_does_not_list_is_counted(tmp_path: Path) -> None:
    found, people = made(tmp_path, HEAD, people=f"{PEOPLE}1;1960;1.0;\n2;1960;3;\n3;1960;;\n")
    assert [patient.sex for patient in people.values()] == ["male", None, None]
    assert told(found) == {
        "sex: not among the values that the mapping lists for the column 'sex' (1 rows)": "people row 2"
    }


def test_an_event_of_doubtful_certainty_is_possible_and_never_dropped(tmp_path: Path) -> None:
    problems = "nr;what;since;sure;state\n1;asthma;2020;S;past\n1;gout;01.2020;V;done\n1;;2020;A;\n"
    found, people = made(tmp_path, HEAD + PROBLEMS, people=f"{PEOPLE}1;1960;1;\n", problems=problems)
    held = {event.text: (event.certainty, event.activity) for event in people["1"].events}
    assert held == {
        "asthma": (Certainty.CONFIRMED, Activity.PAST),
        "gout": (Certainty.POSSIBLE, Activity.UNKNOWN),
        "": (Certainty.REFUTED, Activity.CURRENT),
    }
    assert told(found).items() >= {
        ("conditions: certainty not recognised, taken for possible (1 rows)", "problems row 2"),
        ("conditions: activity not recognised, taken for unknown (1 rows)", "problems row 2"),
        ("conditions: row with neither text nor code (1 rows)", "problems row 3"),
        ("conditions: date not read: write it as YYYY-MM-DD, or name its form in date_formats (1 rows)",
         "problems row 2"),
    }  # fmt: skip


def test_a_sign_a_comma_or_a_limit_that_is_not_understood_leaves_no_number(tmp_path: Path) -> None:
    labs = (
        "nr;test;result;sign;day;low;high\n1;GPT;40;=;2026-03-01;10;40\n1;GPT;40;below;2026-03-02;10;40\n"
        "1;GPT;40,5;;2026-03-03;10;40\n1;GPT;40;;2026-03-04;10;none\n1;GPT;40;;2026-03-05;40;10\n"
    )
    found, people = made(tmp_path, HEAD + LABS, people=f"{PEOPLE}1;1960;1;\n", labs=labs)
    values = [one.value for one in people["1"].observations]
    assert [value is None for value in values] == [False, True, True, False, False]
    assert {message.partition(":")[0] for message in told(found)} == {
        "alt", "limit of a reference range that is no number",
        "reference range whose low limit lies above its high one (1 rows)",
    }  # fmt: skip
    assert [message for message in told(found) if 'write decimal = ","' in message]


def test_lines_that_end_in_two_ways_are_one_table(tmp_path: Path) -> None:
    (tmp_path / "mapping.toml").write_text(HEAD + LABS, encoding="utf8")
    (tmp_path / "people.csv").write_text(f"{PEOPLE}1;1960;1;\n", encoding="utf8")
    head = b"nr;test;result;sign;day;low;high\r\n"
    rows = [f"1;GPT;{number};;2026-03-{number:02};10;40".encode() for number in range(1, 20)]
    (tmp_path / "labs.csv").write_bytes(head + b"\r\n".join(rows[:10]) + b"\n" + b"\n".join(rows[10:]))
    convert(tmp_path, tmp_path / "store", tmp_path / "mapping.toml")
    (patient,) = read_store(tmp_path / "store")
    assert [int(one.value or 0) for one in patient.observations] == list(range(1, 20))


def test_a_line_that_is_not_utf_8_is_named_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "mapping.toml").write_text(HEAD, encoding="utf8")
    (tmp_path / "people.csv").write_bytes(f"{PEOPLE}1;1960;1;\n".encode() + b"\xe4;1961;1;\n")
    found = convert(tmp_path, tmp_path / "store", tmp_path / "mapping.toml")
    assert [(one.message, one.source) for one in found.findings if one.lost] == [
        ("damaged line left out: not UTF-8; save the file as UTF-8", "people.csv: line 3")
    ]


def test_no_matching_concept_hides_nothing(tmp_path: Path) -> None:
    tables = {
        "person": "person_id,gender_concept_id,year_of_birth\n1,0,1960\n",
        "measurement": "measurement_id,person_id,measurement_concept_id,measurement_date,value_as_number,"
        "measurement_source_value,unit_source_value\n1,1,0,2026-03-01,40,ALT,U/L\n2,1,99,2026-03-01,40,,U/L\n",
        "condition_occurrence": "person_id,condition_concept_id,condition_start_date\n1,99,2026-03-01\n",
        "concept": "concept_id,concept_name,vocabulary_id,concept_code\n0,No matching concept,None,0\n",
    }
    for name, content in tables.items():
        (tmp_path / f"{name}.csv").write_text(content, encoding="utf8")
    found = convert(tmp_path, tmp_path / "store")
    (patient,) = read_store(tmp_path / "store")
    assert [one.variable for one in patient.observations] == ["alt", None]
    assert [event.text for event in patient.events] == ["concept 99"]
    assert set(told(found)) == {
        "sex: not among the values that the mapping lists for the column 'sex' (1 rows)",
        "test not recognised: concept 99 (1 rows)",
    }
