"""Writing and trimming order latencies."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, insert

from openalgo.observability.latency import LatencyRecord
from openalgo.persistence.latency.tables import order_latency
from openalgo.persistence.stores import Store


class LatencyRecords:
    """The latency store. `add` is one transaction, fit for a buffered writer."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def add(self, records: Sequence[LatencyRecord]) -> None:
        rows = [_params(record) for record in records]
        if rows:
            async with self._store.write() as tx:
                await tx.execute(insert(order_latency), rows)

    async def trim(self, before: datetime) -> int:
        """Delete what is older than `before`; returns how many rows that were."""
        async with self._store.write() as tx:
            gone = await tx.execute(delete(order_latency).where(order_latency.c.at < before))
        return gone.rowcount


def _params(record: LatencyRecord) -> dict[str, object]:
    return {
        "at": record.at,
        "request_id": record.request_id,
        "account_id": record.account_id,
        "order_id": record.order_id,
        "broker": record.broker,
        "symbol": record.symbol,
        "order_type": record.order_type,
        "venue_ms": record.venue_ms,
        "validation_ms": record.validation_ms,
        "total_ms": record.total_ms,
        "status": record.status,
        "error": record.error,
    }
