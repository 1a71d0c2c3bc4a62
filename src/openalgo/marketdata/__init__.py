"""Quotes, depth and history: the use cases behind the market data endpoints."""
