"""The symbol master: what can be quoted or traded, and how symbols are spelled."""
