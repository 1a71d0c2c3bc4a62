"""Limits on the terms of one order: what the exchange refuses, and what its owner does not want.

Only what is in memory is looked at. Where the last price of an instrument is not known, a limit
that needs it cannot be checked, and what cannot be checked is refused.
"""

from decimal import Decimal

from openalgo.domain.calendar import session_date
from openalgo.domain.errors import RiskRefused
from openalgo.domain.instruments import Instrument
from openalgo.domain.intents import OrderTerms
from openalgo.domain.market import DERIVATIVE_EXCHANGES
from openalgo.domain.numbers import Px, traded_value
from openalgo.domain.orders import PriceType
from openalgo.instruments.freeze import FreezeQuantities
from openalgo.trading import risk_refusals as refusals
from openalgo.trading.markets import Market
from openalgo.trading.risk_limits import RiskLimits

_LIMITED = (PriceType.LIMIT, PriceType.SL)
_STOPS = (PriceType.SL, PriceType.SL_M)


class TermLimits:
    """The checks, with what they look things up in besides the account's market."""

    def __init__(self, freeze: FreezeQuantities) -> None:
        self._freeze = freeze

    def violation(
        self, limits: RiskLimits, order: OrderTerms, instrument: Instrument, market: Market
    ) -> RiskRefused | None:
        """What an exit may be refused for too: tick size, freeze quantity, price band."""
        violation = None
        if limits.enforce_tick:
            violation = _off_ticks(order, instrument)
        if violation is None and limits.enforce_freeze:
            violation = self._above_freeze(order, instrument, market)
        band = limits.price_band_percent
        if violation is None and band is not None and order.price_type in _LIMITED and order.price:
            violation = _outside_band(band, order, market)
        return violation

    def objection(
        self, limits: RiskLimits, order: OrderTerms, instrument: Instrument, market: Market
    ) -> RiskRefused | None:
        """What an order that opens may be refused for: its quantity or its value."""
        if limits.max_quantity is not None and order.quantity > limits.max_quantity:
            return refusals.too_many_units(order.quantity, limits.max_quantity)
        if limits.max_notional is not None:
            return _notional_objection(limits.max_notional, order, instrument, market)
        return None

    def _above_freeze(
        self, order: OrderTerms, instrument: Instrument, market: Market
    ) -> RiskRefused | None:
        if instrument.exchange not in DERIVATIVE_EXCHANGES:
            return None
        most, known = self._freeze.of(instrument, session_date(market.clock.now()))
        if not known or order.quantity <= most:
            return None
        return refusals.above_freeze(order.quantity, most)


def _outside_band(percent: Decimal, order: OrderTerms, market: Market) -> RiskRefused | None:
    last = market.hub.latest.price(order.key)
    if not last:
        return refusals.no_price("price_band_percent", percent)
    away = abs(order.price - last)
    if away * 100 <= percent * last:
        return None
    return refusals.outside_band(order.price, last, percent)


def _notional_objection(
    most: Decimal, order: OrderTerms, instrument: Instrument, market: Market
) -> RiskRefused | None:
    price = _value_price(order, market)
    if not price:
        return refusals.no_price("max_notional", most)
    notional = traded_value(price, order.quantity) * instrument.contract_value
    if notional <= most:
        return None
    return refusals.worth_too_much(notional, most)


def _value_price(order: OrderTerms, market: Market) -> Px | None:
    """The price the order is valued at: its own, or the last of the market."""
    if order.price_type in _LIMITED:
        return order.price
    if order.price_type is PriceType.SL_M:
        return order.trigger_price
    return market.hub.latest.price(order.key)


def _off_ticks(order: OrderTerms, instrument: Instrument) -> RiskRefused | None:
    tick = instrument.tick_size
    if not tick:
        return None
    if order.price_type in _LIMITED and order.price % tick:
        return refusals.off_tick("Price", order.price, tick)
    if order.price_type in _STOPS and order.trigger_price % tick:
        return refusals.off_tick("Trigger price", order.trigger_price, tick)
    return None
