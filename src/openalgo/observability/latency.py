"""How long an order took, and where."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import perf_counter

import msgspec


class LatencyRecord(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One intent. `venue_ms` was spent at the broker or in the paper exchange, `validation_ms`
    before it; `total_ms` is both."""

    at: datetime
    request_id: str
    account_id: int
    order_id: str | None
    broker: str
    symbol: str
    order_type: str
    venue_ms: float
    validation_ms: float
    total_ms: float
    status: str
    error: str | None


@dataclass(slots=True)
class OrderTiming:
    """A measurement under way; what is known of the order is filled in as it becomes known."""

    order_id: str | None = None
    symbol: str = ""
    started_at: float = field(default_factory=perf_counter)
    sent_at: float | None = None

    def sent(self) -> None:
        """The order leaves for its venue now; of several orders, the first one counts."""
        if self.sent_at is None:
            self.sent_at = perf_counter()


class OrderTimer:
    """Hands a record of every order call to `record`, which must not raise."""

    def __init__(self, record: Callable[[LatencyRecord], None]) -> None:
        self._record = record

    @contextmanager
    def measure(
        self, order_type: str, account_id: int, broker: str, request_id: str
    ) -> Iterator[OrderTiming]:
        """Time the block; `broker` is the account's. An error in it is recorded by its code, or its
        type, and passes on."""
        at = datetime.now(UTC)
        timing = OrderTiming()
        error: str | None = None
        try:
            yield timing
        except BaseException as failure:
            error = getattr(failure, "code", type(failure).__name__)
            raise
        finally:
            done_at = perf_counter()
            sent_at = done_at if timing.sent_at is None else timing.sent_at
            self._record(
                LatencyRecord(
                    at=at,
                    request_id=request_id,
                    account_id=account_id,
                    order_id=timing.order_id,
                    broker=broker,
                    symbol=timing.symbol,
                    order_type=order_type,
                    venue_ms=(done_at - sent_at) * 1000,
                    validation_ms=(sent_at - timing.started_at) * 1000,
                    total_ms=(done_at - timing.started_at) * 1000,
                    status="success" if error is None else "error",
                    error=error,
                )
            )
