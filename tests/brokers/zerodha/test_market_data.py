"""Quotes, depth and candles of Zerodha."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest

from openalgo.brokers.zerodha import BROKER, market_data
from openalgo.brokers.zerodha.mapping import INTERVALS
from openalgo.domain.clock import epoch_ms
from openalgo.domain.errors import BrokerUnavailable, Unsupported
from openalgo.domain.instruments import Instrument
from openalgo.domain.market import Candle, Depth, Level, Quote
from tests.brokers.zerodha.kite import (
    CALL,
    CRUDE_IN_BARRELS,
    INFY,
    M_AND_M,
    NIFTY,
    NOW,
    Kite,
    said,
)
from tests.brokers.zerodha.test_books import MOCKS
from tests.instruments.contract_files import needs_data


def level(price: float, quantity: int, orders: int) -> dict[str, float]:
    return {"price": price, "quantity": quantity, "orders": orders}


QUOTE: dict[str, Any] = {
    "instrument_token": 408065,
    "timestamp": "2026-08-20 09:31:00",
    "last_trade_time": "2026-08-20 09:30:59",
    "last_price": 1500.05,
    "last_quantity": 5,
    "buy_quantity": 7000,
    "sell_quantity": 8000,
    "volume": 3_000_000_000,
    "average_price": 1499.9,
    "oi": 12,
    "net_change": 0,
    "lower_circuit_limit": 1350,
    "upper_circuit_limit": 1650,
    "ohlc": {"open": 1490, "high": 1505.5, "low": 1480, "close": 1495},
    "depth": {
        "buy": [level(1500, 10, 2), level(1499.95, 20, 3)],
        "sell": [level(1500.05, 30, 4)],
    },
}
INDEX: dict[str, Any] = {
    "instrument_token": 256265,
    "timestamp": "2026-08-20 09:31:00",
    "last_price": 24500.5,
    "ohlc": {"open": 1, "high": 2, "low": 3, "close": 4},
}
AT_MS = epoch_ms(datetime(2026, 8, 20, 4, 1, tzinfo=UTC))


async def test_quotes_are_asked_for_by_the_names_of_the_broker() -> None:
    kite = Kite(said({"NSE:NIFTY 50": INDEX, "NSE:M&M": QUOTE}))
    async with kite.connected() as connection:
        found = await market_data.quotes(connection, [NIFTY, M_AND_M, CALL])
    url = kite.asked[0].url
    assert (kite.asked[0].method, url.path) == ("GET", "/quote")
    assert b"i=NSE%3ANIFTY%2050&i=NSE%3AM%26M&i=NFO%3A" in url.query
    assert url.params.get_list("i") == ["NSE:NIFTY 50", "NSE:M&M", "NFO:NIFTY26AUG24500CE"]
    assert set(found) == {NIFTY.key, M_AND_M.key}
    assert found[NIFTY.key] == Quote(
        key=NIFTY.key,
        at_ms=AT_MS,
        ltp=24500.5,
        open=1.0,
        high=2.0,
        low=3.0,
        prev_close=4.0,
    )
    assert found[M_AND_M.key] == Quote(
        key=M_AND_M.key,
        at_ms=AT_MS,
        ltp=1500.05,
        open=1490.0,
        high=1505.5,
        low=1480.0,
        prev_close=1495.0,
        bid=1500.0,
        ask=1500.05,
        bid_quantity=10,
        ask_quantity=30,
        volume=3_000_000_000,
        oi=12,
    )


@pytest.mark.parametrize("timestamp", [None, "", "soon"])
async def test_a_quote_without_a_time_is_of_now(timestamp: str | None) -> None:
    async with Kite(said({"NSE:INFY": QUOTE | {"timestamp": timestamp}})).connected() as connection:
        found = await market_data.quotes(connection, [INFY])
    assert found[INFY.key].at_ms == epoch_ms(NOW)


async def test_depth_has_five_levels_and_the_totals_of_the_whole_book() -> None:
    async with Kite(said({"NSE:INFY": QUOTE})).connected() as connection:
        found = await market_data.depth(connection, INFY)
    none = Level(0.0, 0)
    assert found == Depth(
        key=INFY.key,
        at_ms=AT_MS,
        ltp=1500.05,
        open=1490.0,
        high=1505.5,
        low=1480.0,
        prev_close=1495.0,
        bid=1500.0,
        ask=1500.05,
        bid_quantity=10,
        ask_quantity=30,
        volume=3_000_000_000,
        oi=12,
        last_quantity=5,
        total_buy_quantity=7000,
        total_sell_quantity=8000,
        buy_levels=(Level(1500.0, 10, 2), Level(1499.95, 20, 3), none, none, none),
        sell_levels=(Level(1500.05, 30, 4), none, none, none, none),
    )


async def test_an_index_has_an_empty_book() -> None:
    async with Kite(said({"NSE:NIFTY 50": INDEX})).connected() as connection:
        found = await market_data.depth(connection, NIFTY)
    assert found.ltp == 24500.5
    assert found.buy_levels == found.sell_levels == (Level(0.0, 0),) * 5


async def test_quantities_of_commodities_are_units() -> None:
    told = said({"MCX:CRUDEOIL26AUGFUT": QUOTE})
    async with Kite(told).connected() as connection:
        found = await market_data.depth(connection, CRUDE_IN_BARRELS)
    assert (found.oi, found.bid_quantity, found.last_quantity) == (1200, 1000, 500)
    assert (found.total_buy_quantity, found.buy_levels[1].quantity) == (700_000, 2000)
    assert found.ltp == 1500.05


async def test_no_depth_of_what_the_broker_does_not_know() -> None:
    async with Kite(said({})).connected() as connection:
        assert await market_data.quotes(connection, [INFY]) == {}
    async with Kite(said({})).connected() as connection:
        with pytest.raises(BrokerUnavailable, match="NSE:INFY"):
            await market_data.depth(connection, INFY)


@pytest.mark.parametrize(
    "data", [None, [], {"NSE:INFY": {}}, {"NSE:INFY": QUOTE | {"last_price": "high"}}]
)
async def test_a_quote_that_cannot_be_read_is_not_missing(data: object) -> None:
    async with Kite(said(data)).connected() as connection:
        with pytest.raises(BrokerUnavailable):
            await market_data.quotes(connection, [INFY])


async def history(
    what: Instrument, interval: str, start: date, end: date, answers: Sequence[object]
) -> tuple[list[Candle], list[httpx.Request]]:
    kite = Kite(bodies=[said({"candles": answer}) for answer in answers])
    async with kite.connected() as connection:
        found = await market_data.candles(connection, what, interval, start, end)
    return list(found), kite.asked


async def test_candles_of_minutes() -> None:
    day = date(2026, 8, 19)
    rows = [["2026-08-19T09:15:00+0530", 1, 2.5, 0.5, 2, 3_000_000_000]]
    found, asked = await history(INFY, "1m", day, day, [rows])
    assert asked[0].url.path == "/instruments/historical/408065/minute"
    assert dict(asked[0].url.params) == {
        "from": "2026-08-19 00:00:00",
        "to": "2026-08-19 23:59:59",
        "oi": "0",
        "continuous": "0",
    }
    at_s = epoch_ms(datetime(2026, 8, 19, 3, 45, tzinfo=UTC)) // 1000
    assert found == [Candle(at_s, 1.0, 2.5, 0.5, 2.0, 3_000_000_000, 0)]


async def test_candles_of_contracts_have_open_interest() -> None:
    day = date(2026, 8, 19)
    rows = [["2026-08-19T09:15:00+0530", 1, 2, 0.5, 2, 75, 13667775]]
    [candle], asked = await history(CALL, "5m", day, day, [rows])
    assert asked[0].url.params["oi"] == "1"
    assert (candle.volume, candle.oi) == (75, 13667775)
    [candle], _ = await history(CRUDE_IN_BARRELS, "5m", day, day, [rows])
    assert (candle.volume, candle.oi) == (7500, 1366777500)


async def test_a_day_begins_at_midnight_utc() -> None:
    day = date(2026, 8, 19)
    rows = [["2026-08-19T00:00:00+0530", 1, 2, 0.5, 2, 75]]
    [candle], _ = await history(INFY, "D", day, day, [rows])
    assert candle.at_s == epoch_ms(datetime(2026, 8, 19, tzinfo=UTC)) // 1000


@pytest.mark.parametrize(
    ("interval", "word", "days"),
    [
        ("1m", "minute", 60),
        ("3m", "3minute", 100),
        ("5m", "5minute", 100),
        ("10m", "10minute", 100),
        ("15m", "15minute", 200),
        ("30m", "30minute", 200),
        ("1h", "60minute", 400),
        ("D", "day", 2000),
    ],
)
async def test_long_spans_take_several_requests(interval: str, word: str, days: int) -> None:
    start = date(2020, 1, 1)
    end = start + timedelta(days=2 * days)
    found, asked = await history(INFY, interval, start, end, [[], [], []])
    assert found == []
    assert {request.url.path.rpartition("/")[2] for request in asked} == {word}
    spans = [(request.url.params["from"], request.url.params["to"]) for request in asked]
    second, third = start + timedelta(days=days), end
    assert spans == [
        (f"{start} 00:00:00", f"{second - timedelta(days=1)} 23:59:59"),
        (f"{second} 00:00:00", f"{third - timedelta(days=1)} 23:59:59"),
        (f"{third} 00:00:00", f"{end} 23:59:59"),
    ]


async def test_an_interval_kite_does_not_have() -> None:
    async with Kite(said({})).connected() as connection:
        with pytest.raises(Unsupported):
            await market_data.candles(connection, INFY, "W", NOW.date(), NOW.date())


def test_the_intervals_promised_are_those_there_are() -> None:
    assert set(BROKER.info.intervals) == set(INTERVALS)


@pytest.mark.parametrize(
    "data", [None, {}, {"candles": None}, {"candles": [["2026-08-19T09:15:00+0530", 1]]}]
)
async def test_candles_that_cannot_be_read(data: object) -> None:
    async with Kite(said(data)).connected() as connection:
        with pytest.raises(BrokerUnavailable):
            await market_data.candles(connection, INFY, "1m", NOW.date(), NOW.date())


@needs_data
async def test_the_recorded_quotes_and_candles() -> None:
    async with Kite((MOCKS / "quote.json").read_bytes()).connected() as connection:
        found = await market_data.depth(connection, INFY)
    assert (found.ltp, found.bid, found.ask, found.total_sell_quantity) == (
        1412.95,
        0.0,
        1412.95,
        5191,
    )
    for name, first in (
        ("historical_minute.json", Candle(1513309500, 1704.5, 1705, 1699.25, 1702.8, 2499, 0)),
        (
            "historical_oi.json",
            Candle(1575431100, 12009.9, 12019.35, 12001.25, 12001.5, 163275, 13667775),
        ),
    ):
        async with Kite((MOCKS / name).read_bytes()).connected() as connection:
            candles = await market_data.candles(connection, CALL, "1m", NOW.date(), NOW.date())
        assert candles[0] == first
        assert [one.at_s for one in candles] == sorted(one.at_s for one in candles)
