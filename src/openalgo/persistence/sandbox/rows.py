"""Table rows of the paper exchange as domain values."""

from typing import Any

from sqlalchemy import Row

from openalgo.domain.orders import Order, Trade
from openalgo.domain.portfolio import Funds, Position


def order_from(row: Row[Any]) -> Order:
    return Order(
        order_id=row.order_id,
        account_id=row.account_id,
        symbol=row.symbol,
        exchange=row.exchange,
        action=row.action,
        product=row.product,
        price_type=row.price_type,
        quantity=row.quantity,
        price=row.price,
        trigger_price=row.trigger_price,
        disclosed_quantity=row.disclosed_quantity,
        status=row.status,
        filled_quantity=row.filled_quantity,
        filled_value=row.filled_value,
        reserved=row.reserved,
        reason=row.reason,
        strategy=row.strategy,
        client_order_id=row.client_order_id,
        fingerprint=row.fingerprint,
        cause=row.cause,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def trade_from(row: Row[Any]) -> Trade:
    return Trade(
        trade_id=row.trade_id,
        account_id=row.account_id,
        order_id=row.order_id,
        symbol=row.symbol,
        exchange=row.exchange,
        action=row.action,
        product=row.product,
        quantity=row.quantity,
        price=row.price,
        strategy=row.strategy,
        at=row.at,
    )


def position_from(row: Row[Any]) -> Position:
    return Position(
        account_id=row.account_id,
        exchange=row.exchange,
        symbol=row.symbol,
        product=row.product,
        quantity=row.quantity,
        cost=row.cost,
        margin=row.margin,
        realised=row.realised,
        realised_today=row.realised_today,
        realised_on=row.realised_on,
        opened_on=row.opened_on,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def funds_from(row: Row[Any]) -> Funds:
    return Funds(
        account_id=row.account_id,
        starting_capital=row.starting_capital,
        available=row.available,
        used=row.used,
        realised=row.realised,
        realised_today=row.realised_today,
        realised_on=row.realised_on,
        opened_at=row.opened_at,
        reset_count=row.reset_count,
    )
