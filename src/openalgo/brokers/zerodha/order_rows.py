"""Kite's order: in its books, its order updates and its postbacks."""

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from openalgo.brokers.adapter import Listing
from openalgo.brokers.rows import OrderRow
from openalgo.brokers.zerodha.mapping import EXCHANGES, ORDER_STATUSES
from openalgo.brokers.zerodha.wire import Unreadable, instant, instant_or_none, lot_of
from openalgo.domain.market import Exchange
from openalgo.domain.numbers import ZERO, px
from openalgo.domain.orders import Action, OrderStatus, PriceType

_REGULAR = "regular"
_TAGS_OF_KITE = ("mktp", "autoslice")
"""What the tags begin with that Kite adds itself, for protected and for sliced orders."""


class KiteOrder(msgspec.Struct, gc=False):
    """One order as Kite writes it."""

    order_id: str
    status: str
    exchange: str
    tradingsymbol: str
    transaction_type: str
    product: str
    order_type: str
    quantity: Decimal
    order_timestamp: str | None = None
    exchange_timestamp: str | None = None
    exchange_update_timestamp: str | None = None
    status_message: str | None = None
    status_message_raw: str | None = None
    price: Decimal | None = None
    trigger_price: Decimal | None = None
    disclosed_quantity: Decimal | None = None
    filled_quantity: Decimal | None = None
    average_price: Decimal | None = None
    variety: str | None = None
    parent_order_id: str | None = None
    tag: str | None = None
    tags: list[str] | None = None


def order_row(order: KiteOrder, listing: Listing) -> OrderRow | None:
    """`order` in our words, `None` for one on an exchange we have no code for. Raises
    `Unreadable`."""
    known = named(listing, order.exchange, order.tradingsymbol)
    if known is None:
        return None
    exchange, symbol, lot = known
    sent = instant(order.order_timestamp, "order_timestamp")
    # Kite dates `order_timestamp` anew with every change, and the exchange its first.
    times = [sent]
    for text in (order.exchange_timestamp, order.exchange_update_timestamp):
        at = instant_or_none(text)
        if at is not None:
            times.append(at)
    filled, average = _filled(order)
    return OrderRow(
        order_id=order.order_id,
        exchange=exchange,
        symbol=symbol,
        action=action(order.transaction_type),
        product=order.product,
        price_type=price_type(order.order_type),
        quantity=order.quantity * lot,
        status=ORDER_STATUSES.get(order.status, OrderStatus.OPEN),
        placed_at=min(times),
        updated_at=max(times),
        price=px(order.price or ZERO),
        trigger_price=px(order.trigger_price or ZERO),
        disclosed_quantity=(order.disclosed_quantity or ZERO) * lot,
        filled_quantity=filled * lot,
        average_price=average,
        reason=order.status_message or order.status_message_raw or "",
        tag=order.tag or _first_tag(order.tags or ()),
        handle=_handle(order.variety or _REGULAR, order.parent_order_id),
    )


def _filled(order: KiteOrder) -> tuple[Decimal, Decimal]:
    """How much, and at what price: without both, a fill would look like none."""
    if order.filled_quantity is None:
        raise Unreadable("filled_quantity is missing")
    if order.filled_quantity and order.average_price is None:
        raise Unreadable("average_price of a fill is missing")
    return order.filled_quantity, order.average_price or ZERO


def variety_of(row: OrderRow) -> tuple[str, str]:
    """The variety of an order, and the order it is a leg of ("" for none)."""
    variety, _, parent = row.handle.partition(":")
    return variety or _REGULAR, parent


def named(listing: Listing, exchange: str, symbol: str) -> tuple[Exchange, str, int] | None:
    """What we call an instrument, and how many units Kite's 1 of it is: `None` on an exchange we
    have no code for."""
    code = EXCHANGES.get(exchange)
    if code is None:
        return None
    instrument = listing.by_broker_symbol(exchange, symbol)
    if instrument is None:
        return code, symbol, 1
    return instrument.exchange, instrument.symbol, lot_of(instrument)


def action(word: str) -> Action:
    try:
        return Action(word)
    except ValueError:
        raise Unreadable("transaction_type is neither BUY nor SELL") from None


def price_type(word: str) -> PriceType:
    try:
        return PriceType(word)
    except ValueError:
        raise Unreadable("order_type is none we know") from None


def _first_tag(tags: Sequence[str]) -> str:
    return next((tag for tag in tags if not tag.startswith(_TAGS_OF_KITE)), "")


def _handle(variety: str, parent: str | None) -> str:
    return f"{variety}:{parent}" if parent else variety
