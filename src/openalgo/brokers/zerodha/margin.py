"""What orders would block at Kite."""

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from openalgo.brokers.adapter import Connection
from openalgo.brokers.http import ApiRequest
from openalgo.brokers.rows import MarginRow
from openalgo.brokers.zerodha.api import OTHER
from openalgo.brokers.zerodha.wire import Answer, kite_quantity
from openalgo.domain.instruments import Instrument
from openalgo.domain.intents import PlaceOrder
from openalgo.domain.numbers import ZERO, px_float


class _Margin(msgspec.Struct, gc=False):
    total: Decimal
    span: Decimal
    exposure: Decimal


class _Basket(msgspec.Struct):
    final: _Margin


async def margin(
    connection: Connection, orders: Sequence[tuple[PlaceOrder, Instrument]]
) -> MarginRow:
    """Several orders are looked at together and with the positions there are: one may hedge
    another."""
    several = len(orders) > 1
    reply = await connection.http.call(
        ApiRequest(
            name="margin",
            method="POST",
            url="/margins/basket" if several else "/margins/orders",
            scopes=OTHER,
            params={"consider_positions": "true"} if several else {},
            json=[_written(order, instrument) for order, instrument in orders],
        )
    )
    if several:
        parts = [reply.decode(Answer[_Basket]).data.final]
    else:
        parts = reply.decode(Answer[list[_Margin]]).data
        if len(parts) != len(orders):
            raise reply.unusable("it is about another number of orders")
    return MarginRow(
        total=sum((part.total for part in parts), ZERO),
        span=sum((part.span for part in parts), ZERO),
        exposure=sum((part.exposure for part in parts), ZERO),
    )


def _written(order: PlaceOrder, instrument: Instrument) -> dict[str, object]:
    type = order.price_type
    return {
        "exchange": instrument.broker_exchange,
        "tradingsymbol": instrument.broker_symbol,
        "transaction_type": str(order.action),
        "variety": "regular",
        "product": str(order.product),
        "order_type": str(type),
        "quantity": kite_quantity(order.quantity, instrument),
        "price": px_float(order.price) if type.takes_price else 0,
        "trigger_price": px_float(order.trigger_price) if type.takes_trigger else 0,
    }
