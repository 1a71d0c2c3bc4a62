"""What the twin answers has every field of what the broker answered when it was recorded."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest

from openalgo.domain.numbers import px
from openalgo.twin.zerodha import rows
from tests.twin.zerodha.conftest import LIMIT, ORDER, Client

DATA = Path(os.environ.get("OPENALGO_SHARED_DATA", Path(__file__).parents[4] / "shared" / "data"))
RECORDED = DATA / "zerodha-mocks"

pytestmark = pytest.mark.skipif(
    not RECORDED.exists(),
    reason=f"recorded replies are not at {RECORDED} (OPENALGO_SHARED_DATA)",
)


def recorded(name: str) -> Any:
    body = json.loads((RECORDED / f"{name}.json").read_text())
    return body["data"] if "status" in body and "data" in body else body


def missing(wanted: Any, found: Any, path: str = "") -> list[str]:
    """The fields of `wanted` that `found` has not; of lists the first rows are compared."""
    if isinstance(wanted, dict):
        if not isinstance(found, dict):
            return [path]
        return [
            gap
            for name, value in wanted.items()
            for gap in (
                missing(value, found[name], f"{path}.{name}")
                if name in found
                else [f"{path}.{name}"]
            )
        ]
    if isinstance(wanted, list) and wanted:
        return missing(wanted[0], found[0], f"{path}[]") if found else [f"{path}[]"]
    return []


@pytest.fixture
async def trading(client: Client) -> Client:
    """With one of everything in the books."""
    sbin = client.twin.contracts.named("NSE:SBIN")
    assert sbin is not None
    client.twin.market.set_price(sbin, px(900))
    await client.place(ORDER | {"tag": "shape"})
    held = {"instrument": "NSE:SBIN", "quantity": 5, "average_price": 800}
    await client.ok("POST", "/twin/holdings", json=held)
    client.twin.exchange.work()
    return client


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("profile", "/user/profile"),
        ("margins", "/user/margins"),
        ("margins_equity", "/user/margins/equity"),
        ("margin_commodity", "/user/margins/commodity"),
        ("orders", "/orders"),
        ("trades", "/trades"),
        ("positions", "/portfolio/positions"),
        ("holdings", "/portfolio/holdings"),
    ],
)
async def test_books(trading: Client, name: str, path: str) -> None:
    assert missing(recorded(name), await trading.ok("GET", path)) == []


@pytest.mark.parametrize(("name", "path"), [("order_info", ""), ("order_trades", "/trades")])
async def test_one_order(trading: Client, name: str, path: str) -> None:
    order_id = trading.twin.book()[0]["order_id"]
    found = await trading.ok("GET", f"/orders/{order_id}{path}")
    assert missing(recorded(name), found) == []


@pytest.mark.parametrize(
    ("name", "path"), [("quote", "/quote"), ("ohlc", "/quote/ohlc"), ("ltp", "/quote/ltp")]
)
async def test_quotes(trading: Client, name: str, path: str) -> None:
    found = await trading.ok("GET", path, params={"i": "NSE:INFY"})
    assert missing(recorded(name), found) == []
    token = recorded(name)["NSE:INFY"]["instrument_token"]
    assert found["NSE:INFY"]["instrument_token"] == token


async def test_sessions(client: Client) -> None:
    app, token = client.twin.app, client.twin.sessions.request_token()
    form = {
        "api_key": app.key,
        "request_token": token,
        "checksum": hashlib.sha256((app.key + token + app.secret).encode()).hexdigest(),
    }
    found = await client.ok("POST", "/session/token", data=form)
    assert missing(recorded("generate_session"), found) == []


async def test_margins_of_orders(trading: Client) -> None:
    order = LIMIT | {"quantity": 1, "price": 900, "variety": "regular"}
    found = await trading.ok("POST", "/margins/orders", json=[order])
    assert missing(recorded("order_margins"), found) == []
    found = await trading.ok("POST", "/margins/basket", json=[order, order])
    assert missing(recorded("basket_margins"), found) == []


async def test_postbacks(trading: Client) -> None:
    (order,) = trading.twin.exchange.orders.values()
    found = rows.postback(order, trading.twin.app, "COMPLETE")
    assert missing(recorded("postback"), found) == []


async def test_triggers(trading: Client) -> None:
    instrument = {"exchange": "NSE", "tradingsymbol": "SBIN"}
    terms = {"transaction_type": "SELL", "quantity": 1, "order_type": "LIMIT", "product": "CNC"}
    leg = instrument | terms
    condition = instrument | {"last_price": 900, "trigger_values": [880, 920]}
    form = {
        "type": "two-leg",
        "condition": json.dumps(condition),
        "orders": json.dumps([{**leg, "price": 880}, {**leg, "price": 920}]),
    }
    placed = await trading.ok("POST", "/gtt/triggers", data=form)
    assert missing(recorded("gtt_place_order"), placed) == []
    sbin = trading.twin.contracts.named("NSE:SBIN")
    assert sbin is not None
    trading.twin.market.set_price(sbin, px(921))
    trading.twin.exchange.work()
    found = await trading.ok("GET", f"/gtt/triggers/{placed['trigger_id']}")
    wanted = recorded("gtt_get_order")
    assert missing(wanted, found) == []
    assert missing(wanted["orders"][1], found["orders"][1]) == []
    found = await trading.ok("GET", "/gtt/triggers")
    assert missing(recorded("gtt_get_orders"), found) == []
