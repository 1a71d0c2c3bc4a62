"""Words that are one slip of the finger away from a word of the master."""

import re
from collections import defaultdict
from collections.abc import Iterator

from openalgo.instruments.slices import Steps

_BETWEEN_WORDS = re.compile(r"[^A-Z0-9&-]+")
_MOST = 12
_WORDS_A_STEP = 512


class Vocabulary:
    """The symbols, bases and words of company names of a master, in capitals."""

    def __init__(self) -> None:
        self._words: dict[str, None] = {}
        self._by_length: dict[int, list[str]] = {}
        self._text = ""

    def add(self, text: str) -> None:
        """Take every word of `text`. Nothing is known before `arrange`."""
        self._words.update(dict.fromkeys(_BETWEEN_WORDS.split(text)))

    def arrange(self) -> Steps[None]:
        """Put all that was added in order."""
        by_length: defaultdict[int, list[str]] = defaultdict(list)
        for word in self._words:
            by_length[len(word)].append(word)
            yield
        self._by_length = dict(by_length)
        self._text = "\n".join(self._words)
        self._words = {}

    def pieces(self) -> Iterator[object]:
        """What it is made of; see `Master.pieces`."""
        yield from self._by_length.values()

    def knows(self, piece: str) -> bool:
        """Whether some word contains `piece`."""
        return piece in self._text

    def near(self, word: str) -> Steps[list[str]]:
        """The words one edit away from `word`, a few at most.

        An edit is one letter missing, added or replaced, or two neighbours swapped.
        """
        # One edit leaves the first half, or all behind the middle letter, as it was.
        half = len(word) // 2
        start, end = word[:half], word[half + 1 :]
        found: list[str] = []
        for length in (len(word), len(word) + 1, len(word) - 1):
            known = self._by_length.get(length, [])
            near: list[str] = []
            for first in range(0, len(known), _WORDS_A_STEP):
                near += [
                    other
                    for other in known[first : first + _WORDS_A_STEP]
                    if (other.startswith(start) or other.endswith(end))
                    and one_edit_apart(word, other)
                ]
                yield
            found += sorted(near)
        return found[:_MOST]


def one_edit_apart(one: str, other: str) -> bool:
    """Whether one letter added, left out or replaced, or two swapped, makes `other` of `one`."""
    if len(one) > len(other):
        one, other = other, one
    if len(other) - len(one) > 1 or one == other:
        return False
    at = next((i for i, letter in enumerate(one) if letter != other[i]), len(one))
    if len(one) < len(other):
        return one[at:] == other[at + 1 :]
    if one[at + 1 :] == other[at + 1 :]:
        return True
    return one[at : at + 2] == other[at : at + 2][::-1] and one[at + 2 :] == other[at + 2 :]
