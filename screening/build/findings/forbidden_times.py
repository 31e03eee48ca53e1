"""Lengths of time of what an exclusion forbids: it may mean longer ago than that, or inside that time."""

from __future__ import annotations

from screening.build.common.context import Reader
from screening.build.common.settled import settles
from screening.build.findings.mentions import Mention
from screening.predicates import Choice, Predicate, Reading
from screening.text import Kind


def either_window(reader: Reader, made: Predicate, inside: Predicate, found: Mention, name: str) -> Predicate:
    """ "Receiving X at least 7 days before enrolment" as an exclusion: so long ago, or inside that time? A demand
    among exclusions shuts out those inside; conditions and lasting states mean what they say.

    What is forbidden "4 to 8 weeks before" may be forbidden only then, or at any time since."""
    place = found.window_span or made.span
    if settles(reader, "window_inside", place):
        return inside
    if settles(reader, "window_written", place):
        return made
    message = "an exclusion “at least … before” may mean longer ago than that, or inside that time"
    reader.say("ambiguous-window", Kind.CHOICE, message, found.window_span)
    label = reader.label(f"{name} window")
    return Choice("ambiguous-window", label, (Reading("written", made), Reading("inside", inside)), made.span)


__all__ = ["either_window"]
