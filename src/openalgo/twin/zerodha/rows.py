"""Rows as Kite Connect sends them."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from openalgo.domain.clock import IST, ist_text
from openalgo.domain.numbers import PX_SCALE, px_float
from openalgo.twin.account import Account
from openalgo.twin.funds import Purse
from openalgo.twin.market import Market
from openalgo.twin.orders import Order, State, Trade
from openalgo.twin.positions import Holding, Position, Side
from openalgo.twin.zerodha.sessions import App

Row = dict[str, Any]


def order_row(order: Order, app: App) -> Row:
    """Of the order book; its `order_timestamp` is when the order was placed."""
    return _order(order, order.states[-1], order.placed_at, app)


def history_rows(order: Order, app: App) -> list[Row]:
    """All states of an order, the oldest first."""
    return [_order(order, state, state.at, app) for state in order.states]


def postback(order: Order, app: App, status: str) -> Row:
    """What is pushed when an order changes; `status` may say UPDATE where the book says OPEN."""
    row = order_row(order, app)
    signed = f"{order.id}{row['order_timestamp']}{app.secret}"
    return row | {
        "status": status,
        "user_id": app.user,
        "app_id": 1,
        "unfilled_quantity": row["pending_quantity"],
        "checksum": hashlib.sha256(signed.encode()).hexdigest(),
    }


def trade_row(trade: Trade) -> Row:
    terms, at = trade.order.terms, ist_text(trade.at)
    return {
        "trade_id": trade.id,
        "order_id": trade.order.id,
        "exchange": terms.contract.exchange,
        "tradingsymbol": terms.contract.symbol,
        "instrument_token": terms.contract.token,
        "product": terms.product,
        "average_price": px_float(trade.price),
        "quantity": trade.quantity,
        "exchange_order_id": trade.order.exchange_id,
        "transaction_type": terms.action,
        "fill_timestamp": at,
        "order_timestamp": at[-8:],
        "exchange_timestamp": at,
    }


def position_row(position: Position, market: Market, *, day_only: bool = False) -> Row:
    """Of the net book, or with `day_only` of what happened today alone."""
    if day_only:
        position = Position(position.contract, position.product, position.bought, position.sold)
    contract, times = position.contract, position.contract.multiplier
    mark = market.mark(contract)
    bought, sold = position.sides()
    value = sold.value - bought.value
    worth = position.quantity * mark.last * times
    carried = position.overnight * mark.close * times
    bought_m2m = position.bought.value + max(carried, 0)
    sold_m2m = position.sold.value + max(-carried, 0)
    quantity = position.quantity
    side = bought if quantity > 0 else sold if quantity < 0 else Side()
    return {
        "tradingsymbol": contract.symbol,
        "exchange": contract.exchange,
        "instrument_token": contract.token,
        "product": position.product,
        "quantity": quantity,
        "overnight_quantity": position.overnight,
        "multiplier": times,
        "average_price": side.price(times),
        "close_price": px_float(mark.close) if position.overnight else 0,
        "last_price": px_float(mark.last),
        "value": value / PX_SCALE,
        "pnl": (value + worth) / PX_SCALE,
        "m2m": (sold_m2m - bought_m2m + worth) / PX_SCALE,
        "unrealised": (value + worth) / PX_SCALE,
        "realised": 0,
        **_side("buy", bought, times),
        "buy_m2m": bought_m2m / PX_SCALE,
        **_side("sell", sold, times),
        "sell_m2m": sold_m2m / PX_SCALE,
        **_side("day_buy", position.bought, times),
        **_side("day_sell", position.sold, times),
    }


def holding_row(holding: Holding, account: Account, now: datetime) -> Row:
    contract = holding.contract
    mark = account.market.mark(contract)
    owned, used = holding.quantity + holding.t1, account.used(holding)
    change = mark.last - mark.close
    left = max(holding.quantity - used, 0)
    return {
        "tradingsymbol": contract.symbol,
        "exchange": contract.exchange,
        "instrument_token": contract.token,
        "isin": f"INTWIN{contract.exchange_token:06}"[:12],
        "product": "CNC",
        "price": 0,
        "quantity": left,
        "used_quantity": used,
        "t1_quantity": holding.t1,
        "realised_quantity": left,
        "authorised_quantity": 0,
        "authorised_date": f"{now.astimezone(IST):%Y-%m-%d} 00:00:00",
        "authorisation": {},
        "opening_quantity": owned,
        "short_quantity": 0,
        "collateral_quantity": 0,
        "collateral_type": "",
        "discrepancy": False,
        "average_price": px_float(holding.average),
        "last_price": px_float(mark.last),
        "close_price": px_float(mark.close),
        "pnl": (mark.last - holding.average) * owned / PX_SCALE,
        "day_change": change / PX_SCALE,
        "day_change_percentage": change * 100 / mark.close,
        "mtf": {
            "quantity": 0,
            "used_quantity": 0,
            "average_price": 0,
            "value": 0,
            "initial_margin": 0,
        },
    }


def purse_row(purse: Purse) -> Row:
    """One segment of the margins."""
    opening, blocked = purse.opening / PX_SCALE, purse.blocked / PX_SCALE
    net = purse.available / PX_SCALE
    return {
        "enabled": purse.enabled,
        "net": net,
        "available": {
            "adhoc_margin": 0,
            "cash": opening,
            "opening_balance": opening,
            "live_balance": net,
            "collateral": 0,
            "intraday_payin": 0,
        },
        "utilised": {
            "debits": blocked - purse.earned / PX_SCALE,
            "exposure": 0,
            "m2m_realised": purse.earned / PX_SCALE,
            "m2m_unrealised": 0,
            "option_premium": 0,
            "payout": 0,
            "span": blocked,
            "holding_sales": 0,
            "turnover": 0,
            "liquid_collateral": 0,
            "stock_collateral": 0,
            "delivery": 0,
        },
    }


def _order(order: Order, state: State, at: datetime, app: App) -> Row:
    terms = state.terms
    at_exchange = ist_text(order.exchange_at) if state.exchange_id and order.exchange_at else None
    return {
        "account_id": app.user,
        "placed_by": app.user,
        "order_id": order.id,
        "exchange_order_id": state.exchange_id,
        "parent_order_id": terms.parent,
        "status": state.stage,
        "status_message": state.message,
        "status_message_raw": state.message,
        "order_timestamp": ist_text(at),
        "exchange_update_timestamp": at_exchange,
        "exchange_timestamp": at_exchange,
        "variety": terms.variety,
        "modified": state.modified,
        "exchange": terms.contract.exchange,
        "tradingsymbol": terms.contract.symbol,
        "instrument_token": terms.contract.token,
        "order_type": terms.price_type,
        "transaction_type": terms.action,
        "validity": terms.validity,
        "validity_ttl": terms.minutes,
        "product": terms.product,
        "quantity": terms.quantity,
        "disclosed_quantity": terms.disclosed,
        "price": px_float(terms.price),
        "trigger_price": px_float(terms.trigger),
        "average_price": round(state.value / state.filled / PX_SCALE, 6) if state.filled else 0,
        "filled_quantity": state.filled,
        "pending_quantity": 0 if state.stage.is_final else terms.quantity - state.filled,
        "cancelled_quantity": state.cancelled,
        "market_protection": terms.protection,
        "meta": {"gtt": terms.gtt} if terms.gtt else {},
        "tag": terms.tag,
        "tags": [terms.tag] if terms.tag else [],
        "guid": f"twin-{order.id}",
    }


def _side(name: str, side: Side, multiplier: int) -> Mapping[str, float]:
    return {
        f"{name}_quantity": side.quantity,
        f"{name}_price": side.price(multiplier),
        f"{name}_value": side.value / PX_SCALE,
    }
