"""Kite Connect v3, as its documentation and its published client describe it."""
