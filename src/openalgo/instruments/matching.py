"""Which rows the words of a query match, and how well."""

from collections.abc import Sequence
from operator import or_

from openalgo.domain.instruments import InstrumentType
from openalgo.instruments.blocks import Block, has_digit, is_word, without_digits
from openalgo.instruments.digits import Digits
from openalgo.instruments.ranking import Match
from openalgo.instruments.terms import Reading, Term

ALL_ROWS = -1
"""As a bit for each row of a block."""

_SURE = 2
"""Of so many digits `Digits` knows which rows have them, of more which rows may."""


class Sought:
    """One term of a reading, and where in a master it may be."""

    def __init__(self, term: Term, reading: Reading, digits: Digits) -> None:
        self.term = term
        self._several = reading.several
        self._companies = reading.companies
        self._rows = digits.rows_with(term.texts[0]) if len(term.texts) == 1 else None
        self.is_sure = all(map(_is_sure, term.texts))
        """Whether something matches wherever `rows` has a bit, so that `among` says no more."""

    def rows(self, blocks: Sequence[Block]) -> list[int]:
        """For each of `blocks` a bit for each row that may match, by a quick first look."""
        texts = self.term.texts
        rows = self._rows_with(texts[0], blocks)
        for text in texts[1:]:
            rows = list(map(or_, rows, self._rows_with(text, blocks)))
        return rows

    def _rows_with(self, text: str, blocks: Sequence[Block]) -> list[int]:
        if self._rows is None:
            shape = without_digits(text)
            rows = [ALL_ROWS if shape in b.letters else 0 for b in blocks]
        else:
            by_number = self._rows
            rows = [by_number[b.number] for b in blocks]
            if not text.isdecimal():
                shape = without_digits(text)
                rows = [r if shape in b.letters else 0 for b, r in zip(blocks, rows, strict=True)]
        if self._several and is_word(text):
            rows = [ALL_ROWS if text in b.words else r for b, r in zip(blocks, rows, strict=True)]
        if self._companies:
            rows = [ALL_ROWS if text in b.company else r for b, r in zip(blocks, rows, strict=True)]
        return rows

    def among(self, blocks: Sequence[Block]) -> list[Block]:
        """Those of `blocks` where something does match, by a look at all their texts."""
        found: set[int] = set()
        for text in self.term.texts:
            found.update([b.number for b in blocks if text in b.symbols or text in b.others])
            if self._several:
                found.update([b.number for b in blocks if text in b.words])
            if self._companies:
                found.update([b.number for b in blocks if text in b.company])
        return [b for b in blocks if b.number in found]

    def match(self, block: Block) -> Match:
        """How the term matches the rows of `block`, where something does, if all do alike."""
        best = Match.NONE
        texts = self.term.texts
        for text in texts:
            at = block.stem.find(text)
            if at == 0:
                if text == block.base and (self._several or block.type is InstrumentType.FUTURE):
                    return Match.BASE
                best = Match.PREFIX
            elif at > 0 or text in block.ending:
                best = min(best, Match.SUBSTRING)
            elif (self._several and text in block.words) or (
                self._companies and text in block.company
            ):
                best = min(best, Match.OTHER)
            elif best is not Match.NONE:
                continue
            elif len(texts) > 1:
                if text in block.symbols or text in block.others:
                    best = Match.BY_ROW
            elif text in block.common and text not in block.symbols:
                best = Match.OTHER
            else:
                best = Match.BY_ROW
        return best


def rows_holding(block: Block, pieces: Sequence[str]) -> int:
    """A bit for each row with one of `pieces` in its symbol, which begins with a line feed."""
    rows = 0
    width = block.length + 1
    for piece in pieces:
        if piece in f"\n{block.stem}" or piece in block.ending:
            return ALL_ROWS
        at = block.symbols.find(piece)
        while at >= 0:
            row = at // width
            rows |= 1 << row
            at = block.symbols.find(piece, (row + 1) * width)
    return rows


def matching_rows(block: Block, rows: int, terms: Sequence[Term]) -> list[tuple[Match, int]]:
    """The places of those of `rows`, a bit for each, that match all `terms`; how well the best."""
    others = block.others.split("\n")
    lines = [(at, block.rows[at].symbol, others[at]) for at in _places(rows, len(others))]
    for term in terms:
        if len(term.texts) == 1:
            text = term.texts[0]
            lines = [line for line in lines if text in line[1] or text in line[2]]
        else:
            lines = [line for line in lines if _has_any(term.texts, line)]
    texts = tuple([text for term in terms for text in term.texts])
    return [(_quality(symbol, texts), at) for at, symbol, _ in lines]


def _places(rows: int, count: int) -> Sequence[int]:
    if rows == ALL_ROWS:
        return range(count)
    places = []
    while rows:
        lowest = rows & -rows
        places.append(lowest.bit_length() - 1)
        rows ^= lowest
    return places


def _has_any(texts: Sequence[str], line: tuple[int, str, str]) -> bool:
    return any(text in line[1] or text in line[2] for text in texts)


def _quality(symbol: str, texts: tuple[str, ...]) -> Match:
    """How well the best of `texts` matches a row where each matches."""
    if symbol.startswith(texts):
        return Match.EXACT if symbol in texts else Match.PREFIX
    for text in texts:
        if text in symbol:
            return Match.SUBSTRING
    return Match.OTHER


def _is_sure(text: str) -> bool:
    return not has_digit(text) or (text.isdecimal() and len(text) <= _SURE)
