"""The single writer of the paper exchange (DESIGN decision 1).

One task owns the state and awaits two things: its inbox and its commit. Commands are decided in
memory, stored in one transaction, and only then answered and published. Memory is ahead of disk
while a commit runs, so when a commit fails, or its outcome is unknown, memory is thrown away and
read back; the batch number stored in the same transaction tells which of the two happened.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from time import perf_counter
from typing import Any, TypeVar, cast

import structlog

from openalgo.domain.calendar import Calendar, session_date, session_start
from openalgo.domain.clock import Clock
from openalgo.domain.errors import EngineBusy, OpenAlgoError, OutcomeUnknown, StorageUnavailable
from openalgo.domain.events import AccountEvent
from openalgo.domain.instruments import Instrument
from openalgo.domain.intents import PlaceOrder
from openalgo.domain.market import InstrumentKey, Tick
from openalgo.domain.numbers import Px
from openalgo.domain.orders import Order
from openalgo.persistence.sandbox.books import EngineMark, OwnershipLost
from openalgo.sandbox.batch import Batch, Request
from openalgo.sandbox.commands import Cancel, Command, Match, Place, Read
from openalgo.sandbox.decide import Decider
from openalgo.sandbox.matching import Mark
from openalgo.sandbox.ports import Books, InstrumentFinder
from openalgo.sandbox.restore import restore
from openalgo.sandbox.rules import Rules
from openalgo.sandbox.state import PaperExchange

T = TypeVar("T")

log = structlog.get_logger(__name__)


class EngineStatus(StrEnum):
    STARTING = "starting"
    RUNNING = "running"
    RECOVERING = "recovering"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much the engine takes on. Times are seconds of transport time."""

    batch_commands: int = 256
    batch_seconds: float = 0.003
    inbox: int = 4096
    exit_reserve: int = 512
    unknown_after: float = 5.0
    retry_seconds: float = 0.25


