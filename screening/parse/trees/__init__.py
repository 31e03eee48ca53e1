"""Trees: islands of formal text, and the logic between the islands of a clause."""
