"""The protocol of market data, without a network."""

import asyncio
import gc
import json
import weakref
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from openalgo.api.ws.clients import Clients
from openalgo.api.ws.session import Session, SocketServices
from openalgo.domain.clock import epoch_ms
from openalgo.domain.market import Exchange, InstrumentKey, Mode, Tick
from openalgo.identity.api_keys import AddressNotAllowed
from openalgo.streaming.demand import Demand
from openalgo.streaming.events import EventBus
from openalgo.streaming.feeds import FeedMonitor
from openalgo.streaming.hub import Hub
from tests.api.fakes import KEY, OTHER_KEY, FakeAccounts, FakeKeys, FakeMarkets, FakeVenue
from tests.api_ws.socket import FakeSocket, settle
from tests.openapi.asyncapi import check_frame
from tests.support.market import MORNING, NIFTY_FUT
from tests.support.markets import SIMULATOR, a_market

NOW_MS = epoch_ms(MORNING)
SBIN = InstrumentKey(Exchange.NSE, "SBIN")
INFY = InstrumentKey(Exchange.NSE, "INFY")


class Client:
    """One connected client."""

    def __init__(self, socket: FakeSocket) -> None:
        self.socket = socket
        self._read = 0

    async def say(self, **message: object) -> None:
        self.socket.incoming.put_nowait(json.dumps(message))
        await settle()

    async def ask(self, **message: object) -> dict[str, Any]:
        """Say it; the answer, which must be the first frame that comes."""
        await self.say(**message)
        return self.news(1)[0]

    def news(self, most: int | None = None) -> list[dict[str, Any]]:
        """Frames not seen before."""
        start = self._read
        fresh = self.socket.messages[start : None if most is None else start + most]
        self._read += len(fresh)
        return fresh


@dataclass
class House:
    """A feed and what sessions need. What a client was sent has to be as `asyncapi.yaml` says."""

    hub: Hub = field(default_factory=Hub)
    bus: EventBus = field(default_factory=EventBus)
    demand: Demand = field(default_factory=Demand)
    feed: FeedMonitor | None = None
    clients: Clients = field(default_factory=Clients)
    accounts: FakeAccounts = field(default_factory=FakeAccounts)
    keys: FakeKeys = field(default_factory=FakeKeys)
    limits: dict[str, Any] = field(default_factory=dict)
    """What `SocketServices` shall say besides."""
    session: "weakref.ref[Session] | None" = None
    """That of the newest client."""

    def tick(self, key: InstrumentKey, ltp: float, at: int = NOW_MS) -> None:
        self.hub.publish(
            Tick(
                exchange=key.exchange,
                symbol=key.symbol,
                received_ms=at,
                ltp=ltp,
                open=100,
                prev_close=100,
            )
        )

    @asynccontextmanager
    async def client(self, key: str | None = KEY) -> AsyncIterator[Client]:
        market = a_market(
            info=replace(SIMULATOR, depth_levels=(5, 20), depth_levels_at={Exchange.NFO: (1,)}),
            hub=self.hub,
            demand=self.demand,
            feed=self.feed,
        )
        services = SocketServices(
            keys=self.keys,
            markets=FakeMarkets(FakeVenue(), market, accounts=self.accounts),
            events=self.bus,
            brokers=("simulator",),
            clients=self.clients,
            **self.limits,
        )
        socket = FakeSocket()
        session = Session(socket, services)
        self.session = weakref.ref(session)
        running = asyncio.ensure_future(session.run())
        del session
        client = Client(socket)
        if key is not None:
            await client.ask(action="authenticate", api_key=key)
        yield client
        socket.incoming.put_nowait(None)
        await running
        for message in socket.messages:
            check_frame(message)


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
async def client(house: House) -> AsyncIterator[Client]:
    async with house.client() as client:
        yield client


async def test_authentication_promises_all_modes(house: House) -> None:
    async with house.client(None) as client:
        refused = await client.ask(action="subscribe", symbol="SBIN", exchange="NSE")
        assert refused["code"] == "NOT_AUTHENTICATED"
        auth = await client.ask(type="auth", apikey=KEY)
    assert auth["supported_features"] == {"ltp": True, "quote": True, "depth": True}


