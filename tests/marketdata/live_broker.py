"""A live broker whose prices answer when the test says so."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, cast

from openalgo.brokers.adapter import Broker, Connection, Endpoints
from openalgo.brokers.base import BrokerInfo
from openalgo.brokers.http import BrokerApi, BrokerHttp, Clients, Limiter, Progress, RateLimit
from openalgo.brokers.limits import Lane
from openalgo.domain.clock import ManualClock, epoch_ms
from openalgo.domain.errors import BrokerSessionExpired
from openalgo.domain.instruments import Instrument
from openalgo.domain.market import Candle, Depth, Exchange, InstrumentKey, Level, Quote
from openalgo.instruments.current import CurrentMaster
from openalgo.instruments.master import Master
from openalgo.marketdata.live import LiveMarketData
from tests.instruments.rows import share

NOW = datetime(2026, 8, 21, 4, 0, tzinfo=UTC)
SHARES = [share(f"S{number}") for number in range(1200)]
INFO = BrokerInfo(
    id="fake",
    name="Fake",
    exchanges=frozenset({Exchange.NSE}),
    trading=True,
    intervals=("1m", "D"),
    quotes_a_call=500,
    quote_scopes=("quote",),
)
ONE_A_SECOND = RateLimit("quote", ((1, 1.0),))


def quote(instrument: Instrument) -> Quote:
    return Quote(key=instrument.key, at_ms=epoch_ms(NOW), ltp=float(instrument.symbol[1:]))


@dataclass
class FakePrices:
    """Answers at once while `held` is `None`. Takes its place at the limits, as an adapter's calls
    do."""

    limiter: Limiter
    calls: list[list[Instrument]] = field(default_factory=list)
    sent_at: list[float] = field(default_factory=list)
    unknown: set[str] = field(default_factory=set)
    failure: Exception | None = None
    held: asyncio.Event | None = None
    asked: list[tuple[Instrument, str, date, date]] = field(default_factory=list)

    async def quotes(
        self, connection: Connection, instruments: Sequence[Instrument]
    ) -> Mapping[InstrumentKey, Quote]:
        self.calls.append(list(instruments))
        await self.limiter.acquire(("quote",), Lane.READ, within=60)
        self.sent_at.append(asyncio.get_running_loop().time())
        if self.held is not None:
            await self.held.wait()
        if self.failure is not None:
            raise self.failure
        return {row.key: quote(row) for row in instruments if row.symbol not in self.unknown}

    async def depth(self, connection: Connection, instrument: Instrument) -> Depth:
        levels = tuple(Level(price=float(number), quantity=number) for number in range(1, 21))
        return Depth(
            key=instrument.key,
            at_ms=epoch_ms(NOW),
            ltp=1.0,
            buy_levels=levels,
            sell_levels=levels,
        )

    async def candles(
        self, connection: Connection, instrument: Instrument, interval: str, start: date, end: date
    ) -> Sequence[Candle]:
        self.asked.append((instrument, interval, start, end))
        return ()


class NoFile:
    async def download(
        self, http: BrokerHttp, progress: Progress
    ) -> AsyncGenerator[Instrument, None]:
        raise NotImplementedError
        yield


class Desk:
    """One account at the broker, and its market data."""

    def __init__(self, *limits: RateLimit, info: BrokerInfo = INFO) -> None:
        limits = limits or (RateLimit("quote", ((100, 1.0),)),)
        api = BrokerApi(broker="Fake", base_url="https://broker.test", limits=limits)
        self.limiter = Limiter(limits)
        self.prices = FakePrices(self.limiter)
        self.logged_in = True
        self.clock = ManualClock(NOW)
        self.masters = CurrentMaster(Master(SHARES))
        self._http = BrokerHttp(api, Clients(), limiter=self.limiter)
        nothing = cast(Any, None)
        self.broker = Broker(
            info=info,
            api=api,
            endpoints=Endpoints(api=api.base_url),
            auth=nothing,
            orders=nothing,
            portfolio=nothing,
            market_data=self.prices,
            instruments=NoFile(),
        )
        self.live = LiveMarketData(self.broker, self.connect, self.clock)

    def connect(self) -> Connection:
        if not self.logged_in:
            raise BrokerSessionExpired
        return Connection(http=self._http, instruments=self.masters, clock=self.clock)

    @property
    def asked(self) -> list[list[str]]:
        """The symbols of each call."""
        return [[row.symbol for row in call] for call in self.prices.calls]
