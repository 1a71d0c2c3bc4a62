"""The words of the wire."""

from enum import StrEnum


class Word(StrEnum):
    """A closed set of words. Each is its text, and hashes as fast as one: words stand in the keys
    of every book, and the hash of an ordinary enum member is computed in Python."""

    __hash__ = str.__hash__
