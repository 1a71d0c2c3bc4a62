"""The books of the paper exchange."""
