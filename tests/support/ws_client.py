"""A client of /ws that a test without an event loop talks through."""

import json
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.support.live_server import SOON

Message = dict[str, Any]
View = tuple[str, str, int]
"""Exchange, symbol and mode."""


class WsClient:
    """Everything that came is in `orders` and `ticks` (the newest of each view), as it was read."""

    def __init__(self, socket: ClientConnection) -> None:
        self.orders: list[Message] = []
        self.ticks: dict[View, Message] = {}
        self._socket = socket

    def say(self, action: str, **more: object) -> Message:
        """Say it; the answer."""
        self._socket.send(json.dumps({"action": action, **more}))
        return self._until(lambda message: message["type"] in (action, "auth"))

    def subscribe(self, symbols: Collection[str], mode: int) -> None:
        answer = self.say("subscribe", symbols=[*symbols], mode=mode)
        assert answer["status"] == "success", answer

    def order(self, order_id: str, status: str, **about: object) -> Message:
        """The first update of the order that says so, of those to come or already read."""

        def fits(message: Message) -> bool:
            return (message["orderid"], message["order_status"]) == (order_id, status) and all(
                message[name] == value for name, value in about.items()
            )

        for message in self.orders:
            if fits(message):
                return message
        return self._until(lambda message: message["type"] == "order_update" and fits(message))

    def tick(self, symbol: str, mode: int, ltp: float) -> Message:
        """The next tick with this price."""
        return self._until(
            lambda message: (
                message["type"] == "market_data"
                and (message["symbol"], message["mode"]) == (symbol, mode)
                and message["data"]["ltp"] == ltp
            )
        )

    def all_of(self, views: Collection[View], within: float = SOON) -> None:
        """Read until each of `views` has brought a tick that was not there yet."""
        self.drain()
        missing = set(views)

        def seen(message: Message) -> bool:
            if message["type"] == "market_data":
                missing.discard((message["exchange"], message["symbol"], message["mode"]))
            return not missing

        try:
            self._until(seen, within)
        except TimeoutError:
            raise AssertionError(
                f"{len(missing)} of {len(views)} views bring nothing, among them {missing.pop()}"
            ) from None

    def drain(self) -> int:
        """Read what has come already; how many messages that were."""
        count = 0
        while True:
            try:
                self._read(0)
            except TimeoutError:
                return count
            count += 1

    def ping(self) -> None:
        """Whether the server still answers here."""
        self._socket.send(json.dumps({"action": "ping", "timestamp": 1}))
        self._until(lambda message: message["type"] == "pong")

    def _until(self, wanted: Callable[[Message], bool], within: float = SOON) -> Message:
        until = time.monotonic() + within
        while (left := until - time.monotonic()) > 0:
            message = self._read(left)
            if wanted(message):
                return message
        raise TimeoutError

    def _read(self, timeout: float) -> Message:
        message: Message = json.loads(self._socket.recv(timeout))
        if message["type"] == "market_data":
            self.ticks[message["exchange"], message["symbol"], message["mode"]] = message
        elif message["type"] == "order_update":
            self.orders.append(message)
        return message


@contextmanager
def ws_client(url: str, api_key: str, *, orders: bool = False) -> Iterator[WsClient]:
    """A client that has authenticated, and subscribed to order updates if `orders`."""
    with connect(url, max_size=None, max_queue=None) as socket:
        client = WsClient(socket)
        assert client.say("authenticate", api_key=api_key)["status"] == "success"
        if orders:
            assert client.say("subscribe_orders")["status"] == "success"
        yield client
