"""Whether an order may stand: what it needs, and whether the account has it."""

from datetime import datetime
from decimal import Decimal

import msgspec
from msgspec.structs import replace

from openalgo.domain.errors import InsufficientFunds, InvalidOrder
from openalgo.domain.instruments import Instrument
from openalgo.domain.market import InstrumentKey
from openalgo.domain.numbers import ZERO, Px, plain_number, px_float, rupees
from openalgo.domain.orders import Action, Order, OrderStatus, PositionKey, PriceType, Product
from openalgo.sandbox.account import PaperAccount
from openalgo.sandbox.floor import Floor
from openalgo.sandbox.ledger import close, closing_part
from openalgo.sandbox.margin import opening_margin, reservation_price
from openalgo.sandbox.matching import Mark, crosses, takes_market, triggers


class Admission(msgspec.Struct, frozen=True, gc=False):
    """The order as it stands: it trades now, at `price`, or waits with `margin` blocked."""

    order: Order
    price: Px | None
    margin: Decimal


def admit(
    floor: Floor,
    account: PaperAccount,
    order: Order,
    instrument: Instrument,
    mark: Mark | None,
    *,
    at: datetime,
    held: Decimal = ZERO,
    promised: Decimal = ZERO,
) -> Admission:
    """Meet the market at `mark` with an order whose status is still open: a stop may have to wait
    for its trigger, and what trades does so at the ltp, or at the far side if it takes any price.

    What waits needs margin for all that would newly open: quantity beyond the position which
    nothing else that waits is already going to close. What trades at once closes what there is.
    `held` rupees and `promised` units are what the account has set aside for this order before.
    Raises `InsufficientFunds`.
    """
    order = _armed(floor, order, mark, at)
    quantity = order.pending_quantity
    position = account.positions.get(order.position_key)
    closing = closing_part(position, order.action, quantity)
    price = None
    if mark is not None and _trades(floor, order, mark, at):
        price = mark.taker_price(order.action) if takes_market(order) else mark.ltp
        closed = close(position, closing, price, instrument.contract_value)
        held += closed.released + closed.realised
    elif closing:
        free = account.closable(order.position_key, order.action) + promised
        closing = max(ZERO, min(closing, free))
    margin = opening_margin(
        instrument,
        order.product,
        order.action,
        reservation_price(order, mark) if price is None else price,
        quantity - closing,
        floor.rules,
    )
    require(margin, account.funds.available + held)
    return Admission(order, price, margin)


def require(margin: Decimal, affordable: Decimal) -> None:
    """Raise `InsufficientFunds` unless `margin` rupees are there. Nothing is always there, so that
    an account below zero can still get out of its positions."""
    if ZERO < margin > affordable:
        raise InsufficientFunds(
            f"Insufficient funds. Required: {rupees(margin)}, Available: {rupees(affordable)}, "
            f"Shortage: {rupees(margin - affordable)}"
        )


def share_shortage(
    account: PaperAccount,
    position_key: PositionKey,
    action: Action,
    quantity: Decimal,
    promised: Decimal = ZERO,
) -> str | None:
    """Why a delivery sale is not covered by shares, or None when it is. Shares `promised` to the
    sale before count as free."""
    if position_key.product is not Product.CNC or action is not Action.SELL:
        return None
    position = account.positions.get(position_key)
    holding = account.holdings.get(InstrumentKey(position_key.exchange, position_key.symbol))
    open_quantity = position.quantity if position else ZERO
    settled = holding.quantity if holding else ZERO
    held = open_quantity + settled
    sellable = held - account.promised(position_key, action) + promised
    if quantity <= sellable:
        return None
    symbol = position_key.symbol
    if held <= 0:
        return (
            f"Cannot sell {symbol} in CNC. No positions or holdings available. "
            "CNC (delivery) requires existing shares. Use MIS for intraday short selling."
        )
    wanted, free, there, kept = (
        plain_number(n) for n in (quantity, max(ZERO, sellable), open_quantity, settled)
    )
    return (
        f"Cannot sell {wanted} shares of {symbol} in CNC. Only {free} shares available "
        f"(Position: {there}, Holdings: {kept})"
    )


def check_stop_prices(price_type: PriceType, action: Action, price: Px, trigger_price: Px) -> None:
    """Refuse an SL whose limit the market passes before its trigger."""
    if price_type is not PriceType.SL:
        return
    ahead = price >= trigger_price if action is Action.BUY else price <= trigger_price
    if not ahead:
        side = "at or above" if action is Action.BUY else "at or below"
        raise InvalidOrder(
            "price",
            f"The price of an SL {action} must be {side} its trigger price: "
            f"{px_float(price)} is not, with a trigger at {px_float(trigger_price)}",
        )


def _armed(floor: Floor, order: Order, mark: Mark | None, at: datetime) -> Order:
    if not order.price_type.takes_trigger or order.triggered_at is not None:
        return order
    if mark is not None and triggers(order, mark.ltp) and floor.is_open(order.exchange, at):
        return replace(order, triggered_at=at)
    return replace(order, status=OrderStatus.TRIGGER_PENDING)


def _trades(floor: Floor, order: Order, mark: Mark, at: datetime) -> bool:
    return (
        order.status is OrderStatus.OPEN
        and crosses(order, mark.ltp)
        and floor.is_open(order.exchange, at)
    )
