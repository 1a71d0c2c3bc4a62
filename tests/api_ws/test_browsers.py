"""Market data for a browser whose user is logged in: the session will do, on a page of ours."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from fastapi import WebSocket

from openalgo.api.ws.browsers import Browser, BrowserClient
from openalgo.api.ws.session import Session, SocketServices
from openalgo.identity.sessions import Device, OpenedSession
from openalgo.persistence.main.tables import metadata
from openalgo.persistence.stores import Store
from openalgo.streaming.events import EventBus
from tests.api.fakes import KEY, FakeAccounts, FakeKeys, FakeMarkets, FakeVenue
from tests.api_ws.socket import FakeSocket
from tests.api_ws.test_session import Client
from tests.support.markets import a_market
from tests.ui.site import Site
from tests.ui.test_events import ORIGIN, handshake


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    store = Store("main", f"sqlite:///{tmp_path / 'main.db'}")
    async with store.schema_change() as connection:
        await connection.run_sync(metadata.create_all)
    site = Site(store)
    await site.make_user()
    await site.accounts.load()
    yield site
    await store.close()


async def log_in(site: Site) -> OpenedSession:
    return await site.ui.sessions.open(
        user_id=1, username="ravi", is_admin=True, device=Device(info="", address="")
    )


@asynccontextmanager
async def client(site: Site, socket: WebSocket) -> AsyncIterator[Client]:
    services = SocketServices(
        keys=FakeKeys(),
        markets=FakeMarkets(FakeVenue(), a_market(), 1, FakeAccounts()),
        events=EventBus(),
        brokers=("simulator",),
    )
    cut_off = services.clients.cut_off
    site.ui.sessions.ended.add(lambda over: cut_off(BrowserClient(over.id)))
    fake = FakeSocket()
    session = Session(fake, services, "", Browser(socket, site.ui))
    running = asyncio.ensure_future(session.run())
    yield Client(fake)
    fake.incoming.put_nowait(None)
    await running


async def test_the_session_will_do_for_a_key(site: Site) -> None:
    opened = await log_in(site)
    async with client(site, handshake(opened.cookie, origin=ORIGIN)) as browser:
        reply = await browser.ask(action="authenticate")
        assert (reply["status"], reply["user_id"]) == ("success", "ravi")
        reply = await browser.ask(action="unsubscribe_all")
        assert reply["status"] == "success"


@pytest.mark.parametrize(
    "origin", [None, "null", "https://evil.example", "http://127.0.0.1:5001", "http://localhost"]
)
async def test_not_on_the_page_of_somebody_else(site: Site, origin: str | None) -> None:
    opened = await log_in(site)
    headers = {} if origin is None else {"origin": origin}
    async with client(site, handshake(opened.cookie, **headers)) as browser:
        reply = await browser.ask(action="authenticate")
        assert (reply["status"], reply["message"]) == ("error", "API key is required")
        reply = await browser.ask(action="subscribe", symbol="SBIN", exchange="NSE")
        assert reply["code"] == "NOT_AUTHENTICATED"
        # Whoever has a key may call from anywhere.
        assert (await browser.ask(action="authenticate", api_key=KEY))["status"] == "success"


async def test_a_wrong_key_is_not_made_good_by_a_session(site: Site) -> None:
    opened = await log_in(site)
    async with client(site, handshake(opened.cookie, origin=ORIGIN)) as browser:
        reply = await browser.ask(action="authenticate", api_key="0" * 64)
        assert (reply["status"], reply["message"]) == ("error", "Invalid API key")


async def test_an_account_of_nobodys_is_refused(site: Site) -> None:
    opened = await log_in(site)
    async with client(site, handshake(opened.cookie, "account=zzz", origin=ORIGIN)) as browser:
        reply = await browser.ask(action="authenticate")
        assert (reply["status"], reply["code"]) == ("error", "AUTHENTICATION_ERROR")


async def test_a_session_that_ended_before_it_was_used_opens_nothing(site: Site) -> None:
    opened = await log_in(site)
    async with client(site, handshake(opened.cookie, origin=ORIGIN)) as browser:
        await site.ui.sessions.end(1, opened.session.id)
        reply = await browser.ask(action="authenticate")
        assert (reply["status"], reply["message"]) == ("error", "API key is required")


async def test_logging_out_cuts_the_market_off(site: Site) -> None:
    opened = await log_in(site)
    async with client(site, handshake(opened.cookie, origin=ORIGIN)) as browser:
        await browser.ask(action="authenticate")
        await site.ui.sessions.end_all(1)
        await browser.say(action="ping")
        assert browser.socket.closed == (4401, "the session has ended")
