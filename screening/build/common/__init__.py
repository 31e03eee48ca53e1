"""What the other rooms share: the reader, drafts, whom a clause binds, what stands in a predicate."""
