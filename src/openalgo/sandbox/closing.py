"""What follows when the exchange closes a position itself."""

from msgspec.structs import replace

from openalgo.domain.events import OrderAccepted
from openalgo.domain.instruments import Instrument
from openalgo.domain.intents import PlaceOrder
from openalgo.domain.numbers import Px
from openalgo.domain.orders import PriceType
from openalgo.domain.portfolio import Position
from openalgo.sandbox.account import PaperAccount
from openalgo.sandbox.commands import PassDay
from openalgo.sandbox.fills import settle_fill
from openalgo.sandbox.floor import Decision, Floor
from openalgo.sandbox.placing import new_order


def close_out(
    floor: Floor,
    account: PaperAccount,
    position: Position,
    instrument: Instrument,
    price: Px,
    command: PassDay,
    *,
    strategy: str,
    reason: str,
    trade_prefix: str = "TRADE",
) -> Decision:
    """Trade all of `position` away at `price`, by an order that tells why. The profit counts for
    the session day of the event."""
    at, cause = command.at, command.cause
    intent = PlaceOrder(
        strategy=strategy,
        exchange=position.exchange,
        symbol=position.symbol,
        action=position.closing_action,
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
        session=command.event.session,
        trade_prefix=trade_prefix,
    )
    yield filled
    return filled.order
