"""What is recorded of a request once it is answered."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficRecord:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCallRecord:
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
