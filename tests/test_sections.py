"""Cutting registry documents: formats, headings, items; nothing of the eligibility text is lost."""

import io
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.sections import DocumentError, Item, Side, Trial, outline, read, read_document
from screening.text import Span

FOLDER = Path(__file__).parent / "sections"
TEXTS = sorted(FOLDER.glob("*.txt"))


def spans(items: tuple[Item, ...]) -> Iterator[Span]:
    for item in items:
        yield from item.spans
        yield from spans(item.children)


def accounted(trial: Trial) -> str:
    """What breaks the law "items and structure cover the eligibility text whole, once, but for white space"."""
    covered = [0] * len(trial.raw)
    for span in (*spans(trial.items), *trial.structure):
        assert 0 <= span.start < span.end <= len(trial.raw)
        for at in range(*span):
            covered[at] += 1
    inside = {at for part in trial.eligibility for at in range(*part)}
    for at, character in enumerate(trial.raw):
        if covered[at] > 1:
            return f"{character!r} at {at} stands in two places"
        if covered[at] and at not in inside:
            return f"{character!r} at {at} is outside of the eligibility text"
        if not covered[at] and at in inside and not character.isspace():
            return f"{character!r} at {at} is lost"
    return ""


def described(trial: Trial) -> str:
    """The whole cut, readable."""
    fields = [
        f"{name}: {field.text}" for name in ("minimum_age", "maximum_age", "sex") if (field := getattr(trial, name))
    ]
    head = [f"id: {trial.id}", f"title: {trial.title}", f"status: {trial.status}", f"conditions: {trial.conditions}"]
    return "\n".join([*head, *fields, outline(trial), *(f"! {d.code}: {d.message}" for d in trial.diagnostics), ""])


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_document_is_cut_as_recorded(path: Path, *, rewrite: bool) -> None:
    trial = read(path.read_text(encoding="utf8"), path.stem)
    recorded = path.with_suffix(".outline")
    if rewrite:
        recorded.write_text(described(trial), encoding="utf8")
    assert described(trial) == recorded.read_text(encoding="utf8")
    assert not accounted(trial)


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_fields_point_at_their_words(path: Path) -> None:
    trial = read(path.read_text(encoding="utf8"), path.stem)
    for field in (trial.minimum_age, trial.maximum_age, trial.sex):
        assert field is None or field.span.of(trial.raw) == field.text


# ---- laws ---------------------------------------------------------------------------------------

MARKERS = st.sampled_from(
    ["", "1. ", "2) ", "(3) ", "4- ", "- ", "* ", "• ", "a) ", "ii. ", "12. ", "①", "o ", "4.1.2 ", "\\- "]
)
WORDS = st.sampled_from(
    [
        "Age 18-65 years", "ANC > 1.5 x ULN", "grade 3. or more", "Inclusion Criteria:", "Exclusion Criteria 1. Take",
        "Cohort A:", "For donors:", "as follows:", "; ", "1. first; 2) second", "NYHA class 3-4", "Note: it", "Renal:",
        "plain words", "\u3000", "DISEASE CHARACTERISTICS: x Age: 18", "(a) one; (b) two", ":", "* star * star",
        "patients will be excluded if:", "x" * 90,
    ]
)  # fmt: skip
LINES = st.builds(
    lambda indent, marker, words: " " * indent + marker + " ".join(words),
    st.integers(0, 9),
    MARKERS,
    st.lists(WORDS, max_size=3),
)


@given(st.lists(LINES, max_size=25).map("\n".join))
def test_nothing_is_lost_of_any_outline(text: str) -> None:
    assert not accounted(read(text, "x"))


@given(st.text(max_size=300))
def test_no_text_raises_and_nothing_is_lost(text: str) -> None:
    assert not accounted(read(text, "x"))


