"""Deciding what predicates mean: sets of numbers with exact ends, and what every patient would make of them."""

from screening.proofs.deciding import Change, Demand, Idle, Proof, Relation, compare, equivalent, idle, impossible
from screening.proofs.facets import Facet, Held, Number, Said, State, Told
from screening.proofs.questions import World

__all__ = [
    "Change",
    "Demand",
    "Facet",
    "Held",
    "Idle",
    "Number",
    "Proof",
    "Relation",
    "Said",
    "State",
    "Told",
    "World",
    "compare",
    "equivalent",
    "idle",
    "impossible",
]
