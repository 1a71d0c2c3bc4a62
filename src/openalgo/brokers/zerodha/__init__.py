"""Zerodha, over Kite Connect v3."""
