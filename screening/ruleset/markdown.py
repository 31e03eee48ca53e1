"""Rule files: each criterion's own words beside its reading, as Markdown that a reviewer reads, edits and decides.

    # Title of the trial

    - Trial: NCT03619954
    - Status: recruiting
    - Index conditions: malignant_tumour
    - Written by: screening 0.1.0
    - note numbering-gap: item 5 is missing

    ## I6a · inclusion

    > the source text, as it stands in the document

    ```rule
    assume "missing-unit: anc": anc >= 1500 /uL
    ```

    - note repaired-superscript: 109/L read as 10⁹/L
    - [ ] missing-unit: anc — confirm
    - [x] missing-unit: anc — dismiss
    - waive duplicate-threshold: the second limit is for re-treatment

Headings may add a kind ("· suggested") and a cohort ("· cohort: Arm A"). Of the boxes of one label at most one is
ticked; none leaves it open. A waiver sets a finding of the linter aside at its criterion, or everywhere if it stands
in the header. What is no such line is an error: a remark is written "- note remark: ...".
`read(write(rules)) == rules`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import accumulate, zip_longest

from screening import __version__, concepts
from screening.language import LanguageError, did_you_mean, parse_predicate, print_predicate
from screening.predicates import Predicate
from screening.ruleset.decisions import answers_to, implied_kind
from screening.ruleset.lines import Line, Source, from_inline, inline
from screening.ruleset.model import Rule, RuleKind, RuleSet, Signature, Waiver
from screening.ruleset.remarks import (
    Decision,
    Remarks,
    read_decisions,
    read_list,
    write_boxes,
    write_diagnostics,
    write_waivers,
)
from screening.sections.model import Side
from screening.text import Span

SIGNATURE_HEADING = "## Signature"
_SIGNATURE_FIELDS = ("Name", "Meaning", "Date", "SHA-256")
_FENCES = ("```rule", "```")
_NOT_KNOWN = "not known"

_Criterion = tuple[Rule, tuple[Decision, ...], tuple[Waiver, ...]]

_FIELD = re.compile(r"-\s+(Trial|Status|Index conditions|Written by|Name|Meaning|Date|SHA-256):\s*(.*)")
_HEADING = re.compile(
    rf"##\s+(\S+)\s+·\s+({'|'.join(Side)})(?:\s+·\s+({'|'.join(RuleKind)}))?(?:\s+·\s+cohort:\s*(.*))?\s*"
)


# Writing


def write(rules: RuleSet) -> str:
    """The rule file."""
    parts = [_header(rules), *(_criterion(rules, rule) for rule in rules.rules)]
    if rules.signature:
        parts.append(signature_block(rules.signature))
    return "\n".join(parts)


def _header(rules: RuleSet) -> str:
    index = ", ".join(rules.index_conditions) or _NOT_KNOWN
    lines = [f"# {inline(rules.title)}", "", f"- Trial: {inline(rules.trial)}"]
    if rules.status is not None:
        lines.append(f"- Status: {inline(rules.status)}")
    lines += [f"- Index conditions: {index}", f"- Written by: screening {__version__}"]
    remarks = [*write_diagnostics(rules.diagnostics, None), *write_waivers(rules.waivers, None)]
    return "\n".join([*lines, *remarks, ""])


def _criterion(rules: RuleSet, rule: Rule) -> str:
    quote = [f"> {line}" if line else ">" for line in rule.text.split("\n")]
    block = ["```rule", print_predicate(rule.predicate), "```"]
    boxes = write_boxes(rule.predicate, answers_to(rules, rule.id))
    remarks = [*write_diagnostics(rule.diagnostics, rule.id), *boxes, *write_waivers(rules.waivers, rule.id)]
    return "\n".join([_heading(rule), "", *quote, "", *block, "", *remarks, *([""] if remarks else [])])


def _heading(rule: Rule) -> str:
    kind = f" · {rule.kind}" if rule.kind is not implied_kind(rule.predicate) else ""
    cohort = f" · cohort: {inline(rule.cohort)}" if rule.cohort is not None else ""
    return f"## {rule.id} · {rule.side}{kind}{cohort}"


def signature_block(signature: Signature) -> str:
    """The last section of a signed rule file."""
    fields = (("Name", signature.name), ("Meaning", signature.meaning), ("Date", signature.date))
    lines = [f"- {field}: {inline(value)}" for field, value in fields]
    return "\n".join([SIGNATURE_HEADING, "", *lines, f"- SHA-256: {signature.hash}", ""])


# Reading


def read(text: str, name: str = "rule file") -> RuleSet:
    """The rules that a rule file states; *name* is the file's, for errors."""
    return _Reader(Source(name)).rules(text)


