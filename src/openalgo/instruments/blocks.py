"""The rows of a master as search reads them: in blocks that have most of their text in common.

Most rows are contracts of a few hundred underlyings, so whether a word occurs in a row can mostly
be told for a whole block at once.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import chain
from typing import NamedTuple

import msgspec

from openalgo.domain.instruments import Instrument, InstrumentType
from openalgo.domain.market import Exchange
from openalgo.instruments.contracts import Contracts
from openalgo.instruments.slices import Steps
from openalgo.instruments.symbols import stem_of

MONTH_NAMES = (
    *("JANUARY", "FEBRUARY", "MARCH", "APRIL", "MAY", "JUNE"),
    *("JULY", "AUGUST", "SEPTEMBER", "OCTOBER", "NOVEMBER", "DECEMBER"),
)
TYPE_NAMES = {
    InstrumentType.CALL: ("CALL", "CALLS", "OPT", "OPTION", "OPTIONS"),
    InstrumentType.PUT: ("PUT", "PUTS", "OPT", "OPTION", "OPTIONS"),
    InstrumentType.FUTURE: ("FUTURE", "FUTURES"),
}

MOST_ROWS = 64
"""In one block: as many as there are bits in a machine word."""

_NAMES = frozenset(chain(MONTH_NAMES, *TYPE_NAMES.values()))
_YEAR = len("2026")
_EXCHANGE_RANK = {exchange: rank for rank, exchange in enumerate(Exchange)}
_AWAY = frozenset({Exchange.BSE, Exchange.BFO, Exchange.BCD, Exchange.BSE_INDEX})
_NO_STRIKE = Decimal("Infinity")
_DIGITS = re.compile(r"[0-9]+")


class Block(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Rows of one exchange whose symbols are equally long, in the order they are shown.

    `symbols` and `others` have a line for each row: its symbol, and what else it is found by; see
    `other_texts`. `letters` is as good as both for a word without digits, and shorter.

    The other texts hold for every row: its symbol begins with `stem` and ends with `ending`, its
    line of `others` has both lines of `common`, `words` say the same in other words, and `company`
    is how the underlying is called.
    """

    number: int
    exchange: Exchange
    rows: Sequence[Instrument]
    length: int
    symbols: str
    others: str
    letters: str
    stem: str = ""
    ending: str = ""
    common: str = ""
    base: str = ""
    type: InstrumentType | None = None
    lowest: Decimal = _NO_STRIKE
    highest: Decimal = _NO_STRIKE
    month: int = 0
    day: int = 0
    words: frozenset[str] = frozenset()
    company: str = ""


class Placed(NamedTuple):
    """A block with its place in both orders."""

    by_length: tuple[int | str, ...]
    by_relevance: tuple[int | str, ...]
    block: Block


def plain_blocks(
    rows: Iterable[Instrument], contracts: Contracts, number: int
) -> Steps[list[Placed]]:
    """The blocks of shares, indices, and contracts with names of their own, from `number` on."""
    groups: defaultdict[tuple[Exchange, int, bool, int], list[Instrument]] = defaultdict(list)
    for row in rows:
        has_contracts = contracts.size(row.symbol) > 0
        groups[row.exchange, _kind(row), has_contracts, len(row.symbol)].append(row)
        yield
    placed: list[Placed] = []
    for (exchange, kind, has_contracts, length), group in groups.items():
        group.sort(key=_symbol)
        # The more contracts, the better known: so each of those stands for itself.
        size = 1 if has_contracts else MOST_ROWS
        for start in range(0, len(group), size):
            part = tuple(group[start : start + size])
            symbols = list(map(_symbol, part))
            others = list(map(other_texts, part))
            block = Block(
                number=number + len(placed),
                exchange=exchange,
                rows=part,
                length=length,
                symbols="\n".join(["", *symbols]),
                others="\n".join(others),
                letters=_letters(symbols, others),
            )
            first = part[0].symbol
            placed.append(_place(block, kind, first, contracts.size(first), 0))
            yield
    return placed


