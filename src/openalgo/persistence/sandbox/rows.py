"""Table rows of the paper exchange as domain values."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Row

from openalgo.domain.gtt import Gtt, GttTrigger, TriggerSide
from openalgo.domain.orders import Order, OrderTransition, Trade
from openalgo.domain.portfolio import DailyResult, Funds, Holding, LedgerEntry, Position

T = TypeVar("T", bound=msgspec.Struct)


def _reader(kind: type[T]) -> Callable[[Row[Any]], T]:
    """Makes a `kind` of a row whose columns have the names of its fields, and perhaps others."""
    names = kind.__struct_fields__
    values = attrgetter(*names)
    return lambda row: kind(**dict(zip(names, values(row), strict=True)))


order_from = _reader(Order)
transition_from = _reader(OrderTransition)
trade_from = _reader(Trade)
position_from = _reader(Position)
funds_from = _reader(Funds)
entry_from = _reader(LedgerEntry)
holding_from = _reader(Holding)
daily_from = _reader(DailyResult)


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
