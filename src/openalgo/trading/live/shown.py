"""From a broker's rows to orders, trades and positions as the rest of the system knows them."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from msgspec.structs import replace

from openalgo.brokers.rows import (
    FundsRow,
    GttRow,
    HoldingRow,
    MarginRow,
    OrderRow,
    PositionRow,
    TradeRow,
)
from openalgo.domain.calendar import session_date
from openalgo.domain.gtt import Gtt, GttLeg, GttStatus, GttTrigger, TriggerSide, TriggerType
from openalgo.domain.intents import PlaceGtt, PlaceOrder
from openalgo.domain.live_orders import SentOrder
from openalgo.domain.numbers import ZERO, Px, px
from openalgo.domain.orders import Order, OrderStatus, Product, Trade
from openalgo.domain.portfolio import (
    FundsStatement,
    Holding,
    MarginNeed,
    MarkedHolding,
    MarkedPosition,
    Position,
)
from openalgo.instruments.slices import Slices

R = TypeVar("R")
Row = TypeVar("Row")

GTT_LASTS = timedelta(days=365)
"""How long a GTT waits where its broker does not say."""


def product_of(word: str) -> Product:
    return Product(word) if word in _PRODUCTS else Product.OTHER


_PRODUCTS = frozenset(map(str, Product))


def order_of(row: OrderRow, account_id: int, sent: SentOrder | None) -> Order:
    """`row` as an order; of what we `sent` we know more than the broker."""
    return Order(
        account_id=account_id,
        order_id=row.order_id,
        symbol=row.symbol,
        exchange=row.exchange,
        action=row.action,
        product=product_of(row.product),
        price_type=row.price_type,
        quantity=row.quantity,
        # Some brokers show the limit they protect a market order with.
        price=row.price if row.price_type.takes_price else Px(0),
        status=row.status,
        strategy=row.tag if sent is None else sent.strategy,
        created_at=row.placed_at,
        updated_at=row.updated_at,
        trigger_price=row.trigger_price,
        disclosed_quantity=row.disclosed_quantity,
        filled_quantity=row.filled_quantity,
        filled_value=row.average_price * row.filled_quantity,
        reason=row.reason,
        client_order_id=None if sent is None else sent.client_order_id,
        fingerprint=None if sent is None else sent.fingerprint,
        cause="" if sent is None else sent.cause,
    )


def row_of(sent: SentOrder, order: PlaceOrder, order_id: str) -> OrderRow:
    """How `order` stands once the broker has named it and said nothing else."""
    waits = order.price_type.takes_trigger
    return OrderRow(
        order_id=order_id,
        exchange=order.exchange,
        symbol=order.symbol,
        action=order.action,
        product=order.product,
        price_type=order.price_type,
        quantity=order.quantity,
        status=OrderStatus.TRIGGER_PENDING if waits else OrderStatus.OPEN,
        placed_at=sent.sent_at,
        updated_at=sent.sent_at,
        price=order.price,
        trigger_price=order.trigger_price,
        disclosed_quantity=order.disclosed_quantity,
        tag=sent.tag,
    )


def refused(sent: SentOrder, order: PlaceOrder) -> Order:
    """An order that never stood in the broker's book, under the name we gave it."""
    row = row_of(sent, order, sent.tag)
    shown = order_of(row, sent.account_id, sent)
    return replace(shown, status=OrderStatus.REJECTED, reason=sent.outcome.message)


def trade_of(row: TradeRow, account_id: int, strategy: str) -> Trade:
    return Trade(
        account_id=account_id,
        trade_id=row.trade_id,
        order_id=row.order_id,
        symbol=row.symbol,
        exchange=row.exchange,
        action=row.action,
        product=product_of(row.product),
        quantity=row.quantity,
        price=px(row.price),
        strategy=strategy,
        at=row.at,
    )


