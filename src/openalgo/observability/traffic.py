"""What is recorded of a request once it is answered."""

from datetime import datetime

import msgspec


class TrafficRecord(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One HTTP request. `path` carries no query, `at` is when it came in (UTC)."""

    at: datetime
    client_ip: str
    method: str
    path: str
    status_code: int
    duration_ms: float
    host: str
    error: str | None
    user_id: int | None
    request_id: str


class OrderCallRecord(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One call that may change orders, as the user's order log shows it.

    `request` and `response` are JSON texts without the API key, `mode` is `live` or `analyze`.
    """

    at: datetime
    account_id: int
    api_type: str
    mode: str
    request_id: str
    request: str
    response: str
