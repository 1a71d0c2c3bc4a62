"""Adapters: each translates between one broker and our vocabulary, and decides nothing."""
