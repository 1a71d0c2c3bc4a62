"""Writing, counting and trimming what requests leave behind."""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Row, delete, func, or_, select

from openalgo.observability.traffic import OrderCallRecord, TrafficRecord
from openalgo.persistence.bulk import BulkInsert
from openalgo.persistence.logs.tables import analyzer_logs, order_logs, traffic_logs
from openalgo.persistence.stores import Store, storage_errors

_CALL = {"request_data": "request", "response_data": "response", "created_at": "at"}
_ADD_PAPER_CALLS = BulkInsert(analyzer_logs, attributes=_CALL)
_ADD_LIVE_CALLS = BulkInsert(order_logs, attributes=_CALL)
_ADD_TRAFFIC = BulkInsert(traffic_logs)

_TEXTS_AT_ONCE = 500
_CHANGES = ("modifyorder", "cancelorder", "cancelallorder", "closeposition")

_TIME_OF = {
    analyzer_logs: analyzer_logs.c.created_at,
    order_logs: order_logs.c.created_at,
    traffic_logs: traffic_logs.c.at,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedCall:
    """`id` tells apart what happened at one instant."""

    id: int
    call: OrderCallRecord


class LoggedTexts(NamedTuple):
    """What a call asked and was answered, and no more."""

    request: str
    response: str


class LogRecords:
    """The logs store. Each `add_...` is one transaction, fit for a buffered writer."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def add_traffic(self, records: Sequence[TrafficRecord]) -> None:
        await self._add((_ADD_TRAFFIC, records))

    async def add_order_calls(self, records: Sequence[OrderCallRecord]) -> None:
        """Paper calls go to the analyzer's log, the others to the order log."""
        paper = [record for record in records if record.mode == "analyze"]
        live = [record for record in records if record.mode != "analyze"]
        await self._add((_ADD_PAPER_CALLS, paper), (_ADD_LIVE_CALLS, live))

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

    async def analyzer_calls(
        self,
        account_id: int,
        since: datetime,
        until: datetime,
        *,
        before: LoggedCall | None = None,
        limit: int,
    ) -> list[LoggedCall]:
        """Paper calls from `since` to `until` (both included), newest first; those older than
        `before`, where the page before ended. Raises `StorageUnavailable`."""
        table = analyzer_logs.c
        query = (
            select(analyzer_logs)
            .where(table.account_id == account_id, table.created_at.between(since, until))
            .order_by(table.created_at.desc(), table.id.desc())
            .limit(limit)
        )
        if before is not None:
            at = before.call.at
            earlier = or_(table.created_at < at, table.id < before.id)
            query = query.where(table.created_at <= at, earlier)
        with storage_errors():
            async with self._store.read() as tx:
                rows = await tx.execute(query)
                return [LoggedCall(id=row.id, call=_call(row, "analyze")) for row in rows]

    async def analyzer_texts(
        self, account_id: int, since: datetime, until: datetime
    ) -> AsyncIterator[Sequence[LoggedTexts]]:
        """All paper calls from `since` to `until` (both included), in no order, hundreds at a time
        and in one transaction. Raises `StorageUnavailable`."""
        table = analyzer_logs.c
        query = select(table.request_data, table.response_data).where(
            table.account_id == account_id, table.created_at.between(since, until)
        )
        with storage_errors():
            async with self._store.read() as tx:
                found = await tx.stream(query.execution_options(yield_per=_TEXTS_AT_ONCE))
                async for rows in found.partitions():
                    yield [LoggedTexts(*row) for row in rows]

    async def clear_analyzer_calls(self, account_id: int, before: datetime) -> int:
        """Delete the account's paper calls older than `before`; returns how many those were.
        Raises `StorageUnavailable`."""
        table = analyzer_logs.c
        statement = delete(analyzer_logs).where(
            table.account_id == account_id, table.created_at < before
        )
        with storage_errors():
            async with self._store.write() as tx:
                return (await tx.execute(statement)).rowcount

    async def calls(self, account_id: int, request_ids: Iterable[str]) -> list[OrderCallRecord]:
        """What these requests asked and were answered, oldest first. Raises `StorageUnavailable`.

        A client may name several requests alike: all of them are found.
        """
        found: list[OrderCallRecord] = []
        with storage_errors():
            async with self._store.read() as tx:
                for table, mode in ((analyzer_logs, "analyze"), (order_logs, "live")):
                    query = select(table).where(
                        table.c.request_id.in_(list(request_ids)), table.c.account_id == account_id
                    )
                    found += [_call(row, mode) for row in await tx.execute(query)]
        return sorted(found, key=lambda record: record.at)

    async def changes_at_broker(
        self, account_id: int, order_id: str, since: datetime
    ) -> list[OrderCallRecord]:
        """The live calls from then on that changed or cancelled the order, alone or with others,
        oldest first. Raises `StorageUnavailable`."""
        table, named = order_logs.c, msgspec.json.encode(order_id).decode()
        query = (
            select(order_logs)
            .where(
                table.account_id == account_id,
                table.created_at >= since,
                table.api_type.in_(_CHANGES),
                table.request_data.contains(named, autoescape=True)
                | table.response_data.contains(named, autoescape=True),
            )
            .order_by(table.id)
        )
        with storage_errors():
            async with self._store.read() as tx:
                return [_call(row, "live") for row in await tx.execute(query)]

    async def trim(self, before: datetime) -> int:
        """Delete what is older than `before`; returns how many rows that were."""
        async with self._store.write() as tx:
            gone = [
                (await tx.execute(delete(table).where(at < before))).rowcount
                for table, at in _TIME_OF.items()
            ]
        return sum(gone)

    async def _add(self, *inserts: tuple[BulkInsert, Sequence[object]]) -> None:
        async with self._store.write() as tx:
            for insert, rows in inserts:
                await insert.run(tx, rows)


def _call(row: Row[Any], mode: str) -> OrderCallRecord:
    return OrderCallRecord(
        at=row.created_at,
        account_id=row.account_id,
        api_type=row.api_type,
        mode=mode,
        request_id=row.request_id,
        request=row.request_data,
        response=row.response_data,
    )
