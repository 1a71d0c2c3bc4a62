"""What is shown first."""

from collections import defaultdict
from collections.abc import Sequence
from enum import Enum, IntEnum, auto
from itertools import islice

from openalgo.domain.instruments import Instrument


class Match(IntEnum):
    """How well a word matches, best first."""

    EXACT = 0
    BASE = 1
    PREFIX = 2
    SUBSTRING = 3
    OTHER = 4
    NONE = 5
    BY_ROW = 6


class Ranking(Enum):
    """What counts most among matches of equal quality.

    LENGTH is the order of the public API: symbol equal to a word, beginning with it, containing
    it, other matches; the shorter symbol first; then cash before derivatives and near expiries
    before far ones. RELEVANCE is for people who type: what has derivatives first, then futures,
    other shares and options, much traded underlyings before others.
    """

    LENGTH = auto()
    RELEVANCE = auto()


class Best:
    """The best rows so far, at most `limit`; of equal ones those that came first.

    How good a row is: its match, and how many `strangers` there are among the words, which mean
    something else than what it is.
    """

    def __init__(self, limit: int, ranking: Ranking) -> None:
        self._limit = limit
        self._meaning_first = ranking is Ranking.RELEVANCE
        self._rows: defaultdict[tuple[int, int], list[Instrument]] = defaultdict(list)
        self._cut: tuple[int, int] | None = None
        """There are enough rows with this key and better ones."""

    def counts(self, match: Match, strangers: int) -> bool:
        """Whether a row that comes now could still be among the best."""
        return self._cut is None or self._key(match, strangers) < self._cut

    def add(self, match: Match, strangers: int, rows: Sequence[Instrument]) -> None:
        """Take `rows`, all equally good."""
        if not self.counts(match, strangers):
            return
        self._rows[self._key(match, strangers)].extend(rows)
        total = 0
        for key in sorted(self._rows):
            total += len(self._rows[key])
            if total >= self._limit:
                self._cut = key
                return

    def rows(self) -> list[Instrument]:
        """Best first."""
        rows = (row for key in sorted(self._rows) for row in self._rows[key])
        return list(islice(rows, self._limit))

    def _key(self, match: Match, strangers: int) -> tuple[int, int]:
        if self._meaning_first:
            return strangers, match
        return Match.PREFIX if match is Match.BASE else match, strangers
