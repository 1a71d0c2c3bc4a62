"""From files to one recording."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from openalgo.brokers.replay.errors import ReplayError
from openalgo.brokers.replay.layout import CandleColumns, Layout, TickColumns, sniff
from openalgo.brokers.replay.listing import Listings
from openalgo.brokers.replay.records import Book, Candle, Record, play_candle
from openalgo.brokers.replay.sources import Source
from openalgo.brokers.replay.table import Row, Table, open_table
from openalgo.brokers.replay.times import NeedsDate, instant, microseconds
from openalgo.domain.calendar import session_date
from openalgo.domain.instruments import Instrument
from openalgo.domain.market import InstrumentKey

_ONE_MINUTE = 60_000_000


@dataclass(frozen=True, slots=True)
class Recording:
    """Prices in order of time, at least one, and the instruments they belong to."""

    records: Sequence[Record]
    instruments: Sequence[Instrument]

    @property
    def start(self) -> datetime:
        return instant(self.records[0].at)


def load(files: Sequence[str], replay_date: date | None = None) -> Recording:
    """Read `files`, each `[EXCHANGE:[SYMBOL]=]PATH`, and put their rows in order of time.

    Rows of equal time keep the order of the files and, within a file, of the lines.
    `replay_date` is the day of files that record the time of day alone. Blocks while it reads.
    Raises `ReplayError`.
    """
    if not files:
        raise ReplayError("There is nothing to replay; name one or more CSV or Parquet files.")
    records: list[Record] = []
    listings = Listings()
    spans = _Spans()
    for source in map(Source.from_argument, files):
        with open_table(source.path) as table:
            read = _read(table, source, sniff(table), replay_date)
        if not read:
            raise ReplayError(f"{source.path.name} has no rows below its header; leave it out.")
        spans.add(source, read)
        listings.add(source, read)
        records += read
    records.sort(key=lambda record: record.at)
    return Recording(records, listings.instruments())


def _read(table: Table, source: Source, layout: Layout, replay_date: date | None) -> list[Record]:
    """The rows of one file in order of time."""
    rows = _Rows(source, layout, replay_date)
    if isinstance(layout.prices, CandleColumns):
        columns = layout.prices
        candles = [rows.candle(row, columns) for row in table.rows]
        length = _bar_length(candle.at for candle in candles)
        read = [record for candle in candles for record in play_candle(candle, length)]
    else:
        read = [rows.tick(row, layout.prices) for row in table.rows]
    read.sort(key=lambda record: record.at)
    return read


def _bar_length(starts: Iterable[int]) -> int:
    """The smallest step between two bars, in microseconds; a minute if there is but one bar."""
    steps = (later - earlier for earlier, later in pairwise(sorted(set(starts))))
    return min(steps, default=_ONE_MINUTE)


class _Rows:
    """Turns the rows of one file into values."""

    def __init__(self, source: Source, layout: Layout, replay_date: date | None) -> None:
        self._source = source
        self._layout = layout
        self._replay_date = replay_date
        self._keys: dict[str | None, InstrumentKey] = {}

    def candle(self, row: Row, columns: CandleColumns) -> Candle:
        candle = Candle(
            at=self._time(row),
            key=self._key(row),
            open=row.price(columns.open),
            high=row.price(columns.high),
            low=row.price(columns.low),
            close=row.price(columns.close),
            volume=row.count(columns.volume),
            oi=row.count(columns.oi),
        )
        if candle.high < max(candle.open, candle.low, candle.close):
            raise row.error(columns.high, "is not the highest price of the candle")
        if candle.low > min(candle.open, candle.close):
            raise row.error(columns.low, "is not the lowest price of the candle")
        return candle

    def tick(self, row: Row, columns: TickColumns) -> Record:
        book = Book(
            bid=row.optional_price(columns.bid),
            bid_quantity=row.count(columns.bid_quantity),
            ask=row.optional_price(columns.ask),
            ask_quantity=row.count(columns.ask_quantity),
            total_buy_quantity=row.count(columns.total_buy_quantity),
            total_sell_quantity=row.count(columns.total_sell_quantity),
        )
        return Record(
            at=self._time(row),
            key=self._key(row),
            price=row.price(columns.ltp),
            volume=row.count(columns.volume),
            last_quantity=row.count(columns.last_quantity),
            oi=row.count(columns.oi),
            book=None if book == _NO_BOOK else book,
        )

    def _time(self, row: Row) -> int:
        text = " ".join(row.text(column) for column in self._layout.when)
        try:
            return microseconds(text, self._replay_date)
        except NeedsDate:
            raise ReplayError(
                f"{row.file}, line {row.number}: '{text}' is a time without a date; say which day "
                "it was with --replay-date YYYY-MM-DD."
            ) from None
        except ValueError:
            raise ReplayError(
                f"{row.file}, line {row.number}: '{text}' is not a time; write it like "
                "2024-01-20 09:15:00 or as seconds since 1970."
            ) from None

    def _key(self, row: Row) -> InstrumentKey:
        recorded = None if self._layout.symbol is None else row.text(self._layout.symbol)
        key = self._keys.get(recorded)
        if key is None:
            if self._source.symbol and self._keys:
                first = next(iter(self._keys))
                raise ReplayError(
                    f"{row.file}, line {row.number}: the file holds {first} and {recorded}, so one "
                    f"symbol cannot stand for it; write {self._source.exchange}:={row.file}."
                )
            key = self._keys[recorded] = self._source.key(recorded)
        return key


_NO_BOOK = Book()


class _Spans:
    """Refuses two files that tell different stories about the same instrument and time."""

    def __init__(self) -> None:
        self._known: defaultdict[tuple[InstrumentKey, date], list[tuple[int, int, Source]]]
        self._known = defaultdict(list)

    def add(self, source: Source, records: Sequence[Record]) -> None:
        for (key, day), (first, last) in _spans(records).items():
            for other_first, other_last, other in self._known[key, day]:
                if first <= other_last and other_first <= last:
                    raise ReplayError(
                        f"{other.path.name} and {source.path.name} both record {key} on {day}; "
                        f"leave one out, or say what it is, for example NFO:SYMBOL="
                        f"{source.path.name}."
                    )
            self._known[key, day].append((first, last, source))


def _spans(records: Iterable[Record]) -> dict[tuple[InstrumentKey, date], tuple[int, int]]:
    spans: dict[tuple[InstrumentKey, date], tuple[int, int]] = {}
    for record in records:
        place = record.key, session_date(instant(record.at))
        spans[place] = (spans.get(place, (record.at, 0))[0], record.at)
    return spans