async def test_a_single_subscription_is_acknowledged_then_fed(house: House, client: Client) -> None:
    ack = await client.ask(
        action="subscribe", symbol="SBIN", exchange="NSE", mode=1, depth=5, request_id="r1"
    )
    assert ack == {
        "type": "subscribe",
        "status": "success",
        "message": "Subscription processing complete",
        "broker": "simulator",
        "request_id": "r1",
        "subscriptions": [
            {
                "symbol": "SBIN",
                "exchange": "NSE",
                "status": "success",
                "mode": "LTP",
                "mode_id": 1,
                "depth": 5,
                "broker": "simulator",
            }
        ],
    }
    house.tick(SBIN, 101.5)
    house.tick(INFY, 5.0)
    await settle()
    (frame,) = client.news()
    assert (frame["mode"], frame["symbol"], frame["data"]["ltp"]) == (1, "SBIN", 101.5)
    assert "snapshot" not in frame


async def test_a_snapshot_follows_the_acknowledgement(house: House, client: Client) -> None:
    house.tick(SBIN, 101.5)
    day = int(timedelta(days=1).total_seconds() * 1000)
    house.tick(INFY, 99.0, NOW_MS - day - 1)
    await client.say(action="subscribe", symbols=["NSE:SBIN", "NSE:INFY"])
    ack, snapshot, *rest = client.news()
    assert ack["type"] == "subscribe"
    assert snapshot["snapshot"] is True
    assert (snapshot["mode"], snapshot["data"]["change"]) == (2, 1.5)
    assert rest == []


async def test_a_book_nobody_asked_for_yet_is_not_shown_as_empty(
    house: House, client: Client
) -> None:
    house.tick(SBIN, 101.5)
    await client.say(action="subscribe", symbols=["NSE:SBIN"], mode=3)
    assert [each["type"] for each in client.news()] == ["subscribe"]
    await client.say(action="subscribe", symbols=["NSE:SBIN"], mode=2)
    assert [each["type"] for each in client.news()] == ["subscribe", "market_data"]


async def test_a_price_alone_is_not_shown_as_a_quote(house: House, client: Client) -> None:
    house.hub.publish(
        Tick(exchange=SBIN.exchange, symbol=SBIN.symbol, received_ms=NOW_MS, ltp=101.5)
    )
    for mode, told in ((2, ["subscribe"]), (1, ["subscribe", "market_data"])):
        await client.say(action="subscribe", symbols=["NSE:SBIN"], mode=mode)
        assert [each["type"] for each in client.news()] == told


async def test_items_come_in_every_spelling(house: House, client: Client) -> None:
    ack = await client.ask(
        action="subscribe",
        instruments=[
            "nse:sbin",
            {"symbol": "INFY:20", "exchange": "NSE", "mode": " depth "},
            {"symbol": "INFY:50", "exchange": "NSE", "mode": "3"},
            {"symbol": "INFY", "exchange": "NSE", "mode": 1},
        ],
        mode="LTP",
        depth_level=20,
    )
    done = ack["subscriptions"]
    assert [(entry["symbol"], entry["mode_id"], entry["depth"]) for entry in done] == [
        ("sbin", 1, 20),
        ("INFY:20", 3, 20),
        ("INFY:50", 3, 20),
        ("INFY", 1, 20),
    ]
    assert [entry.get("supported_depths") for entry in done] == [None, None, [5, 20], None]
    house.tick(SBIN, 1.0)
    house.tick(INFY, 2.0)
    await settle()
    frames = client.news()
    assert [(f["symbol"], f["exchange"], f["mode"]) for f in frames] == [
        ("sbin", "nse", 1),
        ("INFY:20", "NSE", 3),
        ("INFY:50", "NSE", 3),
        ("INFY", "NSE", 1),
    ]
    assert frames[1]["data"]["symbol"] == "INFY"
    assert house.demand.wanted == {SBIN: Mode.LTP, INFY: Mode.DEPTH}


async def test_each_bad_item_is_told_why(client: Client) -> None:
    ack = await client.ask(
        action="subscribe",
        symbols=[
            "NSE:SBIN",
            {"symbol": "NOPE", "exchange": "NSE"},
            {"symbol": "SBIN", "exchange": "MOON"},
            {"symbol": "SBIN"},
            7,
            {"symbol": "SBIN", "exchange": "NSE", "mode": 4},
        ],
    )
    assert ack["status"] == "partial"
    assert [entry.get("code") for entry in ack["subscriptions"]] == [
        None,
        "SYMBOL_NOT_FOUND",
        "SYMBOL_NOT_FOUND",
        "INVALID_PARAMETERS",
        "INVALID_PARAMETERS",
        "INVALID_MODE",
    ]
    nope = ack["subscriptions"][1]
    assert nope["message"] == "Symbol NOPE not found for exchange NSE"
    assert (nope["status"], nope["broker"]) == ("error", "simulator")
    failed = await client.ask(action="subscribe", symbol="NOPE", exchange="NSE")
    assert failed["status"] == "error"


