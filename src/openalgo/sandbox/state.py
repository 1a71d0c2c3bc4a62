"""Everything the paper exchange knows, and how a fact changes it."""

from datetime import date, datetime
from decimal import Decimal

from openalgo.domain.calendar import session_date, session_start
from openalgo.domain.clock import IST
from openalgo.domain.events import (
    AccountEvent,
    AccountOpened,
    OrderAccepted,
    OrderFilled,
)
from openalgo.domain.instruments import Instrument
from openalgo.domain.market import InstrumentKey
from openalgo.domain.numbers import ZERO
from openalgo.domain.orders import Action, Order, PositionKey, Trade
from openalgo.domain.portfolio import Funds, LedgerEntry, LedgerKind, Position
from openalgo.sandbox.ledger import closing_part, move
from openalgo.sandbox.matching import Book

_ANY = Decimal("Infinity")


class PaperAccount:
    """One account: its funds, its positions, and the orders and trades of the session.

    Positions are kept when flat, because they carry the profit realised so far.
    """

    __slots__ = (
        "_pending",
        "by_client_id",
        "funds",
        "orders",
        "positions",
        "seq",
        "session",
        "trades",
    )

    def __init__(self, funds: Funds, seq: int = 0) -> None:
        self.funds = funds
        self.seq = seq
        self.session: date | None = None
        self.orders: dict[str, Order] = {}
        self.trades: list[Trade] = []
        self.positions: dict[PositionKey, Position] = {}
        self.by_client_id: dict[str, str] = {}
        self._pending: dict[tuple[PositionKey, Action], Decimal] = {}

    @property
    def id(self) -> int:
        return self.funds.account_id

    def put(self, order: Order) -> None:
        """Keep `order` as it is now."""
        known = self.orders.get(order.order_id)
        change = order.pending_quantity - (known.pending_quantity if known else ZERO)
        if change:
            side = (order.position_key, order.action)
            self._pending[side] = self._pending.get(side, ZERO) + change
        self.orders[order.order_id] = order
        if order.client_order_id is not None:
            self.by_client_id[order.client_order_id] = order.order_id

    def pending(self, position: PositionKey, action: Action) -> Decimal:
        """Units that working orders on this side of `position` may still trade."""
        return self._pending.get((position, action), ZERO)

    def closable(self, key: PositionKey, action: Action) -> Decimal:
        """Units of the position that an `action` closes and no working order will close first."""
        position = self.positions.get(key)
        return closing_part(position, action, _ANY) - self.pending(key, action)

    def release(self, order: Order, at: datetime) -> tuple[Funds | None, LedgerEntry | None]:
        """Funds with the reservation of `order` given back, or nothing when it has none."""
        if not order.reserved:
            return None, None
        return move(
            self.funds,
            LedgerKind.RELEASE,
            order.order_id,
            at,
            session_date(at),
            blocked=-order.reserved,
        )

    def begin_session(self, session: date) -> None:
        """Forget the final orders and the trades of earlier sessions; they stay on disk."""
        if self.session == session:
            return
        self.session = session
        start = session_start(session)
        self.orders = {
            order.order_id: order
            for order in self.orders.values()
            if order.status.is_working or order.updated_at >= start
        }
        self.by_client_id = {
            order.client_order_id: order.order_id
            for order in self.orders.values()
            if order.client_order_id is not None
        }
        self.trades = [trade for trade in self.trades if trade.at >= start]


class PaperExchange:
    """The accounts, the order books and the counters ids are made from."""

    def __init__(self) -> None:
        self.accounts: dict[int, PaperAccount] = {}
        self.books: dict[InstrumentKey, Book] = {}
        self.order_day: date | None = None
        self.order_number = 0
        self.trade_number = 0

    def book(self, instrument: Instrument) -> Book:
        """The book of `instrument`, opened on first use."""
        book = self.books.get(instrument.key)
        if book is None:
            book = self.books[instrument.key] = Book(instrument)
        return book

    def next_order_id(self, at: datetime) -> str:
        """`YYMMDD` (IST) and an eight-digit number that starts over each day."""
        ist = at.astimezone(IST)
        number = self.order_number + 1 if ist.date() == self.order_day else 1
        return f"{ist.year % 100:02d}{ist.month:02d}{ist.day:02d}{number:08d}"

    def next_trade_id(self, at: datetime) -> str:
        number = (self.trade_number + 1) & 0xFFFFFFFF
        ist = at.astimezone(IST)
        return (
            f"TRADE-{ist.year}{ist.month:02d}{ist.day:02d}"
            f"-{ist.hour:02d}{ist.minute:02d}{ist.second:02d}-{number:08x}"
        )

    def apply(self, event: AccountEvent) -> None:
        """Make `event` true. Total: an event that was decided always applies."""
        if isinstance(event, AccountOpened):
            self.accounts[event.account_id] = PaperAccount(event.funds, event.seq)
            return
        account = self.accounts[event.account_id]
        account.seq = event.seq
        account.begin_session(session_date(event.at))
        if event.funds is not None:
            account.funds = event.funds
        order = event.order
        if order.order_id not in account.orders:
            self._count_order(event.at)
        account.put(order)
        match event:
            case OrderAccepted():
                self.books[order.key].add(order)
            case OrderFilled():
                self.trade_number += 1
                account.trades.append(event.trade)
                account.positions[event.position.key] = event.position
        if not order.status.is_working and order.key in self.books:
            self.books[order.key].remove(order.order_id)

    def _count_order(self, at: datetime) -> None:
        day = at.astimezone(IST).date()
        self.order_number = self.order_number + 1 if day == self.order_day else 1
        self.order_day = day
