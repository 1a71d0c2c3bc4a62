"""The rules of the paper exchange without its engine: commands in, facts out, no I/O."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from openalgo.domain import intents
from openalgo.domain.calendar import AlwaysOpenCalendar, Calendar
from openalgo.domain.day_events import TRADED, DayEvent, day_events
from openalgo.domain.events import AccountEvent, AccountReset, OrderFilled
from openalgo.domain.gtt import Gtt, GttStatus, GttTrigger, TriggerSide, TriggerType
from openalgo.domain.instruments import Instrument
from openalgo.domain.market import Exchange, InstrumentKey
from openalgo.domain.numbers import ZERO, Px, px
from openalgo.domain.orders import Action, Order, OrderStatus, PositionKey, PriceType, Product
from openalgo.domain.portfolio import Funds, LedgerEntry, Position
from openalgo.persistence.sandbox.books import EngineMark, StoredAccount, StoredBooks
from openalgo.sandbox.account import PaperAccount
from openalgo.sandbox.commands import (
    Cancel,
    CancelGtt,
    Decided,
    ExpireGtt,
    Match,
    Modify,
    ModifyGtt,
    PassDay,
    Place,
    PlaceGtt,
    Reset,
    SetRules,
)
from openalgo.sandbox.contracts import Basis
from openalgo.sandbox.decide import Decider
from openalgo.sandbox.floor import Decision
from openalgo.sandbox.matching import Mark
from openalgo.sandbox.rules import Rules
from openalgo.sandbox.state import DayDone, PaperExchange
from tests.support.market import MORNING, NIFTY, intent

ACCOUNT = 1
EXCHANGES = [exchange for exchange in TRADED if exchange is not Exchange.CRYPTO]


class Paper:
    def __init__(
        self,
        capital: str = "10000000",
        calendar: Calendar | None = None,
        rules: Rules | None = None,
    ) -> None:
        self.rules = rules or Rules(starting_capital=Decimal(capital))
        self.state = PaperExchange()
        self.calendar = calendar or AlwaysOpenCalendar()
        self.decider = Decider(self.state, self.rules, self.calendar)
        self.now: datetime = MORNING
        self.events: list[AccountEvent] = []
        self.ledger: list[LedgerEntry] = []
        self.futures: dict[InstrumentKey, Instrument] = {}
        """What options are on where there is no spot market."""

    def adopt(self, state: PaperExchange) -> None:
        """Go on with `state`, as after a restart."""
        for book in self.state.books.values():
            state.book(book.instrument).mark = book.mark
        self.state = state
        self.decider = Decider(state, self.rules, self.calendar)

    def run(self, command: Decided) -> Any:
        """Decide and apply one command, after the GTTs whose time is over by then have expired.
        The events before a refusal stay applied."""
        while (gtt := self.state.expired(command.at)) is not None:
            self._decide(
                ExpireGtt(
                    account_id=gtt.account_id,
                    trigger_id=gtt.trigger_id,
                    at=command.at,
                    cause="test",
                )
            )
        return self._decide(command)

    def _decide(self, command: Decided) -> Order | Gtt | None:
        return self._carry_out(self.decider.decide(command))

    def pass_day(
        self,
        event: DayEvent,
        marks: Mapping[InstrumentKey, Mark] | None = None,
        underlyings: Mapping[InstrumentKey, Px] | None = None,
    ) -> None:
        """Let an event of a day happen, and make it the time."""
        self.now = max(self.now, event.at)
        settling = {
            key: Basis(self.futures.get(key, NIFTY), price)
            for key, price in (underlyings or self._futures_prices()).items()
        }
        command = PassDay(event=event, marks=marks or {}, underlyings=settling)
        while (gtt := self.state.expired(command.at)) is not None:
            self._decide(
                ExpireGtt(
                    account_id=gtt.account_id,
                    trigger_id=gtt.trigger_id,
                    at=command.at,
                    cause="test",
                )
            )
        for decision in self.decider.day(command):
            if decision is not None:
                self._carry_out(decision)
        self.state.day_done = DayDone(event.at, event.kind)

    def _futures_prices(self) -> dict[InstrumentKey, Px]:
        books = {key: self.state.book(future) for key, future in self.futures.items()}
        return {key: book.mark.ltp for key, book in books.items() if book.mark is not None}

    def until(self, at: datetime) -> None:
        """Let time pass up to `at`, with all the events of the days between."""
        for event in day_events(self.calendar, self.now, at, self.rules.days, EXCHANGES):
            self.pass_day(event)
        self.now = max(self.now, at)

    def set_rules(self, rules: Rules) -> None:
        self.run(SetRules(rules=rules, at=self.now, cause="test"))
        self.rules = rules
        self.decider = Decider(self.state, rules, self.calendar)

    def reset(self, account: int = ACCOUNT, capital: str | None = None) -> None:
        self.run(
            Reset(
                account_id=account,
                starting_capital=None if capital is None else Decimal(capital),
                at=self.now,
                cause="test",
            )
        )

    def _carry_out(self, decision: Decision) -> Order | Gtt | None:
        while True:
            try:
                event = next(decision)
            except StopIteration as done:
                result: Order | Gtt | None = done.value
                return result
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
        assert isinstance(placed, Order)
        return placed

    def modify(self, order: Order, account: int = ACCOUNT, **changes: Any) -> Order:
        """Ask for what `changes` name; the rest is sent as it is, as clients do."""
        order = self.account(order.account_id).orders[order.order_id]
        terms: dict[str, Any] = {
            "price": order.price if order.price_type.takes_price else Px(0),
            "trigger_price": order.trigger_price,
            **{name: getattr(order, name) for name in _TERMS},
        }
        for name in ("price", "trigger_price"):
            if name in changes:
                changes[name] = px(changes[name])
        if "quantity" in changes:
            changes["quantity"] = Decimal(changes["quantity"])
        change = intents.ModifyOrder(strategy="test", order_id=order.order_id, **terms | changes)
        modified = self.run(
            Modify(
                account_id=account,
                change=change,
                instrument=self.state.books[order.key].instrument,
                mark=None,
                at=self.now,
                cause="change",
            )
        )
        assert isinstance(modified, Order)
        return modified

    def cancel(self, order_id: str, account: int = ACCOUNT) -> Order:
        cancelled = self.run(
            Cancel(account_id=account, order_id=order_id, at=self.now, cause="test")
        )
        assert isinstance(cancelled, Order)
        return cancelled

    def gtt(
        self,
        instrument: Instrument,
        action: str,
        quantity: int | str,
        below: tuple[str, str] | str | None = None,
        above: tuple[str, str] | str | None = None,
        product: str = "CNC",
        account: int = ACCOUNT,
        **more: Any,
    ) -> Gtt:
        """`below` and `above` are triggers: with a limit, or alone for MARKET."""
        terms = _gtt_terms(instrument, action, quantity, below, above, product)
        wanted = intents.PlaceGtt(strategy="test", **terms | more)
        placed = self.run(
            PlaceGtt(
                account_id=account,
                intent=wanted,
                instrument=instrument,
                mark=None,
                at=self.now,
                cause="test",
            )
        )
        assert isinstance(placed, Gtt)
        return placed

    def modify_gtt(
        self,
        gtt: Gtt,
        below: tuple[str, str] | str | None = None,
        above: tuple[str, str] | str | None = None,
        **changes: Any,
    ) -> Gtt:
        instrument = self.state.books[gtt.key].instrument
        terms = _gtt_terms(instrument, gtt.action, str(gtt.quantity), below, above, gtt.product)
        change = intents.ModifyGtt(strategy="test", trigger_id=gtt.trigger_id, **terms | changes)
        modified = self.run(
            ModifyGtt(
                account_id=gtt.account_id,
                change=change,
                instrument=instrument,
                mark=None,
                at=self.now,
                cause="change",
            )
        )
        assert isinstance(modified, Gtt)
        return modified

    def cancel_gtt(self, gtt: Gtt, account: int = ACCOUNT) -> Gtt:
        cancelled = self.run(
            CancelGtt(account_id=account, trigger_id=gtt.trigger_id, at=self.now, cause="test")
        )
        assert isinstance(cancelled, Gtt)
        return cancelled

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

    def watched(self, gtt: Gtt) -> Gtt:
        return self.account(gtt.account_id).gtts[gtt.trigger_id]

    def position(self, instrument: Instrument, product: str = "MIS") -> Position | None:
        key = PositionKey(instrument.exchange, instrument.symbol, product)  # type: ignore[arg-type]
        return self.account().positions.get(key)

    def stored_books(self) -> StoredBooks:
        """What the tables would hold, read back."""
        accounts = self.state.accounts.values()
        return StoredBooks(
            mark=EngineMark(
                epoch=1,
                batch=1,
                order_day=self.state.counters.order_day,
                order_number=self.state.counters.order_number,
                trade_number=self.state.counters.trade_number,
                gtt_number=self.state.counters.gtt_number,
                day_at=self.state.day_done.at if self.state.day_done else None,
                day_kind=self.state.day_done.kind if self.state.day_done else 0,
            ),
            holdings=[holding for each in accounts for holding in each.holdings.values()],
            accounts=[StoredAccount(funds=each.funds, seq=each.seq) for each in accounts],
            orders=[order for each in accounts for order in each.orders.values()],
            trades=[trade for each in accounts for trade in each.trades],
            positions=[position for each in accounts for position in each.positions.values()],
            gtts=[
                gtt
                for each in accounts
                for gtt in each.gtts.values()
                if gtt.status is GttStatus.ACTIVE
            ],
        )


_TERMS = (
    "symbol",
    "exchange",
    "action",
    "product",
    "quantity",
    "price_type",
    "disclosed_quantity",
)


def _gtt_terms(
    instrument: Instrument,
    action: str,
    quantity: int | str,
    below: tuple[str, str] | str | None,
    above: tuple[str, str] | str | None,
    product: str,
) -> dict[str, Any]:
    asked = [(TriggerSide.BELOW, below), (TriggerSide.ABOVE, above)]
    triggers = tuple(_trigger(side, trigger) for side, trigger in asked if trigger is not None)
    limited = isinstance(below or above, tuple)
    return {
        "trigger_type": TriggerType.OCO if len(triggers) > 1 else TriggerType.SINGLE,
        "exchange": instrument.exchange,
        "symbol": instrument.symbol,
        "action": Action(action),
        "product": Product(product),
        "quantity": Decimal(quantity),
        "price_type": PriceType.LIMIT if limited else PriceType.MARKET,
        "triggers": triggers,
    }


def _trigger(side: TriggerSide, trigger: tuple[str, str] | str) -> GttTrigger:
    at, price = trigger if isinstance(trigger, tuple) else (trigger, "0")
    return GttTrigger(side=side, trigger_price=px(at), price=px(price))


def check_invariants(paper: Paper) -> None:
    """I1-I4 of the paper exchange, for every account."""
    for account_id, account in paper.state.accounts.items():
        funds = account.funds
        reserved = sum((order.reserved for order in account.orders.values()), ZERO)
        reserved += sum((gtt.reserved for gtt in account.gtts.values()), ZERO)
        blocked = sum((position.margin for position in account.positions.values()), ZERO)
        assert funds.used == reserved + blocked, "I1: used is reservations plus margins"
        invested = sum((holding.cost for holding in account.holdings.values()), ZERO)
        assert funds.available + funds.used + invested == funds.starting_capital + funds.realised, (
            "I2: money is conserved"
        )
        assert all(h.quantity > 0 and h.cost >= 0 for h in account.holdings.values())
        assert funds.realised == sum(
            (position.realised for position in account.positions.values()), ZERO
        ), "I2: realised profit is that of the positions"
        assert funds.used >= 0
        for order in account.orders.values():
            assert order.reserved >= 0
            assert 0 <= order.filled_quantity <= order.quantity
            assert order.status.is_working or not order.reserved
            waits_for_trigger = order.status is OrderStatus.TRIGGER_PENDING
            assert not (waits_for_trigger and order.triggered_at), "a trigger is met once"
        for gtt in account.gtts.values():
            assert gtt.reserved >= 0
            assert gtt.status is GttStatus.ACTIVE or not gtt.reserved
            placed = [o for o in account.orders.values() if o.gtt_id == gtt.trigger_id]
            fired = gtt.status is GttStatus.TRIGGERED
            assert [o.order_id for o in placed] == ([gtt.order_id] if fired else [])
        for key in {gtt.position_key for gtt in account.gtts.values()} | {
            order.position_key for order in account.orders.values()
        }:
            for side in Action:
                waiting = [
                    *(
                        o.pending_quantity
                        for o in account.orders.values()
                        if o.action is side and o.position_key == key
                    ),
                    *(
                        g.promised
                        for g in account.gtts.values()
                        if g.action is side and g.position_key == key
                    ),
                ]
                assert account.promised(key, side) == sum(waiting, ZERO)
        traded = net_of_trades(paper, account_id)
        for key, position in account.positions.items():
            settled = account.holdings.get(position.instrument) if key.product == "CNC" else None
            kept = position.quantity + (settled.quantity if settled else ZERO)
            assert kept == traded.get(key, ZERO), "I4: positions and holdings net the trades"
            assert position.margin >= 0
            assert (position.cost == 0) == (position.quantity == 0)
            assert position.quantity or not position.margin
        entries = [entry for entry in paper.ledger if entry.account_id == account_id]
        assert funds.available == sum((entry.available for entry in entries), ZERO)
        assert funds.used == sum((entry.used for entry in entries), ZERO)
        assert funds.realised == sum((entry.realised for entry in entries), ZERO)
        assert entries[-1].available_after == funds.available
        for entry in entries:
            overdrawn = entry.available < 0 and entry.available_after < 0
            assert not overdrawn or entry.realised < 0, (
                "I3: only a realised loss takes available below zero"
            )
        seqs = [event.seq for event in paper.events if event.account_id == account_id]
        assert seqs == list(range(1, len(seqs) + 1)), "the sequence of an account has no gap"


def net_of_trades(paper: Paper, account_id: int) -> dict[PositionKey, Decimal]:
    """Units traded since the account was reset last."""
    traded: dict[PositionKey, Decimal] = {}
    for event in paper.events:
        if event.account_id != account_id:
            continue
        if isinstance(event, AccountReset):
            traded.clear()
        elif isinstance(event, OrderFilled):
            trade = event.trade
            key = PositionKey(trade.exchange, trade.symbol, trade.product)
            traded[key] = traded.get(key, ZERO) + trade.quantity * trade.action.sign
    return traded
