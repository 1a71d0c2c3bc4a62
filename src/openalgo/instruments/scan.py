"""One look at all rows for what a search asks for."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from operator import and_

from openalgo.domain.instruments import Instrument
from openalgo.domain.market import Exchange
from openalgo.domain.numbers import ZERO
from openalgo.instruments.blocks import Block
from openalgo.instruments.digits import Digits
from openalgo.instruments.matching import ALL_ROWS, Sought, matching_rows, rows_holding
from openalgo.instruments.ranking import Best, Match, Ranking
from openalgo.instruments.slices import Steps
from openalgo.instruments.terms import Reading, Term

_SIFTED_A_STEP = 64
_LOOKED_AT_A_STEP = 16
_NO_HITS: Mapping[int, int] = {}


class Scan:
    """One pass over blocks in the order of a ranking, for one reading of a query.

    Once there are enough results, a block is looked at only if it may have better ones: those of
    equal quality come in the order of the blocks.
    """

    def __init__(self, reading: Reading, digits: Digits, ranking: Ranking, limit: int) -> None:
        self._best = Best(limit, ranking)
        self._sought = [Sought(term, reading, digits) for term in reading.terms]
        self._texts = tuple(text for term in reading.terms for text in term.texts)
        self._starts = tuple(f"\n{text}" for text in self._texts)
        self._meanings = [term for term in reading.terms if term.types or term.month or term.day]
        self._numbers = [term.number for term in reading.terms if term.number is not None]

    def run(self, blocks: Sequence[Block], exchange: Exchange | None) -> Steps[list[Instrument]]:
        """The best rows of those `blocks` that are of `exchange`, or of all."""
        for start in range(0, len(blocks), _SIFTED_A_STEP):
            some = blocks[start : start + _SIFTED_A_STEP]
            if exchange is not None:
                some = [block for block in some if block.exchange is exchange]
            rows = self._rows(some)
            some = self._improving([block for block in some if rows[block.number]])
            for sought in self._sought:
                if some and not sought.is_sure:
                    some = sought.among(some)
            yield
            for done, block in enumerate(some, start=1):
                self._look_at(block, rows[block.number])
                if done % _LOOKED_AT_A_STEP == 0:
                    yield
        return self._best.rows()

    def _rows(self, blocks: Sequence[Block]) -> Mapping[int, int]:
        """By the numbers of `blocks`, a bit for each row that may match all terms."""
        rows = [ALL_ROWS] * len(blocks)
        for sought in self._sought:
            rows = list(map(and_, rows, sought.rows(blocks)))
        return dict(zip([block.number for block in blocks], rows, strict=True))

    def _improving(self, blocks: Sequence[Block]) -> Sequence[Block]:
        """Those of `blocks` with a row that could be among the best, by a quick first look."""
        counts, strangers = self._best.counts, len(self._numbers)
        if counts(Match.OTHER, strangers):
            return blocks
        found = {b.number for n in self._numbers for b in blocks if b.lowest <= n <= b.highest}
        if counts(Match.SUBSTRING, strangers):
            for text in self._texts:
                found.update([b.number for b in blocks if text in b.stem or text in b.symbols])
        elif counts(Match.PREFIX, strangers):
            found.update([b.number for b in blocks if b.stem.startswith(self._texts)])
            for text in self._texts:
                found.update([b.number for b in blocks if b.stem and text.startswith(b.stem)])
            for start in self._starts:
                found.update([b.number for b in blocks if not b.stem and start in b.symbols])
        elif counts(Match.EXACT, strangers):
            found.update([b.number for b in blocks if b.base in self._texts])
            for text in self._texts:
                found.update([b.number for b in blocks if b.length == len(text)])
        return [b for b in blocks if b.number in found]

    def _look_at(self, block: Block, rows: int) -> None:
        strangers = len(self._numbers)
        for term in self._meanings:
            strangers += _is_stranger(block, term)
        hits = _hits(block, self._numbers) if self._numbers else _NO_HITS
        rows &= self._rows_that_count(block, strangers, hits)
        if not rows:
            return
        match = Match.NONE
        by_row: list[Term] = []
        for sought in self._sought:
            found = sought.match(block)
            if found is Match.BY_ROW:
                by_row.append(sought.term)
            elif found < match:
                match = found
        if by_row:
            places = defaultdict(list)
            for best, at in matching_rows(block, rows, by_row):
                places[min(best, match)].append(at)
            for best, some in places.items():
                self._add(block, some, best, strangers, hits)
        elif hits:
            self._add(block, range(len(block.rows)), match, strangers, hits)
        else:
            self._best.add(match, strangers, block.rows)

    def _add(
        self,
        block: Block,
        places: Sequence[int],
        match: Match,
        strangers: int,
        hits: Mapping[int, int],
    ) -> None:
        """Add the rows of `block` at `places`; those of `hits` have fewer strangers."""
        for at in sorted(hits):
            if at in places:
                self._best.add(match, strangers - hits[at], (block.rows[at],))
        self._best.add(match, strangers, [block.rows[at] for at in places if at not in hits])

    def _rows_that_count(self, block: Block, strangers: int, hits: Mapping[int, int]) -> int:
        """A bit for each row that could be among the best, by what is quickly told."""
        counts = self._best.counts
        if counts(Match.OTHER, strangers):
            return ALL_ROWS
        rows = 0
        if counts(Match.SUBSTRING, strangers):
            rows = rows_holding(block, self._texts)
        elif counts(Match.PREFIX, strangers):
            rows = rows_holding(block, self._starts)
        elif counts(Match.EXACT, strangers):
            whole = [start for start in self._starts if len(start) == block.length + 1]
            rows = ALL_ROWS if block.base in self._texts else rows_holding(block, whole)
        for at, fewer in hits.items():
            if counts(Match.EXACT, strangers - fewer):
                rows |= 1 << at
        return rows


def _hits(block: Block, numbers: Sequence[Decimal]) -> Mapping[int, int]:
    """By their place, the rows of `block` whose strike is among `numbers`: how often."""
    hits: defaultdict[int, int] = defaultdict(int)
    for number in numbers:
        if block.lowest <= number <= block.highest:
            at = bisect_left(block.rows, number, key=_strike)
            if _strike(block.rows[at]) == number:
                hits[at] += 1
    return hits


def _strike(option: Instrument) -> Decimal:
    return option.strike or ZERO


def _is_stranger(block: Block, term: Term) -> bool:
    """Whether `term` means another type of contract or another expiry than that of `block`."""
    return (
        (bool(term.types) and block.type not in term.types)
        or (term.month > 0 and block.month != term.month)
        or (term.day > 0 and block.day != term.day)
    )
