"""The single writer of the paper exchange (DESIGN decision 1).

One task owns the state and awaits two things: its inbox and its commit. Commands are decided in
memory, stored in one transaction, and only then answered and published. Memory is ahead of disk
while a commit runs, so when a commit fails, or its outcome is unknown, memory is thrown away and
read back; the batch number stored in the same transaction tells which of the two happened.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar, cast, overload

import structlog

from openalgo.domain.calendar import Calendar, session_date, session_start
from openalgo.domain.clock import Clock
from openalgo.domain.day_events import DayEvent
from openalgo.domain.errors import OutcomeUnknown, StorageUnavailable
from openalgo.domain.events import AccountEvent
from openalgo.domain.gtt import Gtt
from openalgo.domain.instruments import InstrumentFinder
from openalgo.domain.market import InstrumentKey, Tick
from openalgo.domain.orders import Order
from openalgo.instruments.slices import Slices
from openalgo.persistence.sandbox.books import EngineMark, OwnershipLost
from openalgo.sandbox.batch import Batch
from openalgo.sandbox.commands import (
    AlignCapital,
    Cancel,
    CancelGtt,
    Command,
    Match,
    Modify,
    ModifyGtt,
    PassDay,
    Place,
    PlaceGtt,
    Read,
    Reset,
    SetRules,
)
from openalgo.sandbox.contracts import Basis
from openalgo.sandbox.counters import Counters
from openalgo.sandbox.deciding import Deciding
from openalgo.sandbox.engine_limits import Limits
from openalgo.sandbox.inbox import Inbox, Request
from openalgo.sandbox.interest import Announcer
from openalgo.sandbox.matching import Book, Mark
from openalgo.sandbox.moves import Moves
from openalgo.sandbox.ports import Books
from openalgo.sandbox.resets import check_capital
from openalgo.sandbox.restore import restore
from openalgo.sandbox.rules import Rules
from openalgo.sandbox.state import PaperExchange

T = TypeVar("T")

log = structlog.get_logger(__name__)

# An event of a day may be late by this much before the market is kept waiting for it.
_LATE = timedelta(minutes=1)
_ALWAYS = datetime.min.replace(tzinfo=UTC)


class EngineStatus(StrEnum):
    STARTING = "starting"
    RUNNING = "running"
    RECOVERING = "recovering"
    STOPPED = "stopped"


class Engine:
    """The paper exchange of all accounts of one market."""

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
        counters: Counters | None = None,
    ) -> None:
        """`publish` gets every event once it is stored; `interest` is told the instruments whose
        ticks the exchange needs: those something waits in, and those somebody holds. Engines of
        one process share their `counters`."""
        self._books = books
        self._instruments = instruments
        self._clock = clock
        self._publish = publish
        self._rules = rules or Rules()
        self._limits = limits or Limits()
        self._pause = pause
        self._counters = Counters() if counters is None else counters
        self._inbox = Inbox(self._limits.inbox, self._limits.exit_reserve)
        self._announcer = Announcer(
            interest, self._limits.interest_lingers, self._inbox.idle.is_set
        )
        self._stopping = False
        self._refusing = False
        self._epoch = 0
        self._batch_number = 0
        self._moves = Moves()
        self._catch_up: Callable[[], Awaitable[None]] | None = None
        self._next_day: datetime | None = None
        self._rules_changed = asyncio.Event()
        self._deciding = Deciding(
            self._inbox,
            self._moves,
            calendar,
            self._limits,
            PaperExchange(self._counters),
            self._rules,
        )
        self.status = EngineStatus.STARTING

    # -- what others call ------------------------------------------------------------------

    @overload
    async def submit(self, command: Place | Modify | Cancel) -> Order: ...
    @overload
    async def submit(self, command: PlaceGtt | ModifyGtt | CancelGtt) -> Gtt: ...
    async def submit(
        self, command: Place | Modify | Cancel | PlaceGtt | ModifyGtt | CancelGtt
    ) -> Order | Gtt:
        """Carry out `command`: the order or GTT as it is stored when this returns.

        Raises what refuses the command, `EngineBusy`, `StorageUnavailable`, `OutcomeUnknown`.
        """
        await self._days_are_done()
        exits = isinstance(command, Cancel | CancelGtt)
        return cast(Order | Gtt, await self._ask(command, exits=exits))

    @property
    def rules(self) -> Rules:
        """Those in force."""
        return self._rules

    async def other_rules(self, known: Rules) -> None:
        """Return once the rules in force are not `known`."""
        while self._rules is known:
            await self._rules_changed.wait()

    async def set_rules(self, rules: Rules, *, cause: str) -> None:
        """Go by `rules` from now on. Another starting capital is paid to every account, or taken.

        Raises `InvalidRequest` when an account has not got what would be taken, and what `submit`
        raises; the rules are then as before.
        """
        await self._days_are_done()
        await self._ask(SetRules(rules=rules, at=self._clock.now(), cause=cause))

    async def align_capital(self) -> None:
        """Have all accounts begun with the capital of the rules, if they have not: where a change
        of it was cut short, the accounts are ahead of the settings. Once, after the start. Raises
        what `submit` raises."""
        await self._days_are_done()
        capital = self._rules.starting_capital
        if await self.read(lambda state: _differ(state, capital)):
            await self._ask(AlignCapital(at=self._clock.now(), cause="start"))
            log.warning("starting capital of paper accounts set back", capital=str(capital))

    async def check_rules(self, rules: Rules) -> None:
        """Raises what `set_rules` would raise now; changes nothing."""
        await self.read(lambda state: check_capital(state, self._rules, rules))

    async def reset(
        self, account_id: int, starting_capital: Decimal | None = None, *, cause: str
    ) -> None:
        """Cancel, close and forget everything of the account, and begin again with
        `starting_capital` rupees (`None`: those it began with). What was is kept under the number
        of the reset. Raises what `submit` raises."""
        await self._days_are_done()
        await self._ask(
            Reset(
                account_id=account_id,
                starting_capital=starting_capital,
                at=self._clock.now(),
                cause=cause,
            )
        )

    async def pass_day(
        self,
        event: DayEvent,
        marks: Mapping[InstrumentKey, Mark],
        underlyings: Mapping[InstrumentKey, Basis],
    ) -> None:
        """Let `event` happen to all accounts; it is done when this returns. Passed twice, it
        changes nothing the second time. Raises what `submit` raises."""
        await self._ask(PassDay(event=event, marks=marks, underlyings=underlyings), exits=True)

    def follow_days(self, catch_up: Callable[[], Awaitable[None]]) -> None:
        """Do nothing for traders before `catch_up` returned: events of days may be due."""
        self._catch_up = catch_up
        self._next_day = _ALWAYS

    def day_due(self, at: datetime) -> None:
        """The next event of a day happens `at`: whoever comes later waits until it is done."""
        self._next_day = at

    async def expire_gtts(self) -> None:
        """Give back what GTTs hold whose time is over. Any command or reading does so first, so
        this is for when nothing else happens."""
        await self.read(lambda _: None)

    async def read(self, view: Callable[[PaperExchange], T]) -> T:
        """`view` of the state once everything before it is stored. It must not keep the state."""
        return cast(T, await self._ask(Read(view, self._clock.now())))

    def has_fresh_mark(self, key: InstrumentKey) -> bool:
        """Whether the feed gave a price young enough to trade on, its book included."""
        book = self._state.books.get(key)
        mark = book.mark if book is not None else None
        return mark is not None and mark.age(self._clock.now()) <= self._rules.book_max_age

    def on_tick(self, tick: Tick) -> None:
        """Take the market's word: update the mark, and queue a match if it touches something.

        Synchronous and O(1) for a tick that touches nothing. Nothing is missed while a commit
        runs: what touches is queued with its own mark, and so is every move after it, since it
        may meet an order that is only there because of the earlier one.
        """
        key = tick.key
        book = self._deciding.state.books.get(key)
        if book is None:
            return
        now = self._clock.now()
        if self._next_day is not None and now - _LATE > self._next_day:
            return
        mark = book.mark = Mark.of(tick, book.instrument, now)
        recovering = self.status is EngineStatus.RECOVERING
        ltp = mark.ltp
        matters = recovering or key in self._moves or book.touched_by(ltp)
        if matters and not self._moves.tells_nothing(key, ltp, extremes_only=recovering):
            self._moves.add(key, ltp)
            self._inbox.put(Request(Match(key=key, mark=mark)))

    async def settled(self) -> None:
        """Return when the inbox is empty and all of it is stored."""
        await self._inbox.idle.wait()

    @property
    def _state(self) -> PaperExchange:
        return self._deciding.state

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
            self._announcer.stop()
            self._inbox.refuse_asked(StorageUnavailable)
            self._inbox.idle.set()

    async def stop(self) -> None:
        """Finish what is in the inbox, then end `run`. New commands are refused."""
        self._stopping = True
        self._inbox.wake()
        if self.status in (EngineStatus.RUNNING, EngineStatus.RECOVERING):
            await self._inbox.idle.wait()

    async def _work_arrives(self) -> bool:
        """Wait for work, or, where there is some, for everybody else to have had a turn."""
        if self._inbox:
            await asyncio.sleep(0)
            return True
        self._inbox.idle.set()
        if self._stopping:
            return False
        await self._inbox.arrival()
        return True

    async def _turn(self) -> None:
        """Decide a batch, store it, answer it."""
        batch = Batch()
        try:
            if not self._deciding.batch(batch):
                await self._recover(batch)
            elif batch.events or batch.passed:
                await self._store(batch)
            else:
                await self._tell(batch)
        except OwnershipLost:
            batch.refuse(StorageUnavailable)
            raise
        except BaseException:
            batch.refuse(OutcomeUnknown)
            raise

    async def _store(self, batch: Batch) -> None:
        number = self._batch_number + 1
        try:
            if len(batch.events) > self._limits.events_at_a_stretch:
                await asyncio.sleep(0)
            await self._books.commit(batch.rows, self._mark(number))
        except OwnershipLost:
            raise
        except Exception as error:
            log.error("paper exchange could not store a batch", error=str(error), exc_info=True)
            await self._recover(batch)
        else:
            self._batch_number = number
            await self._tell(batch)

    async def _tell(self, batch: Batch) -> None:
        """Publish what is stored, then answer: who has an answer can rely on its events being
        out. What publishing takes shows at once; what an answer wakes runs later, so these are
        counted."""
        if batch.rules is not None:
            self._rules = batch.rules
            changed, self._rules_changed = self._rules_changed, asyncio.Event()
            changed.set()
        slices = Slices(self._limits.slice_seconds)
        for event in batch.events:
            self._publish(event)
            if slices.over:
                await slices.pause()
        for number, _ in enumerate(batch.answering(), start=1):
            if not number % self._limits.answers_at_a_stretch:
                await slices.pause()
        if new := self._announcer.announce(self._state.interest):
            self._forget_old_marks(new)

    def _forget_old_marks(self, books: Iterable[Book]) -> None:
        """What needs ticks again must not go by a price from before nobody needed them."""
        now, most = self._clock.now(), self._rules.price_max_age
        for book in books:
            if book.mark is not None and book.mark.age(now) > most:
                book.mark = None

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
            self._inbox.refuse_asked(StorageUnavailable)
            if unresolved is not None and waited >= self._limits.unknown_after:
                unresolved.refuse(OutcomeUnknown)
                unresolved = None
            await self._pause(self._limits.retry_seconds)
            waited += self._limits.retry_seconds
        if self._batch_number == number:
            await self._tell(batch)
            self._deciding.use(self._rules)
        else:
            batch.refuse(StorageUnavailable)
            self._again(batch.matches())
        self._refusing = False
        self.status = EngineStatus.RUNNING
        log.info("paper exchange recovered", batch=self._batch_number)

    def _again(self, matches: Sequence[Match]) -> None:
        """Let market movements that were decided, but not stored, come first once more."""
        for match in matches:
            self._moves.put_back(match.key, match.mark.ltp)
        self._inbox.put_back([Request(match) for match in matches])

    async def _load(self) -> None:
        since = session_start(session_date(self._clock.now()))
        stored = await self._books.load(since)
        if stored.mark.epoch != self._epoch:
            raise OwnershipLost(f"Epoch {self._epoch} of the paper exchange is over")
        state = await restore(stored, self._instruments, self._counters)
        for key, book in state.books.items():
            if (known := self._state.books.get(key)) is not None:
                book.mark = known.mark
        self._batch_number = stored.mark.batch
        self._deciding.adopt(state, self._rules)
        self._announcer.begin(state.interest)

    def _mark(self, batch: int) -> EngineMark:
        return EngineMark(
            id=self._books.market,
            epoch=self._epoch,
            batch=batch,
            order_day=self._counters.order_day,
            order_number=self._counters.order_number,
            trade_number=self._counters.trade_number,
            gtt_number=self._counters.gtt_number,
            day_at=self._state.day_done.at if self._state.day_done else None,
            day_kind=self._state.day_done.kind if self._state.day_done else 0,
        )

    # -- the inbox -------------------------------------------------------------------------

    async def _days_are_done(self) -> None:
        if self._catch_up is None or self._next_day is None:
            return
        if self._clock.now() >= self._next_day:
            await self._catch_up()

    async def _ask(self, command: Command | Read[Any], *, exits: bool = False) -> Any:
        if self._refusing or self._stopping:
            raise StorageUnavailable
        return await self._inbox.ask(command, exits=exits)


def _differ(state: PaperExchange, capital: Decimal) -> bool:
    """Whether an account began with another capital."""
    return any(each.funds.starting_capital != capital for each in state.accounts.values())
