"""What the web app hears of the user's accounts, over a socket of a page of ours."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from starlette.datastructures import Headers
from starlette.websockets import WebSocket

from openalgo.accounts.notices import tell_of_accounts
from openalgo.api.ws.browsers import Browser, BrowserClient
from openalgo.api.ws.clients import Clients
from openalgo.api.ws.event_session import EventServices, EventSession
from openalgo.api.ws.feeds import KEPT_SECONDS, MOST_KEPT, Feeds
from openalgo.api.ws.outbox import Flusher
from openalgo.domain.events import (
    BrokerSessionChanged,
    Event,
    EventHead,
    KillSwitchReleased,
    KillSwitchThrown,
    OutcomeReported,
    PendingOrderCreated,
    PendingOrderUpdated,
)
from openalgo.identity.sessions import Device
from openalgo.instruments.status import DownloadState, MasterStatus
from openalgo.streaming.events import EventBus
from tests.api_ws.socket import FakeSocket, settle
from tests.openapi.asyncapi import check_frame
from tests.support.markets import SIMULATOR
from tests.ui.site import MORNING, Seconds, Site

ORIGIN = "http://127.0.0.1:5000"


def handshake(cookie: str | None, query: str = "", **headers: str) -> WebSocket:
    """One as a browser sends it. `sec_fetch_site` is the header Sec-Fetch-Site."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if cookie is not None:
        sent["cookie"] = f"session={cookie}"

    async def nothing(*_: object) -> Any:
        raise AssertionError

    return WebSocket(
        {
            "type": "websocket",
            "headers": Headers(sent).raw,
            "query_string": query.encode(),
            "path": "/ws/events",
        },
        nothing,
        nothing,
    )


@dataclass
class House:
    """Everything that tells, and whoever listens."""

    site: Site
    timer: Seconds = field(default_factory=Seconds)
    clients: Clients = field(default_factory=Clients)
    bus: EventBus = field(default_factory=EventBus)
    max_queue: int = 1024

    def __post_init__(self) -> None:
        self.feeds = Feeds(self.site.accounts, timer=self.timer, now_ms=lambda: 1_700_000_000_000)
        self.bus.follow(self.feeds.publish, self.feeds.is_heard)
        tell_of_accounts(
            self.site.accounts, self.site.desk.sessions, self.bus.publish, self.site.clock
        )
        self.site.ui.sessions.ended.add(lambda over: self.clients.cut_off(BrowserClient(over.id)))

    async def cookie(self, user_id: int = 1, username: str = "ravi") -> str:
        opened = await self.site.ui.sessions.open(
            user_id=user_id,
            username=username,
            is_admin=False,
            device=Device(info="", address=""),
        )
        return opened.cookie

    @asynccontextmanager
    async def listener(self, cookie: str | None, query: str = "") -> AsyncIterator["Listener"]:
        services = EventServices(
            feeds=self.feeds,
            accounts=self.site.accounts,
            clients=self.clients,
            flusher=Flusher(),
            max_queue=self.max_queue,
        )
        socket = FakeSocket()
        browser = Browser(handshake(cookie, query, origin=ORIGIN), self.site.ui)
        running = asyncio.ensure_future(EventSession(socket, services, browser).run())
        await socket.heard.wait()
        try:
            yield Listener(socket)
        finally:
            socket.incoming.put_nowait(None)
            await running
            for message in socket.messages:
                check_frame(message)


class Listener:
    def __init__(self, socket: FakeSocket) -> None:
        self.socket = socket
        self._read = 0

    async def news(self) -> list[dict[str, Any]]:
        await settle()
        fresh = self.socket.messages[self._read :]
        self._read += len(fresh)
        return fresh

    async def ask(self, **message: object) -> list[dict[str, Any]]:
        self.socket.incoming.put_nowait(json.dumps(message))
        return await self.news()


@pytest.fixture
async def house(site: Site) -> House:
    await site.accounts.load()
    return House(site)


def kill(account_id: int = 1) -> KillSwitchThrown:
    return KillSwitchThrown(account_id=account_id, at=MORNING, cause="", by="ravi")


async def seqs(listener: Listener) -> Sequence[int]:
    return [each["seq"] for each in await listener.news() if each["type"] == "event"]


async def test_hello_says_who_and_where_it_begins(house: House) -> None:
    cookie = await house.cookie()
    async with house.listener(cookie) as listener:
        (hello,) = await listener.news()
        assert hello == {
            "type": "hello",
            "seq": 1_700_000_000_000_000,
            "user": "ravi",
            "account": 1,
            "analyze_mode": True,
            "accounts": hello["accounts"],
        }
        assert [each["id"] for each in hello["accounts"]] == [1]


