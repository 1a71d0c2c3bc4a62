"""Search as a trader types: `rel`, `bank fut`, `nifty 25000 ce dec`, `infosys`.

A query is split at spaces. A row matches when every word occurs in its symbol, its broker's
symbol, its name, its token or its strike, in any case. With several words, those for types and
months count as well (`call`, `december`). Only when nothing matches is the query read more freely:
taken apart between letters and digits, by the name of an underlying's company, and with one wrong
letter in words of four letters and more.
"""

import heapq
from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import Literal

from openalgo.domain.instruments import Instrument
from openalgo.domain.market import Exchange
from openalgo.instruments.blocks import Block, Placed, contract_blocks, plain_blocks
from openalgo.instruments.contracts import Contracts
from openalgo.instruments.digits import Digits
from openalgo.instruments.ranking import Ranking
from openalgo.instruments.scan import Scan
from openalgo.instruments.slices import Steps
from openalgo.instruments.spelling import Vocabulary
from openalgo.instruments.terms import (
    Reading,
    as_written,
    freely,
    may_be_misspelt,
    taken_apart,
)

MAX_RESULTS = 500

_RUN = 256


class SearchIndex:
    """All rows of a master, in the order of each ranking."""

    def __init__(self) -> None:
        self._digits = Digits()
        self._blocks: dict[Ranking, Sequence[Block]] = dict.fromkeys(Ranking, ())
        self._vocabulary = Vocabulary()

    @classmethod
    def build(cls, contracts: Contracts, others: Sequence[Instrument]) -> Steps["SearchIndex"]:
        """The index of all sorted `contracts` and of all `others`."""
        companies: dict[str, str] = {}
        vocabulary = Vocabulary()
        for row in others:
            name = row.name.upper()
            vocabulary.add(row.symbol)
            vocabulary.add(name)
            if contracts.size(row.symbol):
                companies.setdefault(row.symbol, f"{name} {row.broker_symbol.upper()}")
            yield
        for _, base, _ in contracts.each():
            vocabulary.add(base)
            yield
        yield from vocabulary.arrange()
        strays: list[Instrument] = []
        placed = yield from contract_blocks(contracts, companies, strays)
        placed += yield from plain_blocks([*others, *strays], contracts, len(placed))
        index = cls()
        index._vocabulary = vocabulary
        index._digits = yield from Digits.of([item.block for item in placed])
        index._blocks = {
            Ranking.LENGTH: (yield from _in_order(placed, 0)),
            Ranking.RELEVANCE: (yield from _in_order(placed, 1)),
        }
        return index

    def pieces(self) -> Iterator[object]:
        """What it is made of; see `Master.pieces`."""
        yield from self._vocabulary.pieces()
        yield from self._blocks[Ranking.LENGTH]

    def search(
        self,
        query: str,
        exchange: Exchange | None = None,
        limit: int = MAX_RESULTS,
        ranking: Ranking = Ranking.LENGTH,
    ) -> Steps[list[Instrument]]:
        """At most `limit` (500 is the most) matches of `exchange` or of all, best first."""
        words = query.upper().split()
        limit = min(limit, MAX_RESULTS)
        if not words or limit < 1:
            return []
        blocks = self._blocks[ranking]

        def scan(reading: Reading) -> Steps[list[Instrument]]:
            return Scan(reading, self._digits, ranking, limit).run(blocks, exchange)

        found = yield from scan(as_written(words))
        if not found and (words := taken_apart(words)):
            found = yield from scan(freely(words))
        if not found:
            reading = yield from self._corrected(words)
            if reading is not None:
                found = yield from scan(reading)
        return found

    def _corrected(self, words: Sequence[str]) -> Steps[Reading | None]:
        """With words the master does not know replaced by those near them, if there are any."""
        corrected: dict[str, Sequence[str]] = {}
        for word in words:
            if not may_be_misspelt(word) or self._vocabulary.knows(word):
                continue
            near = yield from self._vocabulary.near(word)
            if near:
                corrected[word] = near
        return freely(words, corrected) if corrected else None


def _in_order(placed: Sequence[Placed], order: Literal[0, 1]) -> Steps[Sequence[Block]]:
    """The blocks by one of their two places."""
    runs = []
    for start in range(0, len(placed), _RUN):
        part = [(item[order], item.block) for item in placed[start : start + _RUN]]
        runs.append(sorted(part, key=itemgetter(0)))
        yield
    merged: list[Block] = []
    for _, block in heapq.merge(*runs, key=itemgetter(0)):
        merged.append(block)
        if len(merged) % _RUN == 0:
            yield
    return merged
