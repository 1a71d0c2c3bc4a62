"""Candles of days past and of today."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Literal, Protocol

from openalgo.brokers.base import BrokerInfo
from openalgo.domain.calendar import session_date
from openalgo.domain.clock import Clock
from openalgo.domain.errors import InvalidRequest, NotFound
from openalgo.domain.instruments import Instrument, InstrumentFinder
from openalgo.domain.intervals import INTERVALS, is_intraday, is_of_stored_candles
from openalgo.domain.market import Candle, InstrumentKey
from openalgo.marketdata.asking import answered, listed
from openalgo.marketdata.inflight import InFlight

CandleOrigin = Literal["api", "db"]

_LONGEST = {"s": 31, "m": 400, "h": 2_000}
_LONGEST_DAILY = 36_600
_TICKER_DAYS, _TICKER_DAYS_INTRADAY = 3_650, 30


class CandleBroker(Protocol):
    """A broker that can be asked for candles."""

    @property
    def info(self) -> BrokerInfo: ...

    @property
    def clock(self) -> Clock: ...

    @property
    def intervals(self) -> tuple[str, ...]: ...

    async def candles(
        self, instrument: Instrument, interval: str, start: date, end: date
    ) -> Sequence[Candle]: ...


class NoStoredCandles(NotFound):
    """The candle store holds nothing of this kind."""

    code = "no_data"

    def __init__(self, key: InstrumentKey, interval: str) -> None:
        super().__init__(
            f"No data found for {key.symbol}:{key.exchange} interval {interval} in local "
            "database. Download data first using Historify."
        )


class History:
    """Candles from the broker. Requests that overlap and ask the same share one answer."""

    def __init__(self, instruments: InstrumentFinder, broker: CandleBroker) -> None:
        self._instruments = instruments
        self._broker = broker
        self._asked: InFlight[tuple[InstrumentKey, str, date, date], Sequence[Candle]] = InFlight()

    @property
    def intervals(self) -> tuple[str, ...]:
        """Those the broker serves."""
        return self._broker.intervals

    async def candles(
        self,
        key: InstrumentKey,
        interval: str,
        start: date,
        end: date,
        origin: CandleOrigin = "api",
    ) -> Sequence[Candle]:
        """The candles of the session days `start` to `end`, both included, ascending.

        What is returned may be made while it is read. Raises `SymbolNotFound`, `InvalidRequest`
        for an interval that is not served and for a range that is empty or too long,
        `NoStoredCandles` and `BrokerUnavailable`.
        """
        if origin == "db":
            _check_stored(interval)
        else:
            self._check_served(interval)
        _check_range(interval, start, end)
        instrument = listed(self._instruments, key)
        if origin == "db":
            raise NoStoredCandles(key, interval)
        end = min(end, session_date(self._broker.clock.now()))
        if start > end:
            return ()
        return await self._asked.get(
            (key, interval, start, end), lambda: self._ask(instrument, interval, start, end)
        )

    async def _ask(
        self, instrument: Instrument, interval: str, start: date, end: date
    ) -> Sequence[Candle]:
        broker = self._broker
        asked = broker.candles(instrument, interval, start, end)
        return await answered(asked, broker.info, "history", instrument)

    def _check_served(self, interval: str) -> None:
        served = self._broker.intervals
        if interval in served:
            return
        known = "not served by" if interval in INTERVALS else "unknown to"
        raise InvalidRequest(
            "interval",
            f"Interval '{interval}' is {known} {self._broker.info.name}. "
            f"Must be one of: {', '.join(served)}.",
        )


def ticker_start(interval: str, start: date, end: date) -> date:
    """`start`, but at most 3,650 days before `end`, or 30 for candles within a day."""
    days = _TICKER_DAYS_INTRADAY if is_intraday(interval) else _TICKER_DAYS
    return max(start, end - timedelta(days=min(days, (end - date.min).days)))


def _check_stored(interval: str) -> None:
    if not is_of_stored_candles(interval):
        raise InvalidRequest(
            "interval",
            f"Interval '{interval}' is unknown. Must be one of: {', '.join(INTERVALS)}; or a "
            "number of minutes to 375, of hours to 24, of D, W, M, Q or Y, such as 25m.",
        )


def _check_range(interval: str, start: date, end: date) -> None:
    if start > end:
        raise InvalidRequest("start_date", f"start_date {start} is after end_date {end}.")
    longest = _LONGEST.get(interval[-1], _LONGEST_DAILY)
    days = (end - start).days + 1
    if days > longest:
        raise InvalidRequest(
            "start_date",
            f"{start} to {end} is {days} days, but {interval} candles are given for at most "
            f"{longest} days at once.",
        )
