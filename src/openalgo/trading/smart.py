"""Smart orders: from the position there is to the position there should be."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from uuid import uuid4

from openalgo.domain.intents import SmartOrder
from openalgo.domain.numbers import ZERO
from openalgo.domain.orders import Action, Order, PositionKey
from openalgo.trading.checks import check
from openalgo.trading.holding import held_at
from openalgo.trading.plans import Leg, Plan
from openalgo.trading.run import Run

_MARK = "smart-"
"""What the client ids of our orders begin with, so that we know them in the order book."""


class SmartOrders:
    """Plans smart orders; a position is read and acted upon by one of them at a time."""

    async def concerns(self, run: Run, intent: SmartOrder) -> Sequence[PositionKey]:  # noqa: ARG002
        return [intent.position_key]

    async def plan(self, run: Run, intent: SmartOrder) -> Plan:
        """The order that is missing, or none. Raises `InvalidOrder`, `SymbolNotFound`.

        Only that order is checked: where a target is given, the quantity of the intent is none.
        """
        # Orders first: one that fills in between counts twice rather than never.
        orders = await run.venue.orders(run.account_id)
        held = await held_at(run.venue, run.account_id, intent.position_key)
        action, quantity = missing_order(intent, held)
        if held or intent.position_size:
            quantity -= min(quantity, _under_way(orders, intent.position_key, action))
        # Request ids are the caller's to choose and may come twice; this one may not.
        name = f"{_MARK}{uuid4().hex}"
        order = intent.order(action=action, quantity=quantity, client_order_id=name)
        check(order, run.market.instruments)
        return Plan(legs=(Leg(order=order),) if quantity else (), family=_MARK)


def missing_order(intent: SmartOrder, held: Decimal) -> tuple[Action, Decimal]:
    """What brings a net position of `held` to the target; quantity 0 when nothing is missing.

    Where both are flat the intent is a plain order.
    """
    if not intent.position_size and not held:
        return intent.action, intent.quantity
    gap = intent.position_size - held
    return (Action.BUY if gap > 0 else Action.SELL), abs(gap)


def _under_way(orders: Iterable[Order], key: PositionKey, action: Action) -> Decimal:
    """What smart orders before this one have sent towards the target and is not filled yet."""
    return sum(
        (
            order.pending_quantity
            for order in orders
            if order.status.is_working
            and order.action is action
            and order.position_key == key
            and (order.client_order_id or "").startswith(_MARK)
        ),
        ZERO,
    )
