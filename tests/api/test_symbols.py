"""One instrument, searches, expiries, and the whole master."""

import csv
import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest

from openalgo.api.schemas.history import CandleRow
from openalgo.api.schemas.market import QuoteResult, QuoteRow
from openalgo.api.schemas.symbols import FoundRow, InstrumentRow
from openalgo.api.v1.rows import CandleLine, FoundLine, InstrumentLine, QuoteLine, ResultLine
from openalgo.domain.errors import BrokerSessionExpired
from openalgo.domain.instruments import Instrument, InstrumentType
from openalgo.domain.market import Exchange
from openalgo.domain.numbers import px
from openalgo.instruments import symbols
from openalgo.instruments.current import CurrentMaster
from openalgo.instruments.master import Master
from tests.api.fakes import KEY, World, instrument

COLUMNS = [
    *("symbol", "brsymbol", "name", "exchange", "brexchange", "token", "expiry", "strike"),
    *("lotsize", "instrumenttype", "tick_size"),
]


def contract(expiry: date, strike: str | None = None) -> Instrument:
    kind = InstrumentType.FUTURE if strike is None else InstrumentType.CALL
    price = None if strike is None else Decimal(strike)
    symbol = symbols.symbol_of("NIFTY", kind, expiry, price)
    return Instrument(
        exchange=Exchange.NFO,
        symbol=symbol,
        name="NIFTY",
        type=kind,
        broker_symbol=f"br {symbol}",
        broker_exchange="NFO",
        token=f"t{symbol}",
        tick_size=px("0.05"),
        lot_size=75,
        expiry=expiry,
        strike=price,
    )


PAST, TODAY, LATER = date(2025, 11, 20), date(2025, 11, 21), date(2025, 12, 30)
LISTED = [
    instrument(Exchange.NSE, "RELIANCE"),
    instrument(Exchange.NSE, "M&M"),
    contract(LATER, "26000"),
    contract(TODAY, "25950.5"),
    contract(PAST, "26000"),
    contract(LATER),
]


@pytest.fixture
def world() -> World:
    return World(instruments=CurrentMaster(Master(LISTED)))


async def post(world: World, endpoint: str, **members: object) -> tuple[int, Any]:
    async with world.client() as client:
        reply = await client.post(f"/api/v1/{endpoint}", json={"apikey": KEY, **members})
    return reply.status_code, reply.json()


async def instruments(
    world: World, headers: dict[str, str] | None = None, **query: str
) -> httpx.Response:
    async with world.client() as client:
        return await client.get(
            "/api/v1/instruments", params={"apikey": KEY, **query}, headers=headers
        )


def test_quick_rows_and_their_descriptions_agree() -> None:
    assert list(InstrumentLine.__struct_fields__) == list(InstrumentRow.model_fields) == COLUMNS
    assert list(FoundLine.__struct_fields__) == list(FoundRow.model_fields)
    assert list(QuoteLine.__struct_fields__) == list(QuoteRow.model_fields)
    assert list(ResultLine.__struct_fields__) == list(QuoteResult.model_fields)
    assert list(CandleLine.__struct_fields__) == list(CandleRow.model_fields)


# --- symbol


async def test_an_instrument_is_told_in_full(world: World) -> None:
    status, body = await post(world, "symbol", symbol="nifty30dec2526000ce", exchange="nfo")
    assert status == 200
    number = body["data"].pop("id")
    assert body["data"] == {
        "symbol": "NIFTY30DEC2526000CE",
        "brsymbol": "br NIFTY30DEC2526000CE",
        "name": "NIFTY",
        "exchange": "NFO",
        "brexchange": "NFO",
        "token": "tNIFTY30DEC2526000CE",
        "expiry": "30-DEC-25",
        "strike": 26000.0,
        "lotsize": 75,
        "instrumenttype": "CE",
        "tick_size": 0.05,
        "contract_value": 1.0,
        "freeze_qty": 1800,
        "freeze_qty_known": True,
    }
    assert isinstance(number, int)
    again = await post(world, "symbol", symbol="NIFTY30DEC2526000CE", exchange="NFO")
    other = await post(world, "symbol", symbol="M&M", exchange="NSE")
    assert again[1]["data"]["id"] == number != other[1]["data"]["id"]
    assert 0 < number < 2**53
    row = other[1]["data"]
    assert (row["expiry"], row["strike"], row["freeze_qty"]) == ("", 0.0, 1)
    assert not row["freeze_qty_known"]


async def test_an_unknown_symbol_is_not_found(world: World) -> None:
    status, body = await post(world, "symbol", symbol="RELIANCE", exchange="BSE")
    assert (status, body["code"]) == (404, "symbol_not_found")
    assert body["message"] == "Symbol RELIANCE not found in exchange BSE"


# --- search


