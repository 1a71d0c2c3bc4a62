"""Orders at Kite, and the books of the day."""

from collections.abc import Sequence
from decimal import Decimal
from urllib.parse import quote

import msgspec

from openalgo.brokers.adapter import Connection
from openalgo.brokers.http import ApiRequest, Kind
from openalgo.brokers.rows import OrderRow, TradeRow
from openalgo.brokers.zerodha.api import OTHER, PLACING
from openalgo.brokers.zerodha.order_rows import KiteOrder, action, named, order_row, variety_of
from openalgo.brokers.zerodha.wire import (
    Answer,
    each,
    instant,
    instant_or_none,
    kite_quantity,
    price_text,
)
from openalgo.domain.errors import BrokerRejected, OrderNotFound
from openalgo.domain.instruments import Instrument
from openalgo.domain.intents import ModifyOrder, PlaceOrder
from openalgo.domain.orders import PriceType

_NOT_FOUND = 404
_NO_SUCH_ORDER = "`order_id`"
"""In what Kite says of a number it does not know, with 400 or 500, too. Other refusals of that
status say nothing of the order."""
_AUTOMATIC = "-1"
"""Market protection chosen by Zerodha; orders at market without any are refused."""


class _Placed(msgspec.Struct):
    order_id: str


class _Trade(msgspec.Struct, gc=False):
    trade_id: str
    order_id: str
    exchange: str
    tradingsymbol: str
    transaction_type: str
    product: str
    quantity: Decimal
    average_price: Decimal
    fill_timestamp: str | None = None
    exchange_timestamp: str | None = None


async def place(connection: Connection, order: PlaceOrder, instrument: Instrument, tag: str) -> str:
    type = order.price_type
    form = {
        "tradingsymbol": instrument.broker_symbol,
        "exchange": instrument.broker_exchange,
        "transaction_type": str(order.action),
        "order_type": str(type),
        "quantity": str(kite_quantity(order.quantity, instrument)),
        "product": str(order.product),
        "price": price_text(order.price) if type.takes_price else "0",
        "trigger_price": price_text(order.trigger_price) if type.takes_trigger else "0",
        "disclosed_quantity": _disclosed(order, instrument),
        "validity": "DAY",
        "market_protection": _AUTOMATIC,
    }
    if tag:
        form["tag"] = tag
    reply = await connection.http.call(
        ApiRequest(
            name="place_order",
            method="POST",
            url="/orders/regular",
            kind=Kind.ORDER,
            scopes=PLACING,
            form=form,
        )
    )
    placed = reply.decode(Answer[_Placed]).data
    if not placed.order_id:
        raise reply.unusable("order_id is empty")
    return placed.order_id


async def modify(
    connection: Connection, change: ModifyOrder, instrument: Instrument, row: OrderRow
) -> None:
    """Kite changes an order 25 times at most; then it says so, and the order stands as it was."""
    variety, parent = variety_of(row)
    type = change.price_type
    form = {
        "order_type": str(type),
        "quantity": str(kite_quantity(change.quantity, instrument)),
        "price": price_text(change.price or row.price) if type.takes_price else "0",
    }
    if type.takes_trigger:
        form["trigger_price"] = price_text(change.trigger_price or row.trigger_price)
    form["disclosed_quantity"] = _disclosed(change, instrument)
    form["validity"] = "DAY"
    if type in (PriceType.MARKET, PriceType.SL_M):
        form["market_protection"] = _AUTOMATIC
    if parent:
        form["parent_order_id"] = parent
    await connection.http.call(
        ApiRequest(
            name="modify_order",
            method="PUT",
            url=_path(variety, row.order_id),
            kind=Kind.ORDER,
            scopes=PLACING,
            form=form,
        )
    )


async def cancel(connection: Connection, row: OrderRow) -> None:
    variety, parent = variety_of(row)
    await connection.http.call(
        ApiRequest(
            name="cancel_order",
            method="DELETE",
            url=_path(variety, row.order_id),
            kind=Kind.EXIT,
            scopes=PLACING,
            params={"parent_order_id": parent} if parent else {},
        )
    )


async def orders(connection: Connection) -> Sequence[OrderRow]:
    reply = await connection.http.call(
        ApiRequest(name="order_book", method="GET", url="/orders", scopes=OTHER)
    )
    rows = reply.decode(Answer[list[msgspec.Raw]]).data
    listing = connection.instruments
    made = await each(reply, rows, KiteOrder, lambda order: order_row(order, listing))
    return sorted(made, key=lambda row: row.placed_at)


async def order(connection: Connection, order_id: str) -> OrderRow:
    """How the order stands: the last line of its history. The first says when it was placed; a
    change dates the others anew."""
    request = ApiRequest(
        name="order_history", method="GET", url=f"/orders/{quote(order_id, safe='')}", scopes=OTHER
    )
    try:
        reply = await connection.http.call(request)
    except BrokerRejected as error:
        if error.broker_status == _NOT_FOUND or _NO_SUCH_ORDER in (error.broker_message or ""):
            raise OrderNotFound(order_id) from error
        raise
    history = reply.decode(Answer[list[msgspec.Raw]]).data
    listing = connection.instruments
    ends = [*history[:1], *history[-1:]]
    rows = await each(reply, ends, KiteOrder, lambda order: order_row(order, listing))
    if not rows:
        raise OrderNotFound(order_id)
    return msgspec.structs.replace(rows[-1], placed_at=rows[0].placed_at)


async def trades(connection: Connection) -> Sequence[TradeRow]:
    reply = await connection.http.call(
        ApiRequest(name="trade_book", method="GET", url="/trades", scopes=OTHER)
    )
    rows = reply.decode(Answer[list[msgspec.Raw]]).data

    def made(trade: _Trade) -> TradeRow | None:
        known = named(connection.instruments, trade.exchange, trade.tradingsymbol)
        if known is None:
            return None
        exchange, symbol, lot = known
        return TradeRow(
            trade_id=trade.trade_id,
            order_id=trade.order_id,
            exchange=exchange,
            symbol=symbol,
            action=action(trade.transaction_type),
            product=trade.product,
            quantity=trade.quantity * lot,
            price=trade.average_price,
            # `order_timestamp` is here a time without its date.
            at=instant_or_none(trade.fill_timestamp)
            or instant(trade.exchange_timestamp, "fill_timestamp"),
        )

    return await each(reply, rows, _Trade, made)


def _path(variety: str, order_id: str) -> str:
    return f"/orders/{quote(variety, safe='')}/{quote(order_id, safe='')}"


def _disclosed(terms: PlaceOrder | ModifyOrder, instrument: Instrument) -> str:
    return str(kite_quantity(terms.disclosed_quantity, instrument, "disclosed_quantity"))