def position_of(row: PositionRow, account_id: int, now: datetime) -> MarkedPosition:
    """A broker's book is of today, so is what it tells of when and how much was realised."""
    today = session_date(now)
    position = Position(
        account_id=account_id,
        symbol=row.symbol,
        exchange=row.exchange,
        product=product_of(row.product),
        quantity=row.quantity,
        cost=abs(row.quantity) * row.average_price,
        margin=ZERO,
        realised=row.realised,
        realised_today=row.realised,
        realised_on=today,
        opened_on=today,
        created_at=now,
        updated_at=now,
    )
    return MarkedPosition(
        position=position,
        ltp=row.ltp,
        unrealised=row.unrealised,
        realised_today=row.realised,
        multiplier=row.multiplier,
    )


def holding_of(row: HoldingRow, account_id: int) -> MarkedHolding:
    holding = Holding(
        account_id=account_id,
        symbol=row.symbol,
        exchange=row.exchange,
        quantity=row.quantity,
        cost=row.quantity * row.average_price,
    )
    return MarkedHolding(holding=holding, ltp=row.ltp, product=product_of(row.product))


def funds_of(row: FundsRow, realised: Decimal, unrealised: Decimal) -> FundsStatement:
    return FundsStatement(
        available=row.available,
        used=row.utilised,
        collateral=row.collateral,
        realised_today=realised,
        unrealised=unrealised,
    )


def margin_of(row: MarginRow) -> MarginNeed:
    return MarginNeed(total=row.total, span=row.span, exposure=row.exposure)


def gtt_of(row: GttRow, account_id: int, sent: SentOrder | None) -> Gtt:
    """The terms are those of the first leg; where others differ in more than their prices, they
    are told apart."""
    first, *others = legs = tuple(
        GttLeg(
            action=leg.action,
            product=product_of(leg.product),
            quantity=leg.quantity,
            price_type=leg.price_type,
        )
        for leg in row.legs
    )
    return Gtt(
        account_id=account_id,
        trigger_id=row.trigger_id,
        trigger_type=row.trigger_type,
        exchange=row.exchange,
        symbol=row.symbol,
        action=first.action,
        product=first.product,
        quantity=first.quantity,
        price_type=first.price_type,
        own_legs=legs if any(each != first for each in others) else (),
        triggers=tuple(
            GttTrigger(side=_side(row, number), trigger_price=leg.trigger_price, price=leg.price)
            for number, leg in enumerate(row.legs)
        ),
        status=row.status,
        strategy="" if sent is None else sent.strategy,
        created_at=row.created_at,
        updated_at=row.updated_at,
        expires_at=row.expires_at or row.created_at + GTT_LASTS,
        last_price=row.last_price,
        reason=row.reason,
        client_order_id=None if sent is None else sent.client_order_id,
        fingerprint=None if sent is None else sent.fingerprint,
        cause="" if sent is None else sent.cause,
    )


def placed_gtt(sent: SentOrder, gtt: PlaceGtt, trigger_id: str) -> Gtt:
    """How `gtt` stands once the broker has named it."""
    return Gtt(
        account_id=sent.account_id,
        trigger_id=trigger_id,
        trigger_type=gtt.trigger_type,
        exchange=gtt.exchange,
        symbol=gtt.symbol,
        action=gtt.action,
        product=gtt.product,
        quantity=gtt.quantity,
        price_type=gtt.price_type,
        triggers=gtt.triggers,
        status=GttStatus.ACTIVE,
        strategy=gtt.strategy,
        created_at=sent.sent_at,
        updated_at=sent.sent_at,
        expires_at=gtt.expires_at or sent.sent_at + GTT_LASTS,
        client_order_id=gtt.client_order_id,
        fingerprint=sent.fingerprint,
        cause=sent.cause,
    )


def _side(row: GttRow, number: int) -> TriggerSide:
    """An OCO has its stop below and its target above; a single trigger lies where the market was
    not when it was placed."""
    if row.trigger_type is TriggerType.OCO:
        return TriggerSide.ABOVE if number else TriggerSide.BELOW
    above = row.legs[number].trigger_price >= row.last_price
    return TriggerSide.ABOVE if above else TriggerSide.BELOW


async def shown_each(rows: Iterable[Row], show: Callable[[Row], R]) -> list[R]:
    """`rows` shown, in slices: a busy day has thousands."""
    slices = Slices()
    made: list[R] = []
    for row in rows:
        made.append(show(row))
        if slices.over:
            await slices.pause()
    return made
