"""Judging predicates on one patient: truth, reason and evidence."""

from screening.evaluate.chart import Chart
from screening.evaluate.context import BookRange, Context
from screening.evaluate.interpreter import evaluate, prepare
from screening.evaluate.outcome import Outcome, Reason

__all__ = ["BookRange", "Chart", "Context", "Outcome", "Reason", "evaluate", "prepare"]