@given(st.integers(2, 30), st.sampled_from(["{}. ", "{}) ", "({}) ", "{}- "]), st.sampled_from(["\n", " "]))
def test_a_counted_list_is_cut_at_each_number(length: int, marker: str, between: str) -> None:
    items = between.join(f"{marker.format(number)}Finding of 18-65 years." for number in range(1, length + 1))
    trial = read(f"Inclusion Criteria: {items}", "x")
    assert [item.marker for item in trial.items] == [str(number) for number in range(1, length + 1)]
    assert all(span.of(trial.raw) == "Finding of 18-65 years." for span in spans(trial.items))


@pytest.mark.parametrize(
    "unit",
    [
        "1. a; ",
        "- \n",
        "1. a\n",
        "(1) ",
        "(",
        "a:\n",
        "Inclusion Criteria: 1. a ",
        "Part A:\n",
        "word ",
        " ",
        "* a ",
        "1.",
        "a) x; ",
        "any of:\n",
        "1. of:\na) of:\n- of:\n",
    ],
)
def test_reading_time_is_linear(unit: str) -> None:
    def seconds(size: int) -> float:
        """The least of three, since a machine under load only ever adds to it."""
        text = unit * (size // len(unit))
        spent = []
        for _ in range(3):
            start = time.process_time()
            read(text, "x")
            spent.append(time.process_time() - start)
        return min(spent)

    seconds(1_000)
    assert seconds(80_000) < 16 * max(
        seconds(20_000), 0.005
    )  # four times the text; squared it would take sixteen times


# ---- sides, cohorts, numbering --------------------------------------------------------------------


def markers(text: str, side: Side = Side.INCLUSION) -> list[str]:
    return [item.marker for item in read(text, "x").items if item.side is side]


@pytest.mark.parametrize(
    "heading",
    [
        "Exclusion Criteria:", "EXCLUSION CRITERIA", "Key Exclusion Criteria", "Main exclusion criteria:", "Exclusion:",
        "Patients will be excluded if:", "Non-inclusion criteria:", "- Exclusion Criteria:", "**Exclusion criteria:**",
        "4.2 Exclusion Criteria", "Exclusion Criteria for Patients:", "Ausschlusskriterien:", "排除标准：",
        "Ineligibility Criteria", "Subject Exclusion Criteria (all groups):",
        "The following patients will be ineligible:", "Exclusion Criterion:",
    ],
)  # fmt: skip
def test_exclusion_headings_open_the_side(heading: str) -> None:
    trial = read(f"Inclusion Criteria:\n- one\n{heading}\n- two\n", "x")
    assert [(item.side, item.spans[0].of(trial.raw)) for item in trial.items] == [
        (Side.INCLUSION, "one"),
        (Side.EXCLUSION, "two"),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "- Known infection that meets exclusion criteria",
        "- Patients who fail an exclusion criterion at screening",
        "- Other inclusion and exclusion criteria may apply.",
        "- Meets none of the Exclusion Criteria 4 and 5",
        "- Inclusion of men is allowed",
        "- Eligible if treated before",
    ],
)
def test_mentions_are_no_headings(line: str) -> None:
    trial = read(f"Inclusion Criteria:\n- one\n{line}\n", "x")
    assert [item.side for item in trial.items] == [Side.INCLUSION] * 2


@pytest.mark.parametrize(
    "text",
    [
        "1. Age 18-65 years", "1. NYHA class 3-4", "1. CTCAE version 5.0 applies", "1. Grade 2. Patients with more",
        "1. On 3. May", "1. Dose 1. 5 mg", "1. ULN x 1.5 (1: one, 2): two", "1. Between 1 and 2) tumours",
        "1. Treated 2-3 times", "1. 18F-FDG avid",
    ],
)  # fmt: skip
def test_numbers_in_words_are_no_markers(text: str) -> None:
    assert markers(f"Inclusion Criteria:\n{text}\n") == ["1"]


