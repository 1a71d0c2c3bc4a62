"""The rules of the paper exchange without its engine: commands in, facts out, no I/O."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from openalgo.domain.calendar import AlwaysOpenCalendar, Calendar
from openalgo.domain.events import AccountEvent
from openalgo.domain.instruments import Instrument
from openalgo.domain.numbers import ZERO, px
from openalgo.domain.orders import Order, PositionKey
from openalgo.domain.portfolio import Funds, LedgerEntry, Position
from openalgo.sandbox.account import PaperAccount
from openalgo.sandbox.commands import Cancel, Command, Match, Place
from openalgo.sandbox.decide import Decider
from openalgo.sandbox.matching import Mark
from openalgo.sandbox.rules import Rules
from openalgo.sandbox.state import PaperExchange
from tests.support.market import MORNING, intent

ACCOUNT = 1


class Paper:
    def __init__(
        self,
        capital: str = "10000000",
        calendar: Calendar | None = None,
        rules: Rules | None = None,
    ) -> None:
        self.rules = rules or Rules(starting_capital=Decimal(capital))
        self.state = PaperExchange()
        self.decider = Decider(self.state, self.rules, calendar or AlwaysOpenCalendar())
        self.now: datetime = MORNING
        self.events: list[AccountEvent] = []
        self.ledger: list[LedgerEntry] = []

    def run(self, command: Command) -> Order | None:
        """Decide and apply one command. The events before a refusal stay applied."""
        decision = self.decider.decide(command)
        while True:
            try:
                event = next(decision)
            except StopIteration as done:
                placed: Order | None = done.value
                return placed
            self.state.apply(event)
            self.events.append(event)
            if event.entry is not None:
                self.ledger.append(event.entry)

    def order(
        self,
        instrument: Instrument,
        action: str,
        quantity: int | str,
        price: str | None = None,
        product: str = "MIS",
        account: int = ACCOUNT,
        **more: Any,
    ) -> Order:
        wanted = intent(instrument, action, quantity, price, product, **more)
        placed = self.run(
            Place(
                account_id=account,
                intent=wanted,
                instrument=instrument,
                mark=None,
                at=self.now,
                cause="test",
            )
        )
        assert placed is not None
        return placed

    def cancel(self, order_id: str, account: int = ACCOUNT) -> Order | None:
        return self.run(Cancel(account_id=account, order_id=order_id, at=self.now, cause="test"))

    def market(self, instrument: Instrument, ltp: str, bid: str = "0", ask: str = "0") -> None:
        """The market moves, and whatever it touches fills."""
        book = self.state.book(instrument)
        book.mark = Mark(px(ltp), px(bid), px(ask), self.now)
        if book.touched_by(book.mark.ltp):
            while self.run(Match(key=instrument.key, mark=book.mark)) is not None:
                pass

    def later(self, **by: float) -> None:
        self.now += timedelta(**by)

    def account(self, account: int = ACCOUNT) -> PaperAccount:
        return self.state.accounts[account]

    def funds(self, account: int = ACCOUNT) -> Funds:
        return self.account(account).funds

    def stored(self, order: Order) -> Order:
        return self.account(order.account_id).orders[order.order_id]

    def position(self, instrument: Instrument, product: str = "MIS") -> Position | None:
        key = PositionKey(instrument.exchange, instrument.symbol, product)  # type: ignore[arg-type]
        return self.account().positions.get(key)


def check_invariants(paper: Paper) -> None:
    """I1-I4 of the paper exchange, for every account."""
    for account_id, account in paper.state.accounts.items():
        funds = account.funds
        reserved = sum((order.reserved for order in account.orders.values()), ZERO)
        blocked = sum((position.margin for position in account.positions.values()), ZERO)
        assert funds.used == reserved + blocked, "I1: used is reservations plus margins"
        assert funds.available + funds.used == funds.starting_capital + funds.realised, (
            "I2: money is conserved"
        )
        assert funds.realised == sum(
            (position.realised for position in account.positions.values()), ZERO
        ), "I2: realised profit is that of the positions"
        assert funds.used >= 0
        assert funds.available >= min(ZERO, funds.realised), (
            "I3: only a realised loss takes available below zero"
        )
        for order in account.orders.values():
            assert order.reserved >= 0
            assert 0 <= order.filled_quantity <= order.quantity
            assert order.status.is_working or not order.reserved
        traded: dict[PositionKey, Decimal] = {}
        for trade in account.trades:
            key = PositionKey(trade.exchange, trade.symbol, trade.product)
            traded[key] = traded.get(key, ZERO) + trade.quantity * trade.action.sign
        for key, position in account.positions.items():
            assert position.quantity == traded.get(key, ZERO), "I4: positions net the trades"
            assert position.margin >= 0
            assert (position.cost == 0) == (position.quantity == 0)
            assert position.quantity or not position.margin
        entries = [entry for entry in paper.ledger if entry.account_id == account_id]
        assert funds.available == sum((entry.available for entry in entries), ZERO)
        assert funds.used == sum((entry.used for entry in entries), ZERO)
        assert funds.realised == sum((entry.realised for entry in entries), ZERO)
        assert entries[-1].available_after == funds.available
        seqs = [event.seq for event in paper.events if event.account_id == account_id]
        assert seqs == list(range(1, len(seqs) + 1)), "the sequence of an account has no gap"
