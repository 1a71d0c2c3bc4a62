"""Everything the paper exchange knows, and how a fact changes it."""

from datetime import datetime
from heapq import heappop, heappush
from typing import NamedTuple

from openalgo.domain.clock import IST
from openalgo.domain.events import (
    AccountEvent,
    AccountOpened,
    AccountReset,
    CapitalChanged,
    DayRecorded,
    GttEvent,
    GttPlaced,
    OrderChanged,
    OrderEvent,
    OrderFilled,
    PositionSettled,
)
from openalgo.domain.gtt import Gtt, GttStatus
from openalgo.domain.instruments import Instrument
from openalgo.domain.market import InstrumentKey
from openalgo.domain.orders import Order
from openalgo.sandbox.account import PaperAccount
from openalgo.sandbox.counters import Counters
from openalgo.sandbox.matching import Book


class DayDone(NamedTuple):
    """The last event of a day that is done; later ones are greater."""

    at: datetime
    kind: int


class PaperExchange:
    """The accounts, the books of what waits, and the `counters` ids are made from.

    `arrivals` counts what joined a queue. It is not stored: it goes on from the last of those
    that still wait, since it only has to tell them apart.
    """

    def __init__(self, counters: Counters | None = None) -> None:
        self.accounts: dict[int, PaperAccount] = {}
        self.books: dict[InstrumentKey, Book] = {}
        self.counters = Counters() if counters is None else counters
        self.arrivals = 0
        self.day_done: DayDone | None = None
        self._stamped: tuple[datetime | None, str] = (None, "")
        self._expiries: list[tuple[datetime, str, int]] = []

    def book(self, instrument: Instrument) -> Book:
        """The book of `instrument`, opened on first use."""
        book = self.books.get(instrument.key)
        if book is None:
            book = self.books[instrument.key] = Book(instrument)
        return book

    def next_order_id(self, at: datetime) -> str:
        """`YYMMDD` (IST) and an eight-digit number that starts over each day."""
        ist = at.astimezone(IST)
        day, number = self.counters.next_order(ist.date())
        return f"{day.year % 100:02d}{day.month:02d}{day.day:02d}{number:08d}"

    def next_trade_id(self, at: datetime, prefix: str = "TRADE") -> str:
        number = (self.counters.trade_number + 1) & 0xFFFFFFFF
        # Thousands of fills may carry the time of one tick.
        if at is not self._stamped[0]:
            ist = at.astimezone(IST)
            self._stamped = (
                at,
                f"{ist.year}{ist.month:02d}{ist.day:02d}"
                f"-{ist.hour:02d}{ist.minute:02d}{ist.second:02d}",
            )
        return f"{prefix}-{self._stamped[1]}-{number:08x}"

    def next_trigger_id(self, at: datetime) -> str:
        """`GTT-YYMMDD-` (IST) and eight hexadecimal digits that never start over."""
        number = (self.counters.gtt_number + 1) & 0xFFFFFFFF
        return f"GTT-{at.astimezone(IST):%y%m%d}-{number:08x}"

    def next_arrival(self) -> int:
        return self.arrivals + 1

    def expired(self, at: datetime) -> Gtt | None:
        """The active GTT whose time ran out first, if one's has by `at`."""
        while self._expiries and self._expiries[0][0] <= at:
            _, trigger_id, account_id = self._expiries[0]
            gtt = self.accounts[account_id].gtts.get(trigger_id)
            if gtt is not None and gtt.status is GttStatus.ACTIVE:
                return gtt
            heappop(self._expiries)
        return None

    def add_order(self, order: Order) -> None:
        """Keep `order` as it is now, and let it wait if it works. Without a book it just stays."""
        self.accounts[order.account_id].put(order)
        self.arrivals = max(self.arrivals, order.arrival)
        book = self.books.get(order.key)
        if book is None:
            return
        if order.status.is_working:
            book.add(order)
        else:
            book.remove(order.order_id)

    def add_gtt(self, gtt: Gtt) -> None:
        """Keep `gtt` as it is now, and let it wait if it is active."""
        account = self.accounts[gtt.account_id]
        if gtt.trigger_id not in account.gtts:
            heappush(self._expiries, (gtt.expires_at, gtt.trigger_id, gtt.account_id))
        account.put_gtt(gtt)
        self.arrivals = max(self.arrivals, gtt.arrival)
        book = self.books.get(gtt.key)
        if book is None:
            return
        if gtt.status is GttStatus.ACTIVE:
            book.add_gtt(gtt)
        else:
            book.remove(gtt.trigger_id)

    def apply(self, event: AccountEvent) -> None:
        """Make `event` true. Total: an event that was decided always applies."""
        if isinstance(event, AccountOpened):
            self.accounts[event.account_id] = PaperAccount(event.funds, event.seq)
            return
        account = self.accounts[event.account_id]
        account.seq = event.seq
        account.enter(event.at)
        if event.funds is not None:
            account.funds = event.funds
        if isinstance(event, OrderChanged):
            self._apply_order(account, event)
        elif isinstance(event, PositionSettled):
            account.positions[event.position.key] = event.position
            account.put_holding(event.holding)
        elif isinstance(event, AccountReset):
            account.begin_run(event.positions)
        elif not isinstance(event, CapitalChanged | DayRecorded):
            self._apply_gtt(event)

    def _apply_order(self, account: PaperAccount, event: OrderEvent) -> None:
        if event.order.order_id not in account.orders:
            self.counters.count_order(event.at.astimezone(IST).date())
        if isinstance(event, OrderFilled):
            self.counters.trade_number += 1
            account.trades.append(event.trade)
            account.positions[event.position.key] = event.position
        self.add_order(event.order)

    def _apply_gtt(self, event: GttEvent) -> None:
        if isinstance(event, GttPlaced):
            self.counters.gtt_number += 1
        self.add_gtt(event.gtt)
