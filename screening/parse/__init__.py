"""From clean text to trees: tokens, islands, and the logic between them."""
