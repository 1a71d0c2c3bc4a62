"""What SDK 2.0.5 does on the feed, as far as a server can tell: it needs Python 3.12, so it cannot
run here. What it sends is on the wire as it sends it, and what it reads it reads as strictly."""

import json
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Any

from websockets.sync.client import ClientConnection, connect

WAITS = 5.0
"""Seconds for the connection, and again for the answer to the authentication."""

Message = dict[str, Any]
Callback = Callable[[Message], None]

_QUOTE = (
    *("open", "high", "low", "close", "ltp", "volume", "last_trade_quantity"),
    *("avg_trade_price", "change", "change_percent", "timestamp"),
)


class Sdk2Feed:
    """One client; `hear` reads what has come. Callbacks get what the SDK would hand them."""

    def __init__(self, key: str, url: str) -> None:
        self._key = key
        self._url = url
        self._callbacks: dict[int, Callback] = {}
        self._on_order: Callback | None = None
        self._wanted: dict[int, list[Message]] = {1: [], 2: [], 3: []}
        self._orders: list[Message] = []
        self._store: dict[int, dict[str, Message]] = {1: {}, 2: {}, 3: {}}
        self.raw: list[Message] = []
        """Everything read since it was last emptied."""
        self.socket: ClientConnection | None = None
        self._open = ExitStack()

    def connect(self) -> bool:
        opening = connect(
            self._url, open_timeout=WAITS, ping_interval=20, ping_timeout=10, max_size=None
        )
        self.socket = self._open.enter_context(opening)
        self.say(action="authenticate", api_key=self._key)
        self.until(lambda message: message.get("type") == "auth", WAITS)
        return bool(self.raw[-1]["status"] == "success")

    def reconnect(self) -> None:
        """After the connection was lost: the same again, one message for each mode."""
        assert self.connect()
        for mode, wanted in self._wanted.items():
            if wanted:
                self.say(action="subscribe", symbols=wanted, mode=mode, depth=5)
        if self._on_order is not None:
            self.say(action="subscribe_orders")

    def subscribe(self, mode: int, instruments: Sequence[Message], callback: Callback) -> None:
        self._callbacks[mode] = callback
        self._wanted[mode].extend(instruments)
        self.say(action="subscribe", symbols=[*instruments], mode=mode, depth=5)

    def unsubscribe(self, mode: int, instruments: Sequence[Message]) -> None:
        self._wanted[mode] = [each for each in self._wanted[mode] if each not in instruments]
        self.say(action="unsubscribe", symbols=[{**each, "mode": mode} for each in instruments])

    def subscribe_orders(self, callback: Callback) -> None:
        self._on_order = callback
        self.say(action="subscribe_orders")

    def get_orders(self) -> list[Message]:
        return self._orders[::-1][:500]

    def get_depth(self) -> Message:
        books: Message = {}
        for name, data in self._store[3].items():
            exchange, symbol = name.split(":")[:2]
            books.setdefault(exchange, {})[symbol] = {
                "timestamp": data["timestamp"],
                "ltp": data["ltp"],
                "buyBook": _side(data["depth"]["buy"]),
                "sellBook": _side(data["depth"]["sell"]),
            }
        return {"depth": books}

    def until(self, done: Callable[[Message], bool], within: float = 20.0) -> Message:
        """Read until a message is `done`; that one."""
        assert self.socket is not None
        ends = time.monotonic() + within
        while (left := ends - time.monotonic()) > 0:
            message: Message = json.loads(self.socket.recv(left))
            self.raw.append(message)
            self._take(message)
            if done(message):
                return message
        raise TimeoutError

    def ping(self) -> None:
        """Read everything that was sent before the answer to a ping."""
        self.say(action="ping")
        self.until(lambda message: message.get("type") == "pong")

    def close(self) -> None:
        self._open.close()

    def say(self, **message: object) -> None:
        """Send `message`."""
        assert self.socket is not None
        self.socket.send(json.dumps(message))

    def _take(self, message: Message) -> None:
        if message.get("type") == "order_update":
            self._orders.append(message)
            if self._on_order is not None:
                self._on_order(message)
        if message.get("type") != "market_data":
            return
        mode, data = message["mode"], message["data"]
        if (mode == 1 and "ltp" not in data) or (mode == 3 and "depth" not in data):
            return
        name = f"{message['exchange']}:{message['symbol']}"
        self._store[mode][name] = data
        if mode not in self._callbacks:
            return
        if mode == 1:
            rebuilt = {each: data[each] for each in ("ltp", "timestamp", "ltt") if each in data}
        elif mode == 2:
            rebuilt = {each: data.get(each, 0) for each in _QUOTE}
        else:
            rebuilt = {each: data[each] for each in ("ltp", "timestamp", "depth")}
        self._callbacks[mode](
            {
                "type": "market_data",
                "symbol": message["symbol"],
                "exchange": message["exchange"],
                "mode": mode,
                "data": rebuilt,
            }
        )


def _side(levels: Sequence[Message]) -> Message:
    """Five levels, with zeros where there are fewer."""
    none = {"price": 0, "quantity": 0, "orders": 0}
    shown = [*levels[:5], *[none] * (5 - len(levels[:5]))]
    return {
        str(number): {
            "price": float(level.get("price") or 0),
            "qty": int(level.get("quantity") or 0),
            "orders": int(level.get("orders") or 0),
        }
        for number, level in enumerate(shown, 1)
    }
