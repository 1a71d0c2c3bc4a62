"""The symbol master through the days: restored at start, renewed every day, swapped whole."""

import asyncio
import random
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

import structlog

from openalgo.domain.clock import IST, Clock
from openalgo.domain.errors import BrokerSessionExpired, OpenAlgoError
from openalgo.domain.instruments import Instrument
from openalgo.domain.market import Exchange, InstrumentKey
from openalgo.domain.waiting import until
from openalgo.instruments.current import CurrentMaster
from openalgo.instruments.loader import Loaded, MasterRefused, load
from openalgo.instruments.slices import Slices
from openalgo.instruments.snapshots import Snapshots, SnapshotUnusable
from openalgo.instruments.status import DownloadState, MasterStatus, StatusBoard

log = structlog.get_logger(__name__)

RETRY = timedelta(minutes=5)

Rows = Iterable[Instrument] | AsyncIterable[Instrument]

_LOG_IN = "Log in to the broker to download its instruments."
_FAILURES = (OpenAlgoError, MasterRefused, OSError)


class Due(NamedTuple):
    """Whether instruments are to be downloaded, and why, or why not."""

    should: bool
    reason: str


class Upkeep:
    """Keeps `current` at the list of the day.

    `read` gets that list from the broker, which has a new one every day at `listed_at` (IST), or
    never when that is `None`. With `snapshots` a list is stored under `name`, and a restart on the
    same day reads it from there instead.
    """

    def __init__(
        self,
        name: str,
        read: Callable[[], Awaitable[Rows]],
        clock: Clock,
        *,
        listed_at: time | None = None,
        snapshots: Snapshots | None = None,
        available: Callable[[], bool] | None = None,
        key_indices: Mapping[Exchange, InstrumentKey] | None = None,
        most_duplicates: float = 1.0,
        spread: timedelta = timedelta(0),
        jitter: Callable[[], float] = random.random,
        board: StatusBoard | None = None,
    ) -> None:
        """`available` says whether somebody is logged in, for brokers that give their list to
        nobody else: `start` then downloads nothing, and `run` once somebody is. `key_indices` and
        `most_duplicates` are what a list is held to; see `load`. Downloads of the morning are
        `spread` over that time, so that not everybody comes at once; `jitter` is in [0, 1).
        """
        self.current = CurrentMaster()
        self._name = name
        self._read = read
        self._clock = clock
        self._listed_at = listed_at
        self._snapshots = snapshots
        self._available = available
        self._key_indices = key_indices or {}
        self._most_duplicates = most_duplicates
        self._spread = spread
        self._jitter = jitter
        self._board = board or StatusBoard(name, clock)
        self._day: date | None = None
        self._forced = False
        self._news = asyncio.Event()

    @property
    def status(self) -> MasterStatus:
        return self._board.status

    @property
    def listed_at(self) -> time | None:
        """When a new list is there every day (IST), `None` where there is never one."""
        return self._listed_at

    def wake(self) -> None:
        """Somebody logged in: download the list of the day, if it is missing."""
        self._news.set()

    def due(self) -> Due:
        """Whether the list in force is not the newest there is."""
        if self._day is None:
            return Due(should=True, reason="No instruments have been downloaded yet.")
        if self._day != self._listing_day(self._clock.now()):
            return Due(should=True, reason=f"The instruments in force are those of {self._day}.")
        return Due(should=False, reason="The newest instruments are in force.")

    def request(self, *, force: bool = False) -> Due:
        """Download now, if that is due or `force` says so; tells whether, and why.

        Raises `BrokerSessionExpired` when nobody is logged in who could.
        """
        due = self.due()
        if self.status.state is DownloadState.DOWNLOADING:
            return Due(should=False, reason="A download is under way.")
        if self._listed_at is None and not due.should:
            return Due(should=False, reason="The instruments of this market never change.")
        if not (due.should or force):
            return due
        if not self._can_ask():
            raise BrokerSessionExpired(_LOG_IN)
        self._forced = force
        self._news.set()
        return due if due.should else Due(should=True, reason="You asked for it.")

    async def start(self) -> None:
        """Put a master in force: today's, or the last one stored when today's cannot be had.

        Raises what `read` and `load` raise when there is neither. Where the list takes a login,
        only a stored one is put in force, if there is any.
        """
        day = self._listing_day(self._clock.now())
        await self._restore()
        if self._day == day:
            return
        if self._available is not None:
            self._wait_for_login()
            return
        try:
            await self._renew(day)
        except _FAILURES as error:
            self._failed(error)
            if not len(self.current.master):
                raise

    async def run(self) -> None:
        """Renew the master whenever the broker has a new list, until cancelled.

        What fails is tried again every five minutes, or when somebody logs in; the old master
        stays in force meanwhile.
        """
        while True:
            self._news.clear()
            now = self._clock.now()
            day = self._listing_day(now)
            if day == self._day and not self._forced:
                await until(self._clock, self._next_download(day), self._news)
                continue
            if not self._can_ask():
                self._wait_for_login()
                await self._news.wait()
                continue
            self._forced = False
            try:
                await self._renew(day)
            except _FAILURES as error:
                self._failed(error)
                await until(self._clock, now + RETRY, self._news)

    async def _restore(self) -> None:
        """Put the stored master in force, if there is one."""
        if self._snapshots is None:
            return
        try:
            stored = await self._snapshots.restore(self._name)
        except (SnapshotUnusable, OSError) as error:
            log.warning("stored instruments cannot be read", broker=self._name, error=str(error))
            return
        if stored is not None:
            self._day = stored.trading_date
            self._board.in_force(
                stored.master, stored.trading_date, stored.downloaded_at, stored.seconds
            )
            await self.current.replace(stored.master)

    async def _renew(self, day: date) -> None:
        self._board.says(DownloadState.DOWNLOADING, "Downloading instruments.")
        loop = asyncio.get_running_loop()
        began = loop.time()
        loaded = await load(
            await self._read(),
            previous=await self._still_listed(day),
            key_indices=self._key_indices,
            most_duplicates=self._most_duplicates,
            progress=self._board.read,
        )
        seconds = loop.time() - began
        now = self._clock.now()
        await self._save(day, loaded, now, seconds)
        self._day = day
        log.info(
            "instruments renewed",
            broker=self._name,
            instruments=len(loaded.master),
            duplicates=loaded.duplicates,
            seconds=round(seconds, 1),
        )
        self._board.in_force(
            loaded.master, None if self._listed_at is None else day, now, round(seconds, 3)
        )
        await self.current.replace(loaded.master)

    async def _save(self, day: date, loaded: Loaded, now: datetime, seconds: float) -> None:
        if self._snapshots is None:
            return
        try:
            await self._snapshots.save(
                self._name, day, loaded.master, downloaded_at=now, seconds=round(seconds, 3)
            )
        except OSError as error:
            # They serve without having been stored; the next start downloads them again.
            log.warning("instruments could not be stored", broker=self._name, error=str(error))

    async def _still_listed(self, day: date) -> int:
        """How many instruments in force a list of `day` should have, too."""
        slices = Slices()
        count = 0
        for instrument in self.current.master:
            count += instrument.expiry is None or instrument.expiry >= day
            if slices.over:
                await slices.pause()
        return count

    def _failed(self, error: Exception) -> None:
        log.error(
            "instruments could not be renewed",
            broker=self._name,
            in_force=str(self._day),
            error=str(error),
        )
        state = DownloadState.ERROR
        if isinstance(error, BrokerSessionExpired) and not self._can_ask():
            state = DownloadState.PENDING
        self._board.says(state, f"{str(error).rstrip('.')}. {self._in_use()}".strip())

    def _wait_for_login(self) -> None:
        self._board.says(DownloadState.PENDING, f"{_LOG_IN} {self._in_use()}".strip())

    def _in_use(self) -> str:
        """Which instruments serve in place of those that are missing."""
        if self._day is None:
            return ""
        newest = self._listing_day(self._clock.now())
        if self._day == newest:
            return "Using today's instruments."
        if self._day == newest - timedelta(days=1):
            return "Using yesterday's instruments."
        return f"Using the instruments of {self._day}."

    def _can_ask(self) -> bool:
        return self._available is None or self._available()

    def _next_download(self, day: date) -> datetime | None:
        """When to ask for the list after that of `day`."""
        if self._listed_at is None:
            return None
        return self._listing_time(day + timedelta(days=1)) + self._spread * self._jitter()

    def _listing_day(self, now: datetime) -> date:
        """The day whose list is the newest there is."""
        if self._listed_at is None:
            return date.min
        day = now.astimezone(IST).date()
        return day if now >= self._listing_time(day) else day - timedelta(days=1)

    def _listing_time(self, day: date) -> datetime:
        return datetime.combine(day, self._listed_at or time.min, IST)
