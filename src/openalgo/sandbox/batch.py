"""The work one transaction carries, and the answers that wait for it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from openalgo.domain.errors import OpenAlgoError
from openalgo.domain.events import AccountEvent, AccountOpened, OrderChanged, OrderFilled
from openalgo.persistence.sandbox.books import BatchRows, StoredAccount
from openalgo.sandbox.account import PaperAccount
from openalgo.sandbox.commands import Match
from openalgo.sandbox.inbox import Request


@dataclass(slots=True)
class Batch:
    """Decided work: what to store, what to publish and what to answer, in order."""

    rows: BatchRows = field(default_factory=BatchRows)
    events: list[AccountEvent] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    outcomes: list[object] = field(default_factory=list)

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
        elif not isinstance(event, AccountOpened):
            rows.gtts[event.gtt.trigger_id] = event.gtt

    def finish(self, request: Request, outcome: object) -> None:
        """`outcome` is the answer, or the error, to give once the batch is stored."""
        self.requests.append(request)
        self.outcomes.append(outcome)

    def answering(self) -> Iterator[None]:
        """Answer everybody, one at a time."""
        for request, outcome in zip(self.requests, self.outcomes, strict=True):
            if isinstance(outcome, OpenAlgoError):
                request.refuse(outcome)
            else:
                request.resolve(outcome)
            yield

    def refuse(self, error: Callable[[], OpenAlgoError]) -> None:
        """Answer everybody with an error of their own: nothing was stored."""
        for request in self.requests:
            request.refuse(error())

    def matches(self) -> list[Match]:
        """The market movements among the requests: if nothing was stored they must run again."""
        return [request.command for request in self.requests if isinstance(request.command, Match)]
