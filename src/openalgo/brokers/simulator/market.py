"""One day of one simulated instrument."""

from datetime import date, datetime, timedelta
from typing import Literal

from openalgo.brokers.simulator import path
from openalgo.brokers.simulator.instruments import Listing
from openalgo.domain.calendar import Session
from openalgo.domain.clock import epoch_ms
from openalgo.domain.market import Tick
from openalgo.domain.numbers import Px, px_float

STEP = timedelta(milliseconds=500)
"""How often a price may change."""

_SIDES: tuple[Literal["bid", "ask"], ...] = ("bid", "ask")
_QUIETEST_DAY = 0.6
_BUSIEST_DAY = 1.4
_BOOK_STEPS = 20
"""The best bid and ask hold up to what trades in so many steps."""


class TradingDay:
    """The prices of `listing` from the start to the end of one session, half a second apart.

    Before the session opens it shows the previous close, after it this day's.
    """

    def __init__(self, seed: int, listing: Listing, day: date, session: Session) -> None:
        self._listing = listing
        self._opens = session.opens
        self._steps = (session.closes - session.opens) // STEP
        self._tick_size = listing.tick_size
        self._prices = path.prices(
            path.day_levels(seed, listing.symbol, day.toordinal(), self._steps),
            float(listing.base_price),
            listing.volatility,
            px_float(listing.tick_size),
        )
        self._volume_key = path.key_of(seed, listing.symbol, "volume", day.toordinal())
        self._depth_keys = {
            side: path.key_of(seed, listing.symbol, side, day.toordinal()) for side in _SIDES
        }
        busy = path.uniform(path.key_of(seed, listing.symbol, "busy"), day.toordinal())
        self._per_step = (
            listing.daily_volume
            / self._steps
            * (_QUIETEST_DAY + busy * (_BUSIEST_DAY - _QUIETEST_DAY))
        )

    def tick(self, now: datetime) -> Tick:
        """The instrument at `now`, with the day's open, high and low so far."""
        step = min(max((now - self._opens) // STEP, 0), self._steps)
        so_far = self._prices[: step + 1]
        first, last = int(so_far[0]), int(so_far[-1])
        traded = bool(self._listing.daily_volume)
        return Tick(
            exchange=self._listing.exchange,
            symbol=self._listing.symbol,
            received_ms=epoch_ms(now),
            exchange_ms=epoch_ms(min(self._opens + step * STEP, now)),
            ltp=self._rupees(last),
            open=self._rupees(first),
            high=self._rupees(int(so_far.max())),
            low=self._rupees(int(so_far.min())),
            prev_close=self._rupees(first),
            volume=self._volume(step) if traded else None,
            last_quantity=self._volume(step) - self._volume(step - 1) if traded else None,
            bid=self._rupees(max(last - 1, 1)) if traded else None,
            ask=self._rupees(last + 1) if traded else None,
            bid_quantity=self._depth("bid", step) if traded else None,
            ask_quantity=self._depth("ask", step) if traded else None,
        )

    def _rupees(self, ticks: int) -> float:
        return px_float(Px(ticks * self._tick_size))

    def _volume(self, step: int) -> int:
        return path.volume(self._volume_key, step, self._per_step) if step >= 0 else 0

    def _depth(self, side: Literal["bid", "ask"], step: int) -> int:
        share = path.uniform(self._depth_keys[side], step)
        return 1 + int(share * self._per_step * _BOOK_STEPS)
