"""What can be wrong with a recording."""


class ReplayError(ValueError):
    """A file cannot be replayed. The sentence names the file, the place in it and the remedy."""