async def test_what_happens_to_every_account_of_the_user_is_told(house: House) -> None:
    cookie = await house.cookie()
    async with house.listener(cookie) as listener:
        await listener.news()
        second = await house.site.accounts.create(
            user_id=1, name="Second", broker=SIMULATOR, now=MORNING
        )
        await house.site.accounts.set_analyze_mode(second.id, False)
        await house.site.accounts.rename(second.id, "Other")
        await house.site.accounts.archive(second.id, MORNING)
        house.bus.publish(kill())
        house.bus.publish(
            PendingOrderUpdated(
                account_id=1,
                at=MORNING,
                cause="",
                pending_id=5,
                kind="placeorder",
                state="submitted",
                version=3,
            )
        )
        told = await listener.news()
    first = 1_700_000_000_000_001
    assert [each["seq"] for each in told] == list(range(first, first + 6))
    assert [(each["event"], each["account"]) for each in told] == [
        ("account_event", second.id),
        ("app_mode_changed", second.id),
        ("account_event", second.id),
        ("account_event", second.id),
        ("kill_switch", 1),
        ("pending_order_updated", 1),
    ]
    assert told[0]["data"] == {"change": "created", "name": "Second", "broker": "simulator"}
    assert told[1]["data"] == {"analyze_mode": False}
    assert told[4]["data"] == {"thrown": True, "by": "ravi"}
    assert told[5]["data"]["action"] == "approved"


async def test_nobody_hears_of_accounts_of_somebody_else(house: House) -> None:
    await house.site.make_other_user()
    await house.site.accounts.load()
    (theirs,) = (each.id for each in house.site.accounts.all() if each.user_id == 2)
    async with (
        house.listener(await house.cookie()) as ravi,
        house.listener(await house.cookie(2, "asha")) as asha,
    ):
        await ravi.news()
        await asha.news()
        house.bus.publish(kill(theirs))
        house.bus.publish(kill(999))
        assert await ravi.news() == []
        (told,) = await asha.news()
        assert told["account"] == theirs


async def test_each_event_is_told_as_described(house: House) -> None:
    """The frames are held against the description when the listener leaves."""
    head = EventHead(account_id=1, seq=0, at=MORNING, cause="")
    happened: list[tuple[Event, str, dict[str, object]]] = [
        (KillSwitchReleased(**head, by="ravi"), "kill_switch", {"thrown": False, "by": "ravi"}),
        (
            BrokerSessionChanged(
                **head, state="expired", reason="Its time was over", expires_at=MORNING
            ),
            "broker_session",
            {
                "state": "expired",
                "reason": "Its time was over",
                "expires_at": int(MORNING.timestamp() * 1000),
            },
        ),
        (
            OutcomeReported(
                **head,
                reference="r1",
                client_order_id=None,
                state="unknown",
                order_id=None,
                message="The broker did not answer",
            ),
            "order_outcome",
            {
                "state": "unknown",
                "reference": "r1",
                "client_order_id": None,
                "orderid": None,
                "message": "The broker did not answer",
            },
        ),
        (
            PendingOrderCreated(**head, pending_id=4, kind="basketorder"),
            "pending_order_created",
            {
                "pending_order_id": 4,
                "user_id": "ravi",
                "api_type": "basketorder",
                "message": "New basketorder order queued for approval",
            },
        ),
    ]
    async with house.listener(await house.cookie()) as listener:
        await listener.news()
        for event, name, data in happened:
            house.bus.publish(event)
            (told,) = await listener.news()
            assert (told["event"], told["data"]) == (name, data)


async def test_what_accounts_are_worth_is_reckoned_only_while_somebody_listens(
    house: House,
) -> None:
    assert not house.bus.is_heard(1)
    async with house.listener(await house.cookie()):
        assert house.bus.is_heard(1)
        assert not house.bus.is_heard(999)
    assert not house.bus.is_heard(1)


async def test_downloads_of_instruments_are_told_to_whom_they_concern(house: House) -> None:
    def status(broker: str, state: DownloadState) -> MasterStatus:
        return MasterStatus(
            broker=broker,
            state=state,
            message="Downloading instruments.",
            last_updated=MORNING,
            received_bytes=50,
            total_bytes=200,
        )

    async with house.listener(await house.cookie()) as listener:
        await listener.news()
        house.feeds.master_changed(status("simulator", DownloadState.DOWNLOADING))
        house.feeds.master_changed(status("zerodha", DownloadState.DOWNLOADING))
        house.feeds.master_changed(status("simulator", DownloadState.SUCCESS))
        under_way, done = await listener.news()
    assert (under_way["data"]["progress"], under_way["data"]["status"]) == (25, "downloading")
    assert "seq" not in under_way
    assert done["seq"] == 1_700_000_000_000_001


async def test_only_events_asked_for_come(house: House) -> None:
    async with house.listener(await house.cookie()) as listener:
        await listener.news()
        (answer,) = await listener.ask(action="subscribe", events=["app_mode_changed"])
        assert answer["events"] == ["app_mode_changed"]
        house.bus.publish(kill())
        await house.site.accounts.set_analyze_mode(1, False)
        (told,) = await listener.news()
        assert told["event"] == "app_mode_changed"
        for wrong in (["nothing"], "app_mode_changed", [["a"]], None):
            (refused,) = await listener.ask(action="subscribe", events=wrong, request_id=4)
            assert (refused["code"], refused["request_id"]) == ("INVALID_PARAMETERS", 4)


