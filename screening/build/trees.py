"""What stands before and inside the parentheses of a logic tree."""

from __future__ import annotations

from screening.parse.clause import Grouped, Join, Led, Tree


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


__all__ = ["opened_by_or", "unbracketed"]
