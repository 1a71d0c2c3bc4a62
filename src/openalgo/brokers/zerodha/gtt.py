"""Orders that wait at Kite, good till triggered."""

from collections.abc import Sequence
from decimal import Decimal
from urllib.parse import quote

import msgspec

from openalgo.brokers.adapter import Connection
from openalgo.brokers.http import ApiRequest, Kind
from openalgo.brokers.rows import GttLegRow, GttRow
from openalgo.brokers.zerodha.api import OTHER
from openalgo.brokers.zerodha.mapping import GTT_STATUSES, TRIGGER_TYPES, TRIGGER_WORDS
from openalgo.brokers.zerodha.order_rows import action, named, price_type
from openalgo.brokers.zerodha.protection import protected_price
from openalgo.brokers.zerodha.wire import (
    Answer,
    Unreadable,
    each,
    instant,
    instant_or_none,
    kite_quantity,
)
from openalgo.domain.errors import Unsupported
from openalgo.domain.gtt import GttStatus, TriggerType
from openalgo.domain.instruments import Instrument
from openalgo.domain.intents import ModifyGtt, PlaceGtt
from openalgo.domain.numbers import ZERO, px, px_float
from openalgo.domain.orders import PriceType

_json = msgspec.json.Encoder()


class _Placed(msgspec.Struct):
    trigger_id: int


class _Condition(msgspec.Struct, gc=False):
    exchange: str
    tradingsymbol: str
    trigger_values: list[Decimal]
    last_price: Decimal | None = None


class _OrderResult(msgspec.Struct, gc=False):
    rejection_reason: str | None = None


class _Result(msgspec.Struct, gc=False):
    order_result: _OrderResult | None = None


class _Order(msgspec.Struct):
    transaction_type: str
    product: str
    order_type: str
    quantity: Decimal
    price: Decimal
    result: _Result | None = None


class _Gtt(msgspec.Struct):
    id: int
    type: str
    status: str
    condition: _Condition
    orders: list[_Order]
    created_at: str | None = None
    updated_at: str | None = None
    expires_at: str | None = None


async def place(
    connection: Connection, gtt: PlaceGtt, instrument: Instrument, last_price: float
) -> str:
    """Kite keeps a trigger for a year, so `expires_at` cannot be had."""
    if gtt.expires_at is not None:
        raise Unsupported("Zerodha keeps every GTT for a year; leave out when it expires")
    reply = await connection.http.call(
        ApiRequest(
            name="place_gtt",
            method="POST",
            url="/gtt/triggers",
            kind=Kind.ORDER,
            scopes=OTHER,
            form=_form(gtt, instrument, last_price),
        )
    )
    return str(reply.decode(Answer[_Placed]).data.trigger_id)


async def modify(
    connection: Connection, change: ModifyGtt, instrument: Instrument, last_price: float
) -> None:
    await connection.http.call(
        ApiRequest(
            name="modify_gtt",
            method="PUT",
            url=_path(change.trigger_id),
            kind=Kind.ORDER,
            scopes=OTHER,
            form=_form(change, instrument, last_price),
        )
    )


async def cancel(connection: Connection, trigger_id: str) -> None:
    await connection.http.call(
        ApiRequest(
            name="cancel_gtt",
            method="DELETE",
            url=_path(trigger_id),
            kind=Kind.EXIT,
            scopes=OTHER,
        )
    )


async def gtts(connection: Connection) -> Sequence[GttRow]:
    reply = await connection.http.call(
        ApiRequest(name="gtt_book", method="GET", url="/gtt/triggers", scopes=OTHER)
    )

    def made(gtt: _Gtt) -> GttRow | None:
        known = named(connection.instruments, gtt.condition.exchange, gtt.condition.tradingsymbol)
        return (
            None
            if known is None
            else GttRow(
                trigger_id=str(gtt.id),
                trigger_type=_trigger_type(gtt.type),
                exchange=known[0],
                symbol=known[1],
                status=GTT_STATUSES.get(gtt.status, GttStatus.ACTIVE),
                legs=_legs(gtt, known[2]),
                last_price=px(gtt.condition.last_price or ZERO),
                created_at=instant(gtt.created_at, "created_at"),
                updated_at=instant_or_none(gtt.updated_at) or instant(gtt.created_at, "created_at"),
                expires_at=instant_or_none(gtt.expires_at),
                reason=_reason(gtt),
            )
        )

    return await each(reply, reply.decode(Answer[list[msgspec.Raw]]).data, _Gtt, made)


def _form(gtt: PlaceGtt | ModifyGtt, instrument: Instrument, last_price: float) -> dict[str, str]:
    """Kite pairs triggers and orders by their place, and wants the triggers ascending. Its GTTs
    place LIMIT orders only."""
    triggers = sorted(gtt.triggers, key=lambda trigger: trigger.trigger_price)
    condition = {
        "exchange": instrument.broker_exchange,
        "tradingsymbol": instrument.broker_symbol,
        "trigger_values": [px_float(trigger.trigger_price) for trigger in triggers],
        "last_price": last_price,
    }
    at_market = gtt.price_type is PriceType.MARKET
    orders = [
        {
            "exchange": instrument.broker_exchange,
            "tradingsymbol": instrument.broker_symbol,
            "transaction_type": str(gtt.action),
            "quantity": kite_quantity(gtt.quantity, instrument),
            "order_type": "LIMIT",
            "product": str(gtt.product),
            "price": px_float(
                protected_price(trigger.trigger_price, gtt.action, instrument)
                if at_market
                else trigger.price
            ),
        }
        for trigger in triggers
    ]
    return {
        "type": TRIGGER_TYPES[gtt.trigger_type],
        "condition": _json.encode(condition).decode(),
        "orders": _json.encode(orders).decode(),
    }


def _legs(gtt: _Gtt, lot: int) -> tuple[GttLegRow, ...]:
    values = gtt.condition.trigger_values
    if len(values) != len(gtt.orders):
        raise Unreadable("there are not as many orders as trigger_values")
    legs = [
        GttLegRow(
            trigger_price=px(value),
            price=px(order.price),
            action=action(order.transaction_type),
            quantity=order.quantity * lot,
            price_type=price_type(order.order_type),
            product=order.product,
        )
        for value, order in zip(values, gtt.orders, strict=True)
    ]
    return tuple(sorted(legs, key=lambda leg: leg.trigger_price))


def _trigger_type(word: str) -> TriggerType:
    try:
        return TRIGGER_WORDS[word]
    except KeyError:
        raise Unreadable("type is neither single nor two-leg") from None


def _reason(gtt: _Gtt) -> str:
    for order in gtt.orders:
        if order.result is not None and order.result.order_result is not None:
            reason = order.result.order_result.rejection_reason
            if reason:
                return reason
    return ""


def _path(trigger_id: str) -> str:
    return f"/gtt/triggers/{quote(trigger_id, safe='')}"
