"""Baskets and splits: many orders from one request."""

from collections.abc import Sequence
from decimal import Decimal

from openalgo.domain.errors import InvalidOrder, OpenAlgoError
from openalgo.domain.intents import BasketOrder, OrderTerms, PlaceOrder, SplitOrder
from openalgo.domain.orders import Action, PositionKey
from openalgo.trading.checks import check
from openalgo.trading.markets import Market
from openalgo.trading.plans import Leg, Outcome, Plan
from openalgo.trading.run import Run

MOST_PARTS = 100
_AT_ONCE = 10


class Baskets:
    """What buys goes first, so that what it pays for covers what is sold then."""

    async def concerns(self, run: Run, intent: BasketOrder) -> Sequence[PositionKey]:  # noqa: ARG002
        return ()

    async def plan(self, run: Run, intent: BasketOrder) -> Plan:
        """An order that cannot be placed stays in the plan with the reason."""
        legs = tuple(
            Leg(order=order, phase=phase_of(order.action), refusal=_refusal(run, order))
            for order in intent.orders
        )
        return Plan(legs=legs, at_once=_AT_ONCE)


class Splits:
    """One order in parts, in their order."""

    async def concerns(self, run: Run, intent: SplitOrder) -> Sequence[PositionKey]:  # noqa: ARG002
        return ()

    async def plan(self, run: Run, intent: SplitOrder) -> Plan:
        """Raises `InvalidOrder` for more than 100 parts or parts no exchange would take,
        `SymbolNotFound`. Where an error stops it, every part is a phase of its own."""
        parts = parts_of(run.market, intent, intent.split_size)
        stops = intent.stop_on_error
        return Plan(
            legs=tuple(
                Leg(order=part, phase=number if stops else 0) for number, part in enumerate(parts)
            ),
            atomic=stops,
        )


def parts_of(market: Market, order: OrderTerms, size: Decimal) -> list[PlaceOrder]:
    """`order` in parts of `size` and a remainder. Raises `InvalidOrder` for too many parts and for
    what no exchange would take, `SymbolNotFound`."""
    parts = [order.order(quantity=quantity) for quantity in split(order.quantity, size)]
    check(order, market.instruments)
    try:
        for part in (parts[0], parts[-1]):
            check(part, market.instruments)
    except InvalidOrder as error:
        # The whole is sound, so what is wrong is the size of the parts.
        raise InvalidOrder("splitsize", error.message) from error
    return parts


def split(quantity: Decimal, size: Decimal) -> list[Decimal]:
    """`quantity` in parts of `size` and a remainder. Raises `InvalidOrder` for too many."""
    whole, rest = divmod(quantity, size)
    if whole + bool(rest) > MOST_PARTS:
        raise InvalidOrder(
            "splitsize", f"Total number of orders would exceed maximum limit of {MOST_PARTS}"
        )
    return [size] * int(whole) + ([rest] if rest else [])


def phase_of(action: Action) -> int:
    return 0 if action is Action.BUY else 1


def _refusal(run: Run, order: PlaceOrder) -> Outcome | None:
    """Why `order` cannot be placed, if that is known beforehand."""
    try:
        check(order, run.market.instruments)
    except OpenAlgoError as error:
        return Outcome.refused(error)
    return None
