"""What an order or position blocks."""

from decimal import Decimal

from openalgo.domain.instruments import Instrument
from openalgo.domain.market import EQUITY_EXCHANGES
from openalgo.domain.numbers import ZERO, Px, money, traded_value
from openalgo.domain.orders import Action, Order, OrderStatus, PriceType, Product
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
        if order.price_type is PriceType.SL_M:
            return Px(order.trigger_price * (100 + _STOP_MARKET_SLIPPAGE_PERCENT) // 100)
        return max(order.trigger_price, order.price)
    if order.price_type.takes_price:
        return order.price
    return mark.taker_price(order.action) if mark else order.price or order.trigger_price


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
