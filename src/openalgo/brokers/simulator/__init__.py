"""A seeded, deterministic market of real symbols. It carries prices, no orders."""
