"""The request log of the paper exchange."""

import csv
import io
import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from openalgo.observability.traffic import OrderCallRecord
from openalgo.persistence.logs.records import LogRecords
from openalgo.persistence.logs.tables import metadata
from openalgo.persistence.stores import Store
from tests.ui.site import MORNING, Site

ORDER = {
    "strategy": "breakout",
    "symbol": "SBIN",
    "exchange": "NSE",
    "action": "BUY",
    "quantity": "10",
    "pricetype": "MARKET",
    "product": "MIS",
}
PLACED = {"status": "success", "orderid": "26030200000001", "mode": "analyze"}
YESTERDAY = MORNING - timedelta(hours=12)


@pytest.fixture(autouse=True)
async def logs(empty: Site, tmp_path: Path) -> AsyncIterator[LogRecords]:
    store = empty.logs = Store("logs", f"sqlite:///{tmp_path / 'logs.db'}")
    async with store.schema_change() as connection:
        await connection.run_sync(metadata.create_all)
    yield LogRecords(store)
    await store.close()


def call(
    request: object = ORDER,
    response: object = PLACED,
    *,
    at: datetime = MORNING,
    api_type: str = "placeorder",
    account_id: int = 1,
) -> OrderCallRecord:
    texts = [each if isinstance(each, str) else json.dumps(each) for each in (request, response)]
    return OrderCallRecord(
        at=at,
        account_id=account_id,
        api_type=api_type,
        mode="analyze",
        request_id="r1",
        request=texts[0],
        response=texts[1],
    )


def refused(message: str, code: str, **more: object) -> dict[str, object]:
    return {"status": "error", "message": message, "code": code, **more, "mode": "analyze"}


async def data(browser: httpx.AsyncClient, **days: str) -> Any:
    reply = await browser.get("/analyzer/api/data", params=days)
    assert reply.status_code == 200, reply.text
    assert reply.json()["status"] == "success"
    return reply.json()["data"]


async def test_a_call_is_shown_with_what_it_named(
    logs: LogRecords, browser: httpx.AsyncClient
) -> None:
    await logs.add_order_calls([call()])
    assert (await data(browser))["requests"] == [
        {
            "timestamp": "2026-03-02 10:30:00",
            "api_type": "placeorder",
            "source": "breakout",
            "request_id": "r1",
            "request_data": ORDER,
            "response_data": PLACED,
            "analysis": {"issues": False, "error": None, "error_type": None, "warnings": []},
            "symbol": "SBIN",
            "exchange": "NSE",
            "action": "BUY",
            "quantity": "10",
            "price_type": "MARKET",
            "product_type": "MIS",
            "orderid": "26030200000001",
        }
    ]


async def test_what_a_call_does_not_name_is_left_out(
    logs: LogRecords, browser: httpx.AsyncClient
) -> None:
    await logs.add_order_calls(
        [call({"orderid": "7", "symbol": ["SBIN"]}, {"status": "success"}, api_type="cancelorder")]
    )
    (row,) = (await data(browser))["requests"]
    assert (row["source"], row["orderid"]) == ("Unknown", "7")
    assert "symbol" not in row
    assert row["request_data"] == {"orderid": "7", "symbol": ["SBIN"]}


