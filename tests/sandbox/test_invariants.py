"""Random trading never breaks the books: I1-I4 after every command; replay and restart agree."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import replace as change
from datetime import timedelta
from decimal import Decimal
from typing import TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from openalgo.domain.calendar import AlwaysOpenCalendar, Calendar, ExchangeCalendar
from openalgo.domain.clock import IST
from openalgo.domain.errors import OpenAlgoError
from openalgo.domain.events import AccountEvent, GttEvent, OrderChanged
from openalgo.domain.gtt import Gtt, GttStatus
from openalgo.domain.instruments import Instrument
from openalgo.domain.market import InstrumentKey
from openalgo.domain.numbers import px
from openalgo.domain.orders import Order, PriceType
from openalgo.sandbox.restore import restore
from openalgo.sandbox.rules import ProceedsPolicy, Rules
from openalgo.sandbox.state import PaperExchange
from tests.support.market import (
    CRUDE_CALL,
    CRUDE_FUT,
    CRUDE_PUT,
    INFY,
    NIFTY_CALL,
    NIFTY_FUT,
    SBIN,
    SHELF,
)
from tests.support.paper import Paper, check_invariants

T = TypeVar("T")

LISTED = (SBIN, INFY, NIFTY_FUT, NIFTY_CALL, CRUDE_FUT, CRUDE_CALL, CRUDE_PUT)
DELIVERY = {SBIN.symbol: "CNC", INFY.symbol: "CNC"}

instruments = st.sampled_from(LISTED)
prices = st.integers(min_value=1800, max_value=2200).map(lambda n: str(Decimal(n) / 20))
lots = st.integers(min_value=1, max_value=40)
sides = st.sampled_from(["BUY", "SELL"])
accounts = st.integers(min_value=1, max_value=2)
indices = st.integers(min_value=0, max_value=30)
price_types = st.sampled_from(list(PriceType))
capitals = st.sampled_from(["500000", "1000000", "10000000"])


@dataclass(frozen=True)
class Place:
    instrument: Instrument
    action: str
    lots: int
    price_type: PriceType
    prices: tuple[str, str]
    delivery: bool
    account: int

    def play(self, paper: Paper) -> None:
        limit, trigger = in_reach(self.action, self.prices)
        kind = self.price_type
        carried = DELIVERY.get(self.instrument.symbol, "NRML")
        paper.order(
            self.instrument,
            self.action,
            self.lots * self.instrument.lot_size,
            limit if kind.takes_price else None,
            carried if self.delivery else "MIS",
            account=self.account,
            price_type=kind,
            trigger_price=px(trigger),
        )


@dataclass(frozen=True)
class Market:
    instrument: Instrument
    price: str

    def play(self, paper: Paper) -> None:
        paper.market(self.instrument, self.price)


@dataclass(frozen=True)
class Modify:
    index: int
    lots: int
    price_type: PriceType
    prices: tuple[str, str]

    def play(self, paper: Paper) -> None:
        order = pick(working(paper), self.index)
        if order is None:
            return
        limit, trigger = in_reach(order.action, self.prices)
        kind = self.price_type
        paper.modify(
            order,
            order.account_id,
            quantity=self.lots * paper.state.books[order.key].instrument.lot_size,
            price_type=kind,
            price=limit if kind.takes_price else "0",
            trigger_price=trigger if kind.takes_trigger else "0",
        )


@dataclass(frozen=True)
class Cancel:
    index: int

    def play(self, paper: Paper) -> None:
        if (order := pick(working(paper), self.index)) is not None:
            paper.cancel(order.order_id, account=order.account_id)


@dataclass(frozen=True)
class PlaceGtt:
    instrument: Instrument
    action: str
    lots: int
    below: tuple[str, str] | str | None
    above: tuple[str, str] | str | None
    account: int
    hours: int

    def play(self, paper: Paper) -> None:
        paper.gtt(
            self.instrument,
            self.action,
            self.lots * self.instrument.lot_size,
            self.below,
            self.above,
            DELIVERY.get(self.instrument.symbol, "NRML"),
            self.account,
            expires_at=paper.now + timedelta(hours=self.hours),
        )


@dataclass(frozen=True)
class ModifyGtt:
    index: int
    lots: int
    below: tuple[str, str] | str | None
    above: tuple[str, str] | str | None

    def play(self, paper: Paper) -> None:
        if (gtt := pick(active(paper), self.index)) is not None:
            lot = paper.state.books[gtt.key].instrument.lot_size
            paper.modify_gtt(gtt, self.below, self.above, quantity=Decimal(self.lots * lot))


@dataclass(frozen=True)
class CancelGtt:
    index: int

    def play(self, paper: Paper) -> None:
        if (gtt := pick(active(paper), self.index)) is not None:
            paper.cancel_gtt(gtt, account=gtt.account_id)


@dataclass(frozen=True)
class Wait:
    """What the market does not do by itself: minutes pass, and days with all their events."""

    minutes: int

    def play(self, paper: Paper) -> None:
        paper.until(paper.now + timedelta(minutes=self.minutes))
        for instrument in LISTED:
            if (mark := paper.state.book(instrument).mark) is not None:
                paper.state.book(instrument).mark = replace(mark, at=paper.now)


@dataclass(frozen=True)
class Days:
    """Time to an hour of a day to come."""

    days: int
    hour: int

    def play(self, paper: Paper) -> None:
        to = (paper.now.astimezone(IST) + timedelta(days=self.days)).replace(hour=self.hour)
        Wait(max(0, int((to - paper.now).total_seconds()) // 60)).play(paper)


@dataclass(frozen=True)
class Reset:
    account: int

    def play(self, paper: Paper) -> None:
        paper.reset(self.account)


@dataclass(frozen=True)
class Capital:
    capital: str

    def play(self, paper: Paper) -> None:
        paper.set_rules(change(paper.rules, starting_capital=Decimal(self.capital)))


@dataclass(frozen=True)
class Restart:
    """The process dies; what was stored is read back."""

    def play(self, paper: Paper) -> None:
        paper.adopt(asyncio.run(restore(paper.stored_books(), SHELF)))


Step = (
    Place
    | Market
    | Modify
    | Cancel
    | PlaceGtt
    | ModifyGtt
    | CancelGtt
    | Wait
    | Days
    | Reset
    | Capital
    | Restart
)

pairs = st.tuples(prices, prices)
triggers = st.none() | prices | pairs
steps = st.one_of(
    st.builds(Place, instruments, sides, lots, price_types, pairs, st.booleans(), accounts),
    st.builds(Market, instruments, prices),
    st.builds(Modify, indices, lots, price_types, pairs),
    st.builds(Cancel, indices),
    st.builds(
        PlaceGtt,
        instruments,
        sides,
        lots,
        triggers,
        triggers,
        accounts,
        st.integers(min_value=1, max_value=6),
    ),
    st.builds(ModifyGtt, indices, lots, triggers, triggers),
    st.builds(CancelGtt, indices),
    st.builds(Wait, st.integers(min_value=1, max_value=60)),
    st.builds(Days, st.integers(min_value=0, max_value=4), st.integers(min_value=0, max_value=23)),
    st.builds(Reset, accounts),
    st.builds(Capital, capitals),
    st.builds(Restart),
)
# Open at any hour, or through holidays, weekends and the expiry of what is listed.
calendars = st.sampled_from([AlwaysOpenCalendar(), ExchangeCalendar()])
scripts = st.lists(steps, max_size=40)


def in_reach(action: str, two: tuple[str, str]) -> tuple[str, str]:
    """Limit and trigger in the order an SL needs them."""
    low, high = sorted(two, key=Decimal)
    return (high, low) if action == "BUY" else (low, high)


def working(paper: Paper) -> list[Order]:
    return [
        order
        for account in paper.state.accounts.values()
        for order in account.orders.values()
        if order.status.is_working
    ]


def active(paper: Paper) -> list[Gtt]:
    return [
        gtt
        for account in paper.state.accounts.values()
        for gtt in account.gtts.values()
        if gtt.status is GttStatus.ACTIVE
    ]


def pick(found: list[T], index: int) -> T | None:
    return found[index % len(found)] if found else None


def opened(capital: str, calendar: Calendar | None = None, policy: ProceedsPolicy = "t1") -> Paper:
    rules = Rules(starting_capital=Decimal(capital), sale_proceeds_policy=policy)
    paper = Paper(rules=rules, calendar=calendar)
    paper.futures = {CRUDE_CALL.key: CRUDE_FUT, CRUDE_PUT.key: CRUDE_FUT}
    for instrument in LISTED:
        paper.market(instrument, "100")
    return paper


def play(paper: Paper, script: list[Step], *, checked: bool = False) -> None:
    for step in script:
        with suppress(OpenAlgoError):  # a refusal, too, must leave the books in order
            step.play(paper)
        if checked:
            check_invariants(paper)


@settings(max_examples=200, deadline=None)
@given(
    script=scripts,
    capital=st.sampled_from(["20000", "300000", "10000000"]),
    calendar=calendars,
    policy=st.sampled_from(["t1", "same_day"]),
)
def test_every_command_and_every_day_keeps_the_books_in_order(
    script: list[Step], capital: str, calendar: Calendar, policy: ProceedsPolicy
) -> None:
    play(opened(capital, calendar, policy), script, checked=True)


@settings(max_examples=100, deadline=None)
@given(script=scripts)
def test_replaying_the_events_gives_the_same_state(script: list[Step]) -> None:
    paper = opened("300000")
    play(paper, [step for step in script if not isinstance(step, Restart)])
    replayed = PaperExchange()
    for instrument in LISTED:
        replayed.book(instrument)
    for event in paper.events:
        replayed.apply(event)
    assert_same(replayed, paper.state)
    assert replayed.arrivals == paper.state.arrivals


@settings(max_examples=100, deadline=None)
@given(script=scripts, more=scripts)
def test_a_restart_changes_nothing_that_follows(script: list[Step], more: list[Step]) -> None:
    """What is read back is the same, and so is everything that happens afterwards."""
    paper, twin = opened("300000"), opened("300000")
    play(paper, script)
    play(twin, script)
    twin.adopt(asyncio.run(restore(twin.stored_books(), SHELF)))
    before = len(paper.events)
    play(paper, more)
    play(twin, more)
    assert list(map(told, twin.events[before:])) == list(map(told, paper.events[before:]))


def told(event: AccountEvent) -> str:
    """An event without the numbers that only tell places in a queue apart."""
    if isinstance(event, OrderChanged):
        return repr(replace(event, order=replace(event.order, arrival=0)))
    if isinstance(event, GttEvent):
        return repr(replace(event, gtt=replace(event.gtt, arrival=0)))
    return repr(event)


def assert_same(one: PaperExchange, other: PaperExchange) -> None:
    assert one.accounts.keys() == other.accounts.keys()
    for account_id, account in one.accounts.items():
        copy = other.accounts[account_id]
        assert (copy.funds, copy.seq) == (account.funds, account.seq)
        assert copy.orders == account.orders
        assert copy.trades == account.trades
        assert copy.positions == account.positions
        assert copy.holdings == account.holdings
        assert copy.gtts == account.gtts
    for key, book in one.books.items():
        assert (book.falls_to, book.rises_to) == (
            other.books[key].falls_to,
            other.books[key].rises_to,
        )
    assert one.counters == other.counters
    assert set(one.interest.keys) == set(other.interest.keys) == needed(one)


def needed(state: PaperExchange) -> set[InstrumentKey]:
    """What something waits in or somebody holds."""
    accounts = state.accounts.values()
    return {
        *(o.key for each in accounts for o in each.orders.values() if o.status.is_working),
        *(g.key for each in accounts for g in each.gtts.values() if g.status is GttStatus.ACTIVE),
        *(p.instrument for each in accounts for p in each.positions.values() if p.quantity),
        *(key for each in accounts for key in each.holdings),
    }
