"""Candles of what a recording has played."""

from datetime import date

from openalgo.brokers.intervals import DAILY, INTRADAY, anchor_s, day_label
from openalgo.brokers.replay.records import Record
from openalgo.brokers.replay.times import instant
from openalgo.domain.calendar import session_date
from openalgo.domain.market import Candle

_SECOND = 1_000_000


class CandleBuilder:
    """Takes the records of one instrument in order, and makes candles of `interval`.

    Where records count the day's volume, the first one of a day adds its last trade only: what
    came before it was not recorded.
    """

    def __init__(self, interval: str) -> None:
        self._interval = interval
        self._done: list[Candle] = []
        self._running: _Running | None = None
        self._day: date | None = None
        self._day_volume: int | None = None

    def add(self, record: Record) -> None:
        day = session_date(instant(record.at))
        if day != self._day:
            self._day, self._day_volume = day, None
        label = self._label(record, day)
        if self._running is None or self._running.at_s != label:
            self._close()
            self._running = _Running(label, record.price)
        self._running.add(record, self._traded(record))

    def candles(self) -> list[Candle]:
        """The candles of all records taken so far; the last one may still be running."""
        self._close()
        return self._done

    def _close(self) -> None:
        if self._running is not None:
            self._done.append(self._running.candle())
            self._running = None

    def _label(self, record: Record, day: date) -> int:
        if self._interval in DAILY:
            return day_label(DAILY[self._interval](day))
        anchor, length = anchor_s(record.key.exchange, day), INTRADAY[self._interval] * 60
        return anchor + (record.at // _SECOND - anchor) // length * length

    def _traded(self, record: Record) -> int:
        """What `record` adds to the volume."""
        if record.volume is None:
            return record.traded or 0
        before, self._day_volume = self._day_volume, record.volume
        if before is None:
            return record.last_quantity or 0
        return max(record.volume - before, 0)


class _Running:
    """A candle that is not over."""

    def __init__(self, at_s: int, price: float) -> None:
        self.at_s = at_s
        self._open = self._high = self._low = self._close = price
        self._volume = self._oi = 0

    def add(self, record: Record, traded: int) -> None:
        self._close = record.price
        self._high = max(self._high, record.price)
        self._low = min(self._low, record.price)
        self._volume += traded
        if record.oi is not None:
            self._oi = record.oi

    def candle(self) -> Candle:
        return Candle(
            self.at_s, self._open, self._high, self._low, self._close, self._volume, self._oi
        )
