"""Boundary cases of a rule file: patients just below, at and just above every limit, with the outcome each must have.

The expected outcome is worked out here, by plain arithmetic on where the value lies, and never by the interpreter;
`sheet` shows both side by side.

    rules ─▶ readings ─▶ slots (a variable, a concept, the age) ─▶ probes (facts at, below, above a limit, missing, ...)
          ─▶ contexts (the other parts set so that this one decides) ─▶ cases ─▶ sheet
"""

from screening.boundaries.cases import Case, Group, cases, default_day
from screening.boundaries.engine import Answer, Engine, interpreter
from screening.boundaries.sheet import Row, Sheet, sheet

__all__ = ["Answer", "Case", "Engine", "Group", "Row", "Sheet", "cases", "default_day", "interpreter", "sheet"]
