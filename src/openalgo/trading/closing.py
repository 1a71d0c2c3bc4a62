"""Withdrawing orders and closing positions, all of them or a selection."""

from collections.abc import Iterable, Sequence
from itertools import chain

from openalgo.domain.errors import PositionNotFound
from openalgo.domain.intents import CancelAllOrders, ClosePosition, PlaceOrder
from openalgo.domain.numbers import ZERO
from openalgo.domain.orders import Order, PositionKey, PriceType
from openalgo.domain.portfolio import Position
from openalgo.trading.baskets import phase_of
from openalgo.trading.plans import Leg, Plan
from openalgo.trading.run import Run

_AT_ONCE = 10


class Cancelling:
    """Every order that still works, stops too."""

    async def concerns(self, run: Run, intent: CancelAllOrders) -> Sequence[PositionKey]:  # noqa: ARG002
        return ()

    async def plan(self, run: Run, intent: CancelAllOrders) -> Plan:
        orders = await run.venue.orders(run.account_id)
        return Plan(
            cancels=tuple(each.order_id for each in orders if _selects(intent, each)),
            at_once=_AT_ONCE,
        )


class Closing:
    """A MARKET order against each position, short ones first: what is bought back frees margin.

    Orders that would reduce a position too are withdrawn before: left alone, they would turn the
    account around once it is flat. A position whose exit cannot be withdrawn is left to it.
    """

    async def concerns(self, run: Run, intent: ClosePosition) -> Sequence[PositionKey]:
        return sorted(position.key for position in await _open(run, intent))

    async def plan(self, run: Run, intent: ClosePosition) -> Plan:
        """Raises `PositionNotFound` where one symbol is named that has no position."""
        # Orders first: an exit that fills in between is then missing from the positions too.
        orders = await run.venue.orders(run.account_id)
        positions = await _open(run, intent)
        if not positions and intent.symbol is not None:
            raise PositionNotFound(intent.symbol)
        exits = _exits(positions, orders)
        return Plan(
            cancels=tuple(order.order_id for order in chain.from_iterable(exits.values())),
            legs=tuple(
                _leg(_exit(position, intent.strategy), exits[position.key])
                for position in positions
            ),
            at_once=_AT_ONCE,
        )


def _leg(order: PlaceOrder, exits: Sequence[Order]) -> Leg:
    return Leg(
        order=order,
        phase=phase_of(order.action),
        after=tuple(each.order_id for each in exits),
        filled_before=sum((each.filled_quantity for each in exits), ZERO),
    )


async def _open(run: Run, intent: ClosePosition) -> list[Position]:
    marked = await run.venue.positions(run.account_id)
    return [
        each.position
        for each in marked
        if each.position.quantity
        and intent.exchange in (None, each.position.exchange)
        and intent.symbol in (None, each.position.symbol)
        and intent.product in (None, each.position.product)
    ]


def _exit(position: Position, strategy: str) -> PlaceOrder:
    return PlaceOrder(
        strategy=strategy,
        exchange=position.exchange,
        symbol=position.symbol,
        action=position.closing_action,
        quantity=abs(position.quantity),
        price_type=PriceType.MARKET,
        product=position.product,
    )


def _exits(
    positions: Iterable[Position], orders: Iterable[Order]
) -> dict[PositionKey, list[Order]]:
    """For each position, the orders at work that reduce it."""
    reducing = {position.key: position.closing_action for position in positions}
    exits: dict[PositionKey, list[Order]] = {key: [] for key in reducing}
    for order in orders:
        if order.status.is_working and reducing.get(order.position_key) is order.action:
            exits[order.position_key].append(order)
    return exits


def _selects(intent: CancelAllOrders, order: Order) -> bool:
    return (
        order.status.is_working
        and intent.exchange in (None, order.exchange)
        and intent.symbol in (None, order.symbol)
        and intent.product in (None, order.product)
        and (not intent.strategy_only or order.strategy == intent.strategy)
    )
