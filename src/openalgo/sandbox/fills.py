"""What one fill does to an account."""

from collections.abc import Generator
from datetime import date, datetime

from msgspec.structs import replace

from openalgo.domain.calendar import session_date
from openalgo.domain.events import AccountEvent, OrderFilled, OrderRejected
from openalgo.domain.instruments import Instrument
from openalgo.domain.numbers import ZERO, Px, px_decimal
from openalgo.domain.orders import Order, OrderStatus, Product, Trade
from openalgo.domain.portfolio import LedgerKind
from openalgo.sandbox.account import PaperAccount
from openalgo.sandbox.delivery import deliver
from openalgo.sandbox.floor import Floor
from openalgo.sandbox.ledger import close, closing_part, move, net
from openalgo.sandbox.margin import opening_margin

SHORT_AT_FILL = "Insufficient funds when the order filled; only the closing part traded"
REFUSED_AT_FILL = "Insufficient funds when the order would have filled"


def fill(
    floor: Floor,
    account: PaperAccount,
    order: Order,
    instrument: Instrument,
    price: Px,
    *,
    at: datetime,
    cause: str,
) -> Generator[AccountEvent, None, Order]:
    """Trade what is pending of `order` at `price`, with all that follows from it."""
    filled = settle_fill(floor, account, order, instrument, price, at=at, cause=cause)
    yield filled
    if floor.rules.sale_proceeds_policy == "same_day" and isinstance(filled, OrderFilled):
        position = filled.position
        if position.product is Product.CNC and position.quantity < 0:
            yield from deliver(account, position, at=at, session=session_date(at), cause=cause)
    return filled.order


def settle_fill(
    floor: Floor,
    account: PaperAccount,
    order: Order,
    instrument: Instrument,
    price: Px,
    *,
    at: datetime,
    cause: str,
    session: date | None = None,
    trade_prefix: str = "TRADE",
) -> OrderFilled | OrderRejected:
    """Trade what is pending of `order` at `price`, as far as the money reaches.

    Margin is computed afresh, because positions may have changed since the order was accepted.
    When funds are short only the part that reduces the position trades; the rest is withdrawn.
    Profit counts for the session day `session`, by default that of `at`.
    """
    position = account.positions.get(order.position_key)
    quantity = order.pending_quantity
    closing = closing_part(position, order.action, quantity)
    contract_value = instrument.contract_value
    closed = close(position, closing, price, contract_value)
    margin = opening_margin(
        instrument, order.product, order.action, price, quantity - closing, floor.rules
    )
    affordable = account.funds.available + order.reserved + closed.released + closed.realised
    short = ZERO < margin > affordable
    if short and not closing:
        return _refuse(account, order, at, cause)
    if short:
        quantity, margin = closing, ZERO
    trade = Trade(
        account_id=order.account_id,
        trade_id=floor.state.next_trade_id(at, trade_prefix),
        order_id=order.order_id,
        symbol=order.symbol,
        exchange=order.exchange,
        action=order.action,
        product=order.product,
        quantity=quantity,
        price=price,
        strategy=order.strategy,
        at=at,
        run=order.run,
    )
    session = session or session_date(at)
    netting = net(position, trade, margin=margin, contract_value=contract_value, session=session)
    funds, entry = move(
        account.funds,
        LedgerKind.FILL,
        trade.trade_id,
        at,
        session,
        blocked=margin - netting.released - order.reserved,
        realised=netting.realised,
    )
    filled = replace(
        order,
        status=OrderStatus.CANCELLED if short else OrderStatus.COMPLETE,
        reason=SHORT_AT_FILL if short else order.reason,
        filled_quantity=order.filled_quantity + quantity,
        filled_value=order.filled_value + px_decimal(price) * quantity,
        reserved=ZERO,
        updated_at=at,
    )
    return OrderFilled(
        **account.head(at, cause),
        order=filled,
        trade=trade,
        position=netting.position,
        funds=funds,
        entry=entry,
    )


def _refuse(account: PaperAccount, order: Order, at: datetime, cause: str) -> OrderRejected:
    refused = replace(
        order,
        status=OrderStatus.REJECTED,
        reason=REFUSED_AT_FILL,
        reserved=ZERO,
        updated_at=at,
    )
    funds, entry = account.block(order.order_id, -order.reserved, at)
    return OrderRejected(**account.head(at, cause), order=refused, funds=funds, entry=entry)
