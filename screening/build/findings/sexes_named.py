"""The sex that the words of a finding ask for: "women with …", "… in women"."""

from __future__ import annotations

from screening.build.common.context import Reader
from screening.build.findings.mentions import Mention
from screening.predicates import Predicate, Sex
from screening.resources import table


def sex_predicate(reader: Reader, found: Mention) -> Predicate | None:
    """ "Women with …" asks for that sex, and so does "… in women"."""
    said = [token for token in found.chunk.tokens if token.type not in ("EITHER", "BULLET", "DASH")]
    first = next((token for token in said if token.type not in ("GLUE", "FILL")), None)
    if first is not None and first.type == "SEX":
        return Sex(str(first.value), reader.span(first))
    if len(said) > 2 and said[-1].type == "SEX" and said[-2].text.lower() in table("groups")["people"]["behind"]:
        return Sex(str(said[-1].value), reader.span(said[-1]))
    return None


__all__ = ["sex_predicate"]
