"""Carrying out a plan, once, however often it is asked for."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from math import inf
from typing import Protocol

import msgspec
import structlog

from openalgo.domain.errors import (
    BrokerRateLimited,
    IdempotencyConflict,
    OpenAlgoError,
    OutcomeUnknown,
    RiskRefused,
    StorageUnavailable,
)
from openalgo.domain.intents import Intent, PlaceOrder
from openalgo.domain.orders import Order
from openalgo.trading.children import Children
from openalgo.trading.locks import KeyedLocks
from openalgo.trading.plans import LEFT_OUT, Leg, Outcome, Plan, Results
from openalgo.trading.receipts import PlanReceipt
from openalgo.trading.run import Run
from openalgo.trading.venues import VenueMode
from openalgo.trading.withdrawn import what_is_left

logger = structlog.get_logger(__name__)

_NEXT_TURN = 0.1
_LONGEST_WAIT = 30.0
"""Seconds a leg of a plan waits for its turn: 100 legs pass 8 a second in half of it."""


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

    def __init__(
        self,
        children: Children,
        store: PlanStore,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`pause` waits so many seconds."""
        self._children = children
        self._store = store
        self._pause = pause
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
        # A plan belongs to its venue: what was begun on paper is never finished live.
        fingerprint = f"{run.venue.mode}:{intent.fingerprint()}"
        async with self._repeats.hold([(run.account_id, name)]):
            stored = await self._store.find(run.account_id, name)
            if stored is None:
                plan = (await make()).under(name)
                stored = StoredPlan(
                    fingerprint=fingerprint, plan=plan, results=Results.none_of(plan)
                )
                await self._store.add(run.account_id, name, intent.KIND, stored)
            elif stored.fingerprint != fingerprint:
                raise IdempotencyConflict
            receipt = await self._send(run, stored.plan, stored.results)
            if not stored.results.are_final:
                await self._note(run, name, receipt)
            return receipt

    async def _note(self, run: Run, name: str, receipt: PlanReceipt) -> None:
        """Keep what is final. The orders are out: failing to note that is no answer to them, and
        a repeat asks the venue, which knows them."""
        results = Results(legs=receipt.legs, cancels=receipt.cancels).only_final()
        try:
            await self._store.note_results(run.account_id, name, results)
        except StorageUnavailable:
            logger.warning("results of a plan not stored", client_order_id=name, exc_info=True)

    async def _send(self, run: Run, plan: Plan, known: Results) -> PlanReceipt:
        cancels = list(known.cancels)

        async def withdraw(number: int) -> None:
            order_id = plan.cancels[number]
            run.timing.sent()
            cancels[number] = await _outcome(
                run.venue.cancel(run.account_id, order_id, cause=run.cause)
            )

        await _each(withdraw, _unknown(cancels, range(len(cancels))), plan.at_once)
        ended = _all(cancels)
        withdrawn = dict(zip(plan.cancels, ended, strict=True))
        legs = list(known.legs)

        async def place(number: int) -> None:
            legs[number] = await self._place(run, plan.legs[number], withdrawn)

        for phase in plan.phases:
            await _each(place, _unknown(legs, phase), plan.at_once)
            if plan.atomic and any(each is not None and not each.succeeded for each in legs):
                break
        return PlanReceipt(mode=run.venue.mode, plan=plan, legs=_all(legs), cancels=ended)

    async def _place(self, run: Run, leg: Leg, withdrawn: Mapping[str, Outcome]) -> Outcome:
        if leg.refusal is not None:
            return leg.refusal
        for order_id in leg.after:
            if not withdrawn[order_id].succeeded:
                return _overtaken(order_id, withdrawn[order_id])
        order = await what_is_left(run, leg)
        if isinstance(order, Outcome):
            return order
        return await _outcome(self._paced(run, order))

    async def _paced(self, run: Run, order: PlaceOrder) -> Order:
        """Send one order. At a broker, what is refused only because it comes too soon after those
        before it, and was not sent, is tried again until there is room."""
        waited = 0.0
        while True:
            try:
                return await self._children.send(run, order)
            except (RiskRefused, BrokerRateLimited) as refusal:
                wait = _room_in(refusal)
                if run.venue.mode is not VenueMode.LIVE or waited + wait > _LONGEST_WAIT:
                    raise
            await self._pause(wait)
            waited += wait


def _room_in(refusal: RiskRefused | BrokerRateLimited) -> float:
    """Seconds until it is worth asking again; `inf` where that makes no difference."""
    if isinstance(refusal, BrokerRateLimited):
        return max(_NEXT_TURN, refusal.retry_after or 0.0)
    return _NEXT_TURN if refusal.limit == "orders_per_second" else inf


async def _each(
    work: Callable[[int], Awaitable[None]], numbers: Iterable[int], at_once: int
) -> None:
    """Do `work` with every number, begun in their order, at most `at_once` at a time."""
    left = iter(numbers)

    async def worker() -> None:
        for number in left:
            await work(number)

    await asyncio.gather(*(worker() for _ in range(at_once)))


def _unknown(outcomes: Sequence[Outcome | None], numbers: Iterable[int]) -> list[int]:
    return [number for number in numbers if outcomes[number] is None]


def _all(outcomes: Iterable[Outcome | None]) -> tuple[Outcome, ...]:
    return tuple(each or LEFT_OUT for each in outcomes)


def _overtaken(order_id: str, cancel: Outcome) -> Outcome:
    """Why an order is not sent that another one, still or just filled, would have doubled."""
    return Outcome(
        code=cancel.code,
        status=cancel.status,
        message=f"Not sent, because order {order_id} could not be withdrawn before: "
        f"{cancel.message}",
    )


async def _outcome(sending: Awaitable[Order]) -> Outcome:
    """What became of one order. What nobody foresaw may have happened after it left, and must not
    hide what became of the others."""
    try:
        return Outcome(order_id=(await sending).order_id)
    except OpenAlgoError as error:
        return Outcome.refused(error)
    except Exception:
        logger.exception("an order of a plan failed unexpectedly")
        return Outcome.refused(OutcomeUnknown())
