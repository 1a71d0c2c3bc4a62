"""Which rows may hold a number, told for all rows at once."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from openalgo.instruments.blocks import MOST_ROWS, Block
from openalgo.instruments.slices import Steps

_RUN = re.compile(r"[0-9]+")
_GRAMS = 10 + 100
_ZERO = ord("0")
_LINE_END = ord("\n")


class Digits:
    """For each digit and each pair of digits, a bit for each row that has it somewhere.

    The rows of a block are the bits of one word, so what has a number is found by an AND of a few
    columns, where looking at the texts would take milliseconds.
    """

    def __init__(self) -> None:
        self._words: NDArray[np.uint64] = np.zeros((_GRAMS, 0), np.uint64)

    @classmethod
    def of(cls, blocks: Sequence[Block]) -> Steps["Digits"]:
        """Those of `blocks`, which are numbered from 0 on."""
        digits = cls()
        digits._words = np.zeros((_GRAMS, len(blocks)), np.uint64)
        for block in blocks:
            digits._words[:, block.number] = _words(block)
            yield
        return digits

    def rows_with(self, text: str) -> list[int] | None:
        """By the number of the block, a bit for each row that may hold `text`.

        For one or two digits it does: a row may have all pairs of a longer number but not the
        number. `None` when there is no digit in `text`.
        """
        runs = _RUN.findall(text)
        if not runs:
            return None
        grams = {int(run) for run in runs if len(run) == 1}
        grams |= {10 + int(run[at : at + 2]) for run in runs for at in range(len(run) - 1)}
        rows: list[int] = np.bitwise_and.reduce(self._words[sorted(grams)]).tolist()
        return rows


def _words(block: Block) -> NDArray[np.uint64]:
    """The word of `block` for each digit and pair."""
    texts = f"{block.symbols[1:]}\n{block.others}".encode("ascii", "replace")
    letters = np.frombuffer(texts, np.uint8)
    row = np.cumsum(letters == _LINE_END) % len(block.rows)
    digit = letters - _ZERO
    is_digit = digit < 10
    is_pair = is_digit[:-1] & is_digit[1:]
    holds = np.zeros((_GRAMS, MOST_ROWS), np.bool_)
    holds[digit[is_digit], row[is_digit]] = True
    pair = 10 + 10 * digit[:-1] + digit[1:]
    holds[pair[is_pair], row[:-1][is_pair]] = True
    return np.packbits(holds, axis=1, bitorder="little").view("<u8")[:, 0]
