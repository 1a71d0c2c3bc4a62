"""Facts about an account, in the past tense.

An event carries the values as they are *after* it, so applying events in order rebuilds the state
they describe. `seq` rises by one per account; a gap means "read the books". `VERSION` is the
schema's: raise it when a field changes its meaning.
"""

from datetime import datetime
from typing import ClassVar

import msgspec

from openalgo.domain.orders import Order, Trade
from openalgo.domain.portfolio import Funds, LedgerEntry, Position


class Event(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """`at` is market time, `cause` the id of the request (or task) that led here."""

    VERSION: ClassVar[int] = 1

    account_id: int
    seq: int
    at: datetime
    cause: str


class AccountOpened(Event, frozen=True, kw_only=True, gc=False):
    funds: Funds
    entry: LedgerEntry


class _OrderMoved(Event, frozen=True, kw_only=True, gc=False):
    """`funds` and `entry` are present when money was reserved or released."""

    order: Order
    funds: Funds | None = None
    entry: LedgerEntry | None = None


class OrderAccepted(_OrderMoved, frozen=True, kw_only=True, gc=False):
    """The order is working."""


class OrderRejected(_OrderMoved, frozen=True, kw_only=True, gc=False):
    """The order stands in the book as refused."""


class OrderCancelled(_OrderMoved, frozen=True, kw_only=True, gc=False):
    """What was not filled is withdrawn."""


class OrderFilled(Event, frozen=True, kw_only=True, gc=False):
    """All or part of the order traded."""

    order: Order
    trade: Trade
    position: Position
    funds: Funds
    entry: LedgerEntry


OrderEvent = OrderAccepted | OrderRejected | OrderFilled | OrderCancelled
AccountEvent = AccountOpened | OrderEvent


class _PendingOrderMoved(Event, frozen=True, kw_only=True, gc=False):
    """About an order that waits for its owner. The books are as before, so `seq` is 0.

    `kind` is that of the intent.
    """

    seq: int = 0
    pending_id: int
    kind: str


class PendingOrderCreated(_PendingOrderMoved, frozen=True, kw_only=True, gc=False):
    """An order waits for its owner's approval."""


class PendingOrderUpdated(_PendingOrderMoved, frozen=True, kw_only=True, gc=False):
    """It is in another state now, or was put out of sight."""

    state: str
    version: int
