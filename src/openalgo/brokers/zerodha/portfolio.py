"""Positions, holdings and funds at Kite."""

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from openalgo.brokers.adapter import Connection
from openalgo.brokers.http import ApiRequest
from openalgo.brokers.rows import FundsRow, HoldingRow, PositionRow
from openalgo.brokers.zerodha.api import OTHER
from openalgo.brokers.zerodha.order_rows import named
from openalgo.brokers.zerodha.wire import Answer, each
from openalgo.domain.numbers import ZERO


class _Positions(msgspec.Struct):
    net: list[msgspec.Raw]


class _Position(msgspec.Struct, gc=False):
    exchange: str
    tradingsymbol: str
    product: str
    quantity: Decimal
    average_price: Decimal
    last_price: Decimal
    buy_value: Decimal
    sell_value: Decimal
    multiplier: Decimal


class _Holding(msgspec.Struct, gc=False):
    exchange: str
    tradingsymbol: str
    product: str
    quantity: Decimal
    average_price: Decimal
    last_price: Decimal
    t1_quantity: Decimal = ZERO


class _Available(msgspec.Struct, gc=False):
    collateral: Decimal = ZERO


class _Utilised(msgspec.Struct, gc=False):
    debits: Decimal = ZERO


class _Segment(msgspec.Struct):
    enabled: bool = True
    net: Decimal = ZERO
    available: _Available = msgspec.field(default_factory=_Available)
    utilised: _Utilised = msgspec.field(default_factory=_Utilised)


class _Margins(msgspec.Struct):
    equity: _Segment | None = None
    commodity: _Segment | None = None


async def positions(connection: Connection) -> Sequence[PositionRow]:
    """The values of bought and sold count whole contracts, and so must the open part."""
    reply = await connection.http.call(
        ApiRequest(name="positions", method="GET", url="/portfolio/positions", scopes=OTHER)
    )

    def made(position: _Position) -> PositionRow | None:
        known = named(connection.instruments, position.exchange, position.tradingsymbol)
        if known is None:
            return None
        exchange, symbol, lot = known
        whole = position.quantity * position.multiplier
        traded = position.sell_value - position.buy_value
        return PositionRow(
            exchange=exchange,
            symbol=symbol,
            product=position.product,
            quantity=position.quantity * lot,
            average_price=position.average_price,
            ltp=position.last_price,
            realised=traded + position.average_price * whole,
            unrealised=(position.last_price - position.average_price) * whole,
            multiplier=position.multiplier / lot,
        )

    return await each(reply, reply.decode(Answer[_Positions]).data.net, _Position, made)


async def holdings(connection: Connection) -> Sequence[HoldingRow]:
    """Shares bought yesterday are held, though they are not in the depository yet."""
    reply = await connection.http.call(
        ApiRequest(name="holdings", method="GET", url="/portfolio/holdings", scopes=OTHER)
    )

    def made(holding: _Holding) -> HoldingRow | None:
        known = named(connection.instruments, holding.exchange, holding.tradingsymbol)
        if known is None:
            return None
        exchange, symbol, _ = known
        return HoldingRow(
            exchange=exchange,
            symbol=symbol,
            product=holding.product,
            quantity=holding.quantity + holding.t1_quantity,
            average_price=holding.average_price,
            ltp=holding.last_price,
        )

    rows = reply.decode(Answer[list[msgspec.Raw]]).data
    return await each(reply, rows, _Holding, made)


async def funds(connection: Connection) -> FundsRow:
    """Both segments together. The cash is what is left, and what is used up, without the
    collateral: the member `cash` is 0 at times. Profits are those of the positions."""
    reply = await connection.http.call(
        ApiRequest(name="funds", method="GET", url="/user/margins", scopes=OTHER)
    )
    margins = reply.decode(Answer[_Margins]).data
    told = [one for one in (margins.equity, margins.commodity) if one is not None]
    if not told:
        raise reply.unusable("neither equity nor commodity is in it")
    segments = [one for one in told if one.enabled]
    collateral = sum((one.available.collateral for one in segments), ZERO)
    utilised = sum((one.utilised.debits for one in segments), ZERO)
    net = sum((one.net for one in segments), ZERO)
    return FundsRow(available=net + utilised - collateral, collateral=collateral, utilised=utilised)