@pytest.mark.parametrize("mode", [0, 4, True, 2.0, "Full", "", [1], {}])
async def test_a_wrong_mode_is_refused(client: Client, mode: object) -> None:
    answer = await client.ask(
        action="subscribe", symbol="SBIN", exchange="NSE", mode=mode, request_id=3
    )
    assert (answer["type"], answer["code"]) == ("error", "INVALID_MODE")
    assert answer["request_id"] == 3


@pytest.mark.parametrize("depth", [0, -5, True, 5.0, "deep"])
async def test_a_wrong_depth_is_refused(client: Client, depth: object) -> None:
    answer = await client.ask(action="subscribe", symbol="SBIN", exchange="NSE", depth=depth)
    assert answer["code"] == "INVALID_DEPTH"


async def test_a_message_without_symbols_is_refused(client: Client) -> None:
    messages: list[dict[str, object]] = [{}, {"symbols": []}, {"symbol": "SBIN"}]
    for message in messages:
        answer = await client.ask(action="subscribe", **message)
        assert answer["code"] == "INVALID_PARAMETERS"
        assert answer["message"] == "At least one symbol must be specified"
    answer = await client.ask(action="unsubscribe")
    assert answer["message"] == "Either symbols or unsubscribe_all is required"


async def test_a_repeat_changes_nothing(house: House, client: Client) -> None:
    house.tick(SBIN, 1.0)
    for _ in range(2):
        await client.say(action="subscribe", symbol="SBIN", exchange="NSE")
    assert [frame["type"] for frame in client.news()] == ["subscribe", "market_data", "subscribe"]
    house.tick(SBIN, 2.0)
    await settle()
    assert len(client.news()) == 1


@pytest.mark.parametrize(
    ("asked", "delivered", "supported"),
    [(5, 1, [1]), (20, 1, [1]), (1, 1, None)],
)
async def test_an_exchange_may_have_smaller_books(
    house: House, client: Client, asked: int, delivered: int, supported: list[int] | None
) -> None:
    ack = await client.ask(
        action="subscribe", symbol=NIFTY_FUT.symbol, exchange="NFO", mode=3, depth=asked
    )
    (entry,) = ack["subscriptions"]
    assert (entry["depth"], entry.get("supported_depths")) == (delivered, supported)


async def test_a_deeper_request_takes_the_place_of_the_earlier(
    house: House, client: Client
) -> None:
    for depth, delivered in ((5, 5), (20, 20), (5, 20)):
        ack = await client.ask(
            action="subscribe", symbol="SBIN", exchange="NSE", mode=3, depth=depth
        )
        assert ack["subscriptions"][0]["depth"] == delivered
    house.tick(SBIN, 2.0)
    await settle()
    (frame,) = client.news()
    assert frame["data"]["depth_level"] == 20


@pytest.mark.parametrize(
    ("message", "left"),
    [
        ({"symbols": [{"symbol": "SBIN", "exchange": "NSE"}]}, []),
        ({"symbol": "sbin", "exchange": "nse"}, []),
        ({"symbol": "SBIN", "exchange": "NSE", "mode": 2}, [1, 3]),
        ({"symbols": [{"symbol": "SBIN", "exchange": "NSE", "mode": 3}], "mode": 1}, [1, 2]),
        ({"symbols": ["NSE:SBIN"], "mode": "LTP"}, [2, 3]),
        ({"symbols": ["NSE:SBIN:20"]}, [1, 2, 3]),
        ({"symbols": ["NSE:INFY"]}, [1, 2, 3]),
    ],
)
async def test_unsubscribing_releases_what_is_named(
    house: House, client: Client, message: dict[str, object], left: list[int]
) -> None:
    for mode in Mode:
        await client.say(action="subscribe", symbol="SBIN", exchange="NSE", mode=mode)
    client.news()
    ack = await client.ask(action="unsubscribe", request_id=1, **message)
    assert (ack["type"], ack["status"], ack["failed"]) == ("unsubscribe", "success", [])
    assert ack["successful"][0].keys() == {"symbol", "exchange", "status", "broker"}
    house.tick(SBIN, 2.0)
    await settle()
    assert sorted(frame["mode"] for frame in client.news()) == left
    assert house.demand.wanted == ({SBIN: Mode(left[-1])} if left else {})


