"""Market data as the published SDK and other clients get it from a running server."""

import asyncio
import csv
import io
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from openalgo.domain.clock import IST
from tests.support.sdk import Sdk
from tests.support.server import Server

RELIANCE = {"symbol": "RELIANCE", "exchange": "NSE"}
INSTRUMENT = {
    *("symbol", "brsymbol", "name", "exchange", "brexchange", "token", "expiry", "strike"),
    *("lotsize", "instrumenttype", "tick_size"),
}


def days_ago(days: int) -> str:
    return (datetime.now(IST) - timedelta(days=days)).strftime("%Y-%m-%d")


def get(server: Server, path: str, **query: str) -> httpx.Response:
    query = {"apikey": server.api_key, **query}
    return httpx.get(f"{server.url}/api/v1/{path}", params=query, timeout=30)


# --- prices


def test_many_quotes_agree_with_single_ones(client: Sdk) -> None:
    wanted = [{"symbol": "SBIN", "exchange": "NSE"}, RELIANCE]
    answer = client.multiquotes(symbols=[*wanted, {"symbol": "NOSUCH", "exchange": "NSE"}])
    assert answer["status"] == "success"
    assert [row["symbol"] for row in answer["results"]] == ["SBIN", "RELIANCE", "NOSUCH"]
    assert "not found" in answer["results"][2]["error"]
    for name, row in zip(wanted, answer["results"], strict=False):
        single = client.quotes(**name)["data"]
        assert set(row["data"]) == set(single)
        assert row["data"]["prev_close"] == single["prev_close"]
        assert row["data"]["low"] <= row["data"]["ltp"] <= row["data"]["high"]


def test_an_order_book_is_sorted_and_complete(client: Sdk) -> None:
    book = client.depth(**RELIANCE)["data"]
    bids, asks = book["bids"], book["asks"]
    assert len(bids) == len(asks) == 5
    bid_prices = [level["price"] for level in bids if level["price"]]
    ask_prices = [level["price"] for level in asks if level["price"]]
    assert bid_prices == sorted(bid_prices, reverse=True)
    assert ask_prices == sorted(ask_prices)
    assert bid_prices[0] < ask_prices[0]
    assert book["totalbuyqty"] >= sum(level["quantity"] for level in bids)
    assert {"open", "high", "low", "ltp", "ltq", "prev_close", "volume", "oi"} < set(book)


# --- candles


def test_the_sdk_reads_candles(client: Sdk) -> None:
    rows = client.history(**RELIANCE, interval="D", start_date=days_ago(30), end_date=days_ago(1))
    assert isinstance(rows, list)
    assert len(rows) > 10
    for row in rows:
        assert row["low"] <= min(row["open"], row["close"])
        assert row["high"] >= max(row["open"], row["close"])
        assert row["volume"] > 0


def test_candles_are_at_whole_minutes_and_days_at_midnight_utc(server: Server) -> None:
    for interval, seconds in (("5m", 300), ("D", 86_400)):
        wanted = {"interval": interval, "start_date": days_ago(5), "end_date": days_ago(1)}
        reply = server.post("history", **RELIANCE, **wanted)
        times = [row["timestamp"] for row in reply.json()["data"]]
        assert times == sorted(set(times))
        assert times
        assert all(isinstance(at, int) and at % seconds == 0 for at in times)
        # The AmiBroker plug-in reads up to the first closing bracket.
        assert reply.text.count("]") == 1


def test_every_interval_that_is_listed_is_served(client: Sdk) -> None:
    groups = client.intervals()["data"]
    assert set(groups) == {"seconds", "minutes", "hours", "days", "weeks", "months"}
    listed = [interval for group in groups.values() for interval in group]
    assert {"1m", "D"} <= set(listed)
    for interval in listed:
        start = days_ago(30 if interval.endswith("s") else 70)
        answer = client.history(
            **RELIANCE, interval=interval, start_date=start, end_date=days_ago(1)
        )
        assert isinstance(answer, list), (interval, answer)


def test_an_interval_nobody_has_is_refused_with_those_there_are(server: Server) -> None:
    wanted = {"start_date": days_ago(5), "end_date": days_ago(1)}
    reply = server.post("history", **RELIANCE, interval="45s", **wanted)
    assert reply.status_code == 400
    assert "1m" in reply.json()["message"]


