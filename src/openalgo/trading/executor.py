"""Carrying out a plan, once, however often it is asked for."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import groupby
from typing import Protocol

import msgspec

from openalgo.domain.errors import IdempotencyConflict, OpenAlgoError
from openalgo.domain.intents import Intent
from openalgo.domain.orders import Order
from openalgo.trading.children import Children
from openalgo.trading.locks import KeyedLocks
from openalgo.trading.plans import Leg, Outcome, Plan, Results
from openalgo.trading.receipts import PlanReceipt
from openalgo.trading.run import Run

_LEFT_OUT = Outcome(
    code="leg_skipped", status=400, message="Not sent, because an order before it was refused"
)


class StoredPlan(msgspec.Struct, frozen=True, kw_only=True):
    """A plan under the id of its request, and how far it got."""

    fingerprint: str
    plan: Plan
    results: Results


class PlanStore(Protocol):
    """Plans of requests that may be repeated. What raises `StorageUnavailable` stored nothing."""

    async def find(self, account_id: int, client_order_id: str) -> StoredPlan | None: ...

    async def add(
        self, account_id: int, client_order_id: str, kind: str, stored: StoredPlan
    ) -> None:
        """Durable when it returns."""
        ...

    async def note_results(
        self, account_id: int, client_order_id: str, results: Results
    ) -> None: ...


class Executor:
    """Sends the orders of a plan, phase by phase.

    A plan with a client id is stored before its first order leaves, and its orders are numbered
    under that id, which the venue takes only once. A repeat finishes the stored plan: it never
    plans again, and what is known to be final is not sent again.
    """

    def __init__(self, children: Children, store: PlanStore) -> None:
        self._children = children
        self._store = store
        self._repeats: KeyedLocks[tuple[int, str]] = KeyedLocks()

    async def carry_out(
        self, run: Run, intent: Intent, make: Callable[[], Awaitable[Plan]]
    ) -> PlanReceipt:
        """Do what `make` plans for `intent`. Raises what `make` raises, `IdempotencyConflict`,
        `StorageUnavailable`; what befalls a single order is told as its outcome."""
        name = intent.client_order_id
        if name is None:
            plan = await make()
            return await self._send(run, plan, Results.none_of(plan))
        async with self._repeats.hold([(run.account_id, name)]):
            stored = await self._store.find(run.account_id, name)
            if stored is None:
                plan = (await make()).under(name)
                stored = StoredPlan(
                    fingerprint=intent.fingerprint(), plan=plan, results=Results.none_of(plan)
                )
                await self._store.add(run.account_id, name, intent.KIND, stored)
            elif stored.fingerprint != intent.fingerprint():
                raise IdempotencyConflict
            receipt = await self._send(run, stored.plan, stored.results)
            if not stored.results.are_final:
                results = Results(legs=receipt.legs, cancels=receipt.cancels).only_final()
                await self._store.note_results(run.account_id, name, results)
            return receipt

    async def _send(self, run: Run, plan: Plan, known: Results) -> PlanReceipt:
        cancels = [
            done or await _outcome(run.venue.cancel(run.account_id, order_id, cause=run.cause))
            for order_id, done in zip(plan.cancels, known.cancels, strict=True)
        ]
        outcomes = list(known.legs)
        turns = asyncio.Semaphore(plan.at_once)
        numbered = sorted(enumerate(plan.legs), key=lambda numbered: numbered[1].phase)
        for _, phase in groupby(numbered, key=lambda numbered: numbered[1].phase):
            legs = [(number, leg) for number, leg in phase if outcomes[number] is None]
            done = await asyncio.gather(*(self._place(run, leg, turns) for _, leg in legs))
            for (number, _), outcome in zip(legs, done, strict=True):
                outcomes[number] = outcome
            if plan.atomic and any(each is not None and not each.succeeded for each in outcomes):
                break
        return PlanReceipt(
            mode=run.venue.mode,
            plan=plan,
            legs=tuple(each or _LEFT_OUT for each in outcomes),
            cancels=tuple(cancels),
        )

    async def _place(self, run: Run, leg: Leg, turns: asyncio.Semaphore) -> Outcome:
        if leg.refusal is not None:
            return leg.refusal
        async with turns:
            return await _outcome(self._children.send(run, leg.order))


async def _outcome(order: Awaitable[Order]) -> Outcome:
    try:
        return Outcome(order_id=(await order).order_id)
    except OpenAlgoError as error:
        return Outcome.refused(error)
