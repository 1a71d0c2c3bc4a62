"""Real recorded days, traded with the SDK: the same input gives the same books."""

import json
import os
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.sdk import sdk
from tests.support.server import serving

SHARED = Path(os.environ.get("OPENALGO_SHARED_DATA", Path(__file__).parents[2] / "../shared/data"))
CANDLES = SHARED / "market_minute/RELIANCE_1m_2016-09-30.csv"
SBIN = SHARED / "market_minute/SBIN_1m_2016-09-30.csv"
TICKS = SHARED / "market_ticks/stock_future_ticks_2025-11-17.csv.gz"
BOOKS = ("orderbook", "tradebook", "positionbook", "funds")

pytestmark = pytest.mark.skipif(
    not SHARED.exists(), reason=f"recorded market data is not at {SHARED} (OPENALGO_SHARED_DATA)"
)


def order(client: Any, symbol: str, action: str, quantity: int, **more: str) -> dict[str, Any]:
    answer: dict[str, Any] = client.placeorder(
        strategy="replay",
        symbol=symbol,
        exchange="NSE",
        action=action,
        quantity=quantity,
        product="MIS",
        **{"price_type": "MARKET", **more},
    )
    return answer


def advance(url: str, key: str, **until: object) -> dict[str, Any]:
    reply = httpx.post(f"{url}/api/v1/replay/advance", json={"apikey": key, **until}, timeout=60)
    assert reply.status_code == 200, reply.text
    answer: dict[str, Any] = reply.json()
    return answer


def trade_the_day(data_dir: Path) -> bytes:
    """A morning and an afternoon in RELIANCE and SBIN; every book at the end, as bytes."""
    with (
        # Another order of hashing each time.
        serving(
            data_dir,
            *("--replay", str(CANDLES), str(SBIN), "--speed", "0"),
            own_interpreter=True,
        ) as server,
        sdk(server.api_key, server.url) as client,
    ):
        advance(server.url, server.api_key, until="2016-09-30 09:20:00")
        placed = order(client, "RELIANCE", "BUY", 100)
        assert placed["status"] == "success", placed
        assert order(client, "SBIN", "SELL", 200)["status"] == "success"
        order(client, "RELIANCE", "SELL", 100, price_type="LIMIT", price="1090")
        order(client, "SBIN", "BUY", 200, price_type="LIMIT", price="246.5")
        order(client, "SBIN", "BUY", 50, price_type="LIMIT", price="200")
        advance(server.url, server.api_key, until="2016-09-30 15:30:00")
        order(client, "RELIANCE", "BUY", 10)
        body = {"apikey": server.api_key}
        return b"\n".join(
            httpx.post(f"{server.url}/api/v1/{book}", json=body).content for book in BOOKS
        )


def test_the_same_day_and_orders_give_the_same_books_byte_for_byte(tmp_path: Path) -> None:
    first = trade_the_day(tmp_path / "first")
    assert trade_the_day(tmp_path / "second") == first
    orders, trades, positions, funds = (json.loads(line)["data"] for line in first.split(b"\n"))
    assert orders["statistics"]["total_buy_orders"] == 4
    assert all(row["timestamp"].startswith("2016-09-30 ") for row in orders["orders"] + trades)
    by_id = {row["orderid"]: row for row in orders["orders"]}
    for trade in trades:
        row = by_id[trade["orderid"]]
        if row["pricetype"] == "LIMIT" and trade["timestamp"] != row["timestamp"]:
            assert trade["average_price"] == pytest.approx(row["price"], abs=1.0)
    net = sum(t["quantity"] * (1 if t["action"] == "BUY" else -1) for t in trades)
    assert net == sum(row["quantity"] for row in positions)
    assert funds["availablecash"] + funds["utiliseddebits"] == pytest.approx(
        10_000_000 + funds["total_realized_pnl"]
    )


def test_recorded_ticks_fill_at_the_recorded_book(tmp_path: Path) -> None:
    with (
        serving(tmp_path, "--replay", str(TICKS), "--speed", "0") as server,
        sdk(server.api_key, server.url) as client,
    ):
        # 12:07:57.653770: RELIND 1518.8, bid 1518.5, ask 1518.8
        advance(server.url, server.api_key, ticks=3)
        order(client, "RELIND", "BUY", 500)
        order(client, "RELIND", "SELL", 500)
        sold, bought = client.tradebook()["data"]
        assert (bought["average_price"], sold["average_price"]) == (1518.8, 1518.5)
        assert client.funds()["data"]["m2mrealized"] == pytest.approx(-150.0)
        end = advance(server.url, server.api_key, until="2025-11-17 13:10:00")
        assert end["data"]["finished"] is True
        quote = client.quotes(symbol="RELIND", exchange="NSE")["data"]
        assert quote["volume"] > 3_363_500
