"""What a text speaks of: the taxonomy, clauses with their grammar, and the finder of mentions."""
