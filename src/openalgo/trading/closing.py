"""Withdrawing orders and closing positions, all of them or a selection."""

from collections.abc import Iterable, Sequence

from openalgo.domain.errors import PositionNotFound
from openalgo.domain.intents import CancelAllOrders, ClosePosition, PlaceOrder
from openalgo.domain.orders import Action, Order, PositionKey, PriceType
from openalgo.domain.portfolio import Position
from openalgo.trading.plans import Leg, Plan
from openalgo.trading.run import Run

_AT_ONCE = 10


class Cancelling:
    """Every order that still works, stops too."""

    async def concerns(self, run: Run, intent: CancelAllOrders) -> Sequence[PositionKey]:  # noqa: ARG002
        return ()

    async def plan(self, run: Run, intent: CancelAllOrders) -> Plan:
        orders = await run.venue.orders(run.account_id)
        return Plan(cancels=tuple(each.order_id for each in orders if _selects(intent, each)))


class Closing:
    """A MARKET order against each position. Orders that would reduce it too are withdrawn first:
    left alone, they would turn the account around once it is flat."""

    async def concerns(self, run: Run, intent: ClosePosition) -> Sequence[PositionKey]:
        return sorted(position.key for position in await _open(run, intent))

    async def plan(self, run: Run, intent: ClosePosition) -> Plan:
        """Raises `PositionNotFound` where one symbol is named that has no position."""
        positions = await _open(run, intent)
        if not positions and intent.symbol is not None:
            raise PositionNotFound(intent.symbol)
        orders = await run.venue.orders(run.account_id)
        return Plan(
            cancels=tuple(_exits(positions, orders)),
            legs=tuple(Leg(order=_exit(position, intent.strategy)) for position in positions),
            at_once=_AT_ONCE,
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
        action=_reducing(position),
        quantity=abs(position.quantity),
        price_type=PriceType.MARKET,
        product=position.product,
    )


def _exits(positions: Iterable[Position], working: Iterable[Order]) -> list[str]:
    reducing = {position.key: _reducing(position) for position in positions}
    return [order.order_id for order in working if reducing.get(order.position_key) is order.action]


def _reducing(position: Position) -> Action:
    return Action.SELL if position.quantity > 0 else Action.BUY


def _selects(intent: CancelAllOrders, order: Order) -> bool:
    return (
        order.status.is_working
        and intent.exchange in (None, order.exchange)
        and intent.symbol in (None, order.symbol)
        and intent.product in (None, order.product)
        and (not intent.strategy_only or order.strategy == intent.strategy)
    )
