"""Writing and trimming order latencies."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete

from openalgo.observability.latency import LatencyRecord
from openalgo.persistence.bulk import BulkInsert
from openalgo.persistence.latency.tables import order_latency
from openalgo.persistence.stores import Store

_ADD = BulkInsert(order_latency)


class LatencyRecords:
    """The latency store. `add` is one transaction, fit for a buffered writer."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def add(self, records: Sequence[LatencyRecord]) -> None:
        async with self._store.write() as tx:
            await _ADD.run(tx, records)

    async def trim(self, before: datetime) -> int:
        """Delete what is older than `before`; returns how many rows that were."""
        async with self._store.write() as tx:
            gone = await tx.execute(delete(order_latency).where(order_latency.c.at < before))
        return gone.rowcount