async def test_unsubscribing_what_cannot_be_read_fails(client: Client) -> None:
    ack = await client.ask(action="unsubscribe", symbols=[{"symbol": "SBIN"}, "NSE:SBIN"])
    assert (ack["status"], len(ack["successful"])) == ("partial", 1)
    assert ack["failed"][0]["code"] == "INVALID_PARAMETERS"


@pytest.mark.parametrize("word", ["action", "type"])
async def test_unsubscribe_all_releases_everything(house: House, client: Client, word: str) -> None:
    await client.say(action="subscribe", symbols=["NSE:SBIN", "NSE:INFY"], mode=3)
    client.news()
    house.tick(SBIN, 1.0)  # still waits when the request is read, and is dropped
    client.socket.incoming.put_nowait(json.dumps({word: "unsubscribe_all"}))
    await settle()
    house.tick(SBIN, 2.0)
    await settle()
    ack = client.news()[-1]
    assert ack["type"] == "unsubscribe"
    assert [entry["symbol"] for entry in ack["successful"]] == ["SBIN", "INFY"]
    assert (house.demand.wanted, len(house.hub.views)) == ({}, 0)


async def test_nothing_is_left_of_a_client_that_is_gone(house: House) -> None:
    async with house.client() as client:
        await client.say(action="subscribe", symbols=["NSE:SBIN", "NSE:INFY"])
        assert (len(house.demand.wanted), len(house.hub.views)) == (2, 2)
    assert (house.demand.wanted, len(house.hub.views)) == ({}, 0)


async def test_a_client_that_stops_reading_hurts_nobody_and_catches_up(house: House) -> None:
    async with house.client() as slow, house.client() as fast:
        for each in (slow, fast):
            await each.say(action="subscribe", symbol="SBIN", exchange="NSE")
            each.news()
        slow.socket.open.clear()
        for number in range(1_000):
            house.tick(SBIN, number)
            await settle()
        assert [frame["data"]["ltp"] for frame in fast.news()] == list(range(1_000))
        slow.socket.open.set()
        await settle()
        late = [frame["data"]["ltp"] for frame in slow.news()]
    assert late == [*range(64), 999]


async def test_a_revoked_key_ends_its_clients(house: House) -> None:
    key_id = FakeKeys().warm[KEY].key_id
    async with house.client() as one, house.client() as two, house.client(OTHER_KEY) as other:
        house.clients.cut_off(key_id)
        await settle()
        for client in (one, two):
            assert client.socket.closed == (1008, "the API key was revoked")
        assert (await other.ask(action="ping"))["type"] == "pong"
    house.clients.cut_off(key_id)


async def test_a_key_bound_to_elsewhere_is_told_so(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: FakeKeys, key: str, address: str = "") -> None:
        raise AddressNotAllowed("203.0.113.9")

    monkeypatch.setattr(FakeKeys, "lookup", refuse)
    async with house.client(None) as client:
        answer = await client.ask(action="authenticate", api_key=KEY)
    assert (answer["type"], answer["code"]) == ("auth", "AUTHENTICATION_ERROR")
    assert "203.0.113.9" in answer["message"]


async def test_an_unexpected_failure_says_nothing_of_its_inside(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: FakeMarkets, account_id: int) -> None:
        raise RuntimeError(f"secret {account_id}")

    monkeypatch.setattr(FakeMarkets, "of", broken)
    answer = await client.ask(action="subscribe", symbol="SBIN", exchange="NSE")
    assert answer["code"] == "PROCESSING_ERROR"
    assert "secret" not in answer["message"]


async def test_a_client_that_has_left_is_forgotten_without_the_garbage_collector(
    house: House,
) -> None:
    gc.disable()
    try:
        async with house.client() as client:
            await client.ask(action="subscribe", symbol="SBIN", exchange="NSE", mode=3)
            await client.ask(action="subscribe_orders")
            house.tick(SBIN, 101.0)
            await client.say(action="nonsense")
        await settle()
        assert house.session is not None
        assert house.session() is None
    finally:
        gc.enable()