class Engine:
    """The paper exchange of all accounts on one market."""

    def __init__(
        self,
        books: Books,
        instruments: InstrumentFinder,
        clock: Clock,
        calendar: Calendar,
        publish: Callable[[AccountEvent], None],
        rules: Rules | None = None,
        limits: Limits | None = None,
        interest: Callable[[Sequence[InstrumentKey]], None] = lambda _: None,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`publish` gets every event once it is stored; `interest` is told the instruments whose
        ticks the exchange needs: those with working orders, and those it has traded."""
        self._books = books
        self._instruments = instruments
        self._clock = clock
        self._calendar = calendar
        self._publish = publish
        self._rules = rules or Rules()
        self._limits = limits or Limits()
        self._interest = interest
        self._pause = pause
        self._inbox: deque[Request] = deque()
        self._waiting = 0
        self._arrived = asyncio.Event()
        self._idle = asyncio.Event()
        self._stopping = False
        self._refusing = False
        self._epoch = 0
        self._batch_number = 0
        self._queued: dict[InstrumentKey, _Queued] = {}
        self._interested = 0
        self._adopt(PaperExchange())
        self.status = EngineStatus.STARTING

    # -- what others call ------------------------------------------------------------------

    async def place(
        self,
        account_id: int,
        intent: PlaceOrder,
        instrument: Instrument,
        mark: Mark | None,
        *,
        cause: str,
    ) -> Order:
        """Accept an order; it is stored, and matched if the market is there, when this returns."""
        command = Place(
            account_id=account_id,
            intent=intent,
            instrument=instrument,
            mark=mark,
            at=self._clock.now(),
            cause=cause,
        )
        return cast(Order, await self._ask(command))

    async def cancel(self, account_id: int, order_id: str, *, cause: str) -> Order:
        """Withdraw what is left of an order."""
        command = Cancel(
            account_id=account_id, order_id=order_id, at=self._clock.now(), cause=cause
        )
        return cast(Order, await self._ask(command, exits=True))

    async def read(self, view: Callable[[PaperExchange], T]) -> T:
        """`view` of the state once everything before it is stored. It must not keep the state."""
        return cast(T, await self._ask(Read(view)))

    def has_fresh_mark(self, key: InstrumentKey) -> bool:
        """Whether the feed gave a price young enough to trade on, its book included."""
        book = self._state.books.get(key)
        mark = book.mark if book is not None else None
        return mark is not None and mark.age(self._clock.now()) <= self._rules.book_max_age

    def on_tick(self, tick: Tick) -> None:
        """Take the market's word: update the mark, and queue a match if an order is touched.

        Synchronous and O(1) for a tick that fills nothing. Every new extreme that touches an
        order is queued with its own mark, so nothing is missed while a commit runs.
        """
        key = tick.key
        book = self._state.books.get(key)
        if book is None:
            return
        mark = book.mark = Mark.of(tick, book.instrument, self._clock.now())
        if self.status is EngineStatus.RECOVERING or book.touched_by(mark.ltp):
            self._queue_extreme(key, mark)

    async def settled(self) -> None:
        """Return when the inbox is empty and all of it is stored."""
        await self._idle.wait()

    # -- the task --------------------------------------------------------------------------

    async def run(self) -> None:
        """Own the tables until stopped. Raises `OwnershipLost` when another process took over."""
        try:
            self._epoch = await self._books.claim()
            await self._load()
            self.status = EngineStatus.RUNNING
            while await self._work_arrives():
                await self._turn()
        finally:
            self.status = EngineStatus.STOPPED
            self._stopping = True
            self._refuse_waiting(StorageUnavailable)
            self._idle.set()

    async def stop(self) -> None:
        """Finish what is in the inbox, then end `run`. New commands are refused."""
        self._stopping = True
        self._arrived.set()
        if self.status in (EngineStatus.RUNNING, EngineStatus.RECOVERING):
            await self._idle.wait()

    async def _work_arrives(self) -> bool:
        if not self._inbox:
            self._idle.set()
            if self._stopping:
                return False
            await self._arrived.wait()
        self._arrived.clear()
        return True

    async def _turn(self) -> None:
        """Decide a batch, store it, answer it."""
        batch = Batch()
        try:
            if not self._decide_batch(batch):
                await self._recover(batch)
            elif batch.events:
                await self._store(batch)
            else:
                batch.answer()
                await asyncio.sleep(0)
        except OwnershipLost:
            batch.refuse(StorageUnavailable)
            raise
        except BaseException:
            batch.refuse(OutcomeUnknown)
            raise

    async def _store(self, batch: Batch) -> None:
        number = self._batch_number + 1
        try:
            await self._books.commit(batch.rows, self._mark(number))
        except OwnershipLost:
            raise
        except Exception as error:
            log.error("paper exchange could not store a batch", error=str(error), exc_info=True)
            await self._recover(batch)
        else:
            self._finish(batch, number)

    def _decide_batch(self, batch: Batch) -> bool:
        """Take up to `batch_commands` commands or `batch_seconds` of work, applied in memory.

        False when a decision failed half-way, so that memory can no longer be trusted.
        """
        until = perf_counter() + self._limits.batch_seconds
        for taken in range(self._limits.batch_commands):
            if not self._inbox or (taken and perf_counter() > until):
                break
            request = self._inbox.popleft()
            if request.answer is not None:
                self._waiting -= 1
            try:
                if isinstance(request.command, Read):
                    outcome = request.command.view(self._state)
                else:
                    outcome = self._decide(request.command, batch, until)
            except OpenAlgoError as refusal:
                outcome = refusal
            except Exception:
                kind = type(request.command).__name__
                log.exception("paper exchange failed to decide", command=kind)
                request.refuse(OpenAlgoError())
                return False
            batch.finish(request, outcome)
        return True

    def _decide(self, command: Command, batch: Batch, until: float) -> Order | None:
        """Apply what follows from `command`; a match out of time goes back to the front."""
        is_match = isinstance(command, Match)
        if isinstance(command, Match):
            self._queued.pop(command.key, None)
        decision = self._decider.decide(command)
        while True:
            try:
                event = next(decision)
            except StopIteration as done:
                return cast(Order | None, done.value)
            self._state.apply(event)
            batch.record(event, self._state.accounts[event.account_id])
            if is_match and perf_counter() > until:
                self._inbox.appendleft(Request(command, None))
                return None

    def _finish(self, batch: Batch, number: int) -> None:
        self._batch_number = number
        batch.answer()
        for event in batch.events:
            self._publish(event)
        self._state_interest()

    def _state_interest(self) -> None:
        if len(self._state.books) != self._interested:
            self._interested = len(self._state.books)
            self._interest(list(self._state.books))

    # -- recovery --------------------------------------------------------------------------

    async def _recover(self, batch: Batch) -> None:
        """Throw memory away and read it back; answer `batch` by what the tables say."""
        self.status = EngineStatus.RECOVERING
        number = self._batch_number + 1
        unresolved: Batch | None = batch
        waited = 0.0
        while True:
            try:
                await self._books.discard()
                await self._load()
                break
            except OwnershipLost:
                raise
            except Exception as error:
                log.error("paper exchange cannot read its tables", error=str(error))
            self._refusing = True
            self._refuse_waiting(StorageUnavailable)
            if unresolved is not None and waited >= self._limits.unknown_after:
                unresolved.refuse(OutcomeUnknown)
                unresolved = None
            await self._pause(self._limits.retry_seconds)
            waited += self._limits.retry_seconds
        if self._batch_number == number:
            self._finish(batch, number)
        else:
            batch.refuse(StorageUnavailable)
            self._inbox.extendleft(reversed(batch.matches()))
        self._refusing = False
        self.status = EngineStatus.RUNNING
        log.info("paper exchange recovered", batch=self._batch_number)

    async def _load(self) -> None:
        since = session_start(session_date(self._clock.now()))
        stored = await self._books.load(since)
        if stored.mark.epoch != self._epoch:
            raise OwnershipLost(f"Epoch {self._epoch} of the paper exchange is over")
        state = await restore(stored, self._instruments)
        for key, book in state.books.items():
            if (known := self._state.books.get(key)) is not None:
                book.mark = known.mark
        self._batch_number = stored.mark.batch
        self._adopt(state)
        self._state_interest()

    def _adopt(self, state: PaperExchange) -> None:
        self._state = state
        self._decider = Decider(state, self._rules, self._calendar)

    def _mark(self, batch: int) -> EngineMark:
        return EngineMark(
            epoch=self._epoch,
            batch=batch,
            order_day=self._state.order_day,
            order_number=self._state.order_number,
            trade_number=self._state.trade_number,
        )

    # -- the inbox -------------------------------------------------------------------------

    async def _ask(self, command: Command | Read[Any], *, exits: bool = False) -> Any:
        limit = self._limits.inbox + (self._limits.exit_reserve if exits else 0)
        if self._waiting >= limit:
            raise EngineBusy
        if self._refusing or self._stopping:
            raise StorageUnavailable
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting += 1
        self._put(Request(command, answer))
        return await answer

    def _queue_extreme(self, key: InstrumentKey, mark: Mark) -> None:
        """Queue a match unless one at least as far out is waiting already."""
        queued = self._queued.get(key)
        if queued is None:
            self._queued[key] = _Queued(mark.ltp, mark.ltp)
        elif mark.ltp < queued.low:
            queued.low = mark.ltp
        elif mark.ltp > queued.high:
            queued.high = mark.ltp
        else:
            return
        self._put(Request(Match(key=key, mark=mark, cause="tick"), None))

    def _put(self, request: Request) -> None:
        self._inbox.append(request)
        self._idle.clear()
        self._arrived.set()

    def _refuse_waiting(self, error: Callable[[], OpenAlgoError]) -> None:
        """Answer everything nobody has looked at yet; market movements stay queued."""
        requests = list(self._inbox)
        self._inbox.clear()
        for request in requests:
            if request.answer is None:
                self._inbox.append(request)
            else:
                self._waiting -= 1
                request.refuse(error())


@dataclass(slots=True)
class _Queued:
    """The lowest and highest last price among the matches waiting for one instrument."""

    low: Px
    high: Px
