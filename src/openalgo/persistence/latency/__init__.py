"""How long orders took: a ring, trimmed by age."""
