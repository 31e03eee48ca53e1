"""What a text leaves unsaid about a limit: assumptions and choices, each with its diagnostic."""

from __future__ import annotations

from dataclasses import replace

from screening.build.common.context import Reader
from screening.parse.trees.tree import Subject
from screening.predicates import All, Amount, Any, Assumption, Choice, Comparison, Op, Predicate, Reading
from screening.records import record
from screening.text import Kind, Span
from screening.variables import Variable


@record(frozen=True, slots=True)
class Typed:
    """One variable under its bounds, ready to build."""

    variable: Variable
    subject: Subject
    span: Span


def assume(reader: Reader, typed: Typed, code: str, label: str, made: Predicate, message: str) -> Predicate:
    """A reading that a reviewer must confirm."""
    reader.say(code, Kind.ASSUMPTION, message, typed.span)
    return Assumption(code, reader.label(label), made, typed.span)


def doubted(reader: Reader, typed: Typed, made: Predicate) -> Predicate:
    """The predicate, as an assumption where the name in the text is only probably that of the variable."""
    token = typed.subject.token
    if token.senses.get("UNLIKELY") and typed.variable.id == token.senses["UNLIKELY"]:
        message = f"“{token.text}” cannot be meant as written here; {typed.variable.name} is the only plausible reading"
        return assume(reader, typed, "unlikely-variable", f"{token.text} means {typed.variable.id}", made, message)
    if token.senses.get("EXPANDED"):
        message = f"“{token.senses['EXPANDED']}” is not what “{token.text}” stands for; read as {typed.variable.name}"
        reader.note("unlikely-variable", message, typed.span)
    if token.senses.get("LOOSE"):
        return assume(
            reader,
            typed,
            "scale-assumed",
            f"{token.text} is {typed.variable.id}",
            made,
            f"the text does not name the scale; {typed.variable.name} is assumed",
        )
    return made


def either_meant(reader: Reader, typed: Typed, parts: list[Predicate]) -> Predicate:
    """ "BMI < 18 and > 28": no value is both; probably either is meant."""
    span = typed.span
    message = f"no {typed.variable.name} lies within both limits; “or” is probably meant"
    reader.say("impossible-range", Kind.CHOICE, message, span, "write “or” between the limits")
    readings = (Reading("written", All(tuple(parts), span)), Reading("either", Any(tuple(parts), span)))
    return Choice("impossible-range", reader.label(f"{typed.variable.id} limits"), readings, span)


def which_unit(reader: Reader, typed: Typed, number: str, readings: tuple[Reading, ...]) -> Choice:
    """ "Vitamin D > 20": several units are plausible, each a reading."""
    units = " and ".join(one.name for one in readings)
    message = f"no unit is written beside {number}; {units} are plausible for {typed.variable.name}"
    reader.say("missing-unit", Kind.CHOICE, message, typed.span)
    return Choice("missing-unit", reader.label(f"unit of {typed.variable.id}"), readings, typed.span)


def strict_age(reader: Reader, made: Comparison, limit: Amount) -> Predicate:
    """ "Older than 18 years": from the 18th birthday on, or only from the 19th."""
    reached = replace(made, op=Op.GE)
    message = f"“older than {limit.value}” may mean from that birthday on, or only from the next"
    reader.say("strict-age", Kind.CHOICE, message, made.span, f"age ≥ {limit.value} or age ≥ {limit.value + 1}")
    return Choice(
        "strict-age",
        reader.label("strict age"),
        (Reading("written", made), Reading("reached", reached)),
        made.span,
    )
