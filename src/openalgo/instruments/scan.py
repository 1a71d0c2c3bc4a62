"""One look at all rows: which match what a search asks for, how well, and which are shown first."""

from collections.abc import Iterator, Sequence
from enum import Enum, IntEnum, auto
from itertools import islice

from openalgo.domain.instruments import Instrument, InstrumentType
from openalgo.domain.market import Exchange
from openalgo.instruments.blocks import Block
from openalgo.instruments.slices import Steps
from openalgo.instruments.terms import Reading, Term

_BLOCKS_A_STEP = 16


class Ranking(Enum):
    """What counts most among matches of equal quality.

    LENGTH is the order of the public API: symbol equal to a word, beginning with it, containing
    it, other matches; the shorter symbol first; then cash before derivatives and near expiries
    before far ones. RELEVANCE is for people who type: what has derivatives first, then futures,
    other shares and options, much traded underlyings before others.
    """

    LENGTH = auto()
    RELEVANCE = auto()


class _Match(IntEnum):
    """How well a word matches, best first."""

    EXACT = 0
    BASE = 1
    PREFIX = 2
    SUBSTRING = 3
    OTHER = 4
    NONE = 5
    BY_ROW = 6


class Scan:
    """One pass over blocks in the order of a ranking."""

    def __init__(
        self, blocks: Sequence[Block], exchange: Exchange | None, limit: int, ranking: Ranking
    ) -> None:
        self._blocks = blocks
        self._exchange = exchange
        self._limit = limit
        self._ranking = ranking
        self._found: dict[tuple[int, int], list[Instrument]] = {}
        self._cut: tuple[int, int] | None = None
        """There are enough results with this key and better ones."""

    def run(self, reading: Reading) -> Steps[list[Instrument]]:
        """The best matches of `reading`."""
        self._found = {}
        self._cut = None
        for start in range(0, len(self._blocks), _BLOCKS_A_STEP):
            some = self._blocks[start : start + _BLOCKS_A_STEP]
            if self._exchange is not None:
                some = [block for block in some if block.exchange is self._exchange]
            for term in reading.terms:
                some = _possible(some, term, reading)
            if self._cut is not None and not reading.several:
                text = reading.terms[0].texts[0]
                some = [block for block in some if self._is_wanted(block, text)]
            for block in some:
                self._look_at(block, reading)
            yield
        best = (row for key in sorted(self._found) for row in self._found[key])
        return list(islice(best, self._limit))

    def _is_wanted(self, block: Block, text: str) -> bool:
        """Whether a block that has `text` somewhere may have it where it still counts."""
        if not self._is_full(_Match.OTHER, 0):
            return True
        if not self._is_full(_Match.SUBSTRING, 0):
            return text in block.text
        if block.stem:
            return block.stem.startswith(text) or text.startswith(block.stem)
        return text in block.symbols

    def _look_at(self, block: Block, reading: Reading) -> None:
        match = _Match.NONE
        strangers = 0
        by_row: list[Term] = []
        strikes: list[Term] = []
        for term in reading.terms:
            found = _match(term, block, reading)
            if found is _Match.NONE:
                return
            if found is _Match.BY_ROW:
                by_row.append(term)
            elif found < match:
                match = found
            if term.number is not None:
                if _has_strike(block, term):
                    strikes.append(term)
                else:
                    strangers += 1
            elif _is_stranger(block, term):
                strangers += 1
        if not by_row and not strikes:
            self._add(match, strangers, block.rows)
        elif not self._is_full(min(match, _best_case(by_row, block)), strangers):
            self._look_at_rows(block, by_row, strikes, match, strangers)

    def _look_at_rows(
        self,
        block: Block,
        by_row: Sequence[Term],
        strikes: Sequence[Term],
        match: _Match,
        strangers: int,
    ) -> None:
        tokens_count = not self._is_full(_Match.OTHER, strangers)
        for at, line in _lines(block, by_row, with_tokens=tokens_count):
            best = match
            for term in by_row:
                found = _match_line(term, line, block.length)
                if found is _Match.NONE:
                    break
                best = min(best, found)
            else:
                row = block.rows[at]
                others = sum(row.strike != term.number for term in strikes)
                self._add(best, strangers + others, (row,))

    def _add(self, match: _Match, strangers: int, rows: Sequence[Instrument]) -> None:
        key = self._key(match, strangers)
        if self._cut is not None and key >= self._cut:
            return
        self._found.setdefault(key, []).extend(rows)
        total = 0
        for better in sorted(self._found):
            total += len(self._found[better])
            if total >= self._limit:
                self._cut = better
                return

    def _is_full(self, match: _Match, strangers: int) -> bool:
        """Whether nothing that comes later and is no better than this can be among the results."""
        return self._cut is not None and self._key(match, strangers) >= self._cut

    def _key(self, match: _Match, strangers: int) -> tuple[int, int]:
        if self._ranking is Ranking.RELEVANCE:
            return strangers, match
        return _Match.PREFIX if match is _Match.BASE else match, strangers


