"""What one fill does to an account."""

from datetime import datetime

import msgspec
from msgspec.structs import replace

from openalgo.domain.calendar import session_date
from openalgo.domain.events import OrderFilled, OrderRejected
from openalgo.domain.instruments import Instrument
from openalgo.domain.numbers import ZERO, Px, px_decimal
from openalgo.domain.orders import Order, OrderStatus, Trade
from openalgo.domain.portfolio import LedgerKind
from openalgo.sandbox.ledger import close, closing_part, move, net
from openalgo.sandbox.margin import opening_margin
from openalgo.sandbox.rules import Rules
from openalgo.sandbox.state import PaperAccount

SHORT_AT_FILL = "Insufficient funds when the order filled; only the closing part traded"
REFUSED_AT_FILL = "Insufficient funds when the order would have filled"


class Fill(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The pending part of `order` meets the market at `price`."""

    order: Order
    instrument: Instrument
    price: Px
    at: datetime
    cause: str
    trade_id: str


def settle_fill(account: PaperAccount, fill: Fill, rules: Rules) -> OrderFilled | OrderRejected:
    """Trade what is pending, as far as the money reaches.

    Margin is computed afresh, because positions may have changed since the order was accepted.
    When funds are short only the part that reduces the position trades; the rest is withdrawn.
    """
    order = fill.order
    position = account.positions.get(order.position_key)
    quantity = order.pending_quantity
    closing = closing_part(position, order.action, quantity)
    contract_value = fill.instrument.contract_value
    closed = close(position, closing, fill.price, contract_value)
    margin = opening_margin(
        fill.instrument, order.product, order.action, fill.price, quantity - closing, rules
    )
    affordable = account.funds.available + order.reserved + closed.released + closed.realised
    short = ZERO < margin > affordable
    if short and not closing:
        return _refuse(account, fill)
    if short:
        quantity, margin = closing, ZERO
    trade = Trade(
        account_id=order.account_id,
        trade_id=fill.trade_id,
        order_id=order.order_id,
        symbol=order.symbol,
        exchange=order.exchange,
        action=order.action,
        product=order.product,
        quantity=quantity,
        price=fill.price,
        strategy=order.strategy,
        at=fill.at,
    )
    session = session_date(fill.at)
    netting = net(position, trade, margin=margin, contract_value=contract_value, session=session)
    funds, entry = move(
        account.funds,
        LedgerKind.FILL,
        trade.trade_id,
        fill.at,
        session,
        blocked=margin - netting.released - order.reserved,
        realised=netting.realised,
    )
    filled = replace(
        order,
        status=OrderStatus.CANCELLED if short else OrderStatus.COMPLETE,
        reason=SHORT_AT_FILL if short else "",
        filled_quantity=order.filled_quantity + quantity,
        filled_value=order.filled_value + px_decimal(fill.price) * quantity,
        reserved=ZERO,
        updated_at=fill.at,
    )
    return OrderFilled(
        account_id=order.account_id,
        seq=account.seq + 1,
        at=fill.at,
        cause=fill.cause,
        order=filled,
        trade=trade,
        position=netting.position,
        funds=funds,
        entry=entry,
    )


def _refuse(account: PaperAccount, fill: Fill) -> OrderRejected:
    refused = replace(
        fill.order,
        status=OrderStatus.REJECTED,
        reason=REFUSED_AT_FILL,
        reserved=ZERO,
        updated_at=fill.at,
    )
    funds, entry = account.release(fill.order, fill.at)
    return OrderRejected(
        account_id=refused.account_id,
        seq=account.seq + 1,
        at=fill.at,
        cause=fill.cause,
        order=refused,
        funds=funds,
        entry=entry,
    )
