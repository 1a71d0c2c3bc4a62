"""Which orders only reduce what an account holds."""

from collections.abc import Iterable
from decimal import Decimal

from openalgo.domain.intents import ModifyOrder, PlaceOrder
from openalgo.domain.numbers import ZERO
from openalgo.domain.orders import Action, Order, PriceType
from openalgo.trading.holding import held_at
from openalgo.trading.venues import Venue

_KINDS = {PriceType.MARKET: 0, PriceType.LIMIT: 1, PriceType.SL: 2, PriceType.SL_M: 2}
"""Exits that stand in for one another: a target and a stop guard the same shares, two targets do
not, and what goes to the market asks neither."""


async def is_exit(
    venue: Venue, account_id: int, order: PlaceOrder | ModifyOrder, book: Iterable[Order]
) -> bool:
    """Whether `order` takes no more than the position leaves: the exits of its kind that still
    work are taken off. `book` is the order book, read before the position is."""
    order_id = order.order_id if isinstance(order, ModifyOrder) else None
    quantity, working = order.quantity, ZERO
    for other in book:
        if other.order_id == order_id:
            quantity -= other.filled_quantity
        elif _stands_in(other, order):
            working += other.pending_quantity
    held = await held_at(venue, account_id, order.position_key)
    return reduces(held, order.action, quantity + working)


def reduces(held: Decimal, action: Action, quantity: Decimal) -> bool:
    """Whether trading `quantity` brings `held` closer to flat, and not beyond."""
    return held * action.sign < 0 and quantity <= abs(held)


def _stands_in(other: Order, order: PlaceOrder | ModifyOrder) -> bool:
    return (
        other.status.is_working
        and other.action is order.action
        and other.position_key == order.position_key
        and _KINDS[other.price_type] == _KINDS[order.price_type]
    )