def _possible(blocks: Sequence[Block], term: Term, reading: Reading) -> Sequence[Block]:
    """A quick first look: those where `term` may match, if it has but one text."""
    if len(term.texts) > 1:
        return blocks
    text = term.texts[0]
    if term.has_digit:
        found = [b for b in blocks if text in b.text or text in b.tokens or text in b.words]
    elif reading.companies:
        found = [b for b in blocks if text in b.letters or text in b.words or text in b.company]
    else:
        found = [b for b in blocks if text in b.letters or text in b.words]
    return found


def _match(term: Term, block: Block, reading: Reading) -> _Match:
    """How `term` matches the rows of `block`, if all do alike."""
    best = _Match.NONE
    for text in term.texts:
        at = block.stem.find(text)
        if at == 0:
            if text == block.base and (reading.several or block.type is InstrumentType.FUTURE):
                return _Match.BASE
            best = _Match.PREFIX
        elif at > 0 or text in block.ending:
            best = min(best, _Match.SUBSTRING)
        elif (reading.several and text in block.words) or (
            reading.companies and text in block.company
        ):
            best = min(best, _Match.OTHER)
        elif best is _Match.NONE and _occurs(text, term, block):
            best = _Match.BY_ROW
    return best


def _occurs(text: str, term: Term, block: Block) -> bool:
    if term.has_digit:
        return text in block.text or text in block.tokens
    return text in block.letters


def _match_line(term: Term, line: str, length: int) -> _Match:
    """How `term` matches a row, whose `line` begins with a symbol of `length` letters."""
    best = _Match.NONE
    for text in term.texts:
        at = line.find(text)
        if at == 0:
            found = _Match.EXACT if len(text) == length else _Match.PREFIX
        elif at < 0:
            continue
        else:
            found = _Match.SUBSTRING if at + len(text) <= length else _Match.OTHER
        best = min(best, found)
    return best


def _lines(block: Block, terms: Sequence[Term], *, with_tokens: bool) -> Iterator[tuple[int, str]]:
    """The lines, with their numbers, among which are all that match `terms`."""
    if with_tokens and any(text in block.tokens for term in terms for text in term.texts):
        columns = zip(block.text.split("\n"), block.tokens.split("\n"), strict=True)
        yield from enumerate(map("\t".join, columns))
    elif terms and len(terms[0].texts) == 1:
        yield from _lines_with(terms[0].texts[0], block.text)
    else:
        yield from enumerate(block.text.split("\n"))


def _lines_with(wanted: str, text: str) -> Iterator[tuple[int, str]]:
    number = start = 0
    while (at := text.find(wanted, start)) >= 0:
        number += text.count("\n", start, at)
        start = text.rfind("\n", start, at) + 1 or start
        end = text.find("\n", at)
        if end < 0:
            yield number, text[start:]
            return
        yield number, text[start:end]
        number += 1
        start = end + 1


def _best_case(by_row: Sequence[Term], block: Block) -> _Match:
    """The best that looking at the rows of `block` one by one can bring."""
    best = _Match.OTHER
    for term in by_row:
        for text in term.texts:
            if block.stem:
                if text.startswith(block.stem):
                    return _Match.EXACT
                best = _Match.SUBSTRING
            elif text in block.symbols:
                if block.symbols.startswith(text) or f"\n{text}" in block.symbols:
                    return _Match.EXACT
                best = _Match.SUBSTRING
    return best


def _is_stranger(block: Block, term: Term) -> bool:
    """Whether `term` means another type of contract or another expiry than that of `block`."""
    return (
        (bool(term.types) and block.type not in term.types)
        or (term.month > 0 and block.month != term.month)
        or (term.day > 0 and block.day != term.day)
    )


def _has_strike(block: Block, term: Term) -> bool:
    """Whether `block` may hold an option with the strike that `term` says."""
    if block.type is None or block.type is InstrumentType.FUTURE:
        return False
    return any(f"{text}{block.ending}" in block.text for text in term.texts)