def sections(text: str) -> list[list[Line]]:
    """A rule file cut before each heading of the second level; the first section is the header."""
    found: list[list[Line]] = [[]]
    for line in (Line(number, line) for number, line in enumerate(text.split("\n"), 1)):
        if line.text.startswith("## "):
            found.append([])
        found[-1].append(line)
    return found


def places(text: str) -> dict[str, Span]:
    """Where in a rule file the source text of each criterion is quoted."""
    starts = list(accumulate((len(line) + 1 for line in text.split("\n")), initial=0))
    found: dict[str, Span] = {}
    for section in sections(text)[1:]:
        heading = _HEADING.fullmatch(section[0].text)
        quoted = [line for line in _unfenced(section) if line.text.startswith(">")]
        if heading and quoted:
            last = quoted[-1]
            start = starts[quoted[0].number - 1] + len("> ")
            found[heading[1]] = Span(start, starts[last.number - 1] + len(last.text))
    return found


class _Reader:
    """Reads sections in their order; everything wrong is an error at its line."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def rules(self, text: str) -> RuleSet:
        """The whole file."""
        header, *others = sections(text.removeprefix("\ufeff").replace("\r\n", "\n"))
        title, fields, general = self._header(header)
        criteria = [self._criterion(section) for section in others if not is_signature(section)]
        self._check_ids([section[0] for section in others if not is_signature(section)], criteria)
        signatures = [self._signature(section) for section in others if is_signature(section)]
        return RuleSet(
            trial=from_inline(fields["Trial"].text),
            title=title,
            rules=tuple(rule for rule, _, _ in criteria),
            status=from_inline(fields["Status"].text) if "Status" in fields else None,
            index_conditions=self._index_conditions(fields.get("Index conditions")),
            diagnostics=general.diagnostics,
            decisions=tuple(decision for _, decisions, _ in criteria for decision in decisions),
            waivers=(*general.waivers, *(waiver for _, _, waivers in criteria for waiver in waivers)),
            signature=signatures[-1] if signatures else None,
        )

    def _check_ids(self, headings: list[Line], criteria: list[_Criterion]) -> None:
        seen: set[str] = set()
        for heading, (rule, _, _) in zip(headings, criteria, strict=True):
            if rule.id in seen:
                raise self._source.error(heading.number, f"a second criterion {rule.id}", "give each an id of its own")
            seen.add(rule.id)

    # Header

    def _header(self, lines: list[Line]) -> tuple[str, dict[str, Line], Remarks]:
        first, *rest = [line for line in lines if line.text.strip()] or [Line(1, "")]
        if not first.text.startswith("# "):
            raise self._source.error(first.number, "not a rule file", 'it starts with "# " and the title of the trial')
        fields, others = self._fields(rest)
        if "Trial" not in fields:
            raise self._source.error(
                first.number, "the trial is not named", 'write "- Trial: " and its id below the title'
            )
        remarks = read_list(self._source, others, None)
        if remarks.boxes:
            raise self._source.error(
                remarks.boxes[0].number, "a box outside a criterion", "move it below its criterion"
            )
        return from_inline(first.text[2:]), fields, remarks

    def _fields(self, lines: list[Line]) -> tuple[dict[str, Line], list[Line]]:
        """Named fields, and the lines that are none."""
        fields: dict[str, Line] = {}
        others: list[Line] = []
        for line in lines:
            if match := _FIELD.fullmatch(line.text.rstrip()):
                fields[match[1]] = Line(line.number, match[2])
            else:
                others.append(line)
        return fields, others

    def _index_conditions(self, line: Line | None) -> tuple[str, ...]:
        if line is None or line.text in ("", _NOT_KNOWN):
            return ()
        ids = tuple(part.strip() for part in line.text.split(","))
        for identifier in ids:
            if identifier not in concepts.catalogue():
                remedy = did_you_mean(identifier, concepts.catalogue(), f'see rules/concepts, or write "{_NOT_KNOWN}"')
                raise self._source.error(line.number, f"no concept is named {identifier!r}", remedy)
        return ids

    # Criteria

    def _criterion(self, section: list[Line]) -> _Criterion:
        heading = section[0]
        match = _HEADING.fullmatch(heading.text)
        if not match:
            raise self._source.error(heading.number, "not the heading of a criterion", 'write "## I1 · inclusion"')
        identifier, side, kind, cohort = match.groups()
        predicate = self._predicate(heading, section)
        listed = [line for line in _unfenced(section[1:]) if line.text[:1] != ">"]
        remarks = read_list(self._source, listed, identifier)
        rule = Rule(
            id=identifier,
            side=Side(side),
            kind=RuleKind(kind) if kind else implied_kind(predicate),
            text=self._text(heading, section),
            predicate=predicate,
            cohort=None if cohort is None else from_inline(cohort),
            diagnostics=remarks.diagnostics,
        )
        return rule, read_decisions(self._source, identifier, predicate, remarks.boxes), remarks.waivers

    def _text(self, heading: Line, section: list[Line]) -> str:
        quoted = [line.text[1:].removeprefix(" ") for line in _unfenced(section) if line.text.startswith(">")]
        if not quoted:
            raise self._source.error(heading.number, "the source text is missing", 'quote it below with "> "')
        return "\n".join(quoted)

    def _predicate(self, heading: Line, section: list[Line]) -> Predicate:
        start, end = self._fences(heading, section)
        block = "\n".join(line.text for line in section if start < line.number < end)
        try:
            return parse_predicate(block)
        except LanguageError as error:
            what = f"column {error.column}: {error.what}"
            raise self._source.error(start + error.line, what, error.remedy) from error

    def _fences(self, heading: Line, section: list[Line]) -> tuple[int, int]:
        """The lines that open and close the one block of the rule."""
        fences = [line for line in section if line.text.startswith("```")]
        wrong = [line for line, mark in zip_longest(fences, _FENCES) if line is None or line.text.rstrip() != mark]
        if wrong:
            at = wrong[0] or heading
            raise self._source.error(at.number, "not one rule in one block", 'put it between "```rule" and "```"')
        return fences[0].number, fences[1].number

    # Signature

    def _signature(self, section: list[Line]) -> Signature:
        fields, others = self._fields(section[1:])
        missing = [field for field in _SIGNATURE_FIELDS if field not in fields]
        if wrong := [line for line in others if line.text.strip()]:
            raise self._source.error(wrong[0].number, "this line is no part of a signature", "delete it")
        if missing:
            raise self._source.error(section[0].number, f"the signature lacks its {missing[0]}", "sign the file again")
        return Signature(*(from_inline(fields[field].text) for field in _SIGNATURE_FIELDS))


def is_signature(section: list[Line]) -> bool:
    """Whether a section of the file is its signature."""
    return section[0].text.strip() == SIGNATURE_HEADING


def _unfenced(lines: list[Line]) -> Iterator[Line]:
    """The lines outside fenced blocks."""
    fenced = False
    for line in lines:
        fence = line.text.startswith("```")
        fenced ^= fence
        if not fenced and not fence:
            yield line
