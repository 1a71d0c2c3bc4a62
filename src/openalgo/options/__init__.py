"""Options: which contract is meant, and what it is worth."""
