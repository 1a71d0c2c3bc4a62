"""Table rows of the paper exchange as domain values."""

from typing import Any

from sqlalchemy import Row

from openalgo.domain.gtt import Gtt, GttTrigger, TriggerSide
from openalgo.domain.orders import Order, OrderTransition, Trade
from openalgo.domain.portfolio import DailyResult, Funds, Holding, LedgerEntry, Position


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
        triggered_at=row.triggered_at,
        arrival=row.arrival,
        gtt_id=row.gtt_id,
        run=row.run,
    )


def transition_from(row: Row[Any]) -> OrderTransition:
    return OrderTransition(
        account_id=row.account_id,
        seq=row.seq,
        at=row.at,
        cause=row.cause,
        order_id=row.order_id,
        kind=row.kind,
        status=row.status,
        price=row.price,
        trigger_price=row.trigger_price,
        quantity=row.quantity,
        filled_quantity=row.filled_quantity,
        reason=row.reason,
    )


class GttRow:
    """A GTT whose triggers stand under the names of their columns."""

    __slots__ = ("above_price", "above_trigger", "below_price", "below_trigger", "gtt")

    def __init__(self, gtt: Gtt) -> None:
        self.gtt = gtt
        on = {trigger.side: trigger for trigger in gtt.triggers}
        below, above = on.get(TriggerSide.BELOW), on.get(TriggerSide.ABOVE)
        self.below_trigger = below.trigger_price if below else None
        self.below_price = below.price if below else None
        self.above_trigger = above.trigger_price if above else None
        self.above_price = above.price if above else None


def gtt_from(row: Row[Any]) -> Gtt:
    sides = (
        (TriggerSide.BELOW, row.below_trigger, row.below_price),
        (TriggerSide.ABOVE, row.above_trigger, row.above_price),
    )
    return Gtt(
        trigger_id=row.trigger_id,
        account_id=row.account_id,
        trigger_type=row.trigger_type,
        symbol=row.symbol,
        exchange=row.exchange,
        action=row.action,
        product=row.product,
        quantity=row.quantity,
        price_type=row.price_type,
        triggers=tuple(
            GttTrigger(side=side, trigger_price=trigger_price, price=price)
            for side, trigger_price, price in sides
            if trigger_price is not None
        ),
        status=row.status,
        strategy=row.strategy,
        last_price=row.last_price,
        reserved=row.reserved,
        arrival=row.arrival,
        fired=row.fired,
        order_id=row.order_id,
        reason=row.reason,
        client_order_id=row.client_order_id,
        fingerprint=row.fingerprint,
        cause=row.cause,
        created_at=row.created_at,
        updated_at=row.updated_at,
        expires_at=row.expires_at,
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
        run=row.run,
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


def entry_from(row: Row[Any]) -> LedgerEntry:
    return LedgerEntry(
        account_id=row.account_id,
        at=row.at,
        kind=row.kind,
        ref=row.ref,
        available=row.available,
        used=row.used,
        realised=row.realised,
        available_after=row.available_after,
        used_after=row.used_after,
    )


def holding_from(row: Row[Any]) -> Holding:
    return Holding(
        account_id=row.account_id,
        exchange=row.exchange,
        symbol=row.symbol,
        quantity=row.quantity,
        cost=row.cost,
        settled_on=row.settled_on,
    )


def daily_from(row: Row[Any]) -> DailyResult:
    return DailyResult(
        account_id=row.account_id,
        run=row.run,
        date=row.date,
        realised=row.realised,
        positions_unrealised=row.positions_unrealised,
        holdings_unrealised=row.holdings_unrealised,
        total_mtm=row.total_mtm,
        available=row.available,
        used=row.used,
        portfolio_value=row.portfolio_value,
    )
