"""The twin of Zerodha: its exchange, its account, its sessions, and what goes wrong with them."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import msgspec

from openalgo.domain.clock import IST, Clock, SystemClock, ist_text
from openalgo.twin.account import Account
from openalgo.twin.contracts import Contracts
from openalgo.twin.exchange import Exchange
from openalgo.twin.faults import Faults, Kind, Rule
from openalgo.twin.funds import Funds
from openalgo.twin.gtt import Triggers
from openalgo.twin.market import Market
from openalgo.twin.orders import Fate, Order, Stage, Terms
from openalgo.twin.zerodha import rows
from openalgo.twin.zerodha.history import History
from openalgo.twin.zerodha.limits import Limits
from openalgo.twin.zerodha.listing import Listing, listing
from openalgo.twin.zerodha.sessions import App, Sessions
from openalgo.twin.zerodha.ticker import Ticker

_PUSHED = {
    Stage.OPEN: "OPEN",
    Stage.TRIGGER_PENDING: "TRIGGER PENDING",
    Stage.AFTER_MARKET: "AMO REQ RECEIVED",
    Stage.MODIFIED: "UPDATE",
    Stage.COMPLETE: "COMPLETE",
    Stage.CANCELLED: "CANCELLED",
    Stage.REJECTED: "REJECTED",
}
"""What the ticker tells of; the states in between are in the order's history only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """How a twin is made. `funds` and `commodity_funds` in rupees; an order reaches the exchange
    `latency` after it was taken; prices move by themselves if `walking`, `speed` times as fast as
    real ones; `limited` answers 429 beyond the documented rates; without `tags` it takes them, and
    shows none."""

    app: App = field(default_factory=App)
    seed: int = 0
    clock: Clock = field(default_factory=SystemClock)
    listing: Listing | None = None
    funds: int = 10_000_000
    commodity_funds: int = 5_000_000
    latency: timedelta = timedelta(0)
    walking: bool = True
    speed: float = 1.0
    limited: bool = False
    tags: bool = True


class ZerodhaTwin:
    """Everything a test may look at or change; `control` does the same over HTTP.

    Must be made and used on the loop that serves it.
    """

    def __init__(self, setup: Setup) -> None:
        clock = setup.clock
        today = clock.now().astimezone(IST).date()
        listed = setup.listing or listing(today)
        self.setup = setup
        self.app = setup.app
        self.contracts = Contracts(listed.contracts)
        self.history = History(setup.seed)
        self.market = Market(clock, listed.bases, setup.seed, self.history.previous_close)
        self.account = Account(self.market, Funds.of(setup.funds, setup.commodity_funds))
        self.exchange = Exchange(self.market, self.account, setup.latency)
        self.triggers = Triggers(self.exchange, self.soon)
        self.faults = Faults(setup.seed)
        self.sessions = Sessions(setup.app, clock, setup.seed)
        self._loop = asyncio.get_running_loop()
        self.limits = Limits(self._loop.time, on=setup.limited)
        self.ticker = Ticker(self.market, self.contracts, setup.seed)
        self.walking = setup.walking
        self._tags = setup.tags
        self.drawn: list[Rule] = []
        self.requests: dict[str, int] = {}
        self._encoded: dict[str, tuple[int, msgspec.Raw]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self.exchange.heard.append(self._tell)

    def place(self, terms: Terms) -> Order:
        """Take an order, with the fate that the faults drawn for this request give it."""
        order = self.exchange.place(terms, _fate(self.drawn))
        self.soon()
        return order

    def soon(self) -> None:
        """See to it that the exchange works when something is due."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due = self.exchange.next_due
        if due is not None:
            left = max((due - self.market.clock.now()).total_seconds(), 0.0)
            self._timer = self._loop.call_later(left, self._work)

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def expire_token(self, *, close_sockets: bool = True) -> None:
        """End the session, as the broker does each morning and after a login elsewhere."""
        self.sessions.end()
        if close_sockets:
            self.ticker.close_all()

    def book(self) -> list[dict[str, Any]]:
        """Every order that was ever accepted today, with its tag: what to compare with what was
        sent. In the order of acceptance."""
        return [
            {
                "order_id": order.id,
                "tag": order.terms.tag,
                "status": str(order.stage),
                "exchange": order.terms.contract.exchange,
                "tradingsymbol": order.terms.contract.symbol,
                "transaction_type": str(order.terms.action),
                "quantity": order.terms.quantity,
                "filled_quantity": order.filled,
                "average_price": order.average,
                "placed_at": ist_text(order.placed_at),
                "status_message": order.message,
                "modifications": order.modifications,
            }
            for order in self.exchange.orders.values()
        ]

    def encoded_row(self, order: Order) -> msgspec.Raw:
        """The order's row in the book; encoded once for each of its states."""
        count = len(order.states)
        known = self._encoded.get(order.id)
        if known is None or known[0] != count:
            shown = self.shown(rows.order_row(order, self.app))
            row = msgspec.Raw(msgspec.json.encode(shown))
            known = self._encoded[order.id] = (count, row)
        return known[1]

    def show_tags(self, wanted: bool) -> None:
        """Whether orders are shown with what they were tagged with."""
        self._tags = wanted
        self._encoded.clear()

    def shown(self, row: rows.Row) -> rows.Row:
        return row if self._tags else row | {"tag": None, "tags": []}

    def profile(self) -> dict[str, Any]:
        return {
            "user_id": self.app.user,
            "user_type": "individual",
            "email": "twin@example.com",
            "user_name": "Broker Twin",
            "user_shortname": "Twin",
            "broker": "ZERODHA",
            "exchanges": sorted({contract.exchange for contract in self.contracts}),
            "products": ["CNC", "NRML", "MIS"],
            "order_types": ["MARKET", "LIMIT", "SL", "SL-M"],
            "avatar_url": None,
        }

    def new_day(self) -> None:
        """Orders lapse, the books are empty, positions are carried, the session is over."""
        self.exchange.forget_day()
        self._encoded.clear()
        self.sessions.end()

    def _work(self) -> None:
        self._timer = None
        self.exchange.work()
        self.soon()

    def _tell(self, order: Order) -> None:
        status = _PUSHED.get(order.stage)
        if status is None or not self.ticker.is_heard:
            return
        if order.stage is Stage.OPEN and order.filled:
            status = "UPDATE"
        self.ticker.tell_order(self.shown(rows.postback(order, self.app, status)))


def _fate(rules: list[Rule]) -> Fate:
    for rule in rules:
        if rule.kind is Kind.REJECT:
            return Fate(rejection=rule.message, reject_after=rule.delay_ms_low / 1000)
        if rule.kind is Kind.PARTIAL:
            later = rule.rest_after_ms
            return Fate(
                first_part=rule.first_part,
                rest_after=None if later is None else later / 1000,
            )
    return Fate()
