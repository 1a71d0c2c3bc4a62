"""The steps of pending orders, each exactly once.

A step is one transaction: the conditional change, what came of it, and its line in the audit.
Whoever listens to the account hears of it once it is committed.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from openalgo.domain.errors import ApprovalExpired, NotPending, OpenAlgoError, TooManyPending
from openalgo.domain.events import Event, PendingOrderCreated, PendingOrderUpdated
from openalgo.persistence.main import approval_audit, approvals
from openalgo.persistence.main.approvals import QueuedRow
from openalgo.persistence.stores import Store, storage_errors
from openalgo.trading.approvals import rows
from openalgo.trading.approvals.book import order_of, same_request
from openalgo.trading.approvals.records import Actor, AuditEntry, PendingLeg, PendingOrder, system
from openalgo.trading.approvals.rules import ApprovalRules
from openalgo.trading.approvals.states import FOLLOWS, State, after_sending, after_trading
from openalgo.trading.markets import Markets
from openalgo.trading.plans import JsonValue

_EXPIRED_AT_ONCE = 50
_EXPIRY = system("expiry")
_FOLLOWER = system("order events")
_BOOKS = system("broker books")


class Steps:
    """Everything raises `StorageUnavailable`; then nobody is told of a change."""

    def __init__(self, main: Store, markets: Markets, publish: Callable[[Event], None]) -> None:
        self._main = main
        self._markets = markets
        self._publish = publish

    async def queue(self, queued: QueuedRow, actor: Actor, rules: ApprovalRules) -> int:
        """Make it wait, unless it repeats a request; the id it waits under.

        Raises `TooManyPending`, `IdempotencyConflict`.
        """
        try:
            with storage_errors():
                async with self._main.write() as tx:
                    if (earlier := await _repeated(tx, queued, rules)) is not None:
                        return earlier
                    if await _waiting_of(tx, queued.user_id) >= rules.most_pending:
                        raise TooManyPending(rules.most_pending)
                    pending_id = await approvals.add(tx, queued, str(State.PENDING))
                    entry = _entry(queued.created_at, actor, "queue", None, State.PENDING)
                    await _note(tx, pending_id, entry)
        except IntegrityError:
            # PostgreSQL lets two requests with one client id come this far at the same time.
            with storage_errors():
                async with self._main.read() as tx:
                    earlier = await _repeated(tx, queued, rules)
            if earlier is None:
                raise
            return earlier
        self._publish(
            PendingOrderCreated(
                account_id=queued.account_id,
                at=queued.created_at,
                cause=queued.cause,
                pending_id=pending_id,
                kind=queued.kind,
            )
        )
        return pending_id

    async def move(
        self,
        before: PendingOrder,
        after: PendingOrder,
        actor: Actor,
        action: str,
        *,
        detail: Mapping[str, JsonValue] | None = None,
        alive: bool = False,
    ) -> PendingOrder:
        """Go from `before` to `after`, which may bring its legs; the order as it is then.

        Exactly one of many who saw `before` gets through. The attempts of the others are noted,
        and raise `NotPending`; with `alive`, an order that has expired raises `ApprovalExpired`.
        """
        now = self._markets.now(before.account_id)
        refusal: OpenAlgoError | None = None
        with storage_errors():
            async with self._main.write() as tx:
                moved = await _move(tx, before, after, actor, action, now, detail or {}, alive)
                if moved is None:
                    refusal = await _refusal(tx, before)
                    await _note(tx, before.id, _attempt(before, actor, action, now, refusal))
        if moved is None:
            raise refusal or NotPending(before.id, before.state, before.version)
        self._tell(moved, actor)
        return moved

    async def note_attempt(
        self, order: PendingOrder, actor: Actor, action: str, refusal: OpenAlgoError
    ) -> None:
        """Keep that somebody tried `action` and was refused."""
        entry = _attempt(order, actor, action, self._markets.now(order.account_id), refusal)
        with storage_errors():
            async with self._main.write() as tx:
                await _note(tx, order.id, entry)

    async def hide(self, order: PendingOrder, actor: Actor) -> None:
        """Put it out of sight; it stays stored. Raises `NotPending` when it has changed."""
        refusal: OpenAlgoError | None = None
        with storage_errors():
            async with self._main.write() as tx:
                if await approvals.hide(tx, rows.seen(order)):
                    now = self._markets.now(order.account_id)
                    entry = _entry(now, actor, "hide", order.state, order.state)
                    await _note(tx, order.id, entry)
                else:
                    refusal = await _refusal(tx, order)
        if refusal is not None:
            raise refusal
        self._tell(order, actor)

    async def expire_due(self) -> int:
        """Expire what has waited too long, by the clock of its market; how many there were."""
        own = dict(self._markets.own)
        total = await self._expire(self._markets.embedded.clock.now(), but=own)
        for account_id, market in own.items():
            total += await self._expire(market.clock.now(), of=(account_id,))
        return total

    async def settle(self, account_id: int, pending_id: int, leg: PendingLeg | None) -> None:
        """An order of an intent has ended as `leg` says; with the last of them the intent has too.
        Without `leg`: look whether it has."""
        moved: PendingOrder | None = None
        with storage_errors():
            async with self._main.write() as tx:
                if leg is not None:
                    await approvals.set_leg_status(
                        tx, pending_id, leg.number, str(leg.status), leg.message
                    )
                before = await order_of(tx, account_id, pending_id)
                ended = after_trading([each.status for each in before.legs])
                if ended is not None and ended in FOLLOWS.get(before.state, ()):
                    after = replace(before, state=ended)
                    now = self._markets.now(account_id)
                    moved = await _move(tx, before, after, _FOLLOWER, "follow", now, {}, False)
        if moved is not None:
            self._tell(moved, _FOLLOWER)

    async def answer(self, before: PendingOrder, legs: Sequence[PendingLeg]) -> PendingOrder | None:
        """What became of the orders of an UNKNOWN intent is known: `legs` are all of them. The
        order as it is then, `None` when it is UNKNOWN still or somebody else came first."""
        after = replace(before, legs=tuple(legs), state=after_sending([leg.status for leg in legs]))
        if after.state is not State.UNKNOWN:
            after = replace(after, error_code=None, error_text=None)
        moved: PendingOrder | None = None
        with storage_errors():
            async with self._main.write() as tx:
                for row in rows.leg_rows(before.id, legs):
                    await approvals.set_leg_outcome(tx, row)
                if after.state is not State.UNKNOWN:
                    now = self._markets.now(before.account_id)
                    moved = await _move(tx, before, after, _BOOKS, "find out", now, {}, False)
        if moved is not None:
            self._tell(moved, _BOOKS)
        return moved

    async def _expire(
        self, now: datetime, *, of: Collection[int] | None = None, but: Collection[int] = ()
    ) -> int:
        total = 0
        while expired := await self._expire_some(now, of, but):
            for order in expired:
                self._tell(order, _EXPIRY)
            total += len(expired)
        return total

    async def _expire_some(
        self, now: datetime, of: Collection[int] | None, but: Collection[int]
    ) -> list[PendingOrder]:
        pending = str(State.PENDING)
        expired = []
        with storage_errors():
            async with self._main.read() as tx:
                if not await approvals.due(tx, pending, now, 1, of=of, but=but):
                    return []
            async with self._main.write() as tx:
                due = await approvals.due(tx, pending, now, _EXPIRED_AT_ONCE, of=of, but=but)
                for row in due:
                    before = rows.pending_order(row, ())
                    after = as_expired(before, now)
                    moved = await _move(tx, before, after, _EXPIRY, "expire", now, {}, False)
                    if moved is not None:
                        expired.append(moved)
        return expired

    def _tell(self, order: PendingOrder, actor: Actor) -> None:
        self._publish(
            PendingOrderUpdated(
                account_id=order.account_id,
                at=self._markets.now(order.account_id),
                cause=actor.request_id,
                pending_id=order.id,
                kind=order.kind,
                state=order.state,
                version=order.version,
            )
        )


def as_expired(order: PendingOrder, now: datetime) -> PendingOrder:
    return replace(
        order,
        state=State.EXPIRED,
        decided_at=now,
        decided_by=_EXPIRY.name,
        reason="Nobody decided in time",
    )


async def _move(
    tx: AsyncConnection,
    before: PendingOrder,
    after: PendingOrder,
    actor: Actor,
    action: str,
    now: datetime,
    detail: Mapping[str, JsonValue],
    alive: bool,
) -> PendingOrder | None:
    """The conditional change and its line in the audit; `None` when somebody else came first."""
    if after.state not in FOLLOWS.get(before.state, ()):
        raise ValueError(f"{before.state} cannot become {after.state}")
    alive_at = now if alive else None
    if not await approvals.move(tx, rows.seen(before), rows.progress(after), alive_at=alive_at):
        return None
    if after.legs and not before.legs:
        await approvals.add_legs(tx, rows.leg_rows(after.id, after.legs))
    entry = _entry(now, actor, action, before.state, after.state, detail)
    await _note(tx, before.id, entry)
    return replace(after, version=before.version + 1)


async def _refusal(tx: AsyncConnection, before: PendingOrder) -> OpenAlgoError:
    """Why `before` is not there any more to be changed."""
    now = await order_of(tx, before.account_id, before.id)
    if (now.state, now.version) == (before.state, before.version):
        return ApprovalExpired(before.id)
    return NotPending(now.id, now.state, now.version)


async def _repeated(tx: AsyncConnection, queued: QueuedRow, rules: ApprovalRules) -> int | None:
    if queued.client_order_id is not None:
        name = queued.client_order_id
        row = await approvals.by_client_order_id(tx, queued.account_id, name)
        return None if row is None else same_request(row, queued.fingerprint)
    since = queued.created_at - rules.repeat_window
    row = await approvals.repeated(tx, queued, str(State.PENDING), since)
    return None if row is None else row.id


async def _waiting_of(tx: AsyncConnection, user_id: int) -> int:
    return await approvals.count_of_user(tx, user_id, str(State.PENDING))


async def _note(tx: AsyncConnection, pending_id: int, entry: AuditEntry) -> None:
    await approval_audit.add(tx, rows.audit_row(pending_id, entry))


def _entry(
    at: datetime,
    actor: Actor,
    action: str,
    from_state: State | None,
    to_state: State,
    detail: Mapping[str, JsonValue] | None = None,
) -> AuditEntry:
    return AuditEntry(
        at=at,
        actor=actor,
        action=action,
        from_state=from_state,
        to_state=to_state,
        detail=detail or {},
    )


def _attempt(
    order: PendingOrder, actor: Actor, action: str, at: datetime, refusal: OpenAlgoError
) -> AuditEntry:
    """What changed nothing, because of `refusal`. The order may be in another state by then."""
    state = State(refusal.state) if isinstance(refusal, NotPending) else order.state
    return _entry(at, actor, action, state, state, {"refused": refusal.code})
