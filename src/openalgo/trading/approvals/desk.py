"""Where the owner decides."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog
from msgspec.structs import replace as varied

from openalgo.domain.clock import SystemClock
from openalgo.domain.errors import (
    ApprovalExpired,
    BrokerChanged,
    BrokerSessionExpired,
    ConfirmationNeeded,
    ModeChanged,
    NotPending,
    OpenAlgoError,
    OutcomeUnknown,
)
from openalgo.domain.waiting import first_of
from openalgo.trading.approvals.book import PendingBook
from openalgo.trading.approvals.records import Actor, PendingOrder, Resolution, system
from openalgo.trading.approvals.results import Result, of_error, of_receipt
from openalgo.trading.approvals.review import (
    Review,
    Reviewer,
    direction_concerns,
    keeps_plan,
    readable,
)
from openalgo.trading.approvals.states import State
from openalgo.trading.approvals.steps import Steps, as_expired
from openalgo.trading.locks import KeyedLocks
from openalgo.trading.markets import Markets
from openalgo.trading.plans import Plan
from openalgo.trading.submit import Trading
from openalgo.trading.venues import VenueMode

log = structlog.get_logger(__name__)

NO_REASON = "No reason provided"

_EVERY = timedelta(seconds=5)
_LEAST_SECONDS = 0.25
"""Of an accelerated market, 5 seconds pass faster than the database is asked."""

_INTERRUPTED = (
    "OpenAlgo stopped while this order was being sent. Look at the order book before sending it "
    "again."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """An order as it is once approved. `refusal` says why nothing of it stands for sure."""

    order: PendingOrder
    refusal: OpenAlgoError | None


class Approvals:
    """Carries out what was approved, once. `follow` hears of every order that was sent."""

    def __init__(
        self,
        book: PendingBook,
        steps: Steps,
        reviewer: Reviewer,
        trading: Trading,
        markets: Markets,
        follow: Callable[[PendingOrder], None],
    ) -> None:
        self.book = book
        self._steps = steps
        self._reviewer = reviewer
        self._trading = trading
        self._markets = markets
        self._follow = follow
        self._turns: KeyedLocks[int] = KeyedLocks()

    async def review(
        self, account_id: int, pending_id: int, resolution: Resolution = Resolution.SIGNALLED
    ) -> tuple[PendingOrder, Review]:
        """What approving would do now. Changes nothing. Raises what `approve` raises before it
        asks for confirmation."""
        order = await self.book.find(account_id, pending_id)
        if (refusal := self._undecidable(order, None)) is not None:
            raise refusal
        return order, await self._reviewer.review(order, resolution)

    async def approve(
        self,
        account_id: int,
        pending_id: int,
        actor: Actor,
        *,
        version: int | None = None,
        confirm: bool = False,
        resolution: Resolution = Resolution.SIGNALLED,
    ) -> Approval:
        """Carry out what waits, as it was asked for. `version` is the one the owner saw.

        What was refused by its venue is told by the approval. Raises `PendingOrderNotFound`,
        `NotPending`, `ApprovalExpired`, `ModeChanged`, `BrokerChanged`, `ContractExpired`,
        `IntentUnreadable`, `ConfirmationNeeded` unless `confirm`, and what the checks of the
        intent raise; in all these cases nothing was sent. With `StorageUnavailable` it may have
        been, which the order tells later.
        """
        order = await self._waiting(account_id, pending_id, actor, "approve", version)
        try:
            review = await self._reviewer.review(order, resolution)
            if not confirm:
                review.require_confirmation()
        except OpenAlgoError as refusal:
            await self._steps.note_attempt(order, actor, "approve", refusal)
            raise
        claim = replace(
            order,
            state=State.APPROVING,
            decided_at=self._markets.now(order.account_id),
            decided_by=actor.name,
            resolution=resolution,
        )
        async with self._turns.hold([order.id]):
            try:
                claimed = await self._steps.move(
                    order, claim, actor, "approve", detail={"confirm": confirm}, alive=True
                )
            except ApprovalExpired:
                await self._expire(order)
                raise
            return await self._carry_out(claimed, confirm=confirm)

    async def reject(
        self,
        account_id: int,
        pending_id: int,
        actor: Actor,
        *,
        version: int | None = None,
        reason: str = NO_REASON,
    ) -> PendingOrder:
        """Raises `PendingOrderNotFound`, `NotPending`, `ApprovalExpired`."""
        order = await self._waiting(account_id, pending_id, actor, "reject", version)
        return await self._turn_down(order, State.REJECTED, actor, "reject", reason)

    async def withdraw(self, account_id: int, pending_id: int, actor: Actor) -> PendingOrder:
        """For whoever sent it. Raises what `reject` raises."""
        order = await self._waiting(account_id, pending_id, actor, "withdraw", None)
        reason = "Withdrawn by its sender"
        return await self._turn_down(order, State.WITHDRAWN, actor, "withdraw", reason)

    async def hide(self, account_id: int, pending_id: int, actor: Actor) -> None:
        """Leave it out of lists from now on. Raises `PendingOrderNotFound`, and `NotPending` while
        it is undecided or being sent."""
        order = await self.book.find(account_id, pending_id)
        if not order.state.is_settled:
            raise NotPending(order.id, order.state, order.version)
        await self._steps.hide(order, actor)

    async def recover(self) -> None:
        """Deal with orders that were being sent when somebody stopped: this process, or a request.

        The paper exchange takes each client id once and keeps it with the order, in one commit, so
        there it is sent again under the same id: what stands already is answered with itself. A
        broker promises nothing of the kind, and a late order is not what was approved: these are
        UNKNOWN, for a person to look at.
        """
        for seen in await self.book.approving():
            async with self._turns.hold([seen.id]):
                order = await self.book.find(seen.account_id, seen.id)
                if order.state is State.APPROVING:
                    await self._resume(order)

    async def watch(self) -> None:
        """Expire what nobody decided on and recover what was interrupted, until cancelled."""
        while True:
            await self._steps.expire_due()
            await self.recover()
            await asyncio.sleep(_LEAST_SECONDS)
            await self._pause()

    async def _pause(self) -> None:
        """Five seconds of whichever market is the fastest, and no longer by the clock on the wall:
        a replay may stand still."""
        markets = (self._markets.embedded, *self._markets.own.values())
        clocks = {id(clock): clock for clock in (SystemClock(), *(m.clock for m in markets))}
        await first_of(*(clock.sleep_until(clock.now() + _EVERY) for clock in clocks.values()))

    async def _waiting(
        self, account_id: int, pending_id: int, actor: Actor, action: str, version: int | None
    ) -> PendingOrder:
        """The order, which still waits. Raises `NotPending`, `ApprovalExpired`."""
        order = await self.book.find(account_id, pending_id)
        refusal = self._undecidable(order, version)
        if refusal is None:
            return order
        await self._steps.note_attempt(order, actor, action, refusal)
        if isinstance(refusal, ApprovalExpired):
            await self._expire(order)
        raise refusal

    def _undecidable(self, order: PendingOrder, version: int | None) -> OpenAlgoError | None:
        """Why nobody who saw `version` can decide on `order` any more, if so."""
        if order.state is not State.PENDING or version not in (None, order.version):
            return NotPending(order.id, order.state, order.version)
        if order.expires_at <= self._markets.now(order.account_id):
            return ApprovalExpired(order.id)
        return None

    async def _turn_down(
        self, order: PendingOrder, state: State, actor: Actor, action: str, reason: str
    ) -> PendingOrder:
        after = replace(
            order,
            state=state,
            decided_at=self._markets.now(order.account_id),
            decided_by=actor.name,
            reason=reason,
        )
        return await self._steps.move(order, after, actor, action)

    async def _expire(self, order: PendingOrder) -> None:
        after = as_expired(order, self._markets.now(order.account_id))
        try:
            await self._steps.move(order, after, system("expiry"), "expire")
        except NotPending:
            log.debug("decided before it could expire", pending_id=order.id)

    async def _carry_out(self, order: PendingOrder, *, confirm: bool) -> Approval:
        """Send what is APPROVING. What is raised before anything can have left puts it back."""
        try:
            await self._reviewer.venue_of(order)
            # Nothing is awaited between that look and the venue's resolution in here.
            result = await self._send(order, confirm=confirm)
        except OpenAlgoError as refusal:
            waiting = replace(
                order, state=State.PENDING, decided_at=None, decided_by=None, resolution=None
            )
            detail = {"refused": refusal.code}
            await self._steps.move(order, waiting, system("approval"), "hand back", detail=detail)
            raise
        return await self._record(order, result, "approval")

    async def _send(self, order: PendingOrder, *, confirm: bool) -> Result:
        """Raises `ConfirmationNeeded` before anything is sent, and nothing else."""

        async def decide(make: Callable[[], Awaitable[Plan]]) -> Plan:
            if keeps_plan(intent, order.resolution or Resolution.SIGNALLED):
                return order.plan
            plan = await make()
            if not confirm:
                concerns = direction_concerns(order, plan)
                Review(plan=plan, prices=(), concerns=concerns).require_confirmation()
            return plan

        intent = readable(order)
        named = varied(intent, client_order_id=order.client_order_id)
        try:
            return of_receipt(
                await self._trading.approved(
                    order.account_id, named, cause=order.cause, decide=decide
                )
            )
        except ConfirmationNeeded:
            raise
        except OpenAlgoError as error:
            return of_error(order, error)
        except Exception:
            log.exception("sending an approved order failed", pending_id=order.id)
            return of_error(order, OutcomeUnknown())

    async def _record(self, order: PendingOrder, result: Result, task: str) -> Approval:
        after = result.recorded(order, self._markets.now(order.account_id))
        recorded = await self._steps.move(
            order, after, system(task), "send", detail={"orders": ",".join(after.order_ids)}
        )
        self._follow(recorded)
        return Approval(order=recorded, refusal=result.refusal)

    async def _resume(self, order: PendingOrder) -> None:
        late = order.expires_at <= self._markets.now(order.account_id)
        if order.intent is None or order.mode is not VenueMode.ANALYZE or late:
            await self._give_up(order)
            return
        try:
            await self._reviewer.venue_of(order)
        except (ModeChanged, BrokerChanged, BrokerSessionExpired):
            await self._give_up(order)
            return
        try:
            await self._carry_out(order, confirm=False)
        except (ConfirmationNeeded, ModeChanged, BrokerChanged) as refusal:
            log.info("an interrupted approval waits again", pending_id=order.id, why=refusal.code)

    async def _give_up(self, order: PendingOrder) -> None:
        await self._record(order, of_error(order, OutcomeUnknown(_INTERRUPTED)), "recovery")
