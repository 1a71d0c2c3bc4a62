"""Why an order is as it is: everything that is known of it, in the order in which it led here."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Protocol

from openalgo.domain.errors import OrderNotFound
from openalgo.domain.numbers import plain_number, rupees
from openalgo.domain.orders import Order, OrderTransition, PriceType, Trade, TransitionKind
from openalgo.domain.portfolio import LedgerEntry
from openalgo.observability.latency import LatencyRecord
from openalgo.observability.traffic import OrderCallRecord
from openalgo.trading.approvals.records import AuditEntry
from openalgo.trading.executor import PlanStore
from openalgo.trading.explain_live import LiveHistory
from openalgo.trading.explained import Explanation, Stage, Step, price_text

_CHILD = re.compile(r"(?:smart-)?(?P<id>.+):(?P<number>\d+)")


_APPROVED = re.compile(r"ac-(?P<pending>\d+)")


class OrderHistory(Protocol):
    """The books of the paper exchange, on disk."""

    async def order(self, account_id: int, order_id: str) -> Order | None: ...

    async def order_log(self, account_id: int, order_id: str) -> list[OrderTransition]: ...

    async def trades_of(self, order: Order) -> list[Trade]: ...

    async def ledger_of(self, order: Order, refs: Iterable[str]) -> list[LedgerEntry]: ...


class CallLog(Protocol):
    async def calls(self, account_id: int, request_ids: Iterable[str]) -> list[OrderCallRecord]: ...

    async def changes_at_broker(
        self, account_id: int, order_id: str, since: datetime
    ) -> list[OrderCallRecord]:
        """What changed or cancelled the order, alone or with others, oldest first."""
        ...


class LatencyLog(Protocol):
    async def of_requests(
        self, account_id: int, request_ids: Iterable[str]
    ) -> list[LatencyRecord]: ...


class ApprovalHistory(Protocol):
    async def audit(self, account_id: int, pending_id: int) -> list[AuditEntry]:
        """Who tried what with a pending order, oldest first. Raises `PendingOrderNotFound`."""
        ...


class Explainer:
    """Puts together what the stores remember. Logs are rings: of an old order the books are left.

    Raises `OrderNotFound`, `StorageUnavailable`.
    """

    def __init__(
        self,
        *,
        history: OrderHistory,
        calls: CallLog,
        latencies: LatencyLog,
        plans: PlanStore,
        approvals: ApprovalHistory,
        live: LiveHistory,
    ) -> None:
        self._history = history
        self._calls = calls
        self._latencies = latencies
        self._plans = plans
        self._approvals = approvals
        self._live = live

    async def explain(self, account_id: int, order_id: str) -> Explanation:
        order = await self._history.order(account_id, order_id)
        if order is None:
            return await self._at_broker(account_id, order_id)
        transitions = await self._history.order_log(account_id, order_id)
        causes = list(dict.fromkeys([order.cause, *(each.cause for each in transitions)]))
        trades = await self._history.trades_of(order)
        refs = [order_id, *(trade.trade_id for trade in trades)]
        entries = await self._history.ledger_of(order, refs)
        steps = [
            *map(_request, await self._calls.calls(account_id, causes)),
            *await self._decisions(account_id, order.client_order_id, order.cause),
            *await self._plan(account_id, order.client_order_id, order.cause, order.created_at),
            *map(_timing, await self._latencies.of_requests(account_id, causes)),
            *_order_steps(order, transitions, trades, entries),
        ]
        first = {cause: number for number, cause in enumerate(causes)}
        steps.sort(key=lambda step: first.get(step.cause, 0))
        return Explanation(order=order, steps=tuple(steps))

    async def _at_broker(self, account_id: int, order_id: str) -> Explanation:
        found = await self._live.find(account_id, order_id)
        if found is None:
            raise OrderNotFound(order_id)
        cause, name = found.cause, found.client_order_id
        at_broker = order_id if found.order is None else found.order.order_id
        changes = await self._calls.changes_at_broker(account_id, at_broker, found.asked_at)
        told = _with_changes(found.steps, map(_request, changes))
        if not cause:
            return Explanation(order=found.order, steps=tuple(told))
        steps = (
            *map(_request, await self._calls.calls(account_id, [cause])),
            *await self._decisions(account_id, name, cause),
            *await self._plan(account_id, name, cause, found.asked_at),
            *map(_timing, await self._latencies.of_requests(account_id, [cause])),
            *told,
        )
        return Explanation(order=found.order, steps=steps)

    async def _decisions(self, account_id: int, name: str | None, cause: str) -> list[Step]:
        """Who decided on the intent the order of this client id came from; nothing where nobody
        was asked."""
        approved = _APPROVED.fullmatch(_request_id(name)[0])
        if approved is None:
            return []
        pending_id = int(approved["pending"])
        audit = await self._approvals.audit(account_id, pending_id)
        return [_decision(pending_id, cause, entry) for entry in audit]

    async def _plan(
        self, account_id: int, name: str | None, cause: str, at: datetime
    ) -> list[Step]:
        """Which part of its request the order is, if it is one of several."""
        request, number = _request_id(name)
        stored = None if number is None else await self._plans.find(account_id, request)
        if stored is None or number is None:
            return []
        text = f"Order {number + 1} of {len(stored.plan.legs)} of the request {request}"
        return [Step(at=at, stage=Stage.PLAN, cause=cause, text=text)]


def _request_id(name: str | None) -> tuple[str, int | None]:
    """The id of the request that an order of this client id is a numbered part of, and its
    number."""
    child = _CHILD.fullmatch(name or "")
    if child is None:
        return name or "", None
    return child["id"], int(child["number"])


def _request(call: OrderCallRecord) -> Step:
    return Step(
        at=call.at,
        stage=Stage.REQUEST,
        cause=call.request_id,
        text=f"{call.api_type} came in",
        detail={"request": call.request, "response": call.response},
    )


def _with_changes(steps: Sequence[Step], changes: Iterable[Step]) -> list[Step]:
    """How the order was sent, then what became of it and what was asked of it, by time: brokers
    tell theirs in seconds."""
    sending = [step for step in steps if step.stage is Stage.SENT]
    after = [step for step in steps if step.stage is not Stage.SENT]
    return sending + sorted([*after, *changes], key=lambda step: step.at.replace(microsecond=0))


def _decision(pending_id: int, cause: str, entry: AuditEntry) -> Step:
    before = "" if entry.from_state is None else f"{entry.from_state} -> "
    return Step(
        at=entry.at,
        stage=Stage.APPROVAL,
        cause=cause,
        text=(
            f"Pending order {pending_id}: {entry.action} by {entry.actor.name} through "
            f"{entry.actor.channel} ({before}{entry.to_state})"
        ),
        detail={"request_id": entry.actor.request_id},
    )


def _timing(record: LatencyRecord) -> Step:
    ended = "" if record.error is None else f", and ended with {record.error}"
    return Step(
        at=record.at,
        stage=Stage.TIMING,
        cause=record.request_id,
        text=(
            f"{record.order_type} took {record.validation_ms:.2f} ms to check and plan, and "
            f"{record.venue_ms:.2f} ms at its venue{ended}"
        ),
    )


def _order_steps(
    order: Order,
    transitions: Iterable[OrderTransition],
    trades: Iterable[Trade],
    entries: Iterable[LedgerEntry],
) -> Iterator[Step]:
    """The life of the order, with its trades and the money they moved."""
    waiting = {trade.at: trade for trade in trades}
    money: dict[str, list[LedgerEntry]] = {}
    for entry in entries:
        money.setdefault(entry.ref, []).append(entry)
    own = money.get(order.order_id, [])
    for each in transitions:
        yield Step(at=each.at, stage=Stage.ORDER, cause=each.cause, text=_told(order, each))
        if each.kind is TransitionKind.FILLED and (trade := waiting.pop(each.at, None)) is not None:
            yield _trade(trade, each.cause)
            yield from (_money(entry, each.cause) for entry in money.get(trade.trade_id, ()))
        while own and own[0].at <= each.at:
            yield _money(own.pop(0), each.cause)


def _told(order: Order, line: OrderTransition) -> str:
    terms = f"{order.action} {plain_number(line.quantity)} {order.symbol}"
    if line.price and order.price_type is not PriceType.MARKET:
        terms += f" at {price_text(line.price)}"
    if line.trigger_price:
        terms += f", trigger {price_text(line.trigger_price)}"
    filled = ""
    if line.filled_quantity:
        filled = f", {plain_number(line.filled_quantity)} filled"
    reason = f": {line.reason}" if line.reason else ""
    return f"{line.kind.capitalize()}: {terms}; now {line.status}{filled}{reason}"


def _trade(trade: Trade, cause: str) -> Step:
    text = f"Traded {plain_number(trade.quantity)} at ₹{price_text(trade.price)}"
    return Step(
        at=trade.at, stage=Stage.TRADE, cause=cause, text=text, detail={"tradeid": trade.trade_id}
    )


def _money(entry: LedgerEntry, cause: str) -> Step:
    parts = []
    if entry.used:
        parts.append(f"{'blocked' if entry.used > 0 else 'released'} {rupees(abs(entry.used))}")
    if entry.realised:
        parts.append(f"{'gained' if entry.realised > 0 else 'lost'} {rupees(abs(entry.realised))}")
    text = ", ".join(parts) or "nothing moved"
    left = f"; {rupees(entry.available_after)} available"
    return Step(
        at=entry.at, stage=Stage.MONEY, cause=cause, text=f"{text[0].upper()}{text[1:]}{left}"
    )
