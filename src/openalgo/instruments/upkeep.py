"""The symbol master through the days: restored at start, renewed every day, swapped whole."""

from collections.abc import AsyncIterable, Awaitable, Callable, Iterable
from datetime import date, datetime, time, timedelta

import structlog

from openalgo.domain.clock import IST, Clock
from openalgo.domain.errors import OpenAlgoError
from openalgo.domain.instruments import Instrument
from openalgo.instruments.current import CurrentMaster
from openalgo.instruments.loader import MasterRefused, load
from openalgo.instruments.snapshots import Snapshots, SnapshotUnusable

log = structlog.get_logger(__name__)

RETRY = timedelta(minutes=5)

Rows = Iterable[Instrument] | AsyncIterable[Instrument]


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
    ) -> None:
        self.current = CurrentMaster()
        self._name = name
        self._read = read
        self._clock = clock
        self._listed_at = listed_at
        self._snapshots = snapshots
        self._day: date | None = None

    async def start(self) -> None:
        """Put a master in force: today's, or the last one stored when today's cannot be had.

        Raises what `read` and `load` raise when there is neither.
        """
        day = self._listing_day(self._clock.now())
        await self._restore()
        if self._day == day:
            return
        try:
            await self._renew(day)
        except (OpenAlgoError, MasterRefused, OSError) as error:
            if not len(self.current.master):
                raise
            log.warning(
                "instruments of an earlier day are in force",
                broker=self._name,
                day=str(self._day),
                error=str(error),
            )

    async def run(self) -> None:
        """Renew the master whenever the broker has a new list, until cancelled.

        What fails is tried again every five minutes; the old master stays in force meanwhile.
        """
        while True:
            now = self._clock.now()
            day = self._listing_day(now)
            if day == self._day:
                await self._clock.sleep_until(self._listing_time(day + timedelta(days=1)))
                continue
            try:
                await self._renew(day)
            except (OpenAlgoError, MasterRefused, OSError) as error:
                log.error("instruments could not be renewed", broker=self._name, error=str(error))
                await self._clock.sleep_until(now + RETRY)

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
            await self.current.replace(stored.master)

    async def _renew(self, day: date) -> None:
        loaded = await load(
            await self._read(),
            previous=len(self.current.master),
            key_indices={},
        )
        if self._snapshots is not None:
            await self._snapshots.save(self._name, day, loaded.master)
        self._day = day
        log.info("instruments renewed", broker=self._name, instruments=len(loaded.master))
        await self.current.replace(loaded.master)

    def _listing_day(self, now: datetime) -> date:
        """The day whose list is the newest there is."""
        if self._listed_at is None:
            return date.min
        day = now.astimezone(IST).date()
        return day if now >= self._listing_time(day) else day - timedelta(days=1)

    def _listing_time(self, day: date) -> datetime:
        return datetime.combine(day, self._listed_at or time.min, IST)
