"""Orders and trades. Prices are rupees, quantities units, times seconds since the epoch."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

import msgspec

from openalgo.brokers.adapter import Connection, Listing
from openalgo.brokers.http import ApiRequest, Kind, Reply
from openalgo.brokers.rows import OrderRow, TradeRow
from openalgo.domain.errors import BrokerRejected, OrderNotFound
from openalgo.domain.instruments import Instrument
from openalgo.domain.intents import ModifyOrder, OrderTerms, PlaceOrder
from openalgo.domain.numbers import px, px_decimal
from tests.brokers.example.adapter.info import Answer
from tests.brokers.example.adapter.mapping import (
    ACTIONS,
    KINDS,
    OUR_PRODUCTS,
    PRICE_TYPES,
    PRODUCTS,
    SIDES,
    STATUSES,
)
from tests.brokers.example.adapter.names import named, word


class _Placed(msgspec.Struct):
    id: str


class _Order(msgspec.Struct):
    id: str
    market: str
    scrip: str
    side: str
    kind: str
    product: str
    qty: Decimal
    price: Decimal
    trigger: Decimal
    shown: Decimal
    done: Decimal
    average: Decimal
    state: str
    at: int
    changed: int
    text: str = ""
    ref: str = ""


class _Trade(msgspec.Struct):
    id: str
    order: str
    market: str
    scrip: str
    side: str
    product: str
    qty: Decimal
    price: Decimal
    at: int


async def place(connection: Connection, order: PlaceOrder, instrument: Instrument, tag: str) -> str:
    reply = await connection.http.call(
        ApiRequest(
            name="place_order",
            method="POST",
            url="/orders",
            kind=Kind.ORDER,
            scopes=("orders", "all"),
            json={
                "market": instrument.broker_exchange,
                "scrip": instrument.broker_symbol,
                "side": SIDES[order.action],
                "product": PRODUCTS[order.product],
                "ref": tag,
                **_terms(order),
            },
        )
    )
    return reply.decode(Answer[_Placed]).result.id


async def modify(
    connection: Connection, change: ModifyOrder, instrument: Instrument, row: OrderRow
) -> None:
    reply = await connection.http.call(
        ApiRequest(
            name="modify_order",
            method="PUT",
            url=f"/orders/{row.order_id}",
            kind=Kind.ORDER,
            scopes=("orders", "all"),
            json=_terms(change),
        )
    )
    reply.decode(Answer[_Placed])


async def cancel(connection: Connection, row: OrderRow) -> None:
    reply = await connection.http.call(
        ApiRequest(
            name="cancel_order",
            method="DELETE",
            url=f"/orders/{row.order_id}",
            kind=Kind.EXIT,
            scopes=("orders", "all"),
        )
    )
    reply.decode(Answer[_Placed])


async def orders(connection: Connection) -> Sequence[OrderRow]:
    reply = await _get(connection, "orders", "/orders")
    found = reply.decode(Answer[list[_Order]]).result
    return [_row(reply, connection.instruments, each) for each in found]


async def order(connection: Connection, order_id: str) -> OrderRow:
    try:
        reply = await _get(connection, "order", f"/orders/{order_id}")
    except BrokerRejected as refused:
        if refused.broker_status != 404:
            raise
        raise OrderNotFound(order_id) from refused
    return _row(reply, connection.instruments, reply.decode(Answer[_Order]).result)


async def trades(connection: Connection) -> Sequence[TradeRow]:
    reply = await _get(connection, "trades", "/trades")
    return [
        TradeRow(
            trade_id=each.id,
            order_id=each.order,
            **named(reply, connection.instruments, each.market, each.scrip),
            action=word(reply, ACTIONS, each.side),
            product=OUR_PRODUCTS.get(each.product, each.product),
            quantity=each.qty,
            price=each.price,
            at=datetime.fromtimestamp(each.at, UTC),
        )
        for each in reply.decode(Answer[list[_Trade]]).result
    ]


async def _get(connection: Connection, name: str, url: str) -> Reply:
    return await connection.http.call(ApiRequest(name=name, method="GET", url=url, scopes=("all",)))


def _terms(order: OrderTerms) -> dict[str, object]:
    return {
        "kind": KINDS[order.price_type],
        "qty": order.quantity,
        "price": px_decimal(order.price),
        "trigger": px_decimal(order.trigger_price),
        "shown": order.disclosed_quantity,
    }


def _row(reply: Reply, listing: Listing, found: _Order) -> OrderRow:
    return OrderRow(
        order_id=found.id,
        **named(reply, listing, found.market, found.scrip),
        action=word(reply, ACTIONS, found.side),
        product=OUR_PRODUCTS.get(found.product, found.product),
        price_type=word(reply, PRICE_TYPES, found.kind),
        quantity=found.qty,
        # A word of tomorrow is an order that may still work, so it is shown as one.
        status=STATUSES.get(found.state, STATUSES["WORKING"]),
        placed_at=datetime.fromtimestamp(found.at, UTC),
        updated_at=datetime.fromtimestamp(found.changed, UTC),
        price=px(found.price),
        trigger_price=px(found.trigger),
        disclosed_quantity=found.shown,
        filled_quantity=found.done,
        average_price=found.average,
        reason=found.text,
        tag=found.ref,
    )
