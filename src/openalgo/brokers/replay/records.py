"""Recorded rows as a sequence of price changes."""

import msgspec

from openalgo.domain.market import InstrumentKey

TICKS_PER_CANDLE = 4


class Book(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The best prices (rupees) and quantities (units) of one moment."""

    bid: float | None = None
    bid_quantity: int | None = None
    ask: float | None = None
    ask_quantity: int | None = None
    total_buy_quantity: int | None = None
    total_sell_quantity: int | None = None


class Record(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One price of one instrument at `at`, in microseconds since 1970-01-01 UTC.

    Of the day's volume, a tick knows the total (`volume`), a candle what it adds (`traded`).
    """

    at: int
    key: InstrumentKey
    price: float
    traded: int | None = None
    volume: int | None = None
    last_quantity: int | None = None
    oi: int | None = None
    book: Book | None = None


class Candle(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One bar that began at `at`, in microseconds since 1970-01-01 UTC."""

    at: int
    key: InstrumentKey
    open: float
    high: float
    low: float
    close: float
    volume: int | None = None
    oi: int | None = None


def play_candle(candle: Candle, length: int) -> list[Record]:
    """The four prices a bar of `length` microseconds is taken to have passed through.

    A bar that rose (or stood still) goes open, low, high, close, one that fell open, high, low,
    close: it moves against its direction first, so that a stop inside the bar is found. They
    come at the start of each quarter of the bar, with a quarter of the volume each; what does not
    divide goes to the later ones.
    """
    middle = (candle.low, candle.high) if candle.close >= candle.open else (candle.high, candle.low)
    return [
        Record(
            at=candle.at + length * quarter // TICKS_PER_CANDLE,
            key=candle.key,
            price=price,
            traded=None if candle.volume is None else (candle.volume + quarter) // TICKS_PER_CANDLE,
            oi=candle.oi,
        )
        for quarter, price in enumerate((candle.open, *middle, candle.close))
    ]
