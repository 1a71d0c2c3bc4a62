"""A seeded, deterministic market of real symbols that never rests. It carries prices, no orders."""
