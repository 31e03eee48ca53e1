"""Lists in every format: nothing is a formula, nothing is lost, the page needs nothing from outside."""

from __future__ import annotations

import csv
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from screening import ruleset
from screening.app.cli import run
from tests import lists_world as made

openpyxl = pytest.importorskip("openpyxl")
pytest.importorskip("matplotlib")
pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

from screening.lists import (  # noqa: E402
    Answer,
    Column,
    Provenance,
    Source,
    Table,
    attrition,
    open_results,
    overview,
    ranked,
)
from screening.report import lists  # noqa: E402
from screening.report.list_formats import FORMATS  # noqa: E402
from screening.store import StoreError  # noqa: E402

VOID = {"meta", "br", "hr"}
TRICKY = ("=1+1", "+A1", "-2", "@x", "a\x07b", "<b>&", "P;1", 'say "x"')


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A result, its rules and its store."""
    folder = tmp_path_factory.mktemp("output")
    people = [made.person(made.Random(number), number) for number in range(60)]
    made.write_result(folder / "out.parquet", made.RULES, made.judged(people), {})
    made.write_store(folder / "store", people)
    (folder / "rules.md").write_text(ruleset.write(made.RULES), encoding="utf8")
    return folder


def tricky() -> Answer:
    columns = (Column("patient_id", "patient"), Column("margin", "margin", "number"), Column("yes", "yes", "boolean"))
    rows = tuple((text, -0.5, True) for text in TRICKY)
    return Answer(
        "tricky", "Tricky", Provenance("=T", "2026-03-11", "abc", "screening"), (Table("tricky", "t", columns, rows),)
    )


def test_no_text_is_a_formula_in_csv(tmp_path: Path) -> None:
    (path,) = lists.save(tricky(), "csv", tmp_path / "a.csv")
    head, *rows = csv.reader(path.read_text(encoding="utf8").splitlines())
    assert head == ["trial", "on", "rules", "program", "patient_id", "margin", "yes"]
    assert [row[4] for row in rows] == [f"'{text}" if text[0] in "=+-@" else text for text in TRICKY]
    assert {row[5] for row in rows} == {"-0.5"}  # a number stays a number
    assert rows[0][0] == "'=T"


def test_no_text_is_a_formula_in_a_workbook(tmp_path: Path) -> None:
    (path,) = lists.save(tricky(), "xlsx", tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(path)
    cells = [row[0] for row in book["tricky"].iter_rows(min_row=2)]
    assert [cell.value for cell in cells] == [text.replace("\x07", "�") for text in TRICKY]
    assert {cell.data_type for cell in cells} == {"s"}
    assert book["tricky"]["B2"].value == -0.5
    assert book["about"]["B1"].value == "=T"
    assert book["about"]["B1"].data_type == "s"


def test_parquet_keeps_types_and_says_where_it_comes_from(tmp_path: Path) -> None:
    (path,) = lists.save(tricky(), "parquet", tmp_path / "a.parquet")
    table = pq.read_table(path)
    assert table.column("patient_id").to_pylist() == list(TRICKY)
    assert [str(field.type) for field in table.schema] == ["string", "double", "bool"]
    assert json.loads(table.schema.metadata[b"screening"])["rules"] == "abc"


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_holds_every_candidate(desk: Path, tmp_path: Path, form: str) -> None:
    with open_results(desk / "out.parquet") as results:
        answer = ranked(results, failed=True)
        ids = answer.table("ranked").column("patient_id")
        (path,) = lists.save(answer, form, tmp_path / f"a.{form}")
    assert len(ids) > 40
    if form == "xlsx":
        held = [row[1] for row in openpyxl.load_workbook(path)["ranked"].iter_rows(min_row=2, values_only=True)]
    elif form == "parquet":
        held = pq.read_table(path).column("patient_id").to_pylist()
    elif form == "json":
        held = [row["patient_id"] for row in json.loads(path.read_text())["tables"][0]["rows"]]
    else:
        held = re.findall(r"\bP\d{4}\b", path.read_text(encoding="utf8"))
    assert held == ids
    assert [left.name for left in tmp_path.iterdir()] == [path.name]


def test_a_second_table_goes_into_a_file_beside_the_first(desk: Path, tmp_path: Path) -> None:
    with open_results(desk / "out.parquet") as results:
        paths = lists.save(attrition(results), "csv", tmp_path / "a.csv")
    assert [path.name for path in paths] == ["a.csv", "a-reasons.csv"]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="folder does not exist"):
        lists.save(tricky(), "json", tmp_path / "none" / "a.json")


def test_patients_may_be_numbered(desk: Path, tmp_path: Path) -> None:
    table = pq.read_table(desk / "out.parquet")
    for kind, wanted in ((pa.int32(), pa.int64()), (pa.int64(), pa.int64()), (pa.float64(), pa.string())):
        ids = pa.array(range(table.num_rows), kind)
        pq.write_table(table.set_column(1, "patient_id", ids), tmp_path / "out.parquet")
        with open_results(tmp_path / "out.parquet") as results:
            (path,) = lists.save(ranked(results, failed=True, top=3), "parquet", tmp_path / "a.parquet")
        assert pq.read_schema(path).field("patient_id").type == wanted


# The page


class Page(HTMLParser):
    """Checks that elements are closed in order; keeps ids, links and tags."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.references: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name in ("href", "xlink:href", "src"):
                self.references.append(value or "")
            if name.startswith("aria-labelledby"):
                self.references += [f"#{one}" for one in (value or "").split()]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def page(desk: Path) -> str:
    with open_results(desk / "out.parquet") as results:
        source = Source(results, made.RULES, str(desk / "store"))
        answers = list(overview(results, source, top=5, curves={"I2": (), "I1#2": ()}, horizon=40))
        first, again = (lists.save_page(answers, desk / f"{name}.html").read_text(encoding="utf8") for name in "ab")
    assert first == again
    return first


