"""Plans in the main store."""

import asyncio
from datetime import timedelta

import msgspec

from openalgo.domain.clock import Clock
from openalgo.persistence.main import plans
from openalgo.persistence.main.plans import PlanRow
from openalgo.persistence.stores import Store, storage_errors
from openalgo.trading.executor import StoredPlan
from openalgo.trading.plans import Plan, Results

KEPT = timedelta(hours=48)
"""A request may be repeated for a day; the rest is reserve for clocks that differ."""

_TRIM_SECONDS = 3600.0
_encode = msgspec.json.Encoder().encode
_plan = msgspec.json.Decoder(Plan).decode
_results = msgspec.json.Decoder(Results).decode


class StoredPlans:
    """What raises `StorageUnavailable` has changed nothing."""

    def __init__(self, main: Store, clock: Clock) -> None:
        """`clock` is the wall's, by which clients repeat what was not answered: a market played
        faster would have its plans forgotten in seconds, and one of last year's at once."""
        self._main = main
        self._clock = clock

    async def find(self, account_id: int, client_order_id: str) -> StoredPlan | None:
        with storage_errors():
            async with self._main.read() as tx:
                row = await plans.find(tx, account_id, client_order_id)
        if row is None:
            return None
        return StoredPlan(
            fingerprint=row.fingerprint, plan=_plan(row.plan), results=_results(row.results)
        )

    async def add(
        self, account_id: int, client_order_id: str, kind: str, stored: StoredPlan
    ) -> None:
        """Durable when it returns."""
        row = PlanRow(
            fingerprint=stored.fingerprint,
            plan=_encode(stored.plan).decode(),
            results=_encode(stored.results).decode(),
        )
        with storage_errors():
            async with self._main.write() as tx:
                await plans.add(tx, account_id, client_order_id, kind, row, self._clock.now())

    async def note_results(self, account_id: int, client_order_id: str, results: Results) -> None:
        with storage_errors():
            async with self._main.write() as tx:
                text = _encode(results).decode()
                await plans.set_results(tx, account_id, client_order_id, text)

    async def trim_hourly(self) -> None:
        """Forget plans nobody repeats any more, until cancelled."""
        while True:
            with storage_errors():
                async with self._main.write() as tx:
                    await plans.trim(tx, self._clock.now() - KEPT)
            await asyncio.sleep(_TRIM_SECONDS)
