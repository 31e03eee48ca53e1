"""One clause: cut out, its parts brought together by its logic, lowered to one predicate."""
