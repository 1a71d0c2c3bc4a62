"""Writing and trimming order latencies."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, select

from openalgo.observability.latency import LatencyRecord
from openalgo.persistence.bulk import BulkInsert
from openalgo.persistence.latency.tables import order_latency
from openalgo.persistence.stores import Store, storage_errors

_ADD = BulkInsert(order_latency)


class LatencyRecords:
    """The latency store. `add` is one transaction, fit for a buffered writer."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def add(self, records: Sequence[LatencyRecord]) -> None:
        async with self._store.write() as tx:
            await _ADD.run(tx, records)

    async def of_requests(self, account_id: int, request_ids: Iterable[str]) -> list[LatencyRecord]:
        """What was measured of these requests, oldest first. Raises `StorageUnavailable`."""
        columns = order_latency.c
        query = (
            select(*(columns[name] for name in LatencyRecord.__struct_fields__))
            .where(columns.request_id.in_(list(request_ids)), columns.account_id == account_id)
            .order_by(columns.at)
        )
        with storage_errors():
            async with self._store.read() as tx:
                rows = (await tx.execute(query)).mappings().all()
        return [LatencyRecord(**row) for row in rows]

    async def trim(self, before: datetime) -> int:
        """Delete what is older than `before`; returns how many rows that were."""
        async with self._store.write() as tx:
            gone = await tx.execute(delete(order_latency).where(order_latency.c.at < before))
        return gone.rowcount
