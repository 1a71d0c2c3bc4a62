"""Domain values of the paper exchange as table rows, and back.

Written out field by field: this is the path every order takes, and reflection would cost more
than the insert. A test holds both directions to the dataclasses.
"""

from typing import Any

from sqlalchemy import Row

from openalgo.domain.orders import Order, Trade
from openalgo.domain.portfolio import Funds, LedgerEntry, Position

Params = dict[str, object]


def order_params(order: Order) -> Params:
    return {
        "order_id": order.order_id,
        "account_id": order.account_id,
        "symbol": order.symbol,
        "exchange": order.exchange,
        "action": order.action,
        "product": order.product,
        "price_type": order.price_type,
        "quantity": order.quantity,
        "price": order.price,
        "trigger_price": order.trigger_price,
        "disclosed_quantity": order.disclosed_quantity,
        "status": order.status,
        "filled_quantity": order.filled_quantity,
        "filled_value": order.filled_value,
        "reserved": order.reserved,
        "reason": order.reason,
        "strategy": order.strategy,
        "client_order_id": order.client_order_id,
        "fingerprint": order.fingerprint,
        "cause": order.cause,
        "created_at": order.created_at,
        "updated_at": order.updated_at,
    }


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


def trade_params(trade: Trade) -> Params:
    return {
        "trade_id": trade.trade_id,
        "account_id": trade.account_id,
        "order_id": trade.order_id,
        "symbol": trade.symbol,
        "exchange": trade.exchange,
        "action": trade.action,
        "product": trade.product,
        "quantity": trade.quantity,
        "price": trade.price,
        "strategy": trade.strategy,
        "at": trade.at,
    }


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


def position_params(position: Position) -> Params:
    return {
        "account_id": position.account_id,
        "exchange": position.exchange,
        "symbol": position.symbol,
        "product": position.product,
        "quantity": position.quantity,
        "cost": position.cost,
        "margin": position.margin,
        "realised": position.realised,
        "realised_today": position.realised_today,
        "realised_on": position.realised_on,
        "opened_on": position.opened_on,
        "created_at": position.created_at,
        "updated_at": position.updated_at,
    }


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


def funds_params(funds: Funds, seq: int) -> Params:
    """`seq` is the number of the account's last event."""
    return {
        "account_id": funds.account_id,
        "starting_capital": funds.starting_capital,
        "available": funds.available,
        "used": funds.used,
        "realised": funds.realised,
        "realised_today": funds.realised_today,
        "realised_on": funds.realised_on,
        "opened_at": funds.opened_at,
        "reset_count": funds.reset_count,
        "seq": seq,
    }


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


def ledger_params(entry: LedgerEntry) -> Params:
    return {
        "account_id": entry.account_id,
        "at": entry.at,
        "kind": entry.kind,
        "ref": entry.ref,
        "available": entry.available,
        "used": entry.used,
        "realised": entry.realised,
        "available_after": entry.available_after,
        "used_after": entry.used_after,
    }
