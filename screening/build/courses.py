"""Exceptions that only say how a disease must stand: "unless treated and stable for 4 weeks" is for a person to say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from screening.build.chunks import Chunk
from screening.build.denials import says_course
from screening.build.mentions import Mention
from screening.parse.clause import Conditioned, Excepted, Grouped, Join, Leaf, Led, Negated, Tree


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


def courses(read: Iterable[tuple[int, Mention]]) -> dict[int, Mention]:
    """The mentions by their keys, each that names no finding as words for a person, with the time it names."""
    return {key: _as_words(found) if _tells_course(found) else found for key, found in read}


def _tells_course(found: Mention) -> bool:
    named = found.concepts or found.residue or found.judged
    return not named and any(map(says_course, found.chunk.tokens))


def _as_words(found: Mention) -> Mention:
    return found._replace(judged=found.chunk.tokens, narrowing=(), window=None, window_span=None, lasting=())


__all__ = ["chunks_in", "courses"]
