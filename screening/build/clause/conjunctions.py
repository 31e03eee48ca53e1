"""What "and" joins in an exclusion: nouns of which any excludes, or findings that must all hold."""

from __future__ import annotations

from collections.abc import Sequence

from screening import concepts
from screening.build.clause.merging import each_for_some, exclusive_levels
from screening.build.clause.qualifying import cover
from screening.build.common.contents import base_span, concepts_in, holds_only_limits, is_decidable, variables_in
from screening.build.common.context import Reader
from screening.build.common.settled import settles
from screening.build.findings.washouts import all_released
from screening.build.limits.chunks import Chunk
from screening.build.limits.together import same_quantity
from screening.parse.trees.clause import Join, Leaf, Tree
from screening.parse.trees.neighbours import opens_with_verb
from screening.predicates import (
    All,
    Any,
    Choice,
    Connective,
    IfElse,
    Not,
    OneMethod,
    OrdinalSet,
    Predicate,
    Presence,
    Reading,
    Sex,
    children,
)
from screening.resources import table
from screening.text import Kind

_PAIR = 2
_HANGING = frozenset(table("reading")["hanging"]["words"])


def and_in_exclusion(reader: Reader, parts: list[Predicate], items: Sequence[Tree]) -> Predicate:
    """Nouns under one heading: any excludes. Complete findings: as the sentence shows, else all, but the
    text may mean any (a choice)."""
    span = cover(parts)
    if _by_sex(parts):
        return Any(tuple(parts), span)  # "> 450 ms in men and > 470 ms in women"
    if _denied_beside(parts):
        return All(tuple(parts), span) if len(parts) == 2 else _either_way(reader, parts)
    if settles(reader, "and_together", span):
        return All(tuple(parts), span)
    if _hangs_on(items[-1]):
        return All(tuple(parts), span) if len(parts) == _PAIR else _either_way(reader, parts)
    if reader.headed or all(_noun(item) for item in items) or any(_organs_only(item) for item in items):
        reader.note("and-read-as-or", "“and” in a list of nouns in an exclusion is read as: any of them excludes", span)
        return Any(tuple(parts), span)
    if _levels(parts) or _enumerates(parts):
        return Any(tuple(parts), span)
    if _all_meant(reader, parts):
        return All(tuple(parts), span)
    if settles(reader, "and_any", span, whole=False):
        return Any(tuple(parts), span)
    return _either_way(reader, parts)


def _hangs_on(item: Tree) -> bool:
    """ "Stroke within 6 months and residual deficit": the last finding is one of those who have the first."""
    tokens = item.element.payload.tokens if isinstance(item, Leaf) and isinstance(item.element.payload, Chunk) else ()
    said = [token.text.lower() for token in tokens if token.type not in ("FILL", "GLUE", "DASH")]
    opening = " ".join(said[:1]).partition(" ")[0]
    return opening in _HANGING


def _either_way(reader: Reader, parts: list[Predicate]) -> Predicate:
    span = cover(parts)
    message = "“and” between findings in an exclusion: must all hold, or does any exclude?"
    reader.say("ambiguous-and-or", Kind.CHOICE, message, span)
    readings = (Reading("written", All(tuple(parts), span)), Reading("any", Any(tuple(parts), span)))
    return Choice("ambiguous-and-or", reader.label("and or or"), readings, span)


def _all_meant(reader: Reader, parts: list[Predicate]) -> bool:
    """Whether the sentence shows that all must hold, or nothing hangs on it: of what no record tells a person weighs
    the whole sentence."""
    before, span = cover(parts[:-1]), cover(parts)
    if settles(reader, "and_all", before, whole=False) or settles(reader, "and_permits", span):
        return True
    return settles(reader, "and_narrows", span) or sum(map(is_decidable, parts)) <= 1


def _denied_beside(parts: list[Predicate]) -> bool:
    """Whether what is denied stands behind what is found: "hypertension and not on treatment" is one finding."""
    return not isinstance(parts[0], Not) and isinstance(parts[-1], Not)


def lacks_treatment(parts: Sequence[Predicate]) -> bool:
    """ "Heart failure, not on a beta-blocker": the second of two parts denies a treatment of the first."""
    if len(parts) != 2 or isinstance(parts[0], Not):
        return False
    other = parts[1].item if isinstance(parts[1], Not) else None
    return isinstance(other, Presence) and concepts.catalogue()[other.term.concept].kind in ("drug", "procedure")


def _levels(parts: list[Predicate]) -> bool:
    """Whether parts are levels of one finding or value, of which nobody has two ("stage III and stage IV")."""
    named = [(frozenset(concepts_in(part)), frozenset(variables_in(part))) for part in parts]
    asked = [part for part in parts if isinstance(part, OrdinalSet) or (isinstance(part, Presence) and _graded(part))]
    return len(set(named)) == 1 and len(asked) == len(parts)


def _graded(part: Presence) -> bool:
    return any(name.startswith("grade_") for name in part.term.qualifiers)


def _noun(item: Tree) -> bool:
    """Whether a part is a bare noun ("HIV"), or a list of them, not a complete finding."""
    if isinstance(item, Join) and item.how in ("list", "or"):
        return all(map(_noun, item.items))
    if not isinstance(item, Leaf) or not isinstance(item.element.payload, Chunk) or opens_with_verb(item.element):
        return False
    return not item.element.payload.loose


def _enumerates(parts: list[Predicate]) -> bool:
    """Whether several findings are listed, none of them with a limit: "infections, heart disease and malignancy"."""
    return len(parts) > 2 and not any(variables_in(part) for part in parts)


def _organs_only(item: Tree) -> bool:
    """Whether a part only names organs ("abnormal kidney, lung and liver function, measured by …")."""
    if not isinstance(item, Leaf) or not isinstance(item.element.payload, Chunk):
        return False
    kinds = {token.type for token in item.element.payload.tokens} - {"FILL", "GLUE"}
    return kinds == {"ORGAN"}


def of_each_sex(parts: Sequence[Predicate]) -> bool:
    """ "Men with prostate cancer and women with breast cancer": each part names its sex, and nobody has both."""
    named = [[one.value for one in children(part) if isinstance(one, Sex)] for part in parts if isinstance(part, All)]
    return len(named) == len(parts) > 1 and all(len(one) == 1 for one in named) and len({one[0] for one in named}) > 1


def _by_sex(parts: Sequence[Predicate]) -> bool:
    """Whether parts are for different sexes, so that nobody can have all of them."""
    sexes = {part.condition.value for part in parts if isinstance(part, IfElse) and isinstance(part.condition, Sex)}
    return len(sexes) > 1


def asked(how: str, parts: Sequence[Predicate]) -> Predicate:
    """Parts an inclusion joins by "and" or "or", where the connective means what it says."""
    if how == "or":
        both = all_released(parts) or each_for_some(parts)
    else:
        both = not (exclusive_levels(parts) or of_each_sex(parts))
    return (All if both else Any)(tuple(parts), cover(parts))


def either_of(one: Predicate, other: Predicate) -> Predicate:
    """Either of two; of two methods of one quantity, the one available."""
    span = base_span(one, other)
    if same_quantity([*variables_in(one), *variables_in(other)]) and holds_only_limits(All((one, other))):
        return OneMethod(Connective.ANY, (one, other), span)
    return Any((one, other), span)


def single_variable(part: Predicate) -> str | None:
    """The quantity that a part limits, where it limits one."""
    found = variables_in(part)
    return next(iter(found)) if len(found) == 1 else None


__all__ = ["and_in_exclusion", "asked", "either_of", "lacks_treatment", "single_variable"]
