"""The logic of one clause as a tree: what the grammar of logic.lark takes, and what it gives."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from screening.records import record

Opening = Literal["", "unless", "apart"]


class Element(NamedTuple):
    """One terminal of the logic grammar with what it carries."""

    type: str
    payload: Any = None


class Exemption(NamedTuple):
    """What an EXCEPT carries once it is cut out of its clause."""

    tree: Any
    opens: Opening


@record(frozen=True, slots=True)
class Leaf:
    """A predicate or a piece of text."""

    element: Element


@record(frozen=True, slots=True)
class Join:
    """Parts joined by one connective; "list" are commas or semicolons whose connective the text leaves open."""

    how: Literal["and", "or", "list", "semi", "beside"]
    items: tuple[Tree, ...]


@record(frozen=True, slots=True)
class Grouped:
    """Something followed by a parenthesis."""

    base: Tree
    inner: Tree


@record(frozen=True, slots=True)
class Conditioned:
    """*base* under *condition*; *head*: the condition stands before it."""

    base: Tree
    condition: Tree
    head: bool = False


@record(frozen=True, slots=True)
class Excepted:
    """*base* with an exception; *opens*: a condition ("unless"), and whether a comma sets it apart from its base."""

    base: Tree
    exception: Tree
    opens: Opening = ""


@record(frozen=True, slots=True)
class Negated:
    """*base* under a negation."""

    base: Tree


@record(frozen=True, slots=True)
class Led:
    """A phrase that states the logic of what follows ("one of the following"), or the "or" that opens a parenthesis."""

    lead: Element
    base: Tree


Tree = Leaf | Join | Grouped | Conditioned | Excepted | Negated | Led
EMPTY = Leaf(Element("TEXT", None))
