"""SDK 2.0.5 on the feed, as transcripts against a running server."""

import csv
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.support.sdk2_feed import WAITS, Sdk2Feed
from tests.support.server import Server

SBIN = {"exchange": "NSE", "symbol": "SBIN"}
INFY = {"exchange": "NSE", "symbol": "INFY"}
NIFTY = {"exchange": "NSE_INDEX", "symbol": "NIFTY"}


@pytest.fixture
def feed(server: Server, fresh_key: str) -> Iterator[Sdk2Feed]:
    feed = Sdk2Feed(fresh_key, f"ws://127.0.0.1:{server.ws_port}")
    began = time.monotonic()
    assert feed.connect() is True
    assert time.monotonic() - began < WAITS
    yield feed
    feed.close()


def test_ltp_and_quote_of_one_symbol_both_fire(feed: Sdk2Feed) -> None:
    heard: dict[str, Any] = {}
    feed.subscribe(1, [SBIN], lambda message: heard.__setitem__("ltp", message))
    feed.subscribe(2, [SBIN], lambda message: heard.__setitem__("quote", message))
    feed.until(lambda _: len(heard) == 2)
    assert heard["ltp"]["mode"] == 1
    assert heard["ltp"]["data"].keys() == {"ltp", "timestamp", "ltt"}
    quote = heard["quote"]["data"]
    assert all(quote.values()), quote
    assert quote["change"] == pytest.approx(quote["ltp"] - quote["close"])


def test_the_book_has_the_shape_of_the_getter(feed: Sdk2Feed) -> None:
    heard: list[dict[str, Any]] = []
    feed.subscribe(3, [SBIN, NIFTY], heard.append)
    feed.until(lambda _: {each["symbol"] for each in heard} == {"SBIN", "NIFTY"})
    # What was known of it before anybody asked for its book may be its best prices alone.
    feed.until(lambda message: message.get("symbol") == "SBIN" and "snapshot" not in message)
    depth = feed.get_depth()["depth"]
    book = depth["NSE"]["SBIN"]
    assert book.keys() == {"timestamp", "ltp", "buyBook", "sellBook"}
    for side in ("buyBook", "sellBook"):
        assert [*book[side]] == ["1", "2", "3", "4", "5"]
        assert all(level["price"] > 0 and level["qty"] > 0 for level in book[side].values())
    assert depth["NSE_INDEX"]["NIFTY"]["buyBook"]["1"] == {"price": 0.0, "qty": 0, "orders": 0}


def test_deep_books_are_asked_for_by_the_symbol(feed: Sdk2Feed) -> None:
    """Shared with the plain one, each in its own spelling, with the depth that is there."""
    heard: dict[str, dict[str, Any]] = {}
    wanted = [{"exchange": "NSE", "symbol": symbol} for symbol in ("SBIN", "SBIN:20", "SBIN:50")]
    feed.subscribe(3, wanted, lambda message: heard.__setitem__(message["symbol"], message))
    ack = feed.until(lambda message: message.get("type") == "subscribe")
    assert [(each["symbol"], each["depth"]) for each in ack["subscriptions"]] == [
        ("SBIN", 5),
        ("SBIN:20", 20),
        ("SBIN:50", 20),
    ]
    assert [each.get("supported_depths") for each in ack["subscriptions"]] == [None, None, [5, 20]]
    feed.until(lambda _: len(heard) == 3)
    levels = {symbol: len(each["data"]["depth"]["buy"]) for symbol, each in heard.items()}
    assert levels == {"SBIN": 5, "SBIN:20": 20, "SBIN:50": 20}
    # The getter cuts the name at the colon, so the deepest is what it shows.
    assert feed.get_depth()["depth"]["NSE"].keys() == {"SBIN"}
    feed.raw.clear()
    feed.say(action="get_broker_info")
    info = feed.until(lambda message: message.get("type") == "broker_info")
    assert (info["adapter_status"], info["depth_levels"]["NSE"]) == ("connected", [5, 20])


def test_three_thousand_symbols_at_once_then_silence(server: Server, feed: Sdk2Feed) -> None:
    with httpx.Client(base_url=f"{server.url}/api/v1", timeout=20) as http:
        text = http.get("/instruments", params={"apikey": server.api_key, "format": "csv"}).text
    listed = csv.DictReader(text.splitlines())
    wanted = [{"exchange": row["exchange"], "symbol": row["symbol"]} for row in listed][:3_000]
    assert len(wanted) == 3_000
    heard: set[str] = set()
    feed.subscribe(1, wanted, lambda message: heard.add(message["symbol"]))
    ack = feed.until(lambda message: message.get("type") == "subscribe")
    assert (ack["status"], len(ack["subscriptions"])) == ("success", 3_000)
    feed.until(lambda _: len(heard) > 100)
    feed.unsubscribe(1, wanted)
    gone = feed.until(lambda message: message.get("type") == "unsubscribe")
    assert (gone["status"], len(gone["successful"])) == ("success", 3_000)
    feed.raw.clear()
    # A subscription of its own proves that ticks still come, and only of that.
    feed.subscribe(2, [SBIN], lambda _: None)
    for _ in range(3):
        feed.until(lambda message: message.get("type") == "market_data")
    assert {each["symbol"] for each in feed.raw if each["type"] == "market_data"} == {"SBIN"}


def test_after_a_reconnection_everything_is_asked_for_again(
    server: Server, fresh_key: str, feed: Sdk2Feed
) -> None:
    heard: list[tuple[int, str]] = []
    orders: list[dict[str, Any]] = []
    feed.subscribe(1, [SBIN], lambda message: heard.append((1, message["symbol"])))
    feed.subscribe(2, [INFY, SBIN], lambda message: heard.append((2, message["symbol"])))
    feed.unsubscribe(2, [SBIN])
    feed.subscribe_orders(orders.append)
    feed.until(lambda message: message.get("type") == "subscribe_orders")
    feed.close()
    heard.clear()
    feed.reconnect()
    feed.until(lambda _: set(heard) == {(1, "SBIN"), (2, "INFY")})
    order = {
        "apikey": fresh_key, "strategy": "sdk2", "symbol": "SBIN", "exchange": "NSE",
        "action": "BUY", "quantity": "3",
    }  # fmt: skip
    placed = httpx.post(f"{server.url}/api/v1/placeorder", json=order, timeout=20).json()
    feed.until(lambda _: len(orders) == 2)
    assert [each["order_status"] for each in orders] == ["open", "complete"]
    assert {each["orderid"] for each in orders} == {placed["orderid"]}
    newest = feed.get_orders()[0]
    assert (newest["filled_quantity"], newest["pending_quantity"]) == (3, 0)
    assert {key for key, _ in heard} == {1, 2}


def test_a_wrong_key_is_told_at_once(server: Server) -> None:
    stranger = Sdk2Feed("0" * 64, f"ws://127.0.0.1:{server.ws_port}")
    assert stranger.connect() is False
    stranger.close()