def test_the_page_needs_nothing_from_outside(page: str) -> None:
    found = Page()
    found.feed(page)
    assert found.open == []
    assert len(found.ids) == len(set(found.ids))
    assert {reference.lstrip("#") for reference in found.references} <= set(found.ids)
    assert not {"script", "link", "img", "iframe"} & set(found.tags)
    assert not re.search(r"@import|url\((?!#)", page)


def test_every_plot_has_a_title_a_description_and_a_table_beside_it(page: str) -> None:
    plots = re.findall(r"<svg .*?</svg>", page, re.DOTALL)
    assert len(plots) == 6
    for plot in plots:
        assert 'role="img"' in plot
        assert re.search(r"<title id=[^>]*>[^<]+</title><desc id=[^>]*>[^<]+</desc>", plot)
    for section in page.split("<section ")[1:]:
        assert "<table>" in section


# The command


def test_the_command_writes_what_the_functions_say(desk: Path, tmp_path: Path) -> None:
    rules, store, out = str(desk / "rules.md"), str(desk / "store"), str(desk / "out.parquet")
    target = tmp_path / "w.json"
    assert run(["list", "worklist", out, "--rules", rules, "--store", store, "--top", "2", "-o", str(target)]) == 0
    tables = json.loads(target.read_text(encoding="utf8"))["tables"]
    assert [table["name"] for table in tables] == ["worklist", "worklist-patients"]
    assert len({row["patient_id"] for row in tables[1]["rows"]}) == 2


@pytest.mark.parametrize("which", ["ranked", "near-misses", "attrition", "worklist", "curve", "dates"])
def test_every_list_prints(desk: Path, which: str, capsys: pytest.CaptureFixture[str]) -> None:
    more = {"curve": ["--threshold", "I2=1,1.5"], "dates": ["--horizon", "3"]}.get(which, [])
    given = ["--rules", str(desk / "rules.md"), "--store", str(desk / "store"), "--top", "3"]
    assert run(["list", which, str(desk / "out.parquet"), *given, *more]) == 0
    told = capsys.readouterr().out
    assert "TRIAL-1 | screened on 2026-03-11 | rules " in told
    assert max(map(len, told.splitlines())) <= 130


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["ranked", "none.parquet"], "no such file"),
        (["worklist", "OUT"], "--rules RULES"),
        (["ranked", "OUT", "--top", "0"], "no number of patients"),
        (["curve", "OUT", "--threshold", "I2=x"], "I6c=1.0"),
        (["ranked", "OUT", "--format", "xlsx"], "-o FILE"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    desk: Path, arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["list", *(str(desk / "out.parquet") if part == "OUT" else part for part in arguments)]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert words in told
