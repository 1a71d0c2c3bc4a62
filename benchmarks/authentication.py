"""What it costs to let a call in: the key is found and looked up, its scope and limits are checked.

Bar: below 0.3 ms in the middle (p50). Measured in process, on `admit` of `caller(...)` alone, with
a thousand keys known, each used from a place it is bound to, and the body of an order to read.
"""

import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import cast

from fastapi import Request
from pydantic import SecretStr
from starlette.types import Message

from openalgo.api.deps import Services, caller
from openalgo.api.limits import CallLimits, RateClass
from openalgo.identity import api_keys
from openalgo.identity.api_keys import ApiKeys, KeyRing
from openalgo.identity.principal import Scope
from openalgo.persistence.main.api_keys import ApiKeyRow
from openalgo.persistence.stores import Store

KEYS = 1_000
CALLS = 20_000
BAR_MS = 0.3


def main() -> None:
    times = asyncio.run(_measure())
    p50, p99 = times[49] * 1000, times[98] * 1000
    print(f"letting a call in             p50 {p50:.0f} µs (bar {BAR_MS:g} ms), p99 {p99:.0f} µs")


async def _measure() -> list[float]:
    """The percentiles 1 to 99 of one admission, in ms."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store("main", f"sqlite:///{Path(folder) / 'main.db'}")
        ring = KeyRing(SecretStr("p" * 32), b"salt" * 8)
        keys = ApiKeys(store, ring, used=lambda _key_id, _at: None)
        values = [api_keys.generate() for _ in range(KEYS)]
        for number, value in enumerate(values, start=1):
            keys.learn(_row(number, ring.digest(value)))
        admit = caller(Scope.TRADE, RateClass.ORDER)
        request = _requests(keys, values)
        times = []
        for number in range(CALLS):
            asked = request(number)
            started = time.perf_counter()
            await admit(asked)
            times.append((time.perf_counter() - started) * 1000)
        await store.close()
    return statistics.quantiles(times, n=100)


def _requests(keys: ApiKeys, values: list[str]) -> Callable[[int], Request]:
    """Makes orders as they arrive from the edge, each with the next key."""
    limits = CallLimits({RateClass.ORDER: "1000000 per second;10000000 per hour"})
    services = cast(Services, SimpleNamespace(keys=keys))
    app = SimpleNamespace(state=SimpleNamespace(services=services, limits=limits))

    def request(number: int) -> Request:
        order = {
            "apikey": values[number % KEYS],
            "strategy": "bench",
            "symbol": "SBIN",
            "exchange": "NSE",
            "action": "BUY",
            "quantity": "1",
            "pricetype": "MARKET",
            "product": "MIS",
        }
        body: Message = {"type": "http.request", "body": json.dumps(order).encode()}

        async def receive() -> Message:
            return body

        scope = {
            "type": "http",
            "method": "POST",
            "path": "/api/v1/placeorder",
            "headers": [(b"content-type", b"application/json")],
            "query_string": b"",
            "app": app,
            "endpoint": main,
            "state": {"request_id": "b", "address": "10.1.2.3", "response_headers": []},
        }
        return Request(scope, receive)

    return request


def _row(key_id: int, digest: str) -> ApiKeyRow:
    return ApiKeyRow(
        id=key_id,
        user_id=1,
        username="bench",
        account_id=1,
        account_name="Default",
        name="bench",
        digest=digest,
        ciphertext="",
        scopes=frozenset({"read", "trade"}),
        allowed_networks=("203.0.113.0/24", "10.0.0.0/8"),
        is_default=False,
        created_at=datetime.now(UTC),
        expires_at=datetime(2100, 1, 1, tzinfo=UTC),
        last_used_at=None,
        superseded_at=None,
    )


if __name__ == "__main__":
    main()
