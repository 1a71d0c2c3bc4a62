"""The work one transaction carries, and the answers that wait for it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from openalgo.domain.errors import OpenAlgoError
from openalgo.domain.events import AccountEvent, AccountOpened, OrderFilled
from openalgo.persistence.sandbox.books import BatchRows, StoredAccount
from openalgo.sandbox.commands import Command, Match, Read
from openalgo.sandbox.state import PaperAccount


@dataclass(slots=True, eq=False)
class Request:
    """A command (or read) in the inbox; `answer` is None for those nobody waits for."""

    command: Command | Read[Any]
    answer: asyncio.Future[Any] | None

    def resolve(self, value: object) -> None:
        if self.answer is not None and not self.answer.done():
            self.answer.set_result(value)

    def refuse(self, error: BaseException) -> None:
        if self.answer is not None and not self.answer.done():
            self.answer.set_exception(error)


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
        if isinstance(event, AccountOpened):
            return
        rows.orders[event.order.order_id] = event.order
        if isinstance(event, OrderFilled):
            rows.trades.append(event.trade)
            rows.positions[event.account_id, event.position.key] = event.position

    def finish(self, request: Request, outcome: object) -> None:
        """`outcome` is the answer, or the error, to give once the batch is stored."""
        self.requests.append(request)
        self.outcomes.append(outcome)

    def answer(self) -> None:
        for request, outcome in zip(self.requests, self.outcomes, strict=True):
            if isinstance(outcome, OpenAlgoError):
                request.refuse(outcome)
            else:
                request.resolve(outcome)

    def refuse(self, error: Callable[[], OpenAlgoError]) -> None:
        """Answer everybody with an error of their own: nothing was stored."""
        for request in self.requests:
            request.refuse(error())

    def matches(self) -> list[Request]:
        """The market movements among the requests: if nothing was stored they must run again."""
        return [request for request in self.requests if isinstance(request.command, Match)]
