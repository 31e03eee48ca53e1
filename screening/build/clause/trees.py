"""What stands before, beside and inside the parentheses of a logic tree."""

from __future__ import annotations

from collections.abc import Sequence

from screening.build.common.groups import names_cohort, names_group
from screening.build.limits.chunks import Chunk
from screening.parse.trees.clause import Grouped, Join, Leaf, Led, Tree


def unbracketed(item: Tree) -> Tree:
    """What stands before a parenthesis, and before the words behind it."""
    if isinstance(item, Join) and item.how in ("beside", "list"):
        item = item.items[0]
    return item.base if isinstance(item, Grouped) else item


def opened_by_or(inner: Tree) -> tuple[Tree, bool]:
    """What stands in a parenthesis without the "or" that opens it, and whether one did."""
    if isinstance(inner, Led) and inner.lead.type == "OR":
        return inner.base, True
    return inner, False


def cohort_named(items: Sequence[Tree]) -> Leaf | None:
    """The words beside a criterion that name the group of the trial it is for ("in Cohort A")."""
    said = [one for one in items if isinstance(one, Leaf) and isinstance(one.element.payload, Chunk)]
    return next((one for one in said if names_cohort(one.element.payload.tokens)), None)


def names_people(item: Tree) -> bool:
    """Whether words before a comma name whom the rest is for ("In women, …")."""
    chunk = item.element.payload if isinstance(item, Leaf) else None
    return isinstance(chunk, Chunk) and names_group(chunk.tokens)


__all__ = ["cohort_named", "names_people", "opened_by_or", "unbracketed"]
