"""Facts about an account, in the past tense.

An event carries the values as they are *after* it, so applying events in order rebuilds the state
they describe. `seq` rises by one per account; a gap means "read the books". `VERSION` is the
schema's: raise it when a field changes its meaning.
"""

from datetime import datetime
from decimal import Decimal
from typing import ClassVar, TypedDict

import msgspec

from openalgo.domain.gtt import Gtt
from openalgo.domain.orders import Order, Trade, TransitionKind
from openalgo.domain.portfolio import (
    DailyResult,
    Funds,
    Holding,
    LedgerEntry,
    MarkedHolding,
    MarkedPosition,
    PastPosition,
    PastRun,
    Position,
)


class EventHead(TypedDict):
    """What every event begins with."""

    account_id: int
    seq: int
    at: datetime
    cause: str


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


class CapitalChanged(Event, frozen=True, kw_only=True, gc=False):
    """The owner put money in, or took some out."""

    funds: Funds
    entry: LedgerEntry


class PositionSettled(Event, frozen=True, kw_only=True, gc=False):
    """A delivery position became shares, or was delivered from them. `holding` may be empty."""

    position: Position
    holding: Holding
    funds: Funds
    entry: LedgerEntry


class AccountReset(Event, frozen=True, kw_only=True, gc=False):
    """The account begins anew. `positions` are the emptied ones; `past` and `taken` are what was.

    Its orders and GTTs were cancelled before.
    """

    positions: tuple[Position, ...]
    taken: tuple[PastPosition, ...]
    past: PastRun
    funds: Funds
    entry: LedgerEntry


class DayRecorded(Event, frozen=True, kw_only=True, gc=False):
    """The result of a day is written down."""

    result: DailyResult
    funds: Funds | None = None
    entry: LedgerEntry | None = None


class OrderChanged(Event, frozen=True, kw_only=True, gc=False):
    """Something happened to an order."""

    KIND: ClassVar[TransitionKind]

    order: Order


class _OrderMoved(OrderChanged, frozen=True, kw_only=True, gc=False):
    """`funds` and `entry` are present when money was reserved or released."""

    funds: Funds | None = None
    entry: LedgerEntry | None = None


class OrderAccepted(_OrderMoved, frozen=True, kw_only=True, gc=False):
    """The order is working."""

    KIND = TransitionKind.ACCEPTED


class OrderTriggered(_OrderMoved, frozen=True, kw_only=True, gc=False):
    """The market reached the trigger of a stop, which is open from now on."""

    KIND = TransitionKind.TRIGGERED


class OrderModified(_OrderMoved, frozen=True, kw_only=True, gc=False):
    """The order works on, on other terms."""

    KIND = TransitionKind.MODIFIED


class OrderRejected(_OrderMoved, frozen=True, kw_only=True, gc=False):
    """The order stands in the book as refused."""

    KIND = TransitionKind.REJECTED


class OrderCancelled(_OrderMoved, frozen=True, kw_only=True, gc=False):
    """What was not filled is withdrawn."""

    KIND = TransitionKind.CANCELLED


class OrderFilled(OrderChanged, frozen=True, kw_only=True, gc=False):
    """All or part of the order traded."""

    KIND = TransitionKind.FILLED

    trade: Trade
    position: Position
    funds: Funds
    entry: LedgerEntry


class _GttMoved(Event, frozen=True, kw_only=True, gc=False):
    """`funds` and `entry` are present when money was reserved or released."""

    gtt: Gtt
    funds: Funds | None = None
    entry: LedgerEntry | None = None


class GttPlaced(_GttMoved, frozen=True, kw_only=True, gc=False):
    """The GTT watches the market."""


class GttModified(_GttMoved, frozen=True, kw_only=True, gc=False):
    """It watches on, on other terms."""


class GttCancelled(_GttMoved, frozen=True, kw_only=True, gc=False):
    """It was withdrawn."""


