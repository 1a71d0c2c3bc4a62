"""What all accounts make in a day."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Protocol

import structlog

from openalgo.accounts.accounts import Account
from openalgo.domain.calendar import session_date
from openalgo.domain.clock import Clock
from openalgo.domain.errors import BrokerSessionExpired, StorageUnavailable
from openalgo.domain.events import (
    AccountArchived,
    AccountCreated,
    AccountReset,
    BrokerSessionChanged,
    Event,
    OrderFilled,
    OrderReported,
    PositionSettled,
    ProfitMoved,
)
from openalgo.domain.numbers import ZERO
from openalgo.domain.orders import TransitionKind
from openalgo.domain.portfolio import MarkedPosition
from openalgo.domain.profit import Curve, DayClose, Point, Sample
from openalgo.trading.markets import Market, Markets
from openalgo.trading.profit.record import Books
from openalgo.trading.profit.strategies import StrategyProfit, by_strategy
from openalgo.trading.profit.tracker import Tracker
from openalgo.trading.venues import Venue, VenueMode

log = structlog.get_logger(__name__)

SAVED_EVERY = timedelta(seconds=15)


class CurveStore(Protocol):
    """Methods raise `StorageUnavailable`."""

    async def load(self) -> dict[Books, Curve]: ...

    async def save(self, curves: Sequence[tuple[Books, Curve]]) -> None: ...

    async def forget(self, books: Books, day: date) -> None: ...

    async def days(self, books: Books, limit: int) -> list[DayClose]: ...


class Tasks(Protocol):
    """Runs what belongs to one account as long as the account is there."""

    def start(self, name: str, run: Callable[[], Awaitable[None]]) -> None: ...

    def end(self, name: str) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DayProfit:
    """The session day of one of an account's books. `close` is `None` while nothing was made or
    lost, `last` while the books could not be read at all. `as_of` is when they were valued last,
    `problem` why that is not now. `rows` are the positions that made it."""

    mode: VenueMode
    day: date
    as_of: datetime | None
    problem: str | None
    last: Sample | None
    close: DayClose | None
    drawdown: Decimal
    points: Sequence[Point]
    rows: Sequence[MarkedPosition]


class ProfitDesk:
    """Follows the paper books of every account, and those at its broker where it has one."""

    def __init__(
        self,
        markets: Markets,
        store: CurveStore,
        clock: Clock,
        publish: Callable[[ProfitMoved], None],
        is_heard: Callable[[int], bool],
        tasks: Tasks,
    ) -> None:
        self._markets = markets
        self._store = store
        self._clock = clock
        self._publish = publish
        self._is_heard = is_heard
        self._tasks = tasks
        self._restored: dict[Books, Curve] = {}
        self._trackers: dict[Books, Tracker] = {}
        self._anew: dict[Books, date] = {}

    async def start(self, accounts: Iterable[Account]) -> None:
        """Follow `accounts`, from where they were before. Where that cannot be read, the curves
        begin now."""
        try:
            self._restored = await self._store.load()
        except StorageUnavailable:
            log.warning("the profit of the day so far could not be read")
        for account in accounts:
            self._follow(account.id, VenueMode.ANALYZE)
            if self._markets.live_of(account.id) is not None:
                self._follow(account.id, VenueMode.LIVE)

    def hear(self, event: Event) -> None:
        """Something happened to an account. Returns at once."""
        account_id = event.account_id
        match event:
            case OrderFilled() | PositionSettled():
                self._look(account_id, VenueMode.ANALYZE)
            case OrderReported(kind=TransitionKind.FILLED):
                self._look(account_id, VenueMode.LIVE)
            case BrokerSessionChanged():
                # The first login of an account that was made since the start, maybe.
                if self._markets.live_of(account_id) is not None:
                    self._follow(account_id, VenueMode.LIVE)
                self._look(account_id, VenueMode.LIVE)
            case AccountReset():
                self._begin_anew(account_id)
            case AccountCreated():
                self._follow(account_id, VenueMode.ANALYZE)
            case AccountArchived():
                for mode in VenueMode:
                    if self._trackers.pop((account_id, mode), None) is not None:
                        self._tasks.end(_task(account_id, mode))

    async def keep(self) -> None:
        """Store the curves every so many seconds, until cancelled."""
        while True:
            await self._clock.sleep_until(self._clock.now() + SAVED_EVERY)
            await self.save()

    async def save(self) -> None:
        """Store what is new. What cannot be stored now is stored the next time."""
        try:
            for books, day in list(self._anew.items()):
                await self._store.forget(books, day)
                del self._anew[books]
            curves = [
                (books, tracker.curve)
                for books, tracker in self._trackers.items()
                if tracker.curve is not None and not tracker.curve.is_blank
            ]
            await self._store.save(curves)
        except StorageUnavailable:
            log.warning("the profit of the day could not be stored")

    async def today(self, account_id: int, venue: Venue) -> DayProfit:
        """Of the books that `venue` keeps, valued now where that is possible. Raises what finding
        the account's market raises."""
        market = self._markets.of(account_id)
        tracker = self._follow(account_id, venue.mode)
        await tracker.follow()
        curve = tracker.curve
        return DayProfit(
            mode=venue.mode,
            day=curve.day if curve is not None else session_date(market.clock.now()),
            as_of=tracker.as_of,
            problem=tracker.problem,
            last=None if curve is None else curve.last,
            close=None if curve is None else curve.close,
            drawdown=ZERO if curve is None else curve.drawdown,
            points=[] if curve is None else list(curve.drawn()),
            rows=tracker.rows,
        )

    async def strategies(
        self, account_id: int, venue: Venue
    ) -> tuple[list[StrategyProfit], Decimal | None]:
        """What the trades of each strategy have made today, and what the rest is: that of positions
        carried into the day. Raises what reading the books raises."""
        rows = await venue.positions(account_id)
        return await by_strategy(await venue.trades(account_id), rows)

    async def days(self, account_id: int, mode: VenueMode, limit: int) -> list[DayClose]:
        """How the newest days ended, newest first; today as it stands. Raises
        `StorageUnavailable`."""
        await self.save()
        return await self._store.days((account_id, mode), limit)

    def _follow(self, account_id: int, mode: VenueMode) -> Tracker:
        books = account_id, mode
        tracker = self._trackers.get(books)
        if tracker is None:
            tracker = self._trackers[books] = Tracker(
                account_id,
                mode,
                lambda: self._place(account_id, mode),
                self._clock,
                self._publish,
                self._is_heard,
                self._restored.pop(books, None),
            )
            self._tasks.start(_task(account_id, mode), tracker.run)
        return tracker

    def _place(self, account_id: int, mode: VenueMode) -> tuple[Market, Venue]:
        market = self._markets.of(account_id)
        if mode is VenueMode.ANALYZE:
            return market, market.paper.venue
        venue = self._markets.live_of(account_id)
        if venue is None:
            raise BrokerSessionExpired
        return market, venue

    def _look(self, account_id: int, mode: VenueMode) -> None:
        tracker = self._trackers.get((account_id, mode))
        if tracker is not None:
            tracker.look()

    def _begin_anew(self, account_id: int) -> None:
        books = account_id, VenueMode.ANALYZE
        tracker = self._trackers.get(books)
        if tracker is not None:
            if tracker.curve is not None:
                self._anew[books] = tracker.curve.day
            tracker.begin_anew()


def _task(account_id: int, mode: VenueMode) -> str:
    return f"profit-{mode}-{account_id}"
