"""Positions, holdings and money, in rupees."""

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from openalgo.brokers.adapter import Connection
from openalgo.brokers.http import ApiRequest, Reply
from openalgo.brokers.rows import FundsRow, HoldingRow, PositionRow
from tests.brokers.example.adapter.info import Answer
from tests.brokers.example.adapter.mapping import OUR_PRODUCTS
from tests.brokers.example.adapter.names import named


class _Position(msgspec.Struct):
    market: str
    scrip: str
    product: str
    net: Decimal
    average: Decimal
    last: Decimal
    booked: Decimal
    open: Decimal


class _Holding(msgspec.Struct):
    market: str
    scrip: str
    qty: Decimal
    arriving: Decimal
    average: Decimal
    last: Decimal


class _Funds(msgspec.Struct):
    free: Decimal
    pledged: Decimal
    blocked: Decimal


async def positions(connection: Connection) -> Sequence[PositionRow]:
    reply = await _get(connection, "positions")
    return [
        PositionRow(
            **named(reply, connection.instruments, each.market, each.scrip),
            product=OUR_PRODUCTS.get(each.product, each.product),
            quantity=each.net,
            average_price=each.average,
            ltp=each.last,
            realised=each.booked,
            unrealised=each.open,
        )
        for each in reply.decode(Answer[list[_Position]]).result
    ]


async def holdings(connection: Connection) -> Sequence[HoldingRow]:
    reply = await _get(connection, "holdings")
    return [
        HoldingRow(
            **named(reply, connection.instruments, each.market, each.scrip),
            product="CNC",
            quantity=each.qty + each.arriving,
            average_price=each.average,
            ltp=each.last,
        )
        for each in reply.decode(Answer[list[_Holding]]).result
    ]


async def funds(connection: Connection) -> FundsRow:
    reply = await _get(connection, "funds")
    found = reply.decode(Answer[_Funds]).result
    return FundsRow(available=found.free, collateral=found.pledged, utilised=found.blocked)


async def _get(connection: Connection, name: str) -> Reply:
    return await connection.http.call(
        ApiRequest(name=name, method="GET", url=f"/{name}", scopes=("all",))
    )
