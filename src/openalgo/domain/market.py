"""Exchanges, and what they tell us: ticks, quotes, depth."""

from enum import IntEnum
from typing import NamedTuple

import msgspec

from openalgo.domain.words import Word


class Exchange(Word):
    """Every exchange code of the API, in the order error messages list them."""

    NSE = "NSE"
    NFO = "NFO"
    CDS = "CDS"
    BSE = "BSE"
    BFO = "BFO"
    BCD = "BCD"
    MCX = "MCX"
    NCDEX = "NCDEX"
    NCO = "NCO"
    NSE_INDEX = "NSE_INDEX"
    BSE_INDEX = "BSE_INDEX"
    MCX_INDEX = "MCX_INDEX"
    GLOBAL_INDEX = "GLOBAL_INDEX"
    CRYPTO = "CRYPTO"


EQUITY_EXCHANGES = frozenset({Exchange.NSE, Exchange.BSE})
DERIVATIVE_EXCHANGES = frozenset(
    {
        Exchange.NFO,
        Exchange.BFO,
        Exchange.MCX,
        Exchange.CDS,
        Exchange.NCO,
        Exchange.BCD,
        Exchange.NCDEX,
        Exchange.CRYPTO,
    }
)
NO_SPOT_EXCHANGES = frozenset(
    {Exchange.MCX, Exchange.CDS, Exchange.BCD, Exchange.NCDEX, Exchange.NCO}
)
QUOTE_ONLY_EXCHANGES = frozenset(
    {Exchange.NSE_INDEX, Exchange.BSE_INDEX, Exchange.MCX_INDEX, Exchange.GLOBAL_INDEX}
)


class Mode(IntEnum):
    """How much of an instrument a feed sends; each mode carries all that the one before does."""

    LTP = 1
    QUOTE = 2
    DEPTH = 3


class InstrumentKey(NamedTuple):
    """The canonical name of an instrument across all brokers."""

    exchange: Exchange
    symbol: str

    def __str__(self) -> str:
        return f"{self.exchange}:{self.symbol}"


class Level(msgspec.Struct, frozen=True, gc=False):
    """One price level of an order book. `price` in rupees, `quantity` in units."""

    price: float
    quantity: int
    orders: int = 0


class Tick(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One market update of one instrument, as a feed sends it.

    Prices are rupees, times are milliseconds since the epoch. A value the feed does not carry is
    `None`, never 0. `partial` marks an update that leaves out fields the feed sent before.
    """

    exchange: Exchange
    symbol: str
    received_ms: int
    ltp: float
    exchange_ms: int | None = None
    last_quantity: int | None = None
    average_price: float | None = None
    volume: int | None = None
    open: float | None = None
    high: float | None = None
    low: float | None = None
    prev_close: float | None = None
    oi: int | None = None
    bid: float | None = None
    bid_quantity: int | None = None
    ask: float | None = None
    ask_quantity: int | None = None
    total_buy_quantity: int | None = None
    total_sell_quantity: int | None = None
    upper_circuit: float | None = None
    lower_circuit: float | None = None
    buy_levels: tuple[Level, ...] = ()
    sell_levels: tuple[Level, ...] = ()
    partial: bool = False

    @property
    def key(self) -> InstrumentKey:
        return InstrumentKey(self.exchange, self.symbol)

    @property
    def is_bare(self) -> bool:
        """Whether it has neither a day's prices nor a book: what feeds send in the mode LTP."""
        return not (self.open or self.high or self.low or self.bid or self.ask or self.has_levels)

    @property
    def has_levels(self) -> bool:
        return bool(self.buy_levels or self.sell_levels)


class Quote(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A snapshot of one instrument: prices in rupees, quantities in units, 0 where unknown."""

    key: InstrumentKey
    at_ms: int
    ltp: float
    open: float = 0.0
    high: float = 0.0
    low: float = 0.0
    prev_close: float = 0.0
    bid: float = 0.0
    ask: float = 0.0
    bid_quantity: int = 0
    ask_quantity: int = 0
    volume: int = 0
    oi: int = 0

    @classmethod
    def of(cls, tick: Tick) -> "Quote":
        """What `tick` says, as a quote."""
        return cls(
            key=tick.key,
            at_ms=tick.received_ms if tick.exchange_ms is None else tick.exchange_ms,
            ltp=tick.ltp,
            open=tick.open or 0.0,
            high=tick.high or 0.0,
            low=tick.low or 0.0,
            prev_close=tick.prev_close or 0.0,
            bid=tick.bid or 0.0,
            ask=tick.ask or 0.0,
            bid_quantity=tick.bid_quantity or 0,
            ask_quantity=tick.ask_quantity or 0,
            volume=tick.volume or 0,
            oi=tick.oi or 0,
        )


class Depth(Quote, frozen=True, kw_only=True, gc=False):
    """A quote with the order book, best prices first. Quantities in units, 0 where unknown."""

    last_quantity: int = 0
    total_buy_quantity: int = 0
    total_sell_quantity: int = 0
    buy_levels: tuple[Level, ...] = ()
    sell_levels: tuple[Level, ...] = ()

    @classmethod
    def of(cls, tick: Tick, levels: int = 5) -> "Depth":
        """What `tick` says, with at most `levels` price levels a side."""
        return cls(
            key=tick.key,
            at_ms=tick.received_ms if tick.exchange_ms is None else tick.exchange_ms,
            ltp=tick.ltp,
            open=tick.open or 0.0,
            high=tick.high or 0.0,
            low=tick.low or 0.0,
            prev_close=tick.prev_close or 0.0,
            bid=tick.bid or 0.0,
            ask=tick.ask or 0.0,
            bid_quantity=tick.bid_quantity or 0,
            ask_quantity=tick.ask_quantity or 0,
            volume=tick.volume or 0,
            oi=tick.oi or 0,
            last_quantity=tick.last_quantity or 0,
            total_buy_quantity=tick.total_buy_quantity or 0,
            total_sell_quantity=tick.total_sell_quantity or 0,
            buy_levels=tick.buy_levels[:levels],
            sell_levels=tick.sell_levels[:levels],
        )


class Candle(msgspec.Struct, frozen=True, gc=False):
    """One bar. Prices in rupees, volume and open interest in units, 0 where there is none.

    `at_s` is in seconds since the epoch: the start of an intraday bar; of a day, week or month
    the midnight UTC of the (first) date.
    """

    at_s: int
    open: float
    high: float
    low: float
    close: float
    volume: int
    oi: int