def test_a_bullet_before_a_letter_is_part_of_its_marker() -> None:
    trial = read("Inclusion Criteria:\n- Counts as below.\n- a. Hb > 9\n- b. ANC > 1\n- E. coli free\n", "x")
    assert [(item.marker, [child.marker for child in item.children]) for item in trial.items] == [
        ("-", ["a", "b"]),
        ("-", []),
    ]


@pytest.mark.parametrize("line", ["The following inclusion criteria apply to all patients:", "All cohorts:"])
def test_criteria_for_everybody_leave_the_cohort(line: str) -> None:
    trial = read(f"Inclusion Criteria:\nPart A:\n- one\n{line}\n- two\n", "x")
    assert [item.cohort for item in trial.items] == ["Part A", None]


def test_an_exclusion_sentence_after_its_heading_is_structure() -> None:
    text = (
        "Inclusion Criteria:\nOne\nExclusion Criteria Subjects who meet any of the following will be excluded:\nTwo\n"
    )
    trial = read(text, "x")
    assert [(item.side, item.spans[0].of(text)) for item in trial.items] == [
        (Side.INCLUSION, "One"),
        (Side.EXCLUSION, "Two"),
    ]


def test_lines_announced_by_a_colon_stand_below_it() -> None:
    trial = read("Inclusion Criteria:\nAdequate counts defined as:\nANC > 1\nHb > 9.\nConsent signed\n", "x")
    assert [len(item.children) for item in trial.items] == [2, 0]


def test_machine_broken_lines_are_joined() -> None:
    text = (FOLDER / "hard_wrapped.txt").read_text(encoding="utf8")
    assert "of at least / 10 mm by computed tomography." in outline(read(text, "x"))


def test_restarted_numbering_is_nested_and_the_outer_list_goes_on() -> None:
    trial = read("Inclusion Criteria:\n1. a\n2. tests:\n1. WBC; 2) Hb; (3) size; 4) consent\n", "x")
    assert [child.marker for child in trial.items[1].children] == ["1", "2", "3", "4"]
    trial = read("Inclusion Criteria:\n1. a\n2. tests:\n1. WBC; 2) Hb; 3) Plt; (3) size; (4) consent\n", "x")
    assert [item.marker for item in trial.items] == ["1", "2", "3", "4"]


def test_cohort_headings_reach_to_the_next_and_prefixes_over_one_item() -> None:
    trial = read("Inclusion Criteria:\nCohort A:\n- one\nCohort B:\n- two\nAll cohorts:\n- three\n- Arm 1: four\n", "x")
    assert [item.cohort for item in trial.items] == ["Cohort A", "Cohort B", None, "Arm 1"]


def test_patients_beside_healthy_volunteers_are_a_group_of_their_own() -> None:
    trial = read("Inclusion Criteria:\nHealthy volunteers:\n1. one\n2. two\nPatients:\n1. three\n2. four\n", "x")
    assert [item.cohort for item in trial.items] == [*["Healthy volunteers"] * 2, *["Patients"] * 2]


def test_age_and_blood_groups_are_no_cohorts() -> None:
    trial = read("Inclusion Criteria:\nAge group:\n- 18 to 65\nBlood group:\n- A\n", "x")
    assert [(item.cohort, item.heading) for item in trial.items] == [(None, "Age group"), (None, "Blood group")]


def test_text_before_the_inclusion_heading_is_no_eligibility() -> None:
    trial = read("A title with > 5 mg\n\nInclusion Criteria:\n- one\n", "x")
    assert trial.eligibility[0].start == trial.raw.index("Inclusion")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Inclusion Criteria:\n1. a\n2. b\n5. c\nExclusion Criteria:\n- d", "numbering-gap"),
        ("Inclusion Criteria:\n1. a\n2. b\n1. c\nExclusion Criteria:\n- d", "numbering-restarted"),
        ("1. a\n2. b", "no-headings"),
        ("Inclusion Criteria:\n1. a", "empty-side"),
    ],
)
def test_oddities_are_reported(text: str, code: str) -> None:
    assert code in {diagnostic.code for diagnostic in read(text, "x").diagnostics}


