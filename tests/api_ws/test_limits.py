"""What a client may do, how much of it, and what it is told when that is enough."""

import asyncio
import json
from dataclasses import replace

import pytest

from openalgo.api.ws.clients import Clients
from openalgo.api.ws.pace import Pace, Pacer, Verdict
from tests.api.fakes import KEY, OTHER_KEY, READ_KEY
from tests.api_ws.socket import settle
from tests.api_ws.test_session import SBIN, House
from tests.openapi.asyncapi import check_frame
from tests.ui.site import Seconds


@pytest.fixture
def house() -> House:
    return House()


async def test_a_client_may_hold_so_many_views(house: House) -> None:
    house.limits["max_views"] = 2
    async with house.client() as client:
        ack = await client.ask(action="subscribe", symbols=["NSE:SBIN", "NSE:INFY"])
        assert ack["status"] == "success"
        full = await client.ask(action="subscribe", symbols=["NSE:SBIN"], mode=3)
        entry = full["subscriptions"][0]
        assert entry["code"] == "MAX_CAPACITY_REACHED"
        assert "2 subscriptions" in entry["message"]
        await client.ask(action="unsubscribe", symbols=["NSE:INFY"])
        again = await client.ask(action="subscribe", symbols=["NSE:SBIN"], mode=3)
    assert again["status"] == "success"


async def test_there_may_be_so_many_clients_whatever_keys_they_use(house: House) -> None:
    house.clients = Clients(most=3, most_each=1)
    house.keys.warm[OTHER_KEY] = replace(house.keys.warm[OTHER_KEY], user_id=2)
    async with house.client() as first, house.client(None) as second:
        await second.say(action="authenticate", api_key=READ_KEY)
        assert second.socket.closed == (1013, "too many clients of this user")
        async with house.client(OTHER_KEY), house.client(None) as other:
            await settle()
            assert other.socket.closed is None
            async with house.client(None) as one_too_many:
                await settle()
                assert one_too_many.socket.closed == (1013, "too many clients")
        assert (await first.ask(action="ping"))["type"] == "pong"
        # Who is counted may show another key, and as another user counts there.
        assert (await first.ask(action="authenticate", api_key=READ_KEY))["status"] == "success"
        assert (await first.ask(action="authenticate", api_key=OTHER_KEY))["status"] == "success"
        async with house.client() as later:
            assert (await later.ask(action="ping"))["type"] == "pong"
    assert len(house.clients) == 0


async def test_who_sends_too_much_is_told_and_then_cut_off(house: House) -> None:
    house.limits["pace"] = Pace(rate=0.001, burst=3, patience=2)
    async with house.client() as client:
        for _ in range(2):
            assert (await client.ask(action="ping"))["type"] == "pong"
        for _ in range(2):
            refused = await client.ask(action="ping")
            assert (refused["type"], refused["code"]) == ("error", "LIMIT_EXCEEDED")
            assert client.socket.closed is None
        await client.say(action="ping")
        assert client.socket.closed == (1008, "too many messages")


def test_the_pace_is_given_back_with_time() -> None:
    timer = Seconds()
    pacer = Pacer(Pace(rate=2, burst=3, patience=1), timer)
    assert [pacer.message() for _ in range(5)] == [
        *[Verdict.TAKEN] * 3,
        Verdict.REFUSED,
        Verdict.ENOUGH,
    ]
    timer.now += 0.5
    assert pacer.message() is Verdict.TAKEN
    assert pacer.message() is Verdict.REFUSED
    timer.now += 1000
    assert [pacer.message() for _ in range(4)] == [*[Verdict.TAKEN] * 3, Verdict.REFUSED]


@pytest.mark.parametrize("text", ["[" * 100_000, b"\xff\xfe", b"", "7", '{"a": 1', "null"])
async def test_garbage_is_answered_and_the_connection_goes_on(
    house: House, text: str | bytes
) -> None:
    async with house.client() as client:
        client.socket.incoming.put_nowait(text)
        await settle()
        assert client.news()[0]["code"] == "INVALID_JSON"
        assert (await client.ask(action="ping"))["type"] == "pong"


async def test_messages_may_be_binary(house: House) -> None:
    async with house.client(None) as client:
        client.socket.incoming.put_nowait(
            json.dumps({"action": "authenticate", "api_key": KEY}).encode()
        )
        await settle()
        assert client.news()[0]["status"] == "success"


async def test_who_says_nothing_is_cut_off(house: House) -> None:
    house.limits["auth_grace"] = 0.0
    async with house.client(None) as client:
        await client.socket.heard.wait()
        assert client.socket.closed == (4401, "auth timeout")


async def test_at_the_end_what_waits_is_sent_before_the_reason(house: House) -> None:
    async with house.client() as reading, house.client() as slow, house.client(None) as stranger:
        for client in (reading, slow):
            await client.ask(action="subscribe", symbol="SBIN", exchange="NSE")
        slow.socket.open.clear()
        house.tick(SBIN, 5.0)
        draining = asyncio.ensure_future(house.clients.drain(10))
        await settle()
        assert reading.news()[-1]["data"]["ltp"] == 5.0
        for client in (reading, stranger):
            assert client.socket.closed == (1001, "the server is shutting down")
        assert not draining.done()
        async with house.client(None) as late:
            await settle()
            assert late.socket.closed == (1001, "the server is shutting down")
        house.tick(SBIN, 6.0)
        slow.socket.open.set()
        await draining
        await settle()
        (last,) = slow.news()
        assert last["data"]["ltp"] == 5.0
        assert slow.socket.closed == (1001, "the server is shutting down")
        check_frame(last)


async def test_the_end_does_not_wait_for_who_does_not_read(house: House) -> None:
    async with house.client() as client:
        await client.ask(action="subscribe", symbol="SBIN", exchange="NSE")
        client.socket.open.clear()
        house.tick(SBIN, 5.0)
        await settle()
        await house.clients.drain(0)
        assert len(house.clients) == 1
        client.socket.open.set()
