"""The paper exchange in memory, and what commands do to it, a batch at a time."""

from collections.abc import Iterator
from datetime import datetime
from time import perf_counter
from typing import cast

import structlog

from openalgo.domain.calendar import Calendar
from openalgo.domain.errors import OpenAlgoError
from openalgo.domain.gtt import Gtt
from openalgo.domain.orders import Order
from openalgo.sandbox.batch import Batch
from openalgo.sandbox.commands import Decided, ExpireGtt, Match, PassDay, Read, SetRules
from openalgo.sandbox.decide import Decider
from openalgo.sandbox.engine_limits import Limits
from openalgo.sandbox.floor import Decision
from openalgo.sandbox.inbox import Inbox
from openalgo.sandbox.moves import Moves
from openalgo.sandbox.rules import Rules
from openalgo.sandbox.state import DayDone, PaperExchange

log = structlog.get_logger(__name__)


class Deciding:
    """Takes commands from the inbox and applies what follows from them to `state`."""

    def __init__(
        self,
        inbox: Inbox,
        moves: Moves,
        calendar: Calendar,
        limits: Limits,
        state: PaperExchange,
        rules: Rules,
    ) -> None:
        self._inbox = inbox
        self._moves = moves
        self._calendar = calendar
        self._limits = limits
        self._steps: Iterator[Decision | None] | None = None
        self.adopt(state, rules)

    def adopt(self, state: PaperExchange, rules: Rules) -> None:
        """Go on with `state`; an event of a day that was half done is begun anew."""
        self.state = state
        self._steps = None
        self.use(rules)

    def use(self, rules: Rules) -> None:
        """Decide by `rules` from now on."""
        self._decider = Decider(self.state, rules, self._calendar)

    def batch(self, batch: Batch) -> bool:
        """Take up to `batch_commands` commands or `batch_seconds` of work, applied in memory.

        False when a decision failed half-way, so that memory can no longer be trusted.
        """
        until = perf_counter() + self._limits.batch_seconds
        for taken in range(self._limits.batch_commands):
            if not self._inbox or (taken and perf_counter() > until):
                break
            request = self._inbox.take()
            command = request.command
            try:
                if not self._expire_before(command.at, batch, until):
                    self._inbox.put_back([request])
                    break
                if isinstance(command, Read):
                    outcome = command.view(self.state)
                elif isinstance(command, Match):
                    outcome = None
                    if not self._match(command, batch, until):
                        self._inbox.put_back([request])
                        break
                elif isinstance(command, PassDay):
                    outcome = None
                    if not self._pass_day(command, batch):
                        self._inbox.put_back([request])
                        break
                else:
                    outcome = self._decide(command, batch)
                    if isinstance(command, SetRules):
                        batch.rules = command.rules
                        self.use(command.rules)
            except OpenAlgoError as refusal:
                outcome = refusal
            except Exception:
                log.exception("paper exchange failed to decide", command=type(command).__name__)
                request.refuse(OpenAlgoError())
                return False
            batch.finish(request, outcome)
        return True

    def _expire_before(self, at: datetime, batch: Batch, until: float) -> bool:
        """End the GTTs whose time was over before `at`; False when out of time."""
        while (gtt := self.state.expired(at)) is not None:
            self._decide(
                ExpireGtt(
                    account_id=gtt.account_id, trigger_id=gtt.trigger_id, at=at, cause=gtt.cause
                ),
                batch,
            )
            if perf_counter() > until:
                return False
        return True

    def _match(self, command: Match, batch: Batch, until: float) -> bool:
        """All that the market touches, one after the other; False when out of time."""
        self._moves.take(command.key)
        while self._decide(command, batch) is not None:
            if perf_counter() > until:
                self._moves.put_back(command.key, command.mark.ltp)
                return False
        return True

    def _decide(self, command: Decided, batch: Batch) -> Order | Gtt | None:
        """Apply what follows from `command`: all of it, so that one transaction stores it."""
        return self._carry_out(self._decider.decide(command), batch)

    def _pass_day(self, command: PassDay, batch: Batch) -> bool:
        """All decisions the event takes; False when out of time. The next batch goes on."""
        until = perf_counter() + self._limits.day_seconds
        if self._steps is None:
            self._steps = self._decider.day(command)
        for decision in self._steps:
            if decision is not None:
                self._carry_out(decision, batch)
            if perf_counter() > until:
                return False
        self._steps = None
        self.state.day_done = DayDone(command.event.at, command.event.kind)
        batch.passed = True
        return True

    def _carry_out(self, decision: Decision, batch: Batch) -> Order | Gtt | None:
        while True:
            try:
                event = next(decision)
            except StopIteration as done:
                return cast(Order | Gtt | None, done.value)
            self.state.apply(event)
            batch.record(event, self.state.accounts[event.account_id])
