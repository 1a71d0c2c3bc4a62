"""Facts about an account, in the past tense.

An event carries the values as they are *after* it, so applying events in order rebuilds the state
they describe. `seq` rises by one per account; a gap means "read the books". `VERSION` is the
schema's: raise it when a field changes its meaning.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from openalgo.domain.orders import Order, Trade
from openalgo.domain.portfolio import Funds, LedgerEntry, Position


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """`at` is market time, `cause` the id of the request (or task) that led here."""

    VERSION: ClassVar[int] = 1

    account_id: int
    seq: int
    at: datetime
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountOpened(Event):
    funds: Funds
    entry: LedgerEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class _OrderMoved(Event):
    """`funds` and `entry` are present when money was reserved or released."""

    order: Order
    funds: Funds | None = None
    entry: LedgerEntry | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderAccepted(_OrderMoved):
    """The order is working."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRejected(_OrderMoved):
    """The order stands in the book as refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCancelled(_OrderMoved):
    """What was not filled is withdrawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFilled(Event):
    """All or part of the order traded."""

    order: Order
    trade: Trade
    position: Position
    funds: Funds
    entry: LedgerEntry


OrderEvent = OrderAccepted | OrderRejected | OrderFilled | OrderCancelled
AccountEvent = AccountOpened | OrderEvent
