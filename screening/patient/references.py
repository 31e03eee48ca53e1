"""FHIR references: which resource "Patient/1", "urn:uuid:…" or "https://server/fhir/Patient/1" is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

Json = dict[str, Any]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Located:
    """A resource and where it was found. *url* is the fullUrl of its Bundle entry."""

    resource: Json
    source: str
    url: str = ""

    @property
    def type(self) -> str:
        """Its resourceType; "" where it has none."""
        held = self.resource.get("resourceType")
        return held if isinstance(held, str) else ""


@dataclass(slots=True)
class Index(Generic[T]):
    """Targets by every key under which a reference may name them; two under one key make it ambiguous."""

    _targets: dict[str, T | None] = field(default_factory=dict)

    def add(self, located: Located, target: T) -> None:
        """Enters *target* under the keys of its resource."""
        for key in set(_names(located)):
            known = self._targets.setdefault(key, target)
            if known is not target:
                self._targets[key] = None

    def find(self, reference: Json, url: str) -> T | None:
        """The target of a reference that stands in the resource at *url*."""
        found = (self._targets.get(key) for key in _candidates(reference, url))
        return next((target for target in found if target is not None), None)


def _names(located: Located) -> Iterator[str]:
    resource = located.resource
    if located.url:
        yield located.url.split("/_history/")[0]
    if resource.get("id"):
        yield f"{located.type}/{resource['id']}"
        yield f"urn:uuid:{resource['id']}"
    for identifier in identifiers(resource):
        yield _identifier(identifier)


def identifiers(resource: Json) -> list[Json]:
    """The business identifiers of a resource."""
    held = resource.get("identifier")
    return [item for item in held if isinstance(item, dict)] if isinstance(held, list) else []


def _identifier(identifier: Json) -> str:
    return f"identifier {identifier.get('system', '')}|{identifier.get('value', '')}"


def _candidates(reference: Json, url: str) -> Iterator[str]:
    """The keys to try, the most exact first."""
    target = str(reference.get("reference") or "").split("/_history/")[0]
    if "/" in target and not target.startswith(("http", "urn:")) and url.startswith("http"):
        yield f"{'/'.join(url.split('/')[:-2])}/{target}"
    if target:
        yield target
    if target.startswith("http"):
        yield "/".join(target.split("/")[-2:])
    if "?identifier=" in target:
        yield f"identifier {target.split('?identifier=')[1]}"
    if isinstance(reference.get("identifier"), dict):
        yield _identifier(reference["identifier"])


def newest(resources: Iterable[Located], *, newest_first: bool = False) -> tuple[list[Located], int]:
    """Each resource once, in its newest version, and how many older versions or copies were passed over."""
    kept: dict[tuple[str, str], Located] = {}
    seen = 0
    for number, located in enumerate(resources):
        seen += 1
        key = _identity(located, number)
        if key not in kept or _is_newer(located, kept[key], newest_first):
            kept[key] = located
    return list(kept.values()), seen - len(kept)


def _identity(located: Located, number: int) -> tuple[str, str]:
    """Server and id; a resource without id is itself."""
    identifier = located.resource.get("id")
    if not identifier:
        return located.type, f"#{number}"
    server = located.url.rsplit("/", 2)[0] if located.url.startswith("http") else ""
    return located.type, f"{server}/{identifier}"


def _is_newer(one: Located, other: Located, newest_first: bool) -> bool:
    updated = [_updated(located) for located in (one, other)]
    return updated[0] > updated[1] if all(updated) and updated[0] != updated[1] else not newest_first


def _updated(located: Located) -> str:
    meta = located.resource.get("meta")
    return str(meta.get("lastUpdated") or "") if isinstance(meta, dict) else ""
