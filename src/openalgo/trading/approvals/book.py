"""Looking at pending orders."""

from collections.abc import AsyncIterator, Collection, Sequence
from itertools import groupby

from sqlalchemy.ext.asyncio import AsyncConnection

from openalgo.domain.errors import IdempotencyConflict, PendingOrderNotFound
from openalgo.persistence.main import approval_audit, approvals
from openalgo.persistence.main.approvals import PendingRow, Tally
from openalgo.persistence.stores import Store, storage_errors
from openalgo.trading.approvals import rows
from openalgo.trading.approvals.records import AuditEntry, PendingOrder
from openalgo.trading.approvals.states import LegStatus, State

_AT_ONCE = 20
"""Rows made into orders in one go; a full line would hold the loop."""


class PendingBook:
    """All pending orders, whatever became of them. Everything raises `StorageUnavailable`."""

    def __init__(self, main: Store) -> None:
        self._main = main

    async def find(self, account_id: int, pending_id: int) -> PendingOrder:
        """Raises `PendingOrderNotFound`, also for orders of other accounts."""
        with storage_errors():
            async with self._main.read() as tx:
                return await order_of(tx, account_id, pending_id)

    async def page(
        self, account_id: int, states: Collection[State], *, before: int | None, limit: int
    ) -> list[PendingOrder]:
        """At most `limit` of them, newest first, older than the order `before`; what was hidden is
        left out."""
        words = [str(state) for state in states]
        with storage_errors():
            async with self._main.read() as tx:
                found = await approvals.page(tx, account_id, words, before=before, limit=limit)
                return await _with_legs(tx, found)

    async def waiting(self, account_id: int) -> list[PendingOrder]:
        """All that wait for their owner, oldest first."""
        found: list[PendingOrder] = []
        more = True
        while more:
            after = found[-1].id if found else 0
            with storage_errors():
                async with self._main.read() as tx:
                    some = await approvals.waiting(
                        tx, account_id, str(State.PENDING), after=after, limit=_AT_ONCE
                    )
            found += [rows.pending_order(row, ()) for row in some]
            more = len(some) == _AT_ONCE
        return found

    async def approving(self) -> list[PendingOrder]:
        """Those that are being sent, of all accounts."""
        with storage_errors():
            async with self._main.read() as tx:
                found = await approvals.in_state(tx, str(State.APPROVING))
        return [rows.pending_order(row, ()) for row in found]

    async def unanswered(self) -> list[PendingOrder]:
        """Those of which nobody knows what became of them, of all accounts, oldest first."""
        with storage_errors():
            async with self._main.read() as tx:
                found = await approvals.in_state(tx, str(State.UNKNOWN))
                return await _with_legs(tx, found)

    async def unsettled(self) -> AsyncIterator[PendingOrder]:
        """Those with an order that may still trade, of all accounts, oldest first."""
        after = 0
        more = True
        while more:
            with storage_errors():
                async with self._main.read() as tx:
                    found = await approvals.unsettled(
                        tx,
                        str(State.SUBMITTED),
                        str(LegStatus.OPEN),
                        after=after,
                        limit=_AT_ONCE,
                    )
                    some = await _with_legs(tx, found)
            for order in some:
                after = order.id
                yield order
            more = len(some) == _AT_ONCE

    async def repeat_of(
        self, account_id: int, client_order_id: str, fingerprint: str
    ) -> int | None:
        """The order that waits, or waited, under this client id. Raises `IdempotencyConflict` when
        it was for another request."""
        with storage_errors():
            async with self._main.read() as tx:
                row = await approvals.by_client_order_id(tx, account_id, client_order_id)
        return None if row is None else same_request(row, fingerprint)

    async def count(self, account_id: int) -> int:
        """How many wait."""
        with storage_errors():
            async with self._main.read() as tx:
                return await approvals.count(tx, account_id, str(State.PENDING))

    async def tallies(self, account_id: int) -> list[Tally]:
        """How many there are of each sort, hidden ones left out."""
        with storage_errors():
            async with self._main.read() as tx:
                return await approvals.tallies(tx, account_id)

    async def audit(self, account_id: int, pending_id: int) -> list[AuditEntry]:
        """Who did or tried what, oldest first. Raises `PendingOrderNotFound`."""
        with storage_errors():
            async with self._main.read() as tx:
                if await approvals.find(tx, account_id, pending_id) is None:
                    raise PendingOrderNotFound(pending_id)
                entries = await approval_audit.of_order(tx, pending_id)
        return [rows.audit_entry(entry) for entry in entries]


async def order_of(tx: AsyncConnection, account_id: int, pending_id: int) -> PendingOrder:
    """Raises `PendingOrderNotFound`."""
    row = await approvals.find(tx, account_id, pending_id)
    if row is None:
        raise PendingOrderNotFound(pending_id)
    return rows.pending_order(row, await approvals.legs(tx, [pending_id]))


def same_request(row: PendingRow, fingerprint: str) -> int:
    """The id of `row`. Raises `IdempotencyConflict` when it was for another request."""
    if row.fingerprint != fingerprint:
        raise IdempotencyConflict
    return row.id


async def _with_legs(tx: AsyncConnection, found: Sequence[PendingRow]) -> list[PendingOrder]:
    legs = await approvals.legs(tx, [row.id for row in found])
    by_order = {name: list(group) for name, group in groupby(legs, lambda leg: leg.pending_id)}
    return [rows.pending_order(row, by_order.get(row.id, ())) for row in found]
