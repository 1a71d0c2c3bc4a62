"""Writing, counting and trimming what requests leave behind."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Table, delete, func, insert, select

from openalgo.observability.traffic import OrderCallRecord, TrafficRecord
from openalgo.persistence.logs.tables import analyzer_logs, order_logs, traffic_logs
from openalgo.persistence.stores import Store, storage_errors

_TIME_OF = {
    analyzer_logs: analyzer_logs.c.created_at,
    order_logs: order_logs.c.created_at,
    traffic_logs: traffic_logs.c.at,
}


class LogRecords:
    """The logs store. Each `add_...` is one transaction, fit for a buffered writer."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def add_traffic(self, records: Sequence[TrafficRecord]) -> None:
        await self._add(traffic_logs, [_traffic_params(record) for record in records])

    async def add_order_calls(self, records: Sequence[OrderCallRecord]) -> None:
        """Paper calls go to the analyzer's log, the others to the order log."""
        paper = [_call_params(record) for record in records if record.mode == "analyze"]
        live = [_call_params(record) for record in records if record.mode != "analyze"]
        async with self._store.write() as tx:
            if paper:
                await tx.execute(insert(analyzer_logs), paper)
            if live:
                await tx.execute(insert(order_logs), live)

    async def count_analyzer_calls(self, account_id: int) -> int:
        """Raises `StorageUnavailable`."""
        query = (
            select(func.count())
            .select_from(analyzer_logs)
            .where(analyzer_logs.c.account_id == account_id)
        )
        with storage_errors():
            async with self._store.read() as tx:
                return (await tx.execute(query)).scalar_one()

    async def trim(self, before: datetime) -> int:
        """Delete what is older than `before`; returns how many rows that were."""
        async with self._store.write() as tx:
            gone = [
                (await tx.execute(delete(table).where(at < before))).rowcount
                for table, at in _TIME_OF.items()
            ]
        return sum(gone)

    async def _add(self, table: Table, rows: list[dict[str, object]]) -> None:
        if rows:
            async with self._store.write() as tx:
                await tx.execute(insert(table), rows)


def _call_params(record: OrderCallRecord) -> dict[str, object]:
    return {
        "account_id": record.account_id,
        "api_type": record.api_type,
        "request_id": record.request_id,
        "request_data": record.request,
        "response_data": record.response,
        "created_at": record.at,
    }


def _traffic_params(record: TrafficRecord) -> dict[str, object]:
    return {
        "at": record.at,
        "client_ip": record.client_ip,
        "method": record.method,
        "path": record.path,
        "status_code": record.status_code,
        "duration_ms": record.duration_ms,
        "host": record.host,
        "error": record.error,
        "user_id": record.user_id,
        "request_id": record.request_id,
    }
