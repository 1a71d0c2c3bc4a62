"""The work one transaction carries, and the answers that wait for it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from openalgo.domain.calendar import session_date
from openalgo.domain.errors import OpenAlgoError
from openalgo.domain.events import (
    AccountEvent,
    AccountOpened,
    AccountReset,
    CapitalChanged,
    DayRecorded,
    OrderChanged,
    OrderFilled,
    PositionSettled,
)
from openalgo.domain.numbers import ZERO
from openalgo.domain.portfolio import Holding
from openalgo.instruments.slices import Steps
from openalgo.persistence.sandbox.books import BatchRows, StoredAccount
from openalgo.sandbox.account import PaperAccount
from openalgo.sandbox.commands import Match
from openalgo.sandbox.inbox import Request
from openalgo.sandbox.rules import Rules


@dataclass(slots=True)
class Batch:
    """Decided work: what to store, what to publish and what to answer, in order.

    `passed` tells that an event of a day is done, `rules` which are in force once it is stored.
    """

    rows: BatchRows = field(default_factory=BatchRows)
    events: list[AccountEvent] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    outcomes: list[object] = field(default_factory=list)
    passed: bool = False
    rules: Rules | None = None

    def record(self, event: AccountEvent, account: PaperAccount) -> None:
        """Note the rows `event` changed; the last value of a row wins."""
        self.events.append(event)
        rows = self.rows
        rows.accounts[event.account_id] = StoredAccount(funds=account.funds, seq=account.seq)
        if event.entry is not None:
            rows.ledger.append(event.entry)
        if isinstance(event, OrderChanged):
            rows.orders[event.order.order_id] = event.order
            rows.transitions.append(event)
            if isinstance(event, OrderFilled):
                rows.trades.append(event.trade)
                rows.positions[event.account_id, event.position.key] = event.position
        elif isinstance(event, PositionSettled):
            rows.positions[event.account_id, event.position.key] = event.position
            rows.holdings[event.account_id, event.holding.instrument] = event.holding
        elif isinstance(event, AccountReset):
            self._record_reset(event)
        elif isinstance(event, DayRecorded):
            result = event.result
            rows.daily[result.account_id, result.run, result.date] = result
        elif not isinstance(event, AccountOpened | CapitalChanged):
            rows.gtts[event.gtt.trigger_id] = event.gtt

    def _record_reset(self, event: AccountReset) -> None:
        rows, owner = self.rows, event.account_id
        rows.past_runs.append(event.past)
        rows.past_positions += event.taken
        for position in event.positions:
            rows.positions[owner, position.key] = position
        for past in event.taken:
            if past.settled:
                gone = Holding(
                    account_id=owner,
                    exchange=past.exchange,
                    symbol=past.symbol,
                    quantity=ZERO,
                    cost=ZERO,
                    settled_on=session_date(event.at),
                )
                rows.holdings[owner, gone.instrument] = gone

    def finish(self, request: Request, outcome: object) -> None:
        """`outcome` is the answer, or the error, to give once the batch is stored."""
        self.requests.append(request)
        self.outcomes.append(outcome)

    def telling(self, publish: Callable[[AccountEvent], None]) -> Steps[None]:
        """Answer everybody, then publish the events: one at a time, as listeners may be many."""
        for request, outcome in zip(self.requests, self.outcomes, strict=True):
            if isinstance(outcome, OpenAlgoError):
                request.refuse(outcome)
            else:
                request.resolve(outcome)
            yield
        for event in self.events:
            publish(event)
            yield

    def refuse(self, error: Callable[[], OpenAlgoError]) -> None:
        """Answer everybody with an error of their own: nothing was stored."""
        for request in self.requests:
            request.refuse(error())

    def matches(self) -> list[Match]:
        """The market movements among the requests: if nothing was stored they must run again."""
        return [request.command for request in self.requests if isinstance(request.command, Match)]
