"""Exceptions that excuse nobody: "chemotherapy or immunotherapy (excluding palliative radiotherapy)"."""

from __future__ import annotations

from screening import concepts
from screening.build.common.contents import concepts_in
from screening.predicates import Predicate
from screening.resources import table

_MODALITIES: dict[str, list[str]] = table("measures")["modalities"]


def of_another_kind(outer: Predicate, unless: Predicate) -> bool:
    """Whether what is excepted is a treatment of a kind that none of those before it is: who had one of them had it."""
    before, behind = concepts_in(outer), concepts_in(unless)
    named, excepted = set(map(_modality, before)), set(map(_modality, behind))
    if not named or not excepted or None in named | excepted or not named.isdisjoint(excepted):
        return False
    return all(concepts.narrower(name).isdisjoint(behind) for name in before)


def _modality(concept: str) -> str | None:
    """The one kind of treatment that a concept is; None where it is none of them, or of two."""
    if concept in _MODALITIES["mixed"]:
        return None
    return next((kind for kind in _MODALITIES["concepts"] if concept in {kind, *concepts.narrower(kind)}), None)


__all__ = ["of_another_kind"]