# ---- files ---------------------------------------------------------------------------------------


def study(**eligibility: str) -> str:
    return json.dumps(
        {
            "protocolSection": {
                "identificationModule": {
                    "nctId": "NCT00000009",
                    "briefTitle": "Invented",
                    "officialTitle": "An Invented Study",
                },
                "statusModule": {"overallStatus": "RECRUITING"},
                "conditionsModule": {"conditions": ["Breast Cancer"], "keywords": ["HER2"]},
                "eligibilityModule": eligibility,
                "armsInterventionsModule": {"armGroups": [{"label": "Arm 1", "description": "Invented cells"}]},
                "contactsLocationsModule": {"centralContacts": [{"name": "Nobody Invented", "phone": "000"}]},
            }
        }
    )


def test_api_study_is_read_with_its_fields() -> None:
    criteria = "Inclusion Criteria:\n\n* Age \\>= 18 years\n\nExclusion Criteria:\n\n* Pregnancy"
    trial = read(study(eligibilityCriteria=criteria, minimumAge="18 Years", maximumAge="N/A", sex="FEMALE"), "file")
    assert (trial.id, trial.title, trial.status, trial.conditions) == (
        "NCT00000009",
        "Invented",
        "recruiting",
        ("Breast Cancer",),
    )
    assert trial.minimum_age is not None
    assert trial.minimum_age.span.of(trial.raw) == "18 Years"
    assert trial.maximum_age is None
    assert [item.spans[0].of(trial.raw) for item in trial.items] == ["Age \\>= 18 years", "Pregnancy"]
    assert "HER2" in trial.context
    assert "Nobody" not in trial.context + trial.raw
    assert not accounted(trial)


@pytest.mark.parametrize(
    "text",
    ["{}", "[]", "{broken", '{"protocolSection": 3}', '{"protocolSection": {"eligibilityModule": []}}', "[" * 2000],
)
def test_other_json_is_read_as_plain_text_or_empty(text: str) -> None:
    assert not accounted(read(text, "x"))


@pytest.mark.parametrize(
    ("content", "word"),
    [(b"", "empty"), (b" \n", "empty"), (b"\x00\x01", "binary"), (b"\xff\xfea\x00", "UTF-16"), (b"caf\xe9", "UTF-8")],
)
def test_unreadable_files_are_refused_in_one_line(tmp_path: Path, content: bytes, word: str) -> None:
    path = tmp_path / "trial.txt"
    path.write_bytes(content)
    with pytest.raises(DocumentError, match=word) as error:
        read_document(path)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="cannot be read"):
        read_document(tmp_path / "none.txt")


def test_a_byte_order_mark_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "NCT00000005.txt"
    path.write_bytes("\ufeffInclusion Criteria:\r\n1. Age\r\n".encode())
    trial = read_document(path)
    assert (trial.id, trial.items[0].spans[0].of(trial.raw)) == ("NCT00000005", "Age")


def test_a_dash_is_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"Inclusion Criteria:\n- Age")))
    assert read_document("-").items[0].marker == "-"


@pytest.mark.parametrize(
    ("inclusion", "exclusion"),
    [
        ("E.3 Principal inclusion criteria", "E.4 Principal exclusion criteria"),
        ("E.3 Inclusion criteria:", "E.4 Exclusion criteria:"),
        ("5.1. Inclusion criteria", "5.2. Exclusion criteria"),
        ("Inclusion criteria / Inclusion criteria:", "Exclusion criteria / Exclusion criteria:"),
    ],
)
def test_headings_may_be_numbered_and_said_twice(inclusion: str, exclusion: str) -> None:
    trial = read(f"{inclusion}\n1. Age 18 years or older\n{exclusion}\n1. Pregnancy\n", "T")
    assert [item.side for item in trial.items] == [Side.INCLUSION, Side.EXCLUSION]
