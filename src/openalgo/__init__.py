"""OpenAlgo: one API, one feed, one paper exchange over Indian brokers."""

__version__ = "0.1.0"
