"""What an order or position blocks."""

from collections.abc import Sequence
from decimal import Decimal
from functools import partial

from openalgo.domain.instruments import Instrument
from openalgo.domain.intents import PlaceOrder
from openalgo.domain.market import EQUITY_EXCHANGES
from openalgo.domain.numbers import ZERO, Px, money, traded_value
from openalgo.domain.orders import Action, Order, OrderStatus, PositionKey, PriceType, Product
from openalgo.domain.portfolio import MarginNeed
from openalgo.sandbox.matching import Mark
from openalgo.sandbox.rules import Rules

_STOP_MARKET_SLIPPAGE_PERCENT = 2


def opening_margin(
    instrument: Instrument,
    product: Product,
    action: Action,
    price: Px,
    quantity: Decimal,
    rules: Rules,
) -> Decimal:
    """Rupees blocked for newly opening `quantity` units at `price`.

    A delivery sale is covered by shares and blocks nothing.
    """
    if not quantity or (product is Product.CNC and action is Action.SELL):
        return ZERO
    value = traded_value(price, quantity) * instrument.contract_value
    return money(value / _leverage(instrument, product, action, rules))


def reservation_price(order: Order, mark: Mark | None) -> Px:
    """The price at which a waiting order is reckoned to trade: what a stop triggers at, and for
    SL-M 2 % more, as it takes whatever the market then is; the limit where that is worse."""
    if order.status is OrderStatus.TRIGGER_PENDING:
        return _stop_price(order)
    if order.price_type.takes_price:
        return order.price
    return mark.taker_price(order.action) if mark else order.price or order.trigger_price


def basket_margin(
    orders: Sequence[tuple[PlaceOrder, Instrument, Mark | None]], rules: Rules
) -> MarginNeed:
    """What `orders` block that are placed one after the other on an empty account, each at the
    price it is reckoned to trade: those of opposite sides in one position net out.

    An order at the market needs a mark.
    """
    alone = ZERO
    positions: dict[PositionKey, tuple[Decimal, Decimal]] = {}
    for order, instrument, mark in orders:
        opening = partial(
            opening_margin,
            instrument,
            order.product,
            order.action,
            _planned_price(order, mark),
            rules=rules,
        )
        alone += opening(order.quantity)
        key = PositionKey(order.exchange, order.symbol, order.product)
        held, blocked = positions.get(key, (ZERO, ZERO))
        closing = min(abs(held), order.quantity) if held * order.action.sign < 0 else ZERO
        if closing:
            blocked = money(blocked * (abs(held) - closing) / abs(held))
        blocked += opening(order.quantity - closing)
        held += order.quantity * order.action.sign
        # A delivery sale beyond what was bought here is of shares the account has.
        positions[key] = (max(held, ZERO) if order.product is Product.CNC else held, blocked)
    total = sum((blocked for _, blocked in positions.values()), ZERO)
    return MarginNeed(total=total, benefit=alone - total)


def _planned_price(order: PlaceOrder, mark: Mark | None) -> Px:
    if order.price_type.takes_trigger:
        return _stop_price(order)
    return order.price if mark is None else mark.taker_price(order.action)


def _stop_price(order: Order | PlaceOrder) -> Px:
    if order.price_type is PriceType.SL_M:
        return Px(order.trigger_price * (100 + _STOP_MARKET_SLIPPAGE_PERCENT) // 100)
    return max(order.trigger_price, order.price)


def _leverage(instrument: Instrument, product: Product, action: Action, rules: Rules) -> Decimal:
    if instrument.is_option:
        buying = action is Action.BUY
        return rules.option_buy_leverage if buying else rules.option_sell_leverage
    if instrument.is_future:
        return rules.futures_leverage
    if instrument.exchange in EQUITY_EXCHANGES:
        intraday = product is Product.MIS
        return rules.equity_mis_leverage if intraday else rules.equity_cnc_leverage
    return Decimal(1)
