"""Quotes, depth and candles of Kite."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta

import msgspec

from openalgo.brokers.adapter import Connection
from openalgo.brokers.http import ApiRequest, Reply
from openalgo.brokers.intervals import day_label
from openalgo.brokers.zerodha.api import HISTORY, QUOTE
from openalgo.brokers.zerodha.mapping import INTERVALS
from openalgo.brokers.zerodha.tokens import instrument_token
from openalgo.brokers.zerodha.wire import Answer, each, instant_or_none, lot_of
from openalgo.domain.clock import IST, epoch_ms
from openalgo.domain.errors import BrokerUnavailable, Unsupported
from openalgo.domain.instruments import Instrument
from openalgo.domain.market import (
    DERIVATIVE_EXCHANGES,
    Candle,
    Depth,
    InstrumentKey,
    Level,
    Quote,
)
from openalgo.instruments.slices import Slices

_LEVELS = 5
_NO_LEVEL = Level(0.0, 0)


class _Ohlc(msgspec.Struct, gc=False):
    open: float = 0.0
    high: float = 0.0
    low: float = 0.0
    close: float = 0.0


class _Level(msgspec.Struct, gc=False):
    price: float
    quantity: int
    orders: int = 0


class _Book(msgspec.Struct):
    buy: list[_Level] = []
    sell: list[_Level] = []


class _Quote(msgspec.Struct):
    """Indices have neither volume nor depth. `ohlc.close` is that of the day before."""

    last_price: float
    timestamp: str | None = None
    ohlc: _Ohlc = msgspec.field(default_factory=_Ohlc)
    last_quantity: int = 0
    buy_quantity: int = 0
    sell_quantity: int = 0
    volume: int = 0
    oi: int = 0
    depth: _Book = msgspec.field(default_factory=_Book)


class _Candles(msgspec.Struct):
    candles: list[msgspec.Raw]


class _Candle(msgspec.Struct, array_like=True, gc=False):
    at: datetime
    open: float
    high: float
    low: float
    close: float
    volume: int
    oi: int = 0


async def quotes(
    connection: Connection, instruments: Sequence[Instrument]
) -> Mapping[InstrumentKey, Quote]:
    found: dict[InstrumentKey, Quote] = {}
    slices = Slices()
    reply, told = await _asked(connection, instruments)
    for instrument in instruments:
        raw = told.get(_name(instrument))
        if raw is not None:
            found[instrument.key] = _quote(instrument, _decoded(reply, raw), connection)
        if slices.over:
            await slices.pause()
    return found


async def depth(connection: Connection, instrument: Instrument) -> Depth:
    reply, told = await _asked(connection, [instrument])
    raw = told.get(_name(instrument))
    if raw is None:
        raise BrokerUnavailable(f"Zerodha has no quote of {instrument.key}")
    one = _decoded(reply, raw)
    quote, lot = _quote(instrument, one, connection), lot_of(instrument)
    return Depth(
        key=quote.key,
        at_ms=quote.at_ms,
        ltp=quote.ltp,
        open=quote.open,
        high=quote.high,
        low=quote.low,
        prev_close=quote.prev_close,
        bid=quote.bid,
        ask=quote.ask,
        bid_quantity=quote.bid_quantity,
        ask_quantity=quote.ask_quantity,
        volume=quote.volume,
        oi=quote.oi,
        last_quantity=one.last_quantity * lot,
        total_buy_quantity=one.buy_quantity * lot,
        total_sell_quantity=one.sell_quantity * lot,
        buy_levels=_levels(one.depth.buy, lot),
        sell_levels=_levels(one.depth.sell, lot),
    )


async def candles(
    connection: Connection, instrument: Instrument, interval: str, start: date, end: date
) -> Sequence[Candle]:
    """One request after another: three may be sent a second."""
    kite = INTERVALS.get(interval)
    if kite is None:
        raise Unsupported(f"Zerodha has no candles of {interval}")
    with_oi = instrument.exchange in DERIVATIVE_EXCHANGES
    daily, lot = interval == "D", lot_of(instrument)

    def made(candle: _Candle) -> Candle:
        at_s = day_label(candle.at.astimezone(IST).date()) if daily else epoch_ms(candle.at) // 1000
        return Candle(
            at_s,
            candle.open,
            candle.high,
            candle.low,
            candle.close,
            candle.volume * lot,
            candle.oi * lot,
        )

    found: list[Candle] = []
    while start <= end:
        last = min(end, start + timedelta(days=kite.days - 1))
        reply = await connection.http.call(
            ApiRequest(
                name="history",
                method="GET",
                url=f"/instruments/historical/{instrument_token(instrument)}/{kite.word}",
                scopes=HISTORY,
                params={
                    "from": f"{start} {time.min}",
                    "to": f"{last} {time(23, 59, 59)}",
                    "oi": "1" if with_oi else "0",
                    "continuous": "0",
                },
            )
        )
        rows = reply.decode(Answer[_Candles]).data.candles
        found += await each(reply, rows, _Candle, made)
        start = last + timedelta(days=1)
    return found


async def _asked(
    connection: Connection, instruments: Sequence[Instrument]
) -> tuple[Reply, Mapping[str, msgspec.Raw]]:
    reply = await connection.http.call(
        ApiRequest(
            name="quote",
            method="GET",
            url="/quote",
            scopes=QUOTE,
            params=[("i", _name(instrument)) for instrument in instruments],
        )
    )
    return reply, reply.decode(Answer[dict[str, msgspec.Raw]]).data


def _name(instrument: Instrument) -> str:
    return f"{instrument.broker_exchange}:{instrument.broker_symbol}"


def _decoded(reply: Reply, raw: msgspec.Raw) -> _Quote:
    problem: str
    try:
        return msgspec.json.decode(raw, type=_Quote)
    except msgspec.DecodeError as error:
        problem = str(error)
    raise reply.unusable(problem)


def _quote(instrument: Instrument, one: _Quote, connection: Connection) -> Quote:
    lot = lot_of(instrument)
    bid = one.depth.buy[0] if one.depth.buy else _NO_LEVEL
    ask = one.depth.sell[0] if one.depth.sell else _NO_LEVEL
    return Quote(
        key=instrument.key,
        at_ms=epoch_ms(instant_or_none(one.timestamp) or connection.clock.now()),
        ltp=one.last_price,
        open=one.ohlc.open,
        high=one.ohlc.high,
        low=one.ohlc.low,
        prev_close=one.ohlc.close,
        bid=bid.price,
        ask=ask.price,
        bid_quantity=bid.quantity * lot,
        ask_quantity=ask.quantity * lot,
        volume=one.volume * lot,
        oi=one.oi * lot,
    )


def _levels(levels: Sequence[_Level], lot: int) -> tuple[Level, ...]:
    told = [Level(level.price, level.quantity * lot, level.orders) for level in levels[:_LEVELS]]
    return (*told, *[_NO_LEVEL] * (_LEVELS - len(told)))