class GttTriggered(_GttMoved, frozen=True, kw_only=True, gc=False):
    """A trigger fired, the other one is off, and the order it names is placed with it."""


class GttExpired(_GttMoved, frozen=True, kw_only=True, gc=False):
    """Its time ran out before the market came."""


class GttRejected(_GttMoved, frozen=True, kw_only=True, gc=False):
    """A trigger fired, but the order could not be placed; `gtt.reason` says why."""


class OrderReported(Event, frozen=True, kw_only=True, gc=False):
    """A broker told of an order, ours or one placed elsewhere: what happened, and how it stands."""

    kind: TransitionKind
    order: Order


class OutcomeReported(Event, frozen=True, kw_only=True, gc=False):
    """What is known of an order that was sent to a broker and not answered: `state` is `unknown`,
    or what it turned out to be. The books are as before, so `seq` is 0.

    `reference` is what the order goes by at the broker besides its id."""

    seq: int = 0
    reference: str
    client_order_id: str | None
    state: str
    order_id: str | None
    message: str


class AccountMarked(Event, frozen=True, kw_only=True, gc=False):
    """What the account holds is worth this at the latest prices, in rupees. Nothing was written
    and the books are as before, so `seq` is 0: whoever misses one waits for the next, or reads
    the books. Flat positions are there that realised profit in this session.
    """

    seq: int = 0
    positions: tuple[MarkedPosition, ...]
    holdings: tuple[MarkedHolding, ...]
    unrealised: Decimal
    realised_today: Decimal
    holdings_unrealised: Decimal


class ProfitMoved(Event, frozen=True, kw_only=True, gc=False):
    """What an account has made in its session day so far, in rupees; `mode` says in which of its
    books, on paper or at its broker. The books are as before, so `seq` is 0."""

    seq: int = 0
    mode: str
    realised: Decimal
    unrealised: Decimal
    highest: Decimal
    lowest: Decimal
    drawdown: Decimal
    max_drawdown: Decimal


OrderEvent = (
    OrderAccepted | OrderTriggered | OrderModified | OrderRejected | OrderFilled | OrderCancelled
)
OrderNews = OrderEvent | OrderReported
"""What changes a row of an order book, on paper or at a broker."""
GttEvent = GttPlaced | GttModified | GttCancelled | GttTriggered | GttExpired | GttRejected
FundsEvent = AccountOpened | CapitalChanged | PositionSettled | AccountReset | DayRecorded
AccountEvent = FundsEvent | OrderEvent | GttEvent


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


class _Notice(Event, frozen=True, kw_only=True, gc=False):
    """About an account, but not its books: `seq` is 0."""

    seq: int = 0


class AccountCreated(_Notice, frozen=True, kw_only=True, gc=False):
    name: str
    broker: str


class AccountChanged(_Notice, frozen=True, kw_only=True, gc=False):
    """It has another name, or other rules about approvals."""

    name: str
    broker: str


class AccountArchived(_Notice, frozen=True, kw_only=True, gc=False):
    """It was put away."""


class AnalyzerModeChanged(_Notice, frozen=True, kw_only=True, gc=False):
    """From now on its orders go to the paper exchange, or to its broker."""

    analyze_mode: bool


class KillSwitchThrown(_Notice, frozen=True, kw_only=True, gc=False):
    """Only exits are taken from now on."""

    by: str


class KillSwitchReleased(_Notice, frozen=True, kw_only=True, gc=False):
    """All orders are taken again."""

    by: str


class BrokerSessionChanged(_Notice, frozen=True, kw_only=True, gc=False):
    """Somebody logged in at its broker, or the session there ended. `reason` is a sentence."""

    state: str
    reason: str | None
    expires_at: datetime | None


class FeedChanged(_Notice, frozen=True, kw_only=True, gc=False):
    """Its prices come again, or do not. `state` is a word, `message` a sentence."""

    broker: str
    state: str
    message: str