async def test_a_search_finds_rows_without_id(world: World) -> None:
    status, body = await post(world, "search", query=" nifty 26000 ce dec ", exchange="nfo")
    assert (status, body["message"]) == (200, "Found 1 matching symbols")
    (row,) = body["data"]
    assert set(row) == {*COLUMNS, "contract_value", "freeze_qty", "freeze_qty_known"}
    assert row["symbol"] == "NIFTY30DEC2526000CE"
    everywhere = await post(world, "search", query="m&m", exchange="")
    assert [row["symbol"] for row in everywhere[1]["data"]] == ["M&M"]


async def test_a_search_may_find_nothing(world: World) -> None:
    assert await post(world, "search", query="zzzz") == (
        200,
        {"status": "success", "message": "No matching symbols found", "data": []},
    )


async def test_a_search_gives_five_hundred_rows_at_most() -> None:
    rows = [instrument(Exchange.NSE, f"STOCK{n}") for n in range(600)]
    world = World(instruments=CurrentMaster(Master(rows)))
    status, body = await post(world, "search", query="stock")
    assert (status, body["message"]) == (200, "Found 500 matching symbols")
    assert len(body["data"]) == 500


@pytest.mark.parametrize(
    ("members", "field", "text"),
    [
        ({}, "query", "Missing data for required field."),
        ({"query": "  "}, "query", "Length must be between 1 and 100."),
        ({"query": "x" * 101}, "query", "Length must be between 1 and 100."),
        ({"query": ["nifty"]}, "query", "Not a valid string."),
        ({"query": "x", "exchange": "NYSE"}, "exchange", "Must be one of: NSE, NFO, CDS, BSE,"),
    ],
)
async def test_a_search_says_what_it_needs(
    world: World, members: dict[str, object], field: str, text: str
) -> None:
    status, body = await post(world, "search", **members)
    assert (status, list(body["errors"])) == (400, [field])
    assert body["errors"][field][0].startswith(text)


# --- expiry


async def test_expiries_ascend_without_those_past(world: World) -> None:
    wanted = {"symbol": "nifty", "exchange": "nfo"}
    assert await post(world, "expiry", **wanted, instrumenttype="Options") == (
        200,
        {
            "status": "success",
            "message": "Found 2 expiry dates for NIFTY options in NFO",
            "data": ["21-NOV-25", "30-DEC-25"],
        },
    )
    _, body = await post(world, "expiry", **wanted, instrumenttype="futures")
    assert body["data"] == ["30-DEC-25"]


async def test_a_contract_expires_at_midnight_in_india(world: World) -> None:
    world.clock.set(datetime(2025, 11, 21, 18, 31, tzinfo=UTC))
    _, body = await post(world, "expiry", symbol="NIFTY", exchange="NFO", instrumenttype="options")
    assert body["data"] == ["30-DEC-25"]


async def test_an_underlying_may_have_no_expiries(world: World) -> None:
    status, body = await post(
        world, "expiry", symbol="RELIANCE", exchange="NFO", instrumenttype="futures"
    )
    assert (status, body["data"]) == (200, [])
    assert body["message"] == "No expiry dates found for RELIANCE futures in NFO"


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        (
            {"exchange": "NSE"},
            {"exchange": ["Must be one of: NFO, BFO, MCX, CDS, NCO, BCD, NCDEX, CRYPTO."]},
        ),
        ({"instrumenttype": "CE"}, {"instrumenttype": ["Must be one of: futures, options."]}),
        ({"instrumenttype": None}, {"instrumenttype": ["Must be one of: futures, options."]}),
    ],
)
async def test_an_expiry_says_what_it_needs(
    world: World, changes: dict[str, object], errors: dict[str, list[str]]
) -> None:
    wanted = {"symbol": "NIFTY", "exchange": "NFO", "instrumenttype": "options"}
    status, body = await post(world, "expiry", **{**wanted, **changes})
    assert (status, body["errors"]) == (400, errors)


# --- all instruments


async def test_all_instruments_or_those_of_one_exchange(world: World) -> None:
    reply = await instruments(world)
    body = reply.json()
    assert body["message"] == "Found 6 instruments"
    assert {row["symbol"] for row in body["data"]} == {each.symbol for each in LISTED}
    assert all(list(row) == COLUMNS for row in body["data"])
    body = (await instruments(world, exchange="nse", format="JSON")).json()
    assert body["message"] == "Found 2 instruments"
    assert [row["symbol"] for row in body["data"]] == ["RELIANCE", "M&M"]
    none = (await instruments(world, exchange="MCX")).json()
    assert none == {"status": "success", "message": "No instruments found", "data": []}


async def test_instruments_as_a_file(world: World) -> None:
    reply = await instruments(world, exchange="NFO", format="csv")
    assert reply.headers["content-type"] == "text/csv; charset=utf-8"
    assert reply.headers["content-disposition"] == 'attachment; filename="instruments_NFO.csv"'
    rows = list(csv.DictReader(io.StringIO(reply.text)))
    assert list(rows[0]) == COLUMNS
    assert [row["strike"] for row in rows] == ["26000.0", "25950.5", "26000.0", "0.0"]
    assert rows[3]["instrumenttype"] == "FUT"
    everything = await instruments(world, format="csv")
    assert 'filename="instruments_all.csv"' in everything.headers["content-disposition"]
    empty = await instruments(world, exchange="MCX", format="csv")
    assert (empty.status_code, empty.text) == (200, ",".join(COLUMNS) + "\r\n")


