"""Deciding what predicates mean: sets of numbers with exact ends, and what every patient would make of them."""
