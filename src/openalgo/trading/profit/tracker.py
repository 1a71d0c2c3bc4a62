"""One account's profit of the day, on paper or at its broker, followed by the second."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

import structlog

from openalgo.domain.calendar import session_date
from openalgo.domain.clock import Clock
from openalgo.domain.errors import OpenAlgoError
from openalgo.domain.events import ProfitMoved
from openalgo.domain.market import Mode
from openalgo.domain.portfolio import MarkedPosition
from openalgo.domain.profit import Curve
from openalgo.domain.waiting import until
from openalgo.trading.markets import Market
from openalgo.trading.profit.held import Held, sample_of
from openalgo.trading.venues import Venue, VenueMode

log = structlog.get_logger(__name__)

SAMPLED_EVERY = timedelta(seconds=1)
LOOKED_AFTER = timedelta(seconds=30)
READ_AGAIN = timedelta(minutes=1)
"""So often a broker's positions are read while there are any: not all that changes them is an order
we hear of."""


class Tracker:
    """Reads the positions when something happened to them, and moves them on by their prices each
    second while any is open. Without open positions it waits for the next event.

    What cannot be read is no zero: then `problem` says why, and the curve has no sample.
    """

    def __init__(
        self,
        account_id: int,
        mode: VenueMode,
        place: Callable[[], tuple[Market, Venue]],
        clock: Clock,
        publish: Callable[[ProfitMoved], None],
        is_heard: Callable[[int], bool],
        curve: Curve | None = None,
    ) -> None:
        """`place` tells where it trades, or raises why that is not known. `clock` is that of those
        who watch; the day is by the clock of the market."""
        self.account_id = account_id
        self.mode = mode
        self.curve = curve
        self.rows: Sequence[MarkedPosition] = ()
        self.as_of: datetime | None = None
        self.problem: str | None = None
        self._place = place
        self._clock = clock
        self._publish = publish
        self._is_heard = is_heard
        self._held: Held | None = None
        self._read_at = clock.now()
        self._woken = asyncio.Event()
        # One at a time: a slow reading must not take the place of a newer one.
        self._sampling = asyncio.Lock()
        self._demand = f"profit-{mode}-{account_id}"

    def look(self) -> None:
        """Something happened to the positions."""
        self._held = None
        self._woken.set()

    def begin_anew(self) -> None:
        """The account has: what it made before does not count any more."""
        self.curve = None
        self.look()

    async def run(self) -> None:
        """Until cancelled."""
        try:
            while True:
                await self.follow()
                await self._pause()
        finally:
            with suppress(OpenAlgoError):
                market, _ = self._place()
                market.demand.withdraw(self._demand)

    async def follow(self) -> None:
        """Sample once."""
        try:
            async with self._sampling:
                await self._sample()
        except OpenAlgoError as error:
            if self.problem is None:
                log.info("profit is not known", account=self.account_id, why=error.code)
            self.problem, self._held = error.message, None
        else:
            self.problem = None

    async def _sample(self) -> None:
        self._woken.clear()
        market, venue = self._place()
        held = await self._positions(market, venue)
        rows = await held.at_prices()
        now = market.clock.now()
        day = session_date(now)
        if self.curve is None or self.curve.day != day:
            self.curve = Curve(day)
        self.rows, self.as_of = rows, now
        if self.curve.add(sample_of(rows, now)) and self._is_heard(self.account_id):
            self._tell(self.curve, now)

    async def _positions(self, market: Market, venue: Venue) -> Held:
        """Another day has other books."""
        now = session_date(market.clock.now())
        is_new_day = self.curve is not None and self.curve.day != now
        due = self.mode is VenueMode.LIVE and self._clock.now() >= self._read_at + READ_AGAIN
        held = self._held
        if held is None or is_new_day or (due and held.is_open):
            self._read_at = self._clock.now()
            rows = await venue.positions(self.account_id)
            held = Held(rows, market.hub.latest.get)
            if not self._woken.is_set():
                self._held = held
            if self.mode is VenueMode.LIVE:
                instruments = (r.position.instrument for r in rows if r.position.quantity)
                market.demand.state(self._demand, dict.fromkeys(instruments, Mode.LTP))
        return held

    def _tell(self, curve: Curve, now: datetime) -> None:
        last, close = curve.last, curve.close
        if last is None or close is None:
            return
        self._publish(
            ProfitMoved(
                account_id=self.account_id,
                at=now,
                cause="profit",
                mode=self.mode,
                realised=last.realised,
                unrealised=last.unrealised,
                highest=close.highest.total,
                lowest=close.lowest.total,
                drawdown=curve.drawdown,
                max_drawdown=close.max_drawdown,
            )
        )

    async def _pause(self) -> None:
        """A second while positions are open, so that a burst of fills is read once; else until
        something happens."""
        if self._held is not None and self._held.is_open:
            await self._clock.sleep_until(self._clock.now() + SAMPLED_EVERY)
            return
        await until(self._clock, self._clock.now() + LOOKED_AFTER, self._woken)
