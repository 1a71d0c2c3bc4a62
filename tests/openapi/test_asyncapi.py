"""The description of the WebSocket, and the frames of a running server held against it.

Those of the tests in `tests/api_ws` are held against it there.
"""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator, ValidationError
from websockets.asyncio.client import ClientConnection, connect

from openalgo.api.ws.notices import EVENTS
from openalgo.domain.market import Exchange
from openalgo.domain.orders import OrderStatus
from tests.openapi.asyncapi import check_frame, description, validator
from tests.openapi.calls import ORDER, RESTING
from tests.support.server import Server

MESSAGES: dict[str, dict[str, Any]] = description()["components"]["messages"]


class Line:
    """A client that holds everything it says and hears against the description."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self.heard: list[str] = []

    async def ask(self, message: str, **members: object) -> dict[str, Any]:
        """Send a `message` of this name; its answer."""
        schema = MESSAGES[message]["payload"]["$ref"].rpartition("/")[2]
        validator(schema).validate(members)
        await self._socket.send(json.dumps(members))
        while (frame := await self.hear())["type"] in ("market_data", "order_update"):
            pass
        return frame

    async def say(self, text: str) -> dict[str, Any]:
        await self._socket.send(text)
        return await self.hear()

    async def hear(self) -> dict[str, Any]:
        frame: dict[str, Any] = json.loads(await self._socket.recv())
        self.heard.append(check_frame(frame))
        return frame

    async def until(self, **members: object) -> dict[str, Any]:
        """Hear until a frame has these members."""
        while not members.items() <= (frame := await self.hear()).items():
            pass
        return frame


@pytest.fixture
async def line(server: Server) -> AsyncIterator[Line]:
    async with connect(f"ws://127.0.0.1:{server.port}/ws") as socket:
        yield Line(socket)


def references(node: object) -> Iterator[str]:
    if isinstance(node, list):
        for item in node:
            yield from references(item)
    elif isinstance(node, dict):
        if isinstance(target := node.get("$ref"), str):
            yield target
        for value in node.values():
            yield from references(value)


def test_every_reference_leads_somewhere_and_every_part_is_used() -> None:
    document = description()
    used = set(references(document))
    for reference in used:
        found: Any = document
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
    components = document["components"]
    for kind in ("messages", "schemas"):
        assert {f"#/components/{kind}/{name}" for name in components[kind]} <= used
    for name, schema in components["schemas"].items():
        Draft202012Validator.check_schema(schema)
        assert schema, name


@pytest.mark.parametrize("name", sorted(name for name in MESSAGES if "examples" in MESSAGES[name]))
def test_examples_are_valid(name: str) -> None:
    schema = MESSAGES[name]["payload"]["$ref"].rpartition("/")[2]
    for example in MESSAGES[name]["examples"]:
        validator(schema).validate(example["payload"])


def test_words_are_those_of_the_domain() -> None:
    schemas = description()["components"]["schemas"]
    assert schemas["Exchange"]["enum"] == list(Exchange)
    assert set(schemas["EventName"]["enum"]) == EVENTS
    assert schemas["OrderUpdate"]["properties"]["order_status"]["enum"] == list(OrderStatus)


def test_a_frame_with_something_more_is_noticed() -> None:
    frame = {"type": "pong", "status": "success", "server_timestamp": 1}
    assert check_frame(frame) == "Pong"
    with pytest.raises(ValidationError):
        check_frame({**frame, "extra": 1})


async def test_a_session_is_as_described(server: Server, fresh_key: str, line: Line) -> None:
    assert (await line.ask("getBrokerInfo", action="get_broker_info"))["type"] == "error"
    await line.ask("getSupportedBrokers", action="get_supported_brokers")
    await line.ask("ping", action="ping", timestamp=1, _pingId="a")
    refused = await line.ask("authenticate", action="authenticate", api_key="0" * 64)
    assert refused["status"] == "error"
    await line.ask("authenticate", action="auth", api_key=fresh_key, request_id=1)
    await line.ask("getBrokerInfo", action="get_broker_info", request_id=[2])
    for number, mode in enumerate(("LTP", "quote", 3), start=1):
        symbols = [
            "NSE:SBIN",
            {"symbol": "NIFTY", "exchange": "NSE_INDEX"},
            {"symbol": "NOSUCH", "exchange": "NSE", "mode": 1},
        ]
        reply = await line.ask("subscribe", action="subscribe", symbols=symbols, mode=mode, depth=7)
        assert reply["status"] == "partial"
        tick = await line.until(type="market_data", mode=number, symbol="SBIN")
        assert number != 2 or tick["data"]["open"]
    await line.ask("subscribe", action="subscribe", symbols=["nse:sbin"], mode="quote")
    await line.until(type="market_data", symbol="sbin", snapshot=True)
    await line.ask("unsubscribe", action="unsubscribe", symbols=["NSE:SBIN"], mode="LTP")
    await line.ask("unsubscribeAll", action="unsubscribe_all", request_id="x")
    await line.ask("subscribeOrders", action="subscribe_orders")
    async with httpx.AsyncClient(base_url=f"{server.url}/api/v1/") as client:
        for order in (ORDER, RESTING):
            await client.post("placeorder", json={**order, "apikey": fresh_key})
    filled = await line.until(type="order_update", order_status="complete")
    assert filled["tradeid"]
    await line.ask("unsubscribeOrders", action="unsubscribe_orders")
    for text in ("{", "[]", '{"action": "dance"}', '{"action": "subscribe"}'):
        assert (await line.say(text))["type"] == "error"
    bad = '{"action": "subscribe", "symbol": "SBIN", "exchange": "NSE", '
    assert (await line.say(bad + '"mode": 9}'))["code"] == "INVALID_MODE"
    assert (await line.say(bad + '"depth": 0}'))["code"] == "INVALID_DEPTH"
    answers = {each for each in MESSAGES if "examples" not in MESSAGES[each]}
    told = {MESSAGES[name]["payload"]["$ref"].rpartition("/")[2] for name in answers}
    assert set(line.heard) == told | {"MarketData", "OrderUpdate"}
