"""What follows when the exchange closes a position itself."""

from datetime import date, datetime

from msgspec.structs import replace

from openalgo.domain.events import OrderAccepted
from openalgo.domain.instruments import Instrument
from openalgo.domain.intents import PlaceOrder
from openalgo.domain.numbers import Px
from openalgo.domain.orders import Action, PriceType
from openalgo.domain.portfolio import Position
from openalgo.sandbox.account import PaperAccount
from openalgo.sandbox.fills import settle_fill
from openalgo.sandbox.floor import Decision, Floor
from openalgo.sandbox.placing import new_order


def closing_action(position: Position) -> Action:
    """What reduces `position`."""
    return Action.SELL if position.quantity > 0 else Action.BUY


def close_out(
    floor: Floor,
    account: PaperAccount,
    position: Position,
    instrument: Instrument,
    price: Px,
    *,
    at: datetime,
    session: date,
    cause: str,
    strategy: str,
    reason: str,
    trade_prefix: str = "TRADE",
) -> Decision:
    """Trade all of `position` away at `price`, by an order that tells why. The profit counts for
    the session day `session`."""
    intent = PlaceOrder(
        strategy=strategy,
        exchange=position.exchange,
        symbol=position.symbol,
        action=closing_action(position),
        product=position.product,
        quantity=abs(position.quantity),
        price_type=PriceType.MARKET,
    )
    order = replace(new_order(floor, account, intent, None, at, cause), price=price, reason=reason)
    yield OrderAccepted(**account.head(at, cause), order=order)
    filled = settle_fill(
        floor,
        account,
        order,
        instrument,
        price,
        at=at,
        cause=cause,
        session=session,
        trade_prefix=trade_prefix,
    )
    yield filled
    return filled.order
