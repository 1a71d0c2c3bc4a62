"""The one way in: an intent is admitted, carried out at the account's venue, and answered."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from openalgo.domain.intents import (
    CancelGtt,
    CancelOrder,
    GttTerms,
    Intent,
    ModifyGtt,
    ModifyOrder,
    OptionsMultiOrder,
    OptionsOrder,
    OrderTerms,
    PlaceGtt,
    PlaceOrder,
    Wish,
)
from openalgo.domain.orders import Order, PositionKey
from openalgo.identity.principal import Principal
from openalgo.observability.latency import OrderTimer, OrderTiming
from openalgo.trading.checks import check
from openalgo.trading.children import Children
from openalgo.trading.executor import Executor
from openalgo.trading.gate import Gate, Verdict
from openalgo.trading.locks import KeyedLocks
from openalgo.trading.markets import Markets
from openalgo.trading.plans import Leg, Plan
from openalgo.trading.receipts import (
    GttReceipt,
    OrderReceipt,
    PlanReceipt,
    QueuedReceipt,
    Receipt,
)
from openalgo.trading.run import Run

Decide = Callable[[Callable[[], Awaitable[Plan]]], Awaitable[Plan]]
"""Given the way to plan an intent now, returns the plan to carry out, or raises."""


class Planner(Protocol):
    """Turns intents of one kind into plans. Sends nothing."""

    async def concerns(self, run: Run, intent: Any) -> Sequence[PositionKey]:
        """The positions whose state decides the plan, sorted: nobody else plans with them until
        it is carried out."""
        ...

    async def plan(self, run: Run, intent: Any) -> Plan: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where an intent came from. What the account's owner does in a session is `by_owner`."""

    source: str = "api"
    address: str = ""
    by_owner: bool = False


class ApprovalQueue(Protocol):
    async def queue(
        self, principal: Principal, run: Run, intent: Intent, plan: Plan, origin: Origin
    ) -> int:
        """Keep `intent` for the account's owner to decide; `plan` is what it would come to now.

        Returns the id it waits under."""
        ...


class Trading:
    """`timer` measures every intent, refused ones too."""

    def __init__(
        self,
        *,
        markets: Markets,
        gate: Gate,
        approvals: ApprovalQueue,
        children: Children,
        executor: Executor,
        planners: Mapping[type[Wish], Planner],
        timer: OrderTimer,
    ) -> None:
        self._markets = markets
        self._gate = gate
        self._approvals = approvals
        self._children = children
        self._executor = executor
        self._planners = planners
        self._timer = timer
        self._positions: KeyedLocks[tuple[int, PositionKey]] = KeyedLocks()

    async def submit(
        self, principal: Principal, intent: Intent, *, cause: str, origin: Origin | None = None
    ) -> Receipt:
        """Carry out `intent` on the principal's account, or queue it. `cause` is the request id."""
        origin = origin or Origin()
        with self._run(principal.account_id, intent, cause) as run:
            if not origin.by_owner:
                mode = run.venue.mode
                verdict = await self._gate.admit(run.account_id, mode, intent)
                if verdict is Verdict.QUEUE:
                    plan = await self.preview(run, intent)
                    pending_id = await self._approvals.queue(principal, run, intent, plan, origin)
                    return QueuedReceipt(mode=mode, pending_id=pending_id)
            return await self._carry_out(run, intent)

    async def approved(
        self, account_id: int, intent: Intent, *, cause: str, decide: Decide
    ) -> Receipt:
        """Carry out `intent`, which the account's owner has decided on, without asking the gate.

        Where `intent` is planned, `decide` chooses the plan while its positions are locked."""
        with self._run(account_id, intent, cause) as run:
            return await self._carry_out(run, intent, decide)

    async def preview(self, run: Run, intent: Intent) -> Plan:
        """What `intent` would come to now. Raises what would refuse it before it is sent."""
        if (planner := self._planners.get(type(intent))) is not None:
            return await planner.plan(run, intent)
        if isinstance(intent, PlaceOrder):
            check(intent, run.market.instruments)
            return Plan(legs=(Leg(order=intent),))
        if isinstance(intent, PlaceGtt | ModifyGtt):
            check(intent, run.market.instruments)
        return Plan()

    @contextmanager
    def _run(self, account_id: int, intent: Intent, cause: str) -> Iterator[Run]:
        """A measured run to where the account trades now."""
        market = self._markets.of(account_id)
        venue = self._markets.resolve(account_id)
        with self._timer.measure(intent.KIND, account_id, market.info.id, cause) as timing:
            yield Run(account_id=account_id, market=market, venue=venue, cause=cause, timing=timing)

    async def _carry_out(self, run: Run, intent: Intent, decide: Decide | None = None) -> Receipt:
        _describe(run.timing, intent)
        match intent:
            case PlaceOrder():
                return _answered(run, await self._children.send(run, intent))
            case ModifyOrder():
                return _answered(run, await self._children.change(run, intent))
            case CancelOrder():
                run.timing.sent()
                order = await run.venue.cancel(run.account_id, intent.order_id, cause=run.cause)
                return _answered(run, order)
            case PlaceGtt() | ModifyGtt() | CancelGtt():
                return await self._gtt(run, intent)
        return await self._planned(run, intent, decide)

    async def _planned(self, run: Run, intent: Intent, decide: Decide | None) -> PlanReceipt:
        planner = self._planners[type(intent)]
        make: Callable[[], Awaitable[Plan]] = partial(planner.plan, run, intent)
        if decide is not None:
            make = partial(decide, make)
        positions = [(run.account_id, key) for key in await planner.concerns(run, intent)]
        async with self._positions.hold(positions):
            receipt = await self._executor.carry_out(run, intent, make)
        if len(receipt.legs) == 1:
            run.timing.order_id = receipt.legs[0].order_id
        return receipt

    async def _gtt(self, run: Run, intent: PlaceGtt | ModifyGtt | CancelGtt) -> GttReceipt:
        venue, account_id = run.venue, run.account_id
        if isinstance(intent, CancelGtt):
            run.timing.sent()
            gtt = await venue.cancel_gtt(account_id, intent.trigger_id, cause=run.cause)
        else:
            instrument = await self._children.check_gtt(run, intent)
            run.timing.sent()
            if isinstance(intent, PlaceGtt):
                gtt = await venue.place_gtt(account_id, intent, instrument, cause=run.cause)
            else:
                gtt = await venue.modify_gtt(account_id, intent, instrument, cause=run.cause)
        run.timing.order_id, run.timing.symbol = gtt.trigger_id, gtt.symbol
        return GttReceipt(mode=venue.mode, gtt=gtt)


def _answered(run: Run, order: Order) -> OrderReceipt:
    run.timing.order_id, run.timing.symbol = order.order_id, order.symbol
    return OrderReceipt(mode=run.venue.mode, order=order)


def _describe(timing: OrderTiming, intent: Intent) -> None:
    """What is known of the order should it be refused."""
    if isinstance(intent, OrderTerms | GttTerms):
        timing.symbol = intent.symbol
    elif isinstance(intent, OptionsOrder | OptionsMultiOrder):
        timing.symbol = intent.underlying
    if isinstance(intent, ModifyOrder | CancelOrder):
        timing.order_id = intent.order_id
