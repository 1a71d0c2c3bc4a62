import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import websockets
from websockets.asyncio.client import ClientConnection

from openalgo.twin.zerodha.served import Served, serving_zerodha
from openalgo.twin.zerodha.twin import Setup, ZerodhaTwin

ORDER = {
    "exchange": "NSE",
    "tradingsymbol": "SBIN",
    "transaction_type": "BUY",
    "quantity": "10",
    "product": "MIS",
    "order_type": "MARKET",
    "market_protection": "-1",
    "validity": "DAY",
}
LIMIT = {**ORDER, "order_type": "LIMIT", "price": "900", "market_protection": "0"}


@dataclass
class Client:
    """A logged-in user of the twin."""

    http: httpx.AsyncClient
    served: Served

    @property
    def twin(self) -> ZerodhaTwin:
        return self.served.twin

    @property
    def stream_url(self) -> str:
        return (
            f"{self.served.stream}?api_key={self.twin.app.key}"
            f"&access_token={self.twin.sessions.token}"
        )

    async def ok(self, method: str, path: str, **sent: Any) -> Any:
        reply = await self.http.request(method, path, **sent)
        assert reply.status_code == 200, reply.text
        assert reply.json()["status"] == "success"
        return reply.json()["data"]

    async def refused(self, method: str, path: str, **sent: Any) -> tuple[int, str, str]:
        reply = await self.http.request(method, path, **sent)
        body = reply.json()
        assert body["status"] == "error"
        assert body["data"] is None
        return reply.status_code, body["error_type"], body["message"]

    async def place(self, form: Mapping[str, str] = ORDER, variety: str = "regular") -> str:
        placed = await self.ok("POST", f"/orders/{variety}", data=form)
        return str(placed["order_id"])

    async def row(self, order_id: str) -> dict[str, Any]:
        rows = {row["order_id"]: row for row in await self.ok("GET", "/orders")}
        found: dict[str, Any] = rows[order_id]
        return found

    def socket(self) -> AbstractAsyncContextManager[ClientConnection]:
        return websockets.connect(self.stream_url, compression=None)


Connect = Callable[[Setup], AbstractAsyncContextManager[Client]]


@contextlib.asynccontextmanager
async def connected(setup: Setup) -> AsyncIterator[Client]:
    async with serving_zerodha(setup) as served:
        token = served.twin.sessions.log_in()
        headers = {
            "X-Kite-Version": "3",
            "Authorization": f"token {served.twin.app.key}:{token}",
        }
        async with httpx.AsyncClient(base_url=served.api, headers=headers, timeout=10) as http:
            yield Client(http, served)


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    """Of a twin whose prices stand still."""
    async with connected(Setup(walking=False)) as client:
        yield client
