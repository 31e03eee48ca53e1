"""The groups of participants a whole document names, once all its headings are known."""

from __future__ import annotations

import re

from screening.sections.headings import plain_name
from screening.sections.nesting import Node, walk
from screening.sections.vocabulary import vocabulary

_PIECES = re.compile(r"\s*,\s*|\s+and\s+|\s*/\s*|\s*&\s*")


def settle(roots: list[Node]) -> None:
    """Correct the cohorts of all items: everybody is no cohort, and headings told apart are."""
    nodes = list(walk(roots))
    names = {node.cohort for node in nodes if node.cohort}
    headings = {node.heading for node in nodes if node.heading}
    changed = {name: None for name in names if _is_everybody(name, names)}
    groups = {heading for heading in headings if _is_group(heading, names)}
    described = _described(headings, names)
    people = vocabulary().people
    for node in nodes:
        if node.cohort in changed:
            node.cohort = None
        beside = node.heading in described and people.search(node.cohort or "")
        if beside or (node.cohort is None and node.heading in groups | described):
            node.cohort, node.heading = plain_name(node.heading or ""), None


def _described(headings: set[str], names: set[str]) -> set[str]:
    """Headings such as "COPD patients" that stand beside another of their kind, or beside "healthy controls"; beside
    those, "Patients" alone is a group too."""
    words = vocabulary()
    found = {one for one in headings if words.described.fullmatch(one)}
    if any(words.well.search(name) for name in names):
        found |= {one for one in headings if words.generic.fullmatch(plain_name(one))}
    others = {name for name in names if words.people.search(name)}
    return found if len(found) + len(others) > 1 else set()


def _is_everybody(name: str, names: set[str]) -> bool:
    """Whether a name covers all participants: the only one, and general; or a list of all.

    >>> _is_everybody("Parts A and B", {"Part A", "Part B", "Parts A and B"}), _is_everybody("Patients", {"Patients"})
    (True, True)
    """
    words = vocabulary()
    if names == {name}:
        return bool(words.generic.fullmatch(name))
    listed = words.members.fullmatch(name)
    if not listed:
        return False
    kind = listed[1].casefold().rstrip("s")
    members = {f"{kind} {piece}".casefold() for piece in _PIECES.split(listed[2] + listed[3]) if piece}
    others = {other.casefold() for other in names if other != name and other.casefold().startswith(kind)}
    return all(any(other.startswith(member) for member in members) for other in others)


def _is_group(heading: str, names: set[str]) -> bool:
    """Whether "For subjects with diabetes" stands beside a heading such as "healthy controls"."""
    words = vocabulary()
    return bool(words.group_heading.match(heading)) and any(words.people.search(name) for name in names)
