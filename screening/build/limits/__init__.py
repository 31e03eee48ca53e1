"""Limits: islands bound to variables, with their numbers, units and references checked."""
