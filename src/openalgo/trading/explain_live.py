"""What is known of an order at a broker: what was written down of it, and what the broker says."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Protocol

import msgspec

from openalgo.domain.errors import OpenAlgoError, OrderNotFound
from openalgo.domain.intents import PlaceOrder
from openalgo.domain.live_orders import SentOrder, SentState
from openalgo.domain.numbers import plain_number
from openalgo.domain.orders import Order, PriceType, Trade
from openalgo.trading.explained import Stage, Step, price_text
from openalgo.trading.venues import Venue

_SAID = {
    SentState.INTENDED: "It is on its way, or was when the server stopped",
    SentState.UNKNOWN: "Nobody knows whether it arrived",
    SentState.NOT_SENT: "Nothing of it is at the broker",
    SentState.REJECTED: "Refused",
}


class SentHistory(Protocol):
    async def by_order_id(self, account_id: int, order_id: str) -> SentOrder | None:
        """Of any day. Raises `StorageUnavailable`."""
        ...

    async def by_tag(self, account_id: int, tag: str) -> SentOrder | None: ...


class LiveOrder(msgspec.Struct, frozen=True, kw_only=True):
    """`order` is as its broker has it now; `None` where that cannot be asked. `cause` and
    `client_order_id` are of the request, if it was sent from here."""

    order: Order | None
    asked_at: datetime
    cause: str
    client_order_id: str | None
    steps: tuple[Step, ...]


class LiveHistory:
    """`venue_of` is an account's broker, `None` where it has none or this process does not talk to
    brokers."""

    def __init__(self, sent: SentHistory, venue_of: Callable[[int], Venue | None]) -> None:
        self._sent = sent
        self._venue_of = venue_of

    async def find(self, account_id: int, order_id: str) -> LiveOrder | None:
        """By the broker's id, or by the reference it went by. Raises `StorageUnavailable`."""
        sent = await self._sent.by_order_id(account_id, order_id)
        if sent is None:
            sent = await self._sent.by_tag(account_id, order_id)
        steps = [] if sent is None else list(_sending(sent))
        order: Order | None = None
        name = order_id if sent is None else sent.order_id
        if name is not None and (venue := self._venue_of(account_id)) is not None:
            try:
                order = await venue.order(account_id, name)
                trades = [t for t in await venue.trades(account_id) if t.order_id == name]
                steps += _at_broker(order, trades)
            except OrderNotFound:
                if sent is None:
                    return None
            except OpenAlgoError as error:
                if sent is None:
                    raise
                cause = sent.cause
                text = f"The broker cannot be asked now: {error.message}"
                steps.append(Step(at=sent.sent_at, stage=Stage.ORDER, cause=cause, text=text))
        if sent is not None:
            asked = sent.created_at, sent.cause, sent.client_order_id
        elif order is not None:
            asked = order.created_at, "", None
        else:
            return None
        return LiveOrder(
            order=order,
            asked_at=asked[0],
            cause=asked[1],
            client_order_id=asked[2],
            steps=tuple(steps),
        )


def _sending(sent: SentOrder) -> Iterator[Step]:
    """What the journal holds."""
    outcome, intent = sent.outcome, sent.intent
    text = f"Written down as {sent.tag}, then sent: {intent.action} "
    text += f"{plain_number(intent.quantity)} {intent.symbol}"
    if isinstance(intent, PlaceOrder) and intent.price_type is not PriceType.MARKET:
        text += f" {intent.price_type}"
        text += f" at {price_text(intent.price)}" if intent.price else ""
    yield Step(at=sent.sent_at, stage=Stage.SENT, cause=sent.cause, text=text)
    said = _SAID.get(sent.state, f"The broker calls it {sent.order_id}")
    told = f": {outcome.message}" if outcome.message else ""
    at, known = sent.sent_at, ""
    if outcome.resolved_at is not None and not sent.state.is_open:
        at = outcome.resolved_at
        took = (at - sent.sent_at).total_seconds() * 1000
        known = f" (known {took:,.0f} ms after it was sent)"
    yield Step(
        at=at,
        stage=Stage.SENT,
        cause=sent.cause,
        text=f"{said}{known}{told}",
        detail={"code": outcome.code} if outcome.code else {},
    )


def _at_broker(order: Order, trades: Iterable[Trade]) -> Iterator[Step]:
    """What the broker's books of the day hold, trades oldest first."""
    yield Step(
        at=order.created_at, stage=Stage.ORDER, cause=order.cause, text="In the broker's book"
    )
    for trade in sorted(trades, key=lambda each: each.at):
        yield Step(
            at=trade.at,
            stage=Stage.TRADE,
            cause=order.cause,
            text=f"Traded {plain_number(trade.quantity)} at ₹{price_text(trade.price)}",
            detail={"tradeid": trade.trade_id},
        )
    reason = f": {order.reason}" if order.reason else ""
    yield Step(
        at=order.updated_at,
        stage=Stage.ORDER,
        cause=order.cause,
        text=f"Now {order.status}, {plain_number(order.filled_quantity)} of "
        f"{plain_number(order.quantity)} filled{reason}",
    )
