"""What follows when the exchange trades for an account itself."""

from decimal import Decimal

from msgspec.structs import replace

from openalgo.domain.events import OrderAccepted
from openalgo.domain.instruments import Instrument
from openalgo.domain.intents import PlaceOrder
from openalgo.domain.numbers import Px
from openalgo.domain.orders import Action, PriceType, Product
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
    """Trade all of `position` away at `price`, as `trade_for` does."""
    return (
        yield from trade_for(
            floor,
            account,
            instrument,
            position.closing_action,
            position.product,
            abs(position.quantity),
            price,
            command,
            strategy=strategy,
            reason=reason,
            trade_prefix=trade_prefix,
        )
    )


def trade_for(
    floor: Floor,
    account: PaperAccount,
    instrument: Instrument,
    action: Action,
    product: Product,
    quantity: Decimal,
    price: Px,
    command: PassDay,
    *,
    strategy: str,
    reason: str,
    trade_prefix: str = "TRADE",
) -> Decision:
    """Trade `quantity` units at `price` by an order that tells why. The profit counts for the
    session day of the event."""
    at, cause = command.at, command.cause
    intent = PlaceOrder(
        strategy=strategy,
        exchange=instrument.exchange,
        symbol=instrument.symbol,
        action=action,
        product=product,
        quantity=quantity,
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
