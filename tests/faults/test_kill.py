"""kill -9: everything acknowledged is there, once, and the books add up."""

import asyncio
import random
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.server import DYING_SERVER, OrderStream, Server, init

UNLIMITED = {"ORDER_RATE_LIMIT": "1000000 per second", "API_RATE_LIMIT": "1000000 per second"}


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return Server(data_dir=tmp_path, api_key=init(tmp_path), env=UNLIMITED)


def data(server: Server, endpoint: str) -> Any:
    return server.ok(endpoint)["data"]


def assert_books_add_up(server: Server, stream: OrderStream) -> None:
    """Every acknowledged order is there once; nothing is there that was not sent; I1, I2, I4."""
    orders = data(server, "orderbook")["orders"]
    ids = Counter(order["orderid"] for order in orders)
    assert all(count == 1 for count in ids.values()), "an order stands in the book twice"
    missing = [oid for oid in stream.acknowledged.values() if oid not in ids]
    assert not missing, f"{len(missing)} acknowledged orders are gone"
    assert len(ids) <= len(stream.sent)

    trades = data(server, "tradebook")
    per_order = Counter(trade["orderid"] for trade in trades)
    assert all(count == 1 for count in per_order.values()), "an order traded twice"
    assert set(per_order) == set(ids)

    net: Counter[str] = Counter()
    for trade in trades:
        net[trade["symbol"]] += trade["quantity"] * (1 if trade["action"] == "BUY" else -1)
    positions = {row["symbol"]: row["quantity"] for row in data(server, "positionbook")}
    for symbol, quantity in net.items():
        assert positions.get(symbol, 0) == quantity

    funds = data(server, "funds")
    assert funds["availablecash"] + funds["utiliseddebits"] == pytest.approx(
        10_000_000 + funds["total_realized_pnl"], abs=0.01
    )


def assert_repeats_are_harmless(server: Server, stream: OrderStream) -> None:
    """Whoever got no answer asks again, and ends with exactly one order."""
    unanswered = sorted(stream.sent - set(stream.acknowledged))
    before = len(data(server, "orderbook")["orders"])
    known = 0
    for client_id in unanswered:
        first = stream.repeat(client_id)
        again = stream.repeat(client_id)
        assert first == again
        stream.acknowledged[client_id] = first
        known += 1
    after = data(server, "orderbook")["orders"]
    assert len(after) <= before + known
    assert len({order["orderid"] for order in after}) == len(after)


def crash_cycles(server: Server, cycles: int, seed: int) -> None:
    chance = random.Random(seed)
    stream = OrderStream(server)
    for cycle in range(cycles):
        server.start()

        async def run_and_kill(prefix: str) -> None:
            running = asyncio.ensure_future(stream.run(prefix))
            await stream.reached(len(stream.acknowledged) + chance.randint(1, 150))
            server.kill()
            await running

        asyncio.run(run_and_kill(f"c{cycle}"))
    server.start()
    try:
        assert len(stream.acknowledged) >= cycles
        assert_books_add_up(server, stream)
        assert_repeats_are_harmless(server, stream)
        assert_books_add_up(server, stream)
    finally:
        server.stop()


@pytest.mark.timeout(300)
def test_killed_ten_times_under_load(server: Server) -> None:
    crash_cycles(server, cycles=10, seed=7)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_killed_two_hundred_times_under_load(server: Server) -> None:
    crash_cycles(server, cycles=200, seed=11)


def dying(when: str, commit: int) -> tuple[str, ...]:
    return (DYING_SERVER, when, str(commit))


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_around_a_commit(server: Server, when: str) -> None:
    """Before it: nothing was acknowledged and nothing is there. After it: the order is there,
    although its client never heard, and a repeat finds it."""
    server.script = dying(when, 2)
    server.start()
    body = {
        "strategy": "crash",
        "symbol": "SBIN",
        "exchange": "NSE",
        "action": "BUY",
        "quantity": 1,
    }
    server.ok("placeorder", **body, client_order_id="first")
    with pytest.raises(httpx.TransportError):
        server.post("placeorder", **body, client_order_id="second")
    assert server.process is not None
    server.process.wait(timeout=10)
    server.script = ()
    server.start()
    try:
        assert len(data(server, "orderbook")["orders"]) == (1 if when == "before" else 2)
        server.ok("placeorder", **body, client_order_id="second")
        assert len(data(server, "orderbook")["orders"]) == 2
        assert len(data(server, "tradebook")) == 2
    finally:
        server.stop()


ITEM = {"symbol": "SBIN", "exchange": "NSE", "quantity": 1}


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    ("endpoint", "body"),
    [
        ("splitorder", {**ITEM, "action": "BUY", "quantity": 30, "splitsize": 2}),
        ("basketorder", {"orders": [{**ITEM, "action": "SELL"}, {**ITEM, "action": "BUY"}] * 15}),
    ],
)
def test_killed_in_mid_plan(
    server: Server, endpoint: str, body: dict[str, object], when: str
) -> None:
    """A repeat finishes the plan, and no order of it is there twice."""
    request = {"strategy": "crash", "client_order_id": "once", **body}
    server.script = dying(when, 3)
    server.start()
    with pytest.raises(httpx.TransportError):
        server.post(endpoint, **request)
    assert server.process is not None
    server.process.wait(timeout=10)
    server.script = ()
    server.start()
    try:
        orders = 15 if endpoint == "splitorder" else 30
        assert 0 < len(data(server, "orderbook")["orders"]) < orders
        answers = [server.ok(endpoint, **request) for _ in range(2)]
        assert answers[0] == answers[1]
        assert answers[0]["summary"] == {"total": orders, "success": orders, "failed": 0}
        assert len(data(server, "orderbook")["orders"]) == orders
        assert len(data(server, "tradebook")) == orders
    finally:
        server.stop()