def contract_blocks(
    contracts: Contracts, companies: Mapping[str, str], strays: list[Instrument]
) -> Steps[list[Placed]]:
    """The blocks of all contracts that are spelled by the grammar; others are added to `strays`.

    `companies` tells how underlyings are called, in capitals.
    """
    placed: list[Placed] = []
    words = _Words()
    for exchange, base, underlying in contracts.each():
        company = companies.get(base, "")
        size = contracts.size(base)
        groups: list[Sequence[Instrument]] = [[future] for future in underlying.futures]
        for series in underlying.series.values():
            groups += (series.calls, series.puts)
        for group in groups:
            for rows in _equally_long(group, strays):
                first = rows[0]
                day = first.expiry or date.max
                symbols = list(map(_symbol, rows))
                others = list(map(other_texts, rows))
                block = Block(
                    number=len(placed),
                    exchange=exchange,
                    rows=tuple(rows),
                    length=len(first.symbol),
                    symbols="\n".join(["", *symbols]),
                    others="\n".join(others),
                    letters=_letters(symbols, others),
                    stem=stem_of(base, day),
                    ending=first.type.value,
                    common=_common(others),
                    base=base,
                    type=first.type,
                    lowest=first.strike or _NO_STRIKE,
                    highest=rows[-1].strike or _NO_STRIKE,
                    month=day.month,
                    day=day.day,
                    words=words.of(first.type, day),
                    company=company,
                )
                placed.append(_place(block, _kind(first), base, size, day.toordinal()))
                yield
    return placed


def _is_spelled(contract: Instrument) -> bool:
    """Whether the symbol is that of a dated contract, by the grammar."""
    return (
        contract.expiry is not None
        and contract.symbol.startswith(stem_of(contract.name, contract.expiry))
        and contract.symbol.endswith(contract.type)
    )


class _Words:
    """What the type, the month and the year of a contract are called besides, kept once each."""

    def __init__(self) -> None:
        self._known: dict[tuple[InstrumentType, int, int], frozenset[str]] = {}

    def of(self, type: InstrumentType, day: date) -> frozenset[str]:
        key = type, day.month, day.year
        if key not in self._known:
            dates = {MONTH_NAMES[day.month - 1], str(day.year)}
            self._known[key] = frozenset(TYPE_NAMES.get(type, ())) | dates
        return self._known[key]


def _place(block: Block, kind: int, name: str, fame: int, day: int) -> Placed:
    """`fame` is how many contracts there are on `name`, `day` the expiry's ordinal."""
    rank = _EXCHANGE_RANK[block.exchange]
    away = block.exchange in _AWAY
    tier = (0 if fame else 2, 1, 3)[kind]
    type = block.ending
    return Placed(
        (block.length, kind, day, rank, -fame, name, type),
        (tier, away, -fame, day, block.length, name, rank, type),
        block,
    )


def _kind(row: Instrument) -> int:
    """0 for what settles at once, 1 for futures, 2 for options."""
    return 2 if row.is_option else int(row.is_future)


def _equally_long(
    rows: Sequence[Instrument], strays: list[Instrument]
) -> Iterator[list[Instrument]]:
    groups: defaultdict[int, list[Instrument]] = defaultdict(list)
    for row in rows:
        if _is_spelled(row):
            groups[len(row.symbol)].append(row)
        else:
            strays.append(row)
    for group in groups.values():
        for start in range(0, len(group), MOST_ROWS):
            yield group[start : start + MOST_ROWS]


def other_texts(row: Instrument) -> str:
    """The broker's symbol, the name and the token of `row`, in capitals, separated by tabs.

    Without what is part of its symbol.
    """
    texts = (row.broker_symbol.upper(), row.name.upper(), row.token.upper())
    return "\t".join([text for text in texts if text not in row.symbol])


def _common(lines: Sequence[str]) -> str:
    """What all of `lines` begin with, and what they end with."""
    backwards = [line[::-1] for line in lines]
    return f"{_common_start(lines)}\n{_common_start(backwards)[::-1]}"


def _common_start(lines: Sequence[str]) -> str:
    first, last = min(lines), max(lines)
    same = 0
    for one, other in zip(first, last, strict=False):
        if one != other:
            break
        same += 1
    return first[:same]


def _letters(*columns: Sequence[str]) -> str:
    return "\n".join(set(map(without_digits, chain(*columns))))


def without_digits(text: str) -> str:
    """`text` with `0` for each run of digits."""
    return _DIGITS.sub("0", text)


def is_word(text: str) -> bool:
    """Whether it may be among the `words` of a block."""
    return text in _NAMES or (len(text) == _YEAR and text.isdecimal())


def has_digit(text: str) -> bool:
    return _DIGITS.search(text) is not None


def _symbol(row: Instrument) -> str:
    return row.symbol
