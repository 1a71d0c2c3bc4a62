"""Clients that place orders, and repeat whatever was not answered under the same id."""

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.support.server import Server

_PAUSE = 0.05
_NOT_NOW = frozenset({429, 503})
"""Nothing was sent: ask again."""

SYMBOLS = ("SBIN", "INFY", "RELIANCE", "TCS", "ITC")


def terms(client_id: str, low: Mapping[str, int]) -> dict[str, object]:
    """Some symbols, both sides; every fourth rests at a price that is too `low`. The same for the
    same id."""
    number = int(client_id.rpartition("-")[2])
    symbol = SYMBOLS[number % len(SYMBOLS)]
    order: dict[str, object] = {
        "strategy": "kill",
        "symbol": symbol,
        "exchange": "NSE",
        "action": "BUY" if number % 2 else "SELL",
        "quantity": 1 + number % 7,
        "product": "MIS",
        "client_order_id": client_id,
    }
    if number % 4 == 1:
        order |= {"pricetype": "LIMIT", "price": low[symbol]}
    return order


@dataclass
class Told:
    """What clients know: `accepted` and `refused` by client id; of `unknown` ones the reference."""

    accepted: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)

    def take(self, client_id: str, reply: httpx.Response) -> bool:
        """Whether `reply` was an answer."""
        body = reply.json()
        if reply.status_code == 200:
            self.unknown.pop(client_id, None)
            order_id = str(body["orderid"])
            assert self.accepted.setdefault(client_id, order_id) == order_id
            assert client_id not in self.refused, "an order was refused, and then taken"
            return True
        assert client_id not in self.accepted, "an order was taken, and then not"
        if body.get("code") == "order_outcome_unknown":
            self.unknown[client_id] = body["reference"]
            return True
        if reply.status_code in _NOT_NOW:
            return False
        self.unknown.pop(client_id, None)
        self.refused[client_id] = body["code"]
        return True


class LiveClients:
    """`count` orders, `concurrency` at a time, whenever the server is up."""

    def __init__(self, server: Server, count: int, concurrency: int = 16) -> None:
        self._low = {symbol: int(_last_price(server, symbol) * 0.96) for symbol in SYMBOLS}
        self.told = Told()
        self.repeated = 0
        self._server = server
        self._left = deque(f"k-{number}" for number in range(count))
        self._concurrency = concurrency
        self._up = asyncio.Event()
        self._target = 0
        self._reached = asyncio.Event()

    @property
    def answered(self) -> int:
        return len(self.told.accepted) + len(self.told.refused) + len(self.told.unknown)

    def server_is(self, *, up: bool) -> None:
        if up:
            self._up.set()
        else:
            self._up.clear()

    async def reached(self, answered: int) -> None:
        """Wait until so many orders have been answered, or all are."""
        self._target = answered
        self._reached.clear()
        if self.answered < answered and self._left:
            await self._reached.wait()

    async def run(self) -> None:
        """Until every order was answered, if only with "nobody knows"."""
        async with httpx.AsyncClient(base_url=f"{self._server.url}/api/v1/", timeout=60) as client:
            await asyncio.gather(*(self._work(client) for _ in range(self._concurrency)))
        self._reached.set()

    async def ask_again(self) -> None:
        """Repeat those of which nobody knew."""
        async with httpx.AsyncClient(base_url=f"{self._server.url}/api/v1/", timeout=60) as client:
            for client_id in [*self.told.unknown]:
                await self._place(client, client_id)

    async def _work(self, client: httpx.AsyncClient) -> None:
        while self._left:
            client_id = self._left.popleft()
            while not await self._place(client, client_id):
                self.repeated += 1
                await asyncio.sleep(_PAUSE)
                await self._up.wait()
            if self.answered >= self._target:
                self._reached.set()

    async def _place(self, client: httpx.AsyncClient, client_id: str) -> bool:
        body = {"apikey": self._server.api_key, **terms(client_id, self._low)}
        try:
            reply = await client.post("placeorder", json=body)
        except httpx.TransportError:
            return False
        return self.told.take(client_id, reply)


def _last_price(server: Server, symbol: str) -> float:
    quote: Any = server.ok("quotes", symbol=symbol, exchange="NSE")["data"]
    return float(quote["ltp"])
