"""What only a person can say of time and course: exceptions by how a disease stands ("unless treated and stable for 4
weeks"), and bare lengths in a list of washouts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from screening.build.common.context import Reader
from screening.build.findings.denials import says_course
from screening.build.findings.mentions import Mention
from screening.build.findings.presences import releases
from screening.build.findings.washouts import released
from screening.build.limits.chunks import Chunk
from screening.parse.trees.clause import Conditioned, Element, Excepted, Grouped, Join, Leaf, Led, Negated, Tree
from screening.predicates import All, Always, IfElse, Judgement, Predicate, Presence, Relation, Tense

_BARE = frozenset({"NUM", "TIME", "FILL", "GLUE", "BULLET", "DASH"})


def chunks_in(tree: Tree) -> Iterator[Chunk]:
    """The words between the islands of a tree."""
    match tree:
        case Leaf(element):
            if isinstance(element.payload, Chunk):
                yield element.payload
        case Join(items=items):
            for item in items:
                yield from chunks_in(item)
        case Grouped(base, other) | Excepted(base, other):
            yield from chunks_in(base)
            yield from chunks_in(other)
        case Conditioned(base, condition):
            yield from chunks_in(base)
            yield from chunks_in(condition)
        case Negated(base) | Led(_, base):
            yield from chunks_in(base)


def washout_of_list(reader: Reader, tree: Tree) -> Judgement | None:
    """ "14 days for interferon", alone between semicolons: a bare length says neither "within" nor "at least"; whoever
    knows what the list is of must say."""
    match tree:
        case Conditioned(Leaf(Element(payload=Chunk() as length)), Leaf(Element(payload=Chunk() as named))):
            if length.windows and all(token.type in _BARE for token in length.tokens):
                span = reader.span(length.tokens[0], named.tokens[-1])
                return Judgement(reader.between(span), span)
    return None


def released_apart(
    reader: Reader, how: str, parts: list[Predicate], mentions: Iterable[Mention | None]
) -> list[Predicate]:
    """ "Palliative radiation (≤ 10 fractions) must have been completed ≥ 7 days before": words apart from the
    treatment they date, and by which a washout speaks, ask nobody to have had it."""
    if how != "beside" or reader.excluding:
        return parts
    read = [one for one in mentions if one is not None]
    if any(one.half_life and releases(one.chunk.tokens) for one in read[1:]) and isinstance(parts[0], Presence):
        ever = replace(parts[0], tense=Tense.HAD)
        return [IfElse(ever, All(tuple(parts[1:])) if parts[2:] else parts[1], Always())]
    said = [one for one in read if one.empty and one.window is not None]
    window = said[0].window if len(said) == 1 and releases(said[0].chunk.tokens) else None
    if window is None or window.relation is Relation.WITHIN:
        return parts
    return [released(part, window) for part in parts]


def courses(read: Iterable[tuple[int, Mention]]) -> dict[int, Mention]:
    """The mentions by their keys, each that names no finding as words for a person, with the time it names."""
    return {key: _as_words(found) if _tells_course(found) else found for key, found in read}


def _tells_course(found: Mention) -> bool:
    named = found.concepts or found.residue or found.judged
    return not named and any(map(says_course, found.chunk.tokens))


def _as_words(found: Mention) -> Mention:
    return found._replace(judged=found.chunk.tokens, narrowing=(), window=None, window_span=None, lasting=())


__all__ = ["chunks_in", "courses", "released_apart", "washout_of_list"]
