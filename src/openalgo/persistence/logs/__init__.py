"""What was asked and answered: a ring, trimmed by age."""
