"""kill -9 while orders go to a broker that misbehaves: none is sent twice, none is lost, and nobody
is told more than is known. The broker is the twin, which stays up."""

import asyncio
import json
import logging
import random
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.faults.live_clients import LiveClients
from tests.support.live_server import LiveServer, live_server

log = logging.getLogger(__name__)

SHARE = 0.05
"""Of all calls about orders that go wrong."""
SILENT = ("silent_before", "silent_after")
AT_CONNECTION = (*SILENT, "reset_before", "reset_after", "truncated")
AT_GATEWAY = ("status", "error_after", "garbled")
SHOWN = {
    "COMPLETE": "complete",
    "OPEN": "open",
    "REJECTED": "rejected",
    "CANCELLED": "cancelled",
}


@contextmanager
def many_orders(directory: Path, *arguments: str) -> Iterator[LiveServer]:
    """No limit of ours matters."""
    limits = {"zerodha": "1000 per second; 100000 per minute; 1000000 per day"}
    settings = {"BROKER_ORDER_LIMITS": json.dumps(limits)}
    with live_server(directory, *arguments, settings=settings) as live:
        live.browser.send("/ui/risk", "PUT", orders_per_second=1000)
        live.server.ready_within = 120
        yield live


def journal_of(live: LiveServer) -> list[dict[str, Any]]:
    """What is written down of orders sent."""
    file = live.server.data_dir / "openalgo.db"
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        database.row_factory = sqlite3.Row
        return [dict(row) for row in database.execute("SELECT * FROM live_orders")]


def misbehave(live: LiveServer, silent: int | None) -> None:
    kinds = (*AT_CONNECTION, *AT_GATEWAY)
    for kind in kinds:
        status = 502 if kind in AT_GATEWAY else 503
        probability = SHARE / len(kinds)
        count = silent if kind in SILENT else None
        live.twin.tell(
            "/faults",
            kind=kind,
            route="orders.*",
            probability=probability,
            status=status,
            count=count,
        )
    live.twin.tell("/faults", kind="delay", route="orders.place", delay_ms=[0, 20])
    live.twin.tell("/faults", kind="reject", route="orders.place", probability=0.01, delay_ms=50)
    live.twin.tell(
        "/faults", kind="partial", route="orders.place", probability=0.01, rest_after_ms=500
    )


