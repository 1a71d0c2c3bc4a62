"""Quotes of many, order books, candles."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import Any, overload

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openalgo.api.application import ApiSettings
from openalgo.api.limits import RateClass
from openalgo.domain.errors import BrokerSessionExpired, BrokerUnavailable
from openalgo.domain.market import Candle, Depth, Exchange, InstrumentKey, Level, Quote
from tests.api.fakes import KEY, FakeCandles, World

RELIANCE = InstrumentKey(Exchange.NSE, "RELIANCE")
NIFTY = InstrumentKey(Exchange.NSE_INDEX, "NIFTY")


async def post(world: World, endpoint: str, **members: object) -> tuple[int, Any]:
    async with world.client() as client:
        reply = await client.post(f"/api/v1/{endpoint}", json={"apikey": KEY, **members})
    return reply.status_code, reply.json()


async def get(world: World, path: str, **query: str) -> httpx.Response:
    async with world.client() as client:
        return await client.get(f"/api/v1/{path}", params={"apikey": KEY, **query})


def candles_of(world: World) -> FakeCandles:
    assert world.candles is not None
    return world.candles


# --- many quotes


def named(symbol: str, exchange: str) -> dict[str, str]:
    return {"symbol": symbol, "exchange": exchange}


async def test_many_quotes_come_in_the_order_asked_for(world: World) -> None:
    world.quotes.known[NIFTY] = Quote(key=NIFTY, at_ms=0, ltp=26000.5)
    wanted = [named("NOSUCH", "NSE"), named("nifty", "nse_index"), named("RELIANCE", "NSE")]
    status, body = await post(world, "multiquotes", symbols=[*wanted, wanted[1]])
    assert (status, body["status"]) == (200, "success")
    missing, nifty, reliance, again = body["results"]
    assert missing == {
        **named("NOSUCH", "NSE"),
        "error": "Symbol 'NOSUCH' not found for exchange 'NSE'.",
    }
    assert (nifty["symbol"], nifty["exchange"]) == ("NIFTY", "NSE_INDEX")
    assert nifty["data"]["ltp"] == 26000.5
    assert "error" not in nifty
    assert reliance["data"]["volume"] == 1840221
    assert again == nifty


async def test_only_wrong_symbols_are_the_callers_mistake(world: World) -> None:
    status, body = await post(world, "multiquotes", symbols=[named("A", "NSE"), named("B", "NSE")])
    assert (status, body["code"]) == (400, "symbol_not_found")
    assert body["message"] == "No valid symbols: none of those asked for is listed."
    assert body["invalid_symbols"] == [
        {**named(name, "NSE"), "error": f"Symbol '{name}' not found for exchange 'NSE'."}
        for name in ("A", "B")
    ]


async def test_a_broker_that_quotes_nothing_is_to_blame(world: World) -> None:
    world.quotes.failing[RELIANCE] = BrokerUnavailable("Simulated market gave no quote")
    wanted = [named("NOSUCH", "NSE"), named("RELIANCE", "NSE")]
    status, body = await post(world, "multiquotes", symbols=wanted)
    assert (status, body["message"]) == (502, "Simulated market gave no quote")
    world.quotes.known[NIFTY] = Quote(key=NIFTY, at_ms=0, ltp=1.0)
    status, body = await post(world, "multiquotes", symbols=[*wanted, named("NIFTY", "NSE_INDEX")])
    assert status == 200
    assert body["results"][1] == {
        **named("RELIANCE", "NSE"),
        "error": "Simulated market gave no quote",
    }


@pytest.mark.parametrize(
    ("symbols", "field", "text"),
    [
        (..., "symbols", "Missing data for required field."),
        ([], "symbols", "List should have at least 1 item after validation, not 0"),
        ([named("A", "NSE")] * 501, "symbols", "List should have at most 500 items"),
        ([named("A", "NYSE")], "symbols.0.exchange", "Must be one of: NSE, NFO, CDS"),
        ([{"exchange": "NSE"}], "symbols.0.symbol", "Missing data for required field."),
    ],
)
async def test_many_quotes_are_asked_for_properly(
    world: World, symbols: object, field: str, text: str
) -> None:
    members = {} if symbols is ... else {"symbols": symbols}
    status, body = await post(world, "multiquotes", **members)
    assert (status, list(body["errors"])) == (400, [field])
    assert body["errors"][field][0].startswith(text)


async def test_five_hundred_quotes_are_one_call(world: World) -> None:
    status, body = await post(world, "multiquotes", symbols=[named("RELIANCE", "NSE")] * 500)
    assert (status, len(body["results"])) == (200, 500)


# --- depth


async def test_an_order_book_has_five_levels_a_side(world: World) -> None:
    assert world.depth is not None
    world.depth.known[RELIANCE] = Depth(
        key=RELIANCE,
        at_ms=0,
        ltp=1512.4,
        open=float("nan"),
        last_quantity=7,
        total_buy_quantity=300,
        total_sell_quantity=100,
        buy_levels=(Level(1512.35, 20, 2), Level(1512.3, 10)),
        sell_levels=tuple(Level(1512.4 + n, n) for n in range(8)),
    )
    status, body = await post(world, "depth", symbol="reliance", exchange="NSE")
    assert status == 200
    zero = {"price": 0.0, "quantity": 0}
    first = [{"price": 1512.35, "quantity": 20}, {"price": 1512.3, "quantity": 10}]
    assert body["data"].pop("bids") == [*first, zero, zero, zero]
    assert [ask["quantity"] for ask in body["data"].pop("asks")] == [0, 1, 2, 3, 4]
    assert body["data"] == {
        "open": 0.0,
        "high": 0.0,
        "low": 0.0,
        "ltp": 1512.4,
        "ltq": 7,
        "prev_close": 0.0,
        "volume": 0,
        "oi": 0,
        "totalbuyqty": 300,
        "totalsellqty": 100,
    }


async def test_depth_needs_a_listed_symbol_and_a_market_that_has_it(world: World) -> None:
    status, body = await post(world, "depth", symbol="NOSUCH", exchange="NSE")
    assert (status, body["code"]) == (400, "symbol_not_found")
    world.depth = None
    status, body = await post(world, "depth", symbol="RELIANCE", exchange="NSE")
    assert (status, body["message"]) == (501, "This market has no order books")


# --- candles

BAR = Candle(1763696700, 1508.0, 1509.5, 1507.2, 1509.1, 18402, 0)
WANTED = {
    "symbol": "RELIANCE",
    "exchange": "NSE",
    "interval": "5m",
    "start_date": "2025-11-3",
    "end_date": "2025-11-21",
}


async def test_candles_are_flat_rows_in_compact_json(world: World) -> None:
    odd = Candle(1763697000, 1509.0, float("nan"), 1509.0, float("inf"), 5, 12)
    candles_of(world).candle_rows = (BAR, odd)
    async with world.client() as client:
        reply = await client.post("/api/v1/history", json={"apikey": KEY, **WANTED})
    assert reply.headers["content-type"] == "application/json"
    assert reply.text == (
        '{"status":"success","data":[{"timestamp":1763696700,"open":1508.0,"high":1509.5,'
        '"low":1507.2,"close":1509.1,"volume":18402,"oi":0},{"timestamp":1763697000,'
        '"open":1509.0,"high":0.0,"low":1509.0,"close":0.0,"volume":5,"oi":12}]}'
    )
    assert candles_of(world).asked == [
        ("NSE:RELIANCE", "5m", date(2025, 11, 3), date(2025, 11, 21))
    ]


async def test_no_candles_are_a_success(world: World) -> None:
    assert await post(world, "history", **WANTED) == (200, {"status": "success", "data": []})


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 300))
async def test_every_candle_arrives_once_and_in_order(count: int) -> None:
    world = World()
    candles_of(world).candle_rows = [Candle(at, 1, 1, 1, 1, 0, 0) for at in range(count)]
    _, body = await post(world, "history", **WANTED)
    assert [row["timestamp"] for row in body["data"]] == list(range(count))


@pytest.mark.parametrize(
    ("changes", "field", "text"),
    [
        (
            {"interval": "2m"},
            "interval",
            "Interval '2m' is not served by Simulated market. "
            "Must be one of: 5s, 1m, 5m, 1h, D, W, M, Q.",
        ),
        (
            {"interval": "5M"},
            "interval",
            "Interval '5M' is unknown to Simulated market. "
            "Must be one of: 5s, 1m, 5m, 1h, D, W, M, Q.",
        ),
        (
            {"start_date": "2025-11-22"},
            "start_date",
            "start_date 2025-11-22 is after end_date 2025-11-21.",
        ),
        (
            {"start_date": "2024-10-17"},
            "start_date",
            "2024-10-17 to 2025-11-21 is 401 days, but 5m candles are given for at most 400 days "
            "at once.",
        ),
        (
            {"interval": "5s", "start_date": "2025-10-21"},
            "start_date",
            "2025-10-21 to 2025-11-21 is 32 days, but 5s candles are given for at most 31 days "
            "at once.",
        ),
        ({"start_date": "21-11-2025"}, "start_date", "Not a valid date; use YYYY-MM-DD."),
        ({"end_date": "2025-02-30"}, "end_date", "Not a valid date; use YYYY-MM-DD."),
        ({"end_date": 20251121}, "end_date", "Not a valid date; use YYYY-MM-DD."),
        ({"source": "file"}, "source", "Must be one of: api, db."),
        (
            {"source": "db", "interval": "376m"},
            "interval",
            "Interval '376m' is unknown. Must be one of: 1s, 5s, 10s, 15s, 30s, 45s, 1m, 2m, 3m, "
            "5m, 10m, 15m, 20m, 30m, 1h, 2h, 3h, 4h, D, W, M, Q, Y; or a number of minutes to "
            "375, of hours to 24, of D, W, M, Q or Y, such as 25m.",
        ),
    ],
)
async def test_candles_are_asked_for_properly(
    world: World, changes: dict[str, object], field: str, text: str
) -> None:
    status, body = await post(world, "history", **{**WANTED, **changes})
    assert (status, body["code"], body["errors"]) == (400, "validation_error", {field: [text]})
    assert candles_of(world).asked == []


async def test_a_range_may_be_as_long_as_the_limit(world: World) -> None:
    wanted = {**WANTED, "start_date": "2024-10-18", "end_date": "2025-11-21"}
    assert (await post(world, "history", **wanted))[0] == 200


async def test_days_to_come_are_not_asked_for(world: World) -> None:
    await post(world, "history", **{**WANTED, "end_date": "2025-12-31"})
    assert candles_of(world).asked[0][3] == date(2025, 11, 21)
    status, body = await post(
        world, "history", **{**WANTED, "start_date": "2025-11-22", "end_date": "2025-12-31"}
    )
    assert (status, body["data"], len(candles_of(world).asked)) == (200, [], 1)


@pytest.mark.parametrize("interval", ["5m", "25m", "24h", "2W", "7D", "3M", "Y"])
async def test_nothing_is_stored_yet(world: World, interval: str) -> None:
    status, body = await post(world, "history", **{**WANTED, "interval": interval, "source": "DB"})
    assert (status, body["message"]) == (
        404,
        f"No data found for RELIANCE:NSE interval {interval} in local database. "
        "Download data first using Historify.",
    )
    status, body = await post(world, "history", **{**WANTED, "symbol": "NOSUCH", "source": "db"})
    assert (status, body["code"]) == (400, "symbol_not_found")


async def test_intervals_are_grouped(world: World) -> None:
    assert await post(world, "intervals") == (
        200,
        {
            "status": "success",
            "data": {
                "seconds": ["5s"],
                "minutes": ["1m", "5m"],
                "hours": ["1h"],
                "days": ["D"],
                "weeks": ["W"],
                "months": ["M", "Q"],
            },
        },
    )


async def test_a_market_may_have_no_candles(world: World) -> None:
    world.candles = None
    for endpoint, members in (("intervals", {}), ("history", WANTED)):
        status, body = await post(world, endpoint, **members)
        assert (status, body["message"]) == (501, "This market has no candles")


# --- long answers


class Counted(Sequence[Candle]):
    """Candles made while they are read. `most` is how many were read in one turn of the loop."""

    def __init__(self, count: int, clock: "Turns") -> None:
        self._count = count
        self._turns = clock
        self.most = 0

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> Candle: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Candle]: ...
    def __getitem__(self, index: int | slice) -> Candle | Sequence[Candle]:
        raise NotImplementedError

    def __iter__(self) -> Iterator[Candle]:
        turn, read = self._turns.count, 0
        for at in range(self._count):
            if turn != self._turns.count:
                turn, read = self._turns.count, 0
            read += 1
            self.most = max(self.most, read)
            yield Candle(at, 1.0, 1.0, 1.0, 1.0, 1, 0)


class Turns:
    """Counts the turns of the loop."""

    def __init__(self) -> None:
        self.count = 0

    @asynccontextmanager
    async def counted(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self._count())
        try:
            yield
        finally:
            task.cancel()

    async def _count(self) -> None:
        while True:
            await asyncio.sleep(0)
            self.count += 1


async def test_a_long_history_is_sent_in_slices(world: World) -> None:
    turns = Turns()
    rows = Counted(60_000, turns)
    candles_of(world).candle_rows = rows
    sent: list[int] = []

    def watched(app: Any) -> Any:
        async def watching(scope: Any, receive: Any, send: Any) -> None:
            async def count(message: Any) -> None:
                if message["type"] == "http.response.body":
                    sent.append(len(message.get("body", b"")))
                await send(message)

            await app(scope, receive, count)

        return watching

    async with turns.counted(), world.client(wrap=watched) as client:
        reply = await client.post("/api/v1/history", json={"apikey": KEY, **WANTED})
    assert len(reply.json()["data"]) == 60_000
    assert len(sent) > 100
    assert max(sent) < 64 * 1024
    assert rows.most < 20_000


# --- ticker


async def test_a_ticker_gives_candles_as_json_or_as_lines(world: World) -> None:
    candles_of(world).candle_rows = (BAR,)
    query = {"from": "2025-11-20", "to": "2025-11-21"}
    reply = await get(world, "ticker/nse:reliance", interval="5m", **query)
    assert reply.json()["data"][0]["timestamp"] == BAR.at_s
    reply = await get(world, "ticker/NSE:RELIANCE/", interval="5m", format="txt", **query)
    assert reply.headers["content-type"] == "text/plain; charset=utf-8"
    assert reply.text == "NSE:RELIANCE,2025-11-21,09:15:00,1508.0,1509.5,1507.2,1509.1,18402\n"


@pytest.mark.parametrize("interval", ["D", "W", "M", "Q", ""])
async def test_lines_of_whole_days_carry_no_time(world: World, interval: str) -> None:
    midnight = int(datetime(2025, 11, 21, tzinfo=UTC).timestamp())
    candles_of(world).candle_rows = (Candle(midnight, 1.5, 2.0, 1.0, 1.25, 7, 0),)
    query = {"from": "2025-11-20", "to": "2025-11-21", "format": "TXT", "interval": interval}
    reply = await get(world, "ticker/NSE:RELIANCE", **query)
    assert reply.text == "NSE:RELIANCE,2025-11-21,1.5,2.0,1.0,1.25,7\n"
    assert candles_of(world).asked[0][1] == (interval or "D")


@pytest.mark.parametrize(
    ("interval", "start", "first"),
    [
        ("D", "2000-01-01", date(2015, 11, 24)),
        ("1m", "2000-01-01", date(2025, 10, 22)),
        ("1m", "2025-11-20", date(2025, 11, 20)),
        ("5s", "0001-01-01", date(2025, 10, 22)),
    ],
)
async def test_a_ticker_goes_back_only_so_far(
    world: World, interval: str, start: str, first: date
) -> None:
    query = {"from": start, "to": "2025-11-21", "interval": interval}
    assert (await get(world, "ticker/NSE:RELIANCE", **query)).status_code == 200
    assert candles_of(world).asked == [("NSE:RELIANCE", interval, first, date(2025, 11, 21))]


@pytest.mark.parametrize("start", ["1763663400", "1763663400000", "2025-11-21"])
async def test_a_ticker_takes_instants_for_dates(world: World, start: str) -> None:
    """The instant is midnight in India, when it is still the day before in UTC."""
    query = {"from": start, "to": "2025-11-21"}
    assert (await get(world, "ticker/NSE:RELIANCE", **query)).status_code == 200
    assert candles_of(world).asked[0][2] == date(2025, 11, 21)


@pytest.mark.parametrize(
    ("path", "query", "text"),
    [
        (
            "RELIANCE",
            {},
            "Symbol must be written EXCHANGE:SYMBOL, such as NSE:RELIANCE.",
        ),
        ("NSE:", {}, "Symbol must be written EXCHANGE:SYMBOL, such as NSE:RELIANCE."),
        (
            "NYSE:GM",
            {},
            "Exchange must be one of: NSE, NFO, CDS, BSE, BFO, BCD, MCX, NCDEX, NCO, NSE_INDEX, "
            "BSE_INDEX, MCX_INDEX, GLOBAL_INDEX, CRYPTO.",
        ),
        ("NSE:RELIANCE", {"from": "2025-11-22"}, "from 2025-11-22 is after to 2025-11-21."),
        ("NSE:RELIANCE", {"from": "176366340"}, "from: Not a valid date; use YYYY-MM-DD."),
        ("NSE:RELIANCE", {"to": ""}, "to: Not a valid date; use YYYY-MM-DD."),
        (
            "NSE:RELIANCE",
            {"interval": "2m"},
            "Interval '2m' is not served by Simulated market. "
            "Must be one of: 5s, 1m, 5m, 1h, D, W, M, Q.",
        ),
    ],
)
async def test_a_wrong_ticker_is_told_in_the_form_asked_for(
    world: World, path: str, query: dict[str, str], text: str
) -> None:
    wanted = {"from": "2025-11-20", "to": "2025-11-21", **query}
    said = await get(world, f"ticker/{path}", format="txt", **wanted)
    assert (said.status_code, said.text) == (400, text)
    assert said.headers["content-type"].startswith("text/plain")
    assert "x-request-id" in said.headers
    body = (await get(world, f"ticker/{path}", **wanted)).json()
    assert (body["message"], body["code"]) == (text, "validation_error")


async def test_a_ticker_needs_both_ends_and_a_key(world: World) -> None:
    missing = await get(world, "ticker/NSE:RELIANCE", format="txt")
    assert missing.text == (
        "from: Missing data for required field.; to: Missing data for required field."
    )
    query = {"from": "2025-11-20", "to": "2025-11-21", "format": "txt"}
    wrong = await get(world, "ticker/NSE:RELIANCE", **query, apikey="nobody")
    assert (wrong.status_code, wrong.text) == (403, "Invalid openalgo apikey")
    none = await get(world, "ticker/NSE:RELIANCE", **query, apikey="")
    assert (none.status_code, none.text) == (400, "apikey: Missing data for required field.")
    unknown = await get(world, "ticker/NSE:M%26M", **query)
    assert unknown.status_code == 400
    assert unknown.text.startswith("Symbol 'M&M' not found for exchange 'NSE'.")


async def test_who_asks_too_often_is_told_when_to_come_back_in_text_too() -> None:
    limits = {RateClass.API: "1 per minute", RateClass.ORDER: "1 per minute"}
    world = World(settings=ApiSettings(version="0", limits=limits))
    query = {"from": "2025-11-20", "to": "2025-11-21", "format": "txt", "apikey": KEY}
    async with world.client() as client:
        await client.get("/api/v1/ticker/NSE:RELIANCE", params=query)
        refused = await client.get("/api/v1/ticker/NSE:RELIANCE", params=query)
    assert refused.status_code == 429
    assert refused.text == "Rate limit exceeded. Please slow down your requests."
    assert int(refused.headers["retry-after"]) > 0


# --- who may ask


@pytest.mark.parametrize(
    ("endpoint", "members"),
    [
        ("quotes", named("RELIANCE", "NSE")),
        ("multiquotes", {"symbols": [named("RELIANCE", "NSE")]}),
        ("depth", named("RELIANCE", "NSE")),
        ("history", WANTED),
        ("intervals", {}),
    ],
)
async def test_market_data_needs_a_broker_session(
    world: World, endpoint: str, members: dict[str, object]
) -> None:
    world.accounts.refusal = BrokerSessionExpired()
    status, body = await post(world, endpoint, **members)
    assert (status, body["code"]) == (403, "broker_session")
    status, body = await post(world, endpoint, **members, apikey="nobody")
    assert (status, body["message"]) == (403, "Invalid openalgo apikey")
