"""The little exchange: takes orders, matches them at the market's price, keeps the books.

Synchronous and deterministic: time comes from the clock, what is due happens in `work`.
"""

import heapq
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count

from openalgo.domain.clock import IST
from openalgo.domain.numbers import Px
from openalgo.twin.account import Account
from openalgo.twin.contracts import Contract
from openalgo.twin.market import Market
from openalgo.twin.orders import Fate, Order, Stage, Terms, Trade, Validity

Heard = Callable[[Order], None]

_NO_FATE = Fate()


class Refused(Exception):
    """What was asked cannot be done; the message says why. Nothing has changed."""


class Exchange:
    """Orders reach the market `latency` after they were taken. Tells `heard` of each new state."""

    def __init__(self, market: Market, account: Account, latency: timedelta = timedelta(0)) -> None:
        self.market = market
        self.account = account
        self.latency = latency
        self.orders: dict[str, Order] = {}
        self.trades: list[Trade] = []
        self.heard: list[Heard] = []
        self._clock = market.clock
        # An exchange that starts again on the same day must not give out the same ids.
        self._stem = f"{self._clock.now().astimezone(IST):%y%m%d%H%M%S}"
        self._numbers = count(1)
        self._turns = count()
        self._due: list[tuple[datetime, int, Callable[[], None]]] = []
        self._resting: dict[int, dict[str, Order]] = {}
        market.heard.append(self._on_price)

    @property
    def next_due(self) -> datetime | None:
        """When `work` has something to do."""
        return self._due[0][0] if self._due else None

    @property
    def watched(self) -> set[int]:
        """The tokens whose prices any order waits for."""
        return {token for token, waiting in self._resting.items() if waiting}

    def place(self, terms: Terms, fate: Fate = _NO_FATE) -> Order:
        """Take an order: it has an id and is in the book, but not yet at the exchange."""
        now = self._clock.now()
        order = Order(f"{self._stem}{next(self._numbers):06}", terms, now, fate)
        self.orders[order.id] = order
        if terms.variety == "amo":
            self._enter(order, Stage.AFTER_MARKET)
        else:
            self._enter(order, Stage.RECEIVED)
            self._after(self.latency, lambda: self._validate(order))
        return order

    def release_after_market(self) -> None:
        """Send the after-market orders to the exchange, as a morning does."""
        for order in [*self.orders.values()]:
            if order.stage is Stage.AFTER_MARKET:
                self._validate(order)

    def modify(self, order_id: str, terms: Terms) -> Order:
        """Replace the terms of a resting order. Raises `Refused`."""
        order = self._changeable(order_id)
        if terms.quantity <= order.filled:
            raise Refused(
                f"Quantity {terms.quantity} is not above the {order.filled} that are filled."
            )
        shortage = self._shortage(order, terms)
        if shortage:
            raise Refused(shortage)
        order.modifications += 1
        resting = order.stage
        for stage in (Stage.MODIFY_VALIDATING, Stage.MODIFYING):
            self._enter(order, stage)
        order.terms, order.held = terms, False
        if terms.price_type.takes_trigger and not order.triggered:
            resting = Stage.TRIGGER_PENDING
        elif resting is Stage.TRIGGER_PENDING:
            resting = Stage.OPEN
        self._enter(order, Stage.MODIFIED)
        if resting is not Stage.AFTER_MARKET:
            self._block(order)
            self._rest(order, resting)
        else:
            self._enter(order, resting)
        return order

    def cancel(self, order_id: str) -> Order:
        """Raises `Refused`."""
        order = self._changeable(order_id)
        self._enter(order, Stage.CANCELLING)
        self._end(order, Stage.CANCELLED)
        return order

    def reject(self, order_id: str, message: str) -> Order:
        """What the exchange does to an order it does not like after all. Raises `Refused`."""
        order = self._known(order_id)
        if order.stage.is_final:
            raise Refused(f"Order {order_id} is {order.stage.lower()} already.")
        self._end(order, Stage.REJECTED, message)
        return order

    def fill(self, order_id: str, quantity: int | None = None, price: Px | None = None) -> Order:
        """Fill a resting order, or `quantity` of it, at `price` (the market's) whatever its limit.

        Raises `Refused`.
        """
        order = self._known(order_id)
        if not order.stage.is_resting:
            raise Refused(f"Order {order_id} is {order.stage.lower()}.")
        wanted = order.pending if quantity is None else quantity
        if not 0 < wanted <= order.pending:
            raise Refused(f"Order {order_id} has {order.pending} to fill, not {wanted}.")
        self._fill(order, wanted, price or self.market.last(order.terms.contract))
        return order

    def work(self) -> None:
        """Do what is due by now."""
        now = self._clock.now()
        while self._due and self._due[0][0] <= now:
            heapq.heappop(self._due)[2]()

    def forget_day(self) -> None:
        """Start a new day: open orders lapse, books are empty, positions are carried over."""
        for order in [*self.orders.values()]:
            if not order.stage.is_final:
                self._end(order, Stage.CANCELLED)
        self.orders.clear()
        self.trades.clear()
        self._due.clear()
        self.account.carry_over(self.market.last)

    def _known(self, order_id: str) -> Order:
        order = self.orders.get(order_id)
        if order is None:
            raise Refused(f"There is no order {order_id}.")
        return order

    def _changeable(self, order_id: str) -> Order:
        self.work()
        order = self._known(order_id)
        if order.stage.is_final:
            raise Refused(f"Order {order_id} is {order.stage.lower()} and cannot be changed.")
        if not order.stage.is_resting and order.stage is not Stage.AFTER_MARKET:
            raise Refused(f"Order {order_id} is being processed. Try again later.")
        return order

    def _validate(self, order: Order) -> None:
        self._enter(order, Stage.VALIDATING)
        shortage = self._shortage(order, order.terms)
        if shortage:
            self._end(order, Stage.REJECTED, shortage)
            return
        self._block(order)
        self._enter(order, Stage.OPENING)
        fate = order.fate
        if fate.rejection is not None:
            message = fate.rejection
            self._after(
                timedelta(seconds=fate.reject_after),
                lambda: self._end(order, Stage.REJECTED, message),
            )
            return
        order.exchange_at = self._clock.now()
        order.exchange_id = f"1{order.id[-12:]:0>15}"
        terms = order.terms
        lowest, highest = self.market.circuits(terms.contract)
        if terms.price_type.takes_price and not lowest <= terms.price <= highest:
            side = "below the lower" if terms.price < lowest else "above the upper"
            self._end(order, Stage.REJECTED, f"The price is {side} circuit limit of the day.")
            return
        if terms.validity is Validity.TTL:
            self._after(timedelta(minutes=terms.minutes), lambda: self._lapse(order))
        waits = terms.price_type.takes_trigger
        self._rest(order, Stage.TRIGGER_PENDING if waits else Stage.OPEN)
        if terms.validity is Validity.IOC:
            self._lapse(order)

    def _rest(self, order: Order, stage: Stage) -> None:
        token = order.terms.contract.token
        self._resting.setdefault(token, {})[order.id] = order
        self._enter(order, stage)
        self._match(order, arriving=True)

    def _on_price(self, contract: Contract) -> None:
        for order in [*self._resting.get(contract.token, {}).values()]:
            self._match(order, arriving=False)

    def _match(self, order: Order, *, arriving: bool) -> None:
        terms = order.terms
        last = self.market.last(terms.contract)
        if order.stage is Stage.TRIGGER_PENDING:
            if (last - terms.trigger) * terms.action.sign < 0:
                return
            order.triggered = True
            self._enter(order, Stage.OPEN)
            arriving = True
        if order.held or not order.stage.is_resting:
            return
        if terms.price_type.takes_price:
            if (terms.price - last) * terms.action.sign < 0:
                return
            price = last if arriving else terms.price
        else:
            price = last
        fate = order.fate
        part = order.pending
        if fate.first_part is not None and not order.filled:
            part = max(1, int(terms.quantity * fate.first_part))
        if part < order.pending:
            order.held = True
            self._fill(order, part, price)
            if fate.rest_after is not None:
                self._after(timedelta(seconds=fate.rest_after), lambda: self._fill_rest(order))
        else:
            self._fill(order, part, price)

    def _fill_rest(self, order: Order) -> None:
        if order.stage.is_resting:
            order.held = False
            self._fill(order, order.pending, self._rest_price(order))

    def _rest_price(self, order: Order) -> Px:
        """The price of the rest: the market's, unless the limit forbids it."""
        terms = order.terms
        last = self.market.last(terms.contract)
        beyond = terms.price_type.takes_price and (terms.price - last) * terms.action.sign < 0
        return terms.price if beyond else last

    def _fill(self, order: Order, quantity: int, price: Px) -> None:
        now = self._clock.now()
        trade = Trade(f"{len(self.trades) + 1:08}", order, quantity, price, now)
        self.trades.append(trade)
        order.trades.append(trade)
        order.filled += quantity
        order.value += price * quantity
        order.exchange_at = now
        self.account.book(trade)
        if order.filled == order.terms.quantity:
            self._end(order, Stage.COMPLETE)
        else:
            self._block(order)
            self._enter(order, Stage.OPEN)

    def _lapse(self, order: Order) -> None:
        if order.stage.is_resting:
            self._end(order, Stage.CANCELLED)

    def _shortage(self, order: Order, terms: Terms) -> str | None:
        promised = sum(
            other.pending
            for other in self._resting.get(terms.contract.token, {}).values()
            if terms.delivers and other.terms.delivers and other is not order
        )
        return self.account.shortage(terms, terms.quantity - order.filled, order.blocked, promised)

    def _block(self, order: Order) -> None:
        purse = self.account.funds.for_(order.terms.contract)
        needed = self.account.needed(order.terms, order.pending)
        purse.orders += needed - order.blocked
        order.blocked = needed

    def _end(self, order: Order, stage: Stage, message: str | None = None) -> None:
        if order.stage.is_final:
            return
        contract = order.terms.contract
        self._resting.get(contract.token, {}).pop(order.id, None)
        self.account.funds.for_(contract).orders -= order.blocked
        order.blocked = 0
        if stage is not Stage.COMPLETE:
            order.cancelled = order.terms.quantity - order.filled if order.exchange_id else 0
            order.message = message
        self._enter(order, stage)

    def _enter(self, order: Order, stage: Stage) -> None:
        order.enter(stage, self._clock.now())
        for heard in self.heard:
            heard(order)

    def _after(self, delay: timedelta, act: Callable[[], None]) -> None:
        heapq.heappush(self._due, (self._clock.now() + delay, next(self._turns), act))
