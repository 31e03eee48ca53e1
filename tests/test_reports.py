"""Reports show everything a result holds, and nothing a record says can break out of its place."""

import csv
import json
from datetime import date
from html.parser import HTMLParser
from io import BytesIO, StringIO

import pytest

from screening.explain.result import (
    CriterionResult,
    FindingNote,
    Missing,
    PatientResult,
    Rules,
    ScreeningResult,
    ToAttest,
)
from screening.report import FORMATS, render, workbook
from screening.report.markup import VOID

ALT = CriterionResult(
    id="I6",
    side="inclusion",
    kind="data",
    text="ALT ≤ 2 × ULN",
    outcome="fail",
    reason=None,
    recoverable=True,
    explanation="ALT 88 U/L (2026-03-02, 9 days before screening) ≤ 2 × ULN 40 = 80 U/L → no",
)
CONSENT = CriterionResult(
    id="I8",
    side="inclusion",
    kind="judgement",
    text="=HYPERLINK() <script>alert(1)</script> & consent",
    outcome="unknown",
    reason="judgement",
    recoverable=True,
    explanation="to be attested",
)
RESULT = ScreeningResult(
    trial="NCT1",
    title="Cells <for> tumours",
    rules=Rules(hash="0123456789abcdef" * 4, signed=False),
    on=date(2026, 3, 11),
    program="screening 0.1.0",
    notes=("the registry says: completed",),
    patients=(
        PatientResult(
            id="P<1>",
            verdict="not_eligible",
            cohorts={"A": "not_eligible"},
            criteria=(ALT, CONSENT),
            missing=(Missing(fact="ALT", reason="stale", criteria=("I6", "E2")),),
            to_attest=(ToAttest(criterion="I8", text="consent signed"),),
            findings=(FindingNote(message="unit not recognised: 'foo'", source="line 3"),),
        ),
        PatientResult(id="P2", verdict="deceased"),
    ),
)


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_names_program_rules_and_date(form: str) -> None:
    text = render(RESULT, form)
    assert "screening 0.1.0" in text
    assert "0123456789ab" in text
    assert "2026-03-11" in text


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_shows_every_patient_and_criterion(form: str) -> None:
    text = render(RESULT, form)
    for expected in ("P2", "deceased", "I6", "I8", "88 U/L", "2 × ULN 40 = 80 U/L"):
        assert expected in text


@pytest.mark.parametrize("width", [80, 100, 120])
def test_text_keeps_within_its_width_and_loses_no_word_of_an_explanation(width: int) -> None:
    lines = render(RESULT, width=width).splitlines()
    assert max(map(len, lines)) <= width
    assert ALT.explanation in " ".join(" ".join(lines).split())


@pytest.mark.parametrize(
    "part", ["! the registry says", "cohort A: not eligible", "ALT (I6, E2)", "I8: consent", "line 3"]
)
def test_text_shows_notes_cohorts_missing_attestations_and_findings(part: str) -> None:
    assert part in render(RESULT)


def test_json_is_the_result_itself() -> None:
    assert ScreeningResult.model_validate(json.loads(render(RESULT, "json"))) == RESULT


def test_csv_has_a_row_per_patient_and_criterion_and_one_for_the_deceased() -> None:
    rows = list(csv.DictReader(StringIO(render(RESULT, "csv"))))
    assert [(row["patient"], row["criterion"], row["outcome"]) for row in rows] == [
        ("P<1>", "I6", "fail"),
        ("P<1>", "I8", "unknown"),
        ("P2", "", ""),
    ]
    assert {row["verdict"] for row in rows} == {"not_eligible", "deceased"}


def test_csv_holds_nothing_a_spreadsheet_would_execute() -> None:
    cells = [cell for row in csv.reader(StringIO(render(RESULT, "csv"))) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


class _Reader(HTMLParser):
    """Checks that elements close in order; collects what the page names."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture
def page() -> _Reader:
    reader = _Reader()
    reader.feed(render(RESULT, "html"))
    return reader


def test_html_is_well_formed(page: _Reader) -> None:
    assert page.open == []


def test_html_runs_no_text_of_a_record_as_markup(page: _Reader) -> None:
    assert "script" not in {tag for tag, _ in page.seen}
    assert "&lt;script&gt;" in render(RESULT, "html")


def test_html_is_self_contained(page: _Reader) -> None:
    assert not [
        value for _, attrs in page.seen for name, value in attrs.items() if name in ("src", "href") and value[0] != "#"
    ]


def test_html_names_trial_rules_and_date_on_every_patients_page() -> None:
    _, *sections = render(RESULT, "html").split('<section class="patient"')
    assert len(sections) == len(RESULT.patients)
    for section in sections:
        for part in ("NCT1", "0123456789ab", "2026-03-11", "screening 0.1.0"):
            assert part in section


def test_html_can_be_read_without_seeing_it(page: _Reader) -> None:
    tags = [tag for tag, _ in page.seen]
    assert ("html", {"lang": "en"}) in page.seen
    assert tags.count("table") == tags.count("caption")
    assert all("scope" in attrs for tag, attrs in page.seen if tag == "th")
    labels = {attrs["aria-labelledby"] for tag, attrs in page.seen if tag == "section"}
    assert labels <= {attrs.get("id") for _, attrs in page.seen}


def test_a_workbook_holds_the_rows_of_the_csv_and_one_row_a_patient() -> None:
    book = pytest.importorskip("openpyxl").load_workbook(BytesIO(workbook(RESULT)))
    patients, criteria = (list(book[name].iter_rows(values_only=True)) for name in ("patients", "criteria"))
    assert patients[1][:5] == ("patient", "verdict", "pass", "fail", "open")
    assert [row[:5] for row in patients[2:]] == [
        ("P<1>", "not_eligible", "0", "1", "1"),
        ("P2", "deceased", "0", "0", "0"),
    ]
    plain = list(csv.reader(StringIO(render(RESULT, "csv"))))
    assert [tuple(cell or "" for cell in row) for row in criteria] == [
        tuple(cell.removeprefix("'") for cell in row) for row in plain
    ]


def test_a_workbook_is_the_same_twice_and_executes_nothing() -> None:
    openpyxl = pytest.importorskip("openpyxl")
    assert workbook(RESULT) == workbook(RESULT)
    book = openpyxl.load_workbook(BytesIO(workbook(RESULT)))
    assert {cell.data_type for row in book["criteria"].iter_rows() for cell in row if cell.value} == {"s"}
