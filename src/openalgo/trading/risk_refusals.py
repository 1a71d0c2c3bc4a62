"""What is said when a limit stands against an order: the limit, what it allows, and the value."""

from decimal import ROUND_CEILING, Decimal

from openalgo.domain.clock import ist_text
from openalgo.domain.errors import RiskRefused
from openalgo.domain.market import Exchange
from openalgo.domain.numbers import Px, grouped, plain_number, px_decimal, px_float
from openalgo.trading.risk_limits import KillSwitch

_HUNDREDTH = Decimal("0.01")


def off_tick(what: str, price: Px, tick: Px) -> RiskRefused:
    """`what` names the price."""
    return RiskRefused(
        "tick_size",
        f"{what} {_price(price)} is not a multiple of the tick size {_price(tick)}",
        allowed=px_float(tick),
        value=px_float(price),
    )


def above_freeze(quantity: Decimal, most: int) -> RiskRefused:
    return RiskRefused(
        "freeze_quantity",
        f"Order quantity {_said(quantity)} is above the freeze quantity of {grouped(most)}",
        allowed=most,
        value=plain_number(quantity),
    )


def outside_band(price: Px, last: Px, percent: Decimal) -> RiskRefused:
    # Rounded up, so that what is refused never reads as what is allowed.
    away = Decimal(abs(price - last) * 100) / last
    distance = away.quantize(_HUNDREDTH, ROUND_CEILING)
    return RiskRefused(
        "price_band_percent",
        f"Price {_price(price)} is {_said(distance)}% away from the last price {_price(last)}, "
        f"above your limit of {_said(percent)}%",
        allowed=plain_number(percent),
        value=plain_number(distance),
    )


def no_price(limit: str, allowed: Decimal) -> RiskRefused:
    """`limit` needs the last price, and nobody knows it."""
    return RiskRefused(
        limit,
        f"The last price is not known, so your limit of {_said(allowed)} ({limit}) cannot be "
        "checked. Subscribe to the symbol first.",
        allowed=plain_number(allowed),
        value=None,
        code="risk_no_price",
    )


def too_many_units(quantity: Decimal, most: Decimal) -> RiskRefused:
    return RiskRefused(
        "max_quantity",
        f"Order quantity {_said(quantity)} is above your limit of {_said(most)}",
        allowed=plain_number(most),
        value=plain_number(quantity),
    )


def worth_too_much(notional: Decimal, most: Decimal) -> RiskRefused:
    return RiskRefused(
        "max_notional",
        f"Order value ₹{_said(notional)} is above your limit of ₹{_said(most)}",
        allowed=plain_number(most),
        value=plain_number(notional),
    )


def killed(kill: KillSwitch, quantity: Decimal) -> RiskRefused:
    return RiskRefused(
        "kill_switch",
        f"The kill switch was thrown by {kill.by} at {ist_text(kill.at)}: of {_said(quantity)} to "
        "open, 0 are allowed",
        allowed=0,
        value=plain_number(quantity),
    )


def lost_too_much(loss: Decimal, most: Decimal) -> RiskRefused:
    return RiskRefused(
        "max_loss_per_day",
        f"Today's loss of ₹{_said(loss)} has reached your limit of ₹{_said(most)}",
        allowed=plain_number(most),
        value=plain_number(loss),
    )


def too_many_today(number: int, most: int) -> RiskRefused:
    return RiskRefused(
        "max_orders_per_day",
        f"This would be order {grouped(number)} of today, above your limit of {grouped(most)}",
        allowed=most,
        value=number,
    )


def too_fast(exchange: Exchange, most: int, kept: int) -> RiskRefused:
    """`kept` of the `most` a second are for exits; 0 when it is one that is refused."""
    allowed = most - kept
    but = f" ({kept} more are kept for exits)" if kept else ""
    return RiskRefused(
        "orders_per_second",
        f"This would be order {allowed + 1} on {exchange} within a second, above your limit of "
        f"{allowed}{but}",
        allowed=allowed,
        value=allowed + 1,
    )


def _said(number: Decimal) -> str:
    """`number` as sentences have it: 5,00,000 and 0.05."""
    return grouped(number.normalize())


def _price(price: Px) -> str:
    return _said(px_decimal(price))