async def killed_under_load(
    live: LiveServer, clients: LiveClients, orders: int, kills: int
) -> None:
    chance = random.Random(kills)
    running = asyncio.ensure_future(clients.run())
    clients.server_is(up=True)
    for kill in range(1, kills + 1):
        await clients.reached(orders * kill // (kills + 1) + chance.randint(-10, 10))
        await asyncio.sleep(chance.uniform(0, 0.05))
        clients.server_is(up=False)
        live.server.kill()
        await asyncio.to_thread(live.server.start)
        clients.server_is(up=True)
    await running


async def settled(clients: LiveClients, enough: Callable[[], bool], within: float) -> None:
    """Ask after what nobody knew until that is `enough`."""
    until = time.monotonic() + within
    await clients.ask_again()
    while not enough() and time.monotonic() < until:
        await asyncio.sleep(1)
        await clients.ask_again()


def book_of(live: LiveServer) -> dict[str, dict[str, Any]]:
    """What the broker took, by its tag."""
    rows: list[dict[str, Any]] = live.twin.ask("/book")
    twice = [tag for tag, count in Counter(row["tag"] for row in rows).items() if count > 1]
    assert not twice, f"{len(twice)} orders are at the broker twice"
    return {row["tag"]: row for row in rows}


def assert_told_what_is(live: LiveServer, clients: LiveClients, orders: int) -> None:
    """The broker's book, our journal after one more kill -9, and what clients were told."""
    live.server.kill()
    live.server.start()
    told, book = clients.told, book_of(live)
    journal = {row["client_order_id"]: row for row in journal_of(live)}
    assert clients.answered == len(journal) == orders
    for client_id, order_id in told.accepted.items():
        row = journal[client_id]
        assert (row["state"], row["order_id"]) == ("accepted", order_id)
        assert book[row["tag"]]["order_id"] == order_id, "an acknowledged order is not there"
    for client_id, code in told.refused.items():
        row = journal[client_id]
        assert (row["state"], row["code"]) == ("rejected", code)
        assert row["tag"] not in book, "a refused order is at the broker"
    for client_id, reference in told.unknown.items():
        row = journal[client_id]
        assert row["tag"] == reference
    found_out = {name for name, row in journal.items() if row["state"] != "unknown"}
    asyncio.run(clients.ask_again())
    assert found_out.isdisjoint(told.unknown), "of what we know, nobody was told"
    assert {row["tag"] for row in journal.values()} >= set(book)


def assert_books_are_equal(live: LiveServer, within: float = 15) -> None:
    """What we show, and what the broker holds, once nothing fills any more."""
    until = time.monotonic() + within
    while (shown := _shown(live)) != (held := _held(live)) and time.monotonic() < until:
        time.sleep(0.5)
    assert shown == held
    for row in random.Random(1).sample(live.twin.ask("/book"), 20):
        status: Any = live.server.ok("orderstatus", strategy="kill", orderid=row["order_id"])
        assert status["data"]["order_status"] == SHOWN[row["status"]]


def _shown(live: LiveServer) -> list[tuple[str, str, float]]:
    data: Any = live.server.ok("orderbook")["data"]
    return sorted(
        (row["orderid"], row["order_status"], round(row["average_price"], 2))
        for row in data["orders"]
    )


def _held(live: LiveServer) -> list[tuple[str, str, float]]:
    return sorted(
        (row["order_id"], SHOWN[row["status"]], round(row["average_price"], 2))
        for row in live.twin.ask("/book")
    )


def survive(
    directory: Path,
    orders: int,
    kills: int,
    patience: float,
    *,
    enough: Callable[[LiveServer, LiveClients], bool] = lambda _, clients: not clients.told.unknown,
    silent: int | None = None,
    tags: bool = True,
) -> tuple[LiveClients, set[str]]:
    """The clients, and the tags of all the broker took. `silent` is how often the broker does not
    answer at all, for which an order waits 15 s."""
    with many_orders(directory, "--seed", str(orders), "--speed", "0") as live:
        clients = LiveClients(live.server, orders)
        live.twin.tell("/settings", tags=tags)
        misbehave(live, silent)
        asyncio.run(killed_under_load(live, clients, orders, kills))
        report(live, clients, kills)
        live.twin.calm()
        asyncio.run(settled(clients, lambda: enough(live, clients), patience))
        report(live, clients, kills)
        assert_told_what_is(live, clients, orders)
        assert_books_are_equal(live)
        return clients, set(book_of(live))


def nothing_is_lost(live: LiveServer, clients: LiveClients) -> bool:
    """Whether all that is at the broker has been found there."""
    return set(clients.told.unknown.values()).isdisjoint(book_of(live))


def report(live: LiveServer, clients: LiveClients, kills: int) -> None:
    told, journal = clients.told, journal_of(live)
    faults = {rule["kind"]: rule["applied"] for rule in live.twin.ask("/faults")}
    log.info(
        "%d orders, %d kills, %d repeats: %d accepted, %d refused, %d unknown; journal %s; "
        "calls %s; faults %s; refusals %s",
        *(len(journal), kills, clients.repeated),
        *(len(told.accepted), len(told.refused), len(told.unknown)),
        dict(Counter(row["state"] for row in journal)),
        live.twin.ask("")["requests"],
        faults,
        dict(Counter(told.refused.values())),
    )


@pytest.mark.timeout(300)
def test_killed_twice_under_load(tmp_path: Path) -> None:
    """What did arrive is found out at once; what did not takes a minute, and is unknown so long."""
    clients, at_broker = survive(
        tmp_path, orders=400, kills=2, patience=15, enough=nothing_is_lost, silent=1
    )
    assert at_broker.isdisjoint(clients.told.unknown.values())
    assert len(clients.told.accepted) > 300


@pytest.mark.timeout(300)
def test_where_no_tags_come_back_the_rest_is_unknown(tmp_path: Path) -> None:
    clients, _ = survive(tmp_path, orders=200, kills=1, patience=2, silent=0, tags=False)
    assert clients.told.unknown
    assert len(clients.told.accepted) > 100


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_killed_twenty_times_in_ten_thousand_orders(tmp_path: Path) -> None:
    clients, at_broker = survive(tmp_path, orders=10_000, kills=20, patience=120)
    assert not clients.told.unknown
    assert len(at_broker) == len(clients.told.accepted)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_killed_in_a_thousand_orders_without_tags(tmp_path: Path) -> None:
    clients, _ = survive(tmp_path, orders=1000, kills=5, patience=70, tags=False)
    assert clients.told.unknown
