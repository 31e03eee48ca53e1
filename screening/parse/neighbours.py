"""Which limits of a list an "or" joins: those right beside it, or two of one quantity."""

from __future__ import annotations

from screening.parse.clause import Conditioned, Excepted, Grouped, Join, Leaf, Tree


def neighbours(left: Tree, right: Tree) -> Tree | None:
    """ "WBC ≥ 3 or ANC ≥ 1.5, platelets ≥ 100": in a list of limits that goes on, "or" joins the two beside it only."""
    if not (isinstance(right, Join) and right.how == "list" and all(map(_is_limit, right.items))):
        return None
    before = left.items if isinstance(left, Join) and left.how == "list" else (left,)
    last = before[-1].items if isinstance(before[-1], Join) and before[-1].how == "or" else (before[-1],)
    if not all(map(_is_limit, (*before[:-1], *last))):
        return None
    return Join("list", (*before[:-1], Join("or", (*last, right.items[0])), *right.items[1:]))


def other_limit(left: Tree, right: Tree) -> Tree | None:
    """ "ECOG 0-1, ANC ≥ 1; or ANC ≥ 0.5 with marrow involvement": two limits of one quantity stand together."""
    if not (isinstance(left, Join) and left.how == "list"):
        return None
    last = left.items[-1]
    same = bool(_subjects(last)) and _subjects(last) == _subjects(right)
    return Join("list", (*left.items[:-1], Join("or", (last, right)))) if same else None


def _subjects(tree: Tree) -> frozenset[str]:
    """The quantities that the comparison of a part is about; none where it is no comparison."""
    if isinstance(tree, Leaf):
        named = getattr(tree.element.payload, "subjects", ()) if tree.element.type == "PRED" else ()
        return frozenset(str(subject.token.value) for subject in named)
    if isinstance(tree, Grouped | Conditioned | Excepted):
        return _subjects(tree.base)
    if isinstance(tree, Join) and tree.how == "beside":
        return next((found for item in tree.items if (found := _subjects(item))), frozenset())
    return frozenset()


def _is_limit(tree: Tree) -> bool:
    """Whether a part is one comparison, perhaps with a condition or a parenthesis of its own."""
    if isinstance(tree, Leaf):
        return tree.element.type == "PRED"
    return isinstance(tree, Grouped | Conditioned | Excepted) and _is_limit(tree.base)


__all__ = ["neighbours", "other_limit"]