async def test_a_browser_that_was_away_is_told_what_it_missed(house: House) -> None:
    cookie = await house.cookie()
    async with house.listener(cookie) as listener:
        await listener.news()
        house.bus.publish(kill())
        (last,) = await seqs(listener)
    house.bus.publish(kill())
    house.bus.publish(kill())
    async with house.listener(cookie) as listener:
        (hello,) = await listener.news()
        assert hello["seq"] == last + 2
        house.bus.publish(kill())
        assert await seqs(listener) == [last + 3]
        answer, *missed = await listener.ask(action="resume", last_seq=last)
        assert (answer["complete"], answer["events"]) == (True, 2)
        assert [each["seq"] for each in missed] == [last + 1, last + 2]


async def test_it_is_told_when_that_is_not_everything(house: House) -> None:
    cookie = await house.cookie()
    async with house.listener(cookie) as listener:
        (hello,) = await listener.news()
        for last in (hello["seq"] - 1, hello["seq"] + 1, 0):
            (answer,) = await listener.ask(action="resume", last_seq=last)
            assert (answer["complete"], answer["events"]) == (False, 0)
        (answer,) = await listener.ask(action="resume", last_seq=hello["seq"])
        assert answer["complete"]
        for wrong in (None, "1", True):
            (refused,) = await listener.ask(action="resume", last_seq=wrong)
            assert refused["code"] == "INVALID_PARAMETERS"
    for _ in range(MOST_KEPT + 1):
        house.bus.publish(kill())
    assert house.feeds.since(1, hello["seq"]) is None
    assert len(house.feeds.since(1, hello["seq"] + 1) or ()) == MOST_KEPT
    house.timer.now += KEPT_SECONDS + 1
    assert house.feeds.since(1, hello["seq"] + 1) is None
    house.bus.publish(kill())
    assert house.feeds.seq(1) == hello["seq"] + MOST_KEPT + 2
    assert house.feeds.since(1, hello["seq"] + MOST_KEPT + 1) is None


async def test_logging_out_ends_it_at_once(house: House) -> None:
    cookie = await house.cookie()
    session = house.site.ui.sessions.lookup(cookie)
    assert session is not None
    async with house.listener(cookie) as listener, house.listener(await house.cookie()) as other:
        await listener.news()
        await house.site.ui.sessions.end(1, session.id)
        (told,) = await listener.news()
        assert told["event"] == "force_logout"
        assert listener.socket.closed == (4401, "the session has ended")
        assert other.socket.closed is None


async def test_a_slow_reader_is_cut_off(house: House) -> None:
    house.max_queue = 5
    async with house.listener(await house.cookie()) as listener:
        await listener.news()
        listener.socket.open.clear()
        for _ in range(6):
            house.bus.publish(kill())
        await settle()
        assert listener.socket.closed == (1013, "reading too slowly")


@pytest.mark.parametrize("cookie", [None, "made-up"])
async def test_without_a_session_there_is_nothing(house: House, cookie: str | None) -> None:
    async with house.listener(cookie) as listener:
        assert listener.socket.closed == (4401, "the session has ended")
        assert await listener.news() == []


async def test_messages_that_are_none_are_refused(house: House) -> None:
    async with house.listener(await house.cookie()) as listener:
        await listener.news()
        listener.socket.incoming.put_nowait("{")
        (refused,) = await listener.news()
        assert refused["code"] == "INVALID_JSON"
        (refused,) = await listener.ask(action="dance")
        assert refused["code"] == "INVALID_ACTION"
        (pong,) = await listener.ask(action="ping", timestamp=5)
        assert pong["client_timestamp"] == 5


async def test_an_account_that_is_put_away_is_not_the_one_hello_tells_of(house: House) -> None:
    cookie = await house.cookie()
    for query in ("account=99", "account=x"):
        async with house.listener(cookie, query) as listener:
            (hello,) = await listener.news()
            assert (hello["account"], hello["analyze_mode"]) == (None, None)


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({"origin": ORIGIN}, True),
        ({"origin": "HTTP://127.0.0.1:5000"}, True),
        ({"origin": ORIGIN, "sec_fetch_site": "same-origin"}, True),
        ({"origin": "https://trade.example", "host": "trade.example"}, True),
        ({}, False),
        ({"origin": "null"}, False),
        ({"origin": "null", "host": ""}, False),
        ({"origin": "http://127.0.0.1:5001", "host": "127.0.0.1:5000"}, False),
        ({"origin": "https://evil.example", "host": "127.0.0.1:5000"}, False),
        ({"origin": "http://[bad"}, False),
        ({"origin": ORIGIN, "sec_fetch_site": "cross-site"}, False),
        ({"origin": ORIGIN, "sec_fetch_site": "same-site"}, False),
        ({"origin": ORIGIN, "sec_fetch_site": "none"}, False),
    ],
)
async def test_a_cookie_counts_on_a_page_of_ours_only(
    house: House, headers: dict[str, str], ours: bool
) -> None:
    browser = Browser(handshake(await house.cookie(), **headers), house.site.ui)
    assert (browser.is_ours, browser.session() is not None) == (ours, ours)
