"""What is fixed about a broker's HTTP API."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from openalgo.brokers.calls import ApiRequest
from openalgo.brokers.faults import Faults, no_faults
from openalgo.brokers.limits import RateLimit
from openalgo.brokers.sending import Timeouts, checked_url


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerApi:
    """What is fixed about a broker's HTTP API.

    `headers` go with every call; they are no secrets. `secret_names` are headers and fields that
    are, where their names do not show it. A reply has at most `largest` bytes.
    """

    broker: str
    base_url: str
    limits: tuple[RateLimit, ...] = ()
    faults: Faults = no_faults
    headers: Mapping[str, str] = field(default_factory=dict)
    secret_names: frozenset[str] = frozenset()
    timeouts: Timeouts = field(default_factory=Timeouts)
    largest: int = 16 * 1024 * 1024

    def __post_init__(self) -> None:
        checked_url(self.base_url)

    def url(self, request: ApiRequest) -> str:
        if request.url.startswith("/"):
            return self.base_url.rstrip("/") + request.url
        return request.url
