"""Plays recorded ticks and candles as if they were happening now. It carries prices, no orders."""
