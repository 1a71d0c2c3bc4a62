"""Quotes, depth and candles, asked for by the broker's number of an instrument."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

import msgspec

from openalgo.brokers.adapter import Connection
from openalgo.brokers.http import ApiRequest, Reply
from openalgo.domain.errors import Unsupported
from openalgo.domain.instruments import Instrument
from openalgo.domain.market import Candle, Depth, InstrumentKey, Level, Quote
from tests.brokers.example.adapter.info import INFO, Answer
from tests.brokers.example.adapter.mapping import STEPS


class _Side(msgspec.Struct, array_like=True):
    price: float
    qty: int


class _Quote(msgspec.Struct):
    token: str
    at: int
    last: float
    open: float
    high: float
    low: float
    before: float
    volume: int = 0
    bids: tuple[_Side, ...] = ()
    asks: tuple[_Side, ...] = ()


class _Candle(msgspec.Struct, array_like=True):
    at: int
    open: float
    high: float
    low: float
    close: float
    volume: int


async def quotes(
    connection: Connection, instruments: Sequence[Instrument]
) -> Mapping[InstrumentKey, Quote]:
    reply = await _ask(connection, instruments)
    keys = {instrument.token: instrument.key for instrument in instruments}
    return {
        keys[found.token]: Quote(
            key=keys[found.token],
            at_ms=found.at * 1000,
            ltp=found.last,
            open=found.open,
            high=found.high,
            low=found.low,
            prev_close=found.before,
            volume=found.volume,
            bid=found.bids[0].price if found.bids else 0.0,
            bid_quantity=found.bids[0].qty if found.bids else 0,
            ask=found.asks[0].price if found.asks else 0.0,
            ask_quantity=found.asks[0].qty if found.asks else 0,
        )
        for found in reply.decode(Answer[list[_Quote]]).result
        if found.token in keys
    }


async def depth(connection: Connection, instrument: Instrument) -> Depth:
    reply = await _ask(connection, [instrument])
    for found in reply.decode(Answer[list[_Quote]]).result:
        if found.token == instrument.token:
            return Depth(
                key=instrument.key,
                at_ms=found.at * 1000,
                ltp=found.last,
                buy_levels=tuple(Level(side.price, side.qty) for side in found.bids),
                sell_levels=tuple(Level(side.price, side.qty) for side in found.asks),
            )
    raise reply.unusable("it leaves out the instrument that was asked for")


async def candles(
    connection: Connection, instrument: Instrument, interval: str, start: date, end: date
) -> Sequence[Candle]:
    step = STEPS.get(interval)
    if step is None:
        raise Unsupported(f"{INFO.name} has no candles of {interval}")
    reply = await connection.http.call(
        ApiRequest(
            name="candles",
            method="GET",
            url=f"/candles/{instrument.token}",
            scopes=("all",),
            params={"step": step, "from": start.isoformat(), "to": end.isoformat()},
        )
    )
    return [
        Candle(
            _start(each.at, interval), each.open, each.high, each.low, each.close, each.volume, 0
        )
        for each in reply.decode(Answer[list[_Candle]]).result
    ]


def _start(at: int, interval: str) -> int:
    """Of a day the broker tells the opening, we the midnight UTC of its date."""
    if interval != "D":
        return at
    day = datetime.fromtimestamp(at, UTC).replace(hour=0, minute=0, second=0)
    return int(day.timestamp())


async def _ask(connection: Connection, instruments: Sequence[Instrument]) -> Reply:
    return await connection.http.call(
        ApiRequest(
            name="quotes",
            method="POST",
            url="/quotes",
            scopes=("all",),
            json={"tokens": [instrument.token for instrument in instruments]},
        )
    )