async def test_a_year_of_minutes_holds_nobody_up(server: Server) -> None:
    wanted = {"interval": "1m", "start_date": days_ago(364), "end_date": days_ago(0)}
    slowest = 0.0
    async with httpx.AsyncClient(base_url=f"{server.url}/api/v1/", timeout=60) as client:

        async def ask() -> httpx.Response:
            body = {"apikey": server.api_key, **RELIANCE, **wanted}
            return await client.post("history", json=body)

        await client.post("ping", json={"apikey": server.api_key})
        asked = [asyncio.create_task(ask()) for _ in range(2)]
        while not all(task.done() for task in asked):
            began = time.perf_counter()
            await client.post("ping", json={"apikey": server.api_key})
            slowest = max(slowest, time.perf_counter() - began)
        first, second = [task.result() for task in asked]
    rows = first.json()["data"]
    assert len(rows) > 50_000
    # Only the candle that still runs may differ.
    assert second.json()["data"][: len(rows) - 2] == rows[:-2]
    assert slowest < 2.0


def test_a_ticker_gives_lines(server: Server) -> None:
    query = {"from": days_ago(10), "to": days_ago(1), "format": "txt"}
    daily = get(server, "ticker/NSE:RELIANCE", **query)
    assert daily.headers["content-type"].startswith("text/plain")
    day = daily.text.splitlines()[0].split(",")
    assert (day[0], len(day)) == ("NSE:RELIANCE", 7)
    minutes = get(server, "ticker/NSE:M%26M", interval="1m", **query)
    first = minutes.text.splitlines()[0].split(",")
    assert (first[0], len(first)) == ("NSE:M&M", 8)
    wrong = get(server, "ticker/RELIANCE", **query)
    assert (wrong.status_code, wrong.headers["content-type"].split(";")[0]) == (400, "text/plain")


# --- symbols


def test_a_symbol_a_search_and_a_list_agree(client: Sdk) -> None:
    one = client.symbol(**RELIANCE)["data"]
    assert isinstance(one.pop("id"), int)
    found = client.search(query="reliance", exchange="NSE")
    assert found["message"].startswith("Found ")
    assert found["data"][0] == one
    rows: Any = client.instruments(exchange="NSE")
    (row,) = [row for row in rows if row["symbol"] == "RELIANCE"]
    row.pop("index")
    assert set(row) == INSTRUMENT
    assert all(one[name] == row[name] for name in INSTRUMENT - {"expiry"})


def test_an_unknown_symbol_is_not_found(server: Server) -> None:
    reply = server.post("symbol", symbol="NOSUCH", exchange="NSE")
    assert reply.status_code == 404
    assert reply.json()["message"] == "Symbol NOSUCH not found in exchange NSE"


def test_expiries_lead_to_contracts(client: Sdk) -> None:
    answer = client.expiry(symbol="NIFTY", exchange="NFO", instrumenttype="futures")
    assert answer["status"] == "success"
    days = [datetime.strptime(day, "%d-%b-%y").replace(tzinfo=UTC) for day in answer["data"]]
    assert days
    assert days == sorted(days)
    symbol = f"NIFTY{answer['data'][0].replace('-', '')}FUT"
    assert client.symbol(symbol=symbol, exchange="NFO")["data"]["expiry"] == answer["data"][0]


def test_all_instruments_as_a_file_and_only_when_they_changed(server: Server) -> None:
    reply = get(server, "instruments", format="csv")
    assert reply.headers["content-encoding"] == "gzip"
    assert 'filename="instruments_all.csv"' in reply.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(reply.text)))
    assert set(rows[0]) == INSTRUMENT
    listed = get(server, "instruments").json()
    assert listed["message"] == f"Found {len(rows)} instruments"
    again = httpx.get(
        f"{server.url}/api/v1/instruments?format=csv",
        headers={"X-API-KEY": server.api_key, "If-None-Match": reply.headers["etag"]},
    )
    assert (again.status_code, again.content) == (304, b"")


# --- calendar and charts


def test_holidays_and_hours(client: Sdk) -> None:
    holidays = client.holidays(year=2025)
    assert "2025-08-15" in [row["date"] for row in holidays["data"]]
    hours = {row["exchange"]: row for row in client.timings(date="2025-11-21")["data"]}
    opens = datetime.fromtimestamp(hours["NSE"]["start_time"] / 1000, IST)
    assert opens.isoformat() == "2025-11-21T09:15:00+05:30"
    assert [row["exchange"] for row in client.timings(date="2025-11-22")["data"]] == ["CRYPTO"]


def test_a_day_is_checked(server: Server) -> None:
    data = server.ok("checkholiday", date="2025-08-15", exchange="NSE")["data"]
    assert data == {"date": "2025-08-15", "exchange": "NSE", "is_holiday": True}


@pytest.mark.parametrize("value", ["dark", {"panes": [1, 2.5, None]}, ["a", "b"], None])
def test_charts_remember_any_json(server: Server, value: object) -> None:
    server.ok("chart", layout=value, theme="dark")
    kept = get(server, "chart").json()["data"]
    assert (kept["layout"], kept["theme"]) == (value, "dark")
