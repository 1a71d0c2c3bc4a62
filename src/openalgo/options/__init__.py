"""Options: which one is meant, and what it is written on."""