async def test_a_copy_that_is_current_is_not_sent_again(world: World) -> None:
    first = await instruments(world)
    etag = first.headers["etag"]
    assert first.headers["cache-control"] == "private, no-cache"
    for named in (etag, f'"other", {etag}', etag.removeprefix("W/"), "*"):
        again = await instruments(world, {"If-None-Match": named})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == etag
    for other in ({"exchange": "NSE"}, {"format": "csv"}):
        reply = await instruments(world, {"If-None-Match": etag}, **other)
        assert reply.status_code == 200
    await world.instruments.replace(Master(LISTED[:1]))
    changed = await instruments(world, {"If-None-Match": etag})
    assert changed.json()["message"] == "Found 1 instruments"
    assert changed.headers["etag"] != etag


@pytest.mark.parametrize(
    ("accepted", "gzip"),
    [
        ("gzip", True),
        ("br, GZIP;q=0.5", True),
        ("*", True),
        ("gzip;q=0", False),
        ("gzip;q=0.0, br", False),
        ("identity", False),
    ],
)
async def test_instruments_are_compressed_for_those_who_ask(accepted: str, gzip: bool) -> None:
    rows = [instrument(Exchange.NSE, f"STOCK{n}") for n in range(3_000)]
    world = World(instruments=CurrentMaster(Master(rows)))
    async with (
        world.client() as client,
        client.stream(
            "GET",
            "/api/v1/instruments",
            headers={"X-API-KEY": KEY, "Accept-Encoding": accepted},
        ) as reply,
    ):
        raw = b"".join([chunk async for chunk in reply.aiter_raw()])
    assert reply.headers["vary"] == "Accept-Encoding"
    assert reply.headers.get("content-encoding") == ("gzip" if gzip else None)
    assert (len(raw) < 100_000) is gzip
    plain = (await instruments(world)).json()
    assert len(plain["data"]) == 3_000


async def test_all_instruments_are_sent_in_slices() -> None:
    rows = [instrument(Exchange.NSE, f"STOCK{n}") for n in range(5_000)]
    world = World(instruments=CurrentMaster(Master(rows)))
    sent: list[int] = []

    def watched(app: Any) -> Any:
        async def watching(scope: Any, receive: Any, send: Any) -> None:
            async def count(message: Any) -> None:
                if message["type"] == "http.response.body":
                    sent.append(len(message.get("body", b"")))
                await send(message)

            await app(scope, receive, count)

        return watching

    headers = {"X-API-KEY": KEY, "Accept-Encoding": "identity"}
    async with world.client(wrap=watched) as client:
        for form in ("json", "csv"):
            sent.clear()
            reply = await client.get(f"/api/v1/instruments?format={form}", headers=headers)
            assert len(reply.content) == sum(sent)
            assert len(sent) > 8
            assert max(sent) < 64 * 1024


async def test_wrong_lists_are_refused_in_json(world: World) -> None:
    wrong = await instruments(world, exchange="NYSE", format="csv")
    assert (wrong.status_code, list(wrong.json()["errors"])) == (400, ["exchange"])
    assert wrong.headers["cache-control"] == "no-store"
    form = await instruments(world, format="xml")
    assert form.json()["errors"] == {"format": ["Must be one of: json, csv."]}


async def test_a_get_may_carry_its_key_in_a_body(world: World) -> None:
    async with world.client() as client:
        for path in ("instruments", "chart", "ticker/NSE:RELIANCE?from=2025-11-20&to=2025-11-21"):
            body = json.dumps({"apikey": KEY})
            reply = await client.request("GET", f"/api/v1/{path}", content=body)
            assert reply.status_code == 200, reply.text
            none = await client.get(f"/api/v1/{path}")
            wrong = await client.request("GET", f"/api/v1/{path}", json={"apikey": "nobody"})
            assert (none.status_code, wrong.status_code) == (400, 403)


async def test_symbols_need_the_key_only(world: World) -> None:
    world.accounts.refusal = BrokerSessionExpired()
    wanted = {"symbol": "RELIANCE", "exchange": "NSE"}
    assert (await post(world, "symbol", **wanted))[0] == 200
    assert (await post(world, "search", query="rel"))[0] == 200
    assert (await instruments(world)).status_code == 200
    expiry = {"symbol": "NIFTY", "exchange": "NFO", "instrumenttype": "futures"}
    assert (await post(world, "expiry", **expiry))[0] == 200
    assert (await post(world, "symbol", **wanted, apikey="nobody"))[0] == 403