@pytest.mark.parametrize(
    ("response", "kind"),
    [
        (refused("Too fast", "rate_limited", retry_after=1), "rate_limit"),
        (refused("Symbol 'X' not found", "symbol_not_found"), "invalid_symbol"),
        (refused("q", "validation_error", errors={"quantity": ["q"]}), "missing_quantity"),
        (refused("q", "validation_error", errors={"orders.0.quantity": ["q"]}), "missing_quantity"),
        (refused("e", "validation_error", errors={"exchange": ["e"]}), "invalid_exchange"),
        (refused("s", "validation_error", errors={"symbol": ["s"]}), "invalid_symbol"),
        (refused("p", "validation_error", errors={"price": ["p"]}), "other"),
        (refused("Insufficient funds", "insufficient_funds"), "other"),
        (refused("odd", "odd", errors=7), "other"),
    ],
)
async def test_what_was_wrong_is_told_in_kinds(
    logs: LogRecords, browser: httpx.AsyncClient, response: dict[str, object], kind: str
) -> None:
    await logs.add_order_calls([call(response=response), call()])
    told = await data(browser)
    by_type = dict.fromkeys(
        ("rate_limit", "invalid_symbol", "missing_quantity", "invalid_exchange", "other"), 0
    )
    assert told["stats"] == {
        "total_requests": 2,
        "issues": {"total": 1, "by_type": by_type | {kind: 1}},
        "symbols": ["SBIN"],
        "sources": ["breakout"],
    }
    assert told["requests"][1]["analysis"] == {
        "issues": True,
        "error": response["message"],
        "error_type": kind,
        "warnings": [],
    }


async def test_parts_that_failed_are_warnings(logs: LogRecords, browser: httpx.AsyncClient) -> None:
    results = [{"symbol": "SBIN", "status": "success"}, {"status": "error", "message": "No price"}]
    basket = {"status": "success", "results": results}
    await logs.add_order_calls([call(response=basket, api_type="basketorder")])
    told = await data(browser)
    assert told["requests"][0]["analysis"]["warnings"] == ["No price"]
    assert told["stats"]["issues"]["total"] == 0


@pytest.mark.parametrize("text", ["no json", '{"strategy":"\\ud800"}', '{"n":NaN}', "[1]", ""])
async def test_odd_texts_do_not_spoil_the_rest(
    logs: LogRecords, browser: httpx.AsyncClient, text: str
) -> None:
    await logs.add_order_calls([call(text, text)])
    (row,) = (await data(browser))["requests"]
    assert row["source"] == "Unknown"
    assert row["request_data"] in (text, [1])


async def test_days_are_those_of_india(logs: LogRecords, browser: httpx.AsyncClient) -> None:
    midnight = datetime.fromisoformat("2026-03-02T00:00:00+05:30")
    times = [midnight - timedelta(microseconds=1), midnight, midnight + timedelta(hours=1)]
    await logs.add_order_calls([call(at=at) for at in times])

    async def shown(**days: str) -> list[str]:
        return [row["timestamp"][5:] for row in (await data(browser, **days))["requests"]]

    assert await shown() == ["03-02 01:00:00", "03-02 00:00:00"]
    assert await shown(start_date="2026-03-01") == [
        "03-02 01:00:00",
        "03-02 00:00:00",
        "03-01 23:59:59",
    ]
    assert await shown(end_date="2026-03-01") == ["03-01 23:59:59"]
    assert await shown(start_date="0001-01-01", end_date="9999-12-31") == await shown(
        start_date="2026-03-01"
    )
    assert await shown(start_date="2027-01-01") == []


@pytest.mark.parametrize("path", ["/analyzer/api/data", "/analyzer/export"])
@pytest.mark.parametrize(
    ("days", "field"),
    [
        ({"start_date": "2026-03-03", "end_date": "2026-03-02"}, "end_date"),
        ({"start_date": "yesterday"}, "start_date"),
    ],
)
async def test_days_must_be_days(
    browser: httpx.AsyncClient, path: str, days: dict[str, str], field: str
) -> None:
    reply = await browser.get(path, params=days)
    assert (reply.status_code, reply.json()["code"]) == (400, "validation_error")
    assert list(reply.json()["errors"]) == [field]


async def test_a_long_log_comes_whole(logs: LogRecords, browser: httpx.AsyncClient) -> None:
    calls = [
        call({"strategy": f"s{number % 7}", "quantity": number}, at=MORNING - timedelta(number))
        for number in range(3)
    ]
    many = [call({"quantity": number}, at=MORNING) for number in range(250)]
    await logs.add_order_calls(calls + many)
    told = await data(browser, start_date="2026-01-01")
    assert [row["quantity"] for row in told["requests"]] == [*range(249, -1, -1), 0, 1, 2]
    assert told["stats"]["total_requests"] == 252
    latest = (await browser.get("/analyzer/requests")).json()["data"]["requests"]
    assert [row["quantity"] for row in latest] == [*range(249, 149, -1)]


async def test_numbers_are_those_of_a_day(logs: LogRecords, browser: httpx.AsyncClient) -> None:
    older = call({"strategy": "old", "symbol": "TCS"}, at=MORNING - timedelta(hours=24, seconds=1))
    await logs.add_order_calls([call(at=YESTERDAY), older])
    reply = (await browser.get("/analyzer/stats")).json()
    assert reply["status"] == "success"
    assert (reply["data"]["total_requests"], reply["data"]["symbols"]) == (1, ["SBIN"])
    assert reply["data"]["sources"] == ["breakout"]


async def test_calls_are_exported_and_formulas_are_text(
    logs: LogRecords, browser: httpx.AsyncClient
) -> None:
    evil = ORDER | {"strategy": "=cmd|' /C calc'!A0", "symbol": "@SUM(1)", "quantity": -5}
    await logs.add_order_calls(
        [call(evil, refused("+1, quoted", "odd")), call(at=MORNING - timedelta(seconds=1))]
    )
    reply = await browser.get("/analyzer/export")
    assert reply.status_code == 200
    assert reply.headers["content-type"].startswith("text/csv")
    assert reply.headers["content-disposition"] == (
        'attachment; filename="analyzer_2026-03-02_2026-03-02.csv"'
    )
    header, first, second = csv.reader(io.StringIO(reply.text))
    assert header[:4] == ["Timestamp", "API Type", "Source", "Symbol"]
    shown = dict(zip(header, first, strict=True))
    assert (shown["Source"], shown["Symbol"]) == ("'=cmd|' /C calc'!A0", "'@SUM(1)")
    assert (shown["Quantity"], shown["Status"]) == ("-5", "error")
    assert shown["Error"] == "'+1, quoted"
    assert (second[0], second[-2:]) == ("2026-03-02 10:29:59", ["success", ""])


async def test_there_may_be_nothing_to_export(browser: httpx.AsyncClient) -> None:
    reply = await browser.get("/analyzer/export")
    assert (reply.status_code, reply.json()["code"]) == (404, "nothing_to_export")


async def test_only_what_is_older_than_a_day_is_cleared(
    logs: LogRecords, browser: httpx.AsyncClient
) -> None:
    old = call(at=MORNING - timedelta(days=2))
    await logs.add_order_calls([call(), old, old])
    reply = await browser.post("/analyzer/clear")
    assert reply.json() == {
        "status": "success",
        "message": "Deleted 2 requests older than 24 hours",
    }
    assert await logs.count_analyzer_calls(1) == 1
    assert (await browser.get("/analyzer/clear")).status_code == 405


async def test_nobody_sees_or_clears_calls_of_others(
    site: Site, logs: LogRecords, browser: httpx.AsyncClient
) -> None:
    old = MORNING - timedelta(days=2)
    await logs.add_order_calls([call(), call(at=old)])
    await site.make_other_user()
    async with site.visit(username="asha") as other:
        assert (await data(other, start_date="2026-01-01"))["requests"] == []
        assert (await other.get("/analyzer/stats")).json()["data"]["total_requests"] == 0
        assert (await other.get("/analyzer/requests")).json()["data"]["requests"] == []
        days = {"start_date": "2026-01-01"}
        assert (await other.get("/analyzer/export", params=days)).status_code == 404
        assert "Deleted 0 requests" in (await other.post("/analyzer/clear")).json()["message"]
    assert len((await data(browser, start_date="2026-01-01"))["requests"]) == 2
