"""A live feed on a fake broker, with everything it was told to keep."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from openalgo.brokers.adapter import Broker, Endpoints, StreamAddress
from openalgo.brokers.base import BrokerInfo, StreamLimits
from openalgo.brokers.rows import OrderRow
from openalgo.domain.calendar import AlwaysOpenCalendar
from openalgo.domain.clock import ManualClock
from openalgo.domain.errors import BrokerSessionExpired
from openalgo.domain.instruments import Instrument, InstrumentType
from openalgo.domain.market import Exchange, InstrumentKey, Mode, Quote, Tick
from openalgo.domain.numbers import px
from openalgo.streaming.feeds.feed import LiveFeed
from openalgo.streaming.feeds.sockets import Dial
from openalgo.streaming.feeds.status import FeedState, FeedStatus
from tests.streaming.feeds.server import FakeServer, FakeStream

SILENT_FOR = 5.0


def key(number: int) -> InstrumentKey:
    return InstrumentKey(Exchange.NSE, f"S{number}")


def wanted(numbers: Iterable[int], mode: Mode = Mode.QUOTE) -> dict[InstrumentKey, Mode]:
    return {key(number): mode for number in numbers}


class FakeListing:
    """Lists `S0`, `S1` ... under the tokens 0, 1 ...."""

    def __init__(self, count: int) -> None:
        self.rows = {key(number): _instrument(number) for number in range(count)}

    def find(self, key: InstrumentKey) -> Instrument | None:
        return self.rows.get(key)

    def by_token(self, token: str) -> Instrument | None:
        raise NotImplementedError

    def by_broker_symbol(self, broker_exchange: str, broker_symbol: str) -> Instrument | None:
        raise NotImplementedError


class Hours(AlwaysOpenCalendar):
    """Open or closed as it is told."""

    def __init__(self) -> None:
        self.open = True

    def is_open(self, exchange: Exchange, at: datetime) -> bool:
        return self.open


class Bench:
    """The feed, the broker, and what came of them."""

    def __init__(
        self,
        *,
        room: int = 4,
        connections: int = 3,
        a_message: int = 2,
        listed: int = 40,
        polls: bool = True,
        order_updates: bool = False,
        streams: bool = True,
        quotes_a_call: int = 3,
    ) -> None:
        self.server = FakeServer(room=room, connections=connections, a_message=a_message)
        self.listing = FakeListing(listed)
        self.hours = Hours()
        self.clock = ManualClock(datetime(2026, 8, 21, 4, 0, tzinfo=UTC))
        self.stream = FakeStream(a_message)
        self.token: str | None = "one"
        self.ticks: list[Tick] = []
        self.orders: list[OrderRow] = []
        self.over: list[str] = []
        self.states: list[FeedState] = []
        self.polled: list[list[str]] = []
        self.poll_error: Exception | None = None
        rest: Any = None
        self.broker = Broker(
            info=BrokerInfo(
                id="fake",
                name="Fake",
                exchanges=frozenset({Exchange.NSE}),
                trading=True,
                quotes_a_call=quotes_a_call,
                order_updates=order_updates,
                stream=StreamLimits(
                    instruments_a_connection=room,
                    connections=connections,
                    instruments_a_message=a_message,
                    silent_for=SILENT_FOR,
                ),
            ),
            api=rest,
            endpoints=Endpoints(api="https://api.invalid"),
            auth=rest,
            orders=rest,
            portfolio=rest,
            market_data=rest,
            instruments=rest,
            stream=self.stream if streams else None,
        )
        self.told = asyncio.Event()
        self.feed = self.feed_at(self.address, self.server.dial, polls=polls)

    def feed_at(
        self,
        address: Callable[[], StreamAddress],
        dial: Dial,
        *,
        polls: bool = False,
    ) -> LiveFeed:
        """A feed of this broker at `address`."""

        def publish(tick: Tick) -> None:
            self.ticks.append(tick)
            self.told.set()

        return LiveFeed(
            self.broker,
            address=address,
            listing=self.listing,
            clock=self.clock,
            calendar=self.hours,
            publish=publish,
            order_update=self.orders.append,
            session_over=self.over.append,
            poll=self.poll if polls else None,
            changed=self._changed,
            dial=dial,
            jitter=lambda: 0.0,
        )

    def address(self) -> StreamAddress:
        if self.token is None:
            raise BrokerSessionExpired
        return StreamAddress(url=f"wss://feed.invalid/?token={self.token}")

    async def poll(self, instruments: Sequence[Instrument]) -> Mapping[InstrumentKey, Quote]:
        self.polled.append([instrument.symbol for instrument in instruments])
        if self.poll_error is not None:
            raise self.poll_error
        return {i.key: Quote(key=i.key, at_ms=7, ltp=50.0, bid=49.0) for i in instruments}

    def login(self, token: str) -> None:
        self.server.valid.add(token)
        self.token = token
        self.feed.roll_over()

    def _changed(self, status: FeedStatus) -> None:
        if not self.states or self.states[-1] is not status.state:
            self.states.append(status.state)

    def is_right(self, demand: Mapping[InstrumentKey, Mode]) -> bool:
        """Whether the broker sends exactly `demand`, over live connections."""
        names = {int(self.listing.rows[key].token): int(mode) for key, mode in demand.items()}
        healthy = not any(socket.mute or socket.half_open for socket in self.server.open)
        return healthy and self.server.subscribed == names

    async def until_right(self, demand: Mapping[InstrumentKey, Mode], within: float = 60) -> float:
        """Seconds until the broker sends exactly `demand`."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        while not self.is_right(demand):
            assert loop.time() - begun < within, (self.feed.status(), self.server.subscribed)
            await asyncio.sleep(0.05)
        return loop.time() - begun

    async def until_dialled(self, times: int) -> None:
        """Wait for as many attempts to connect."""
        while len(self.server.dialled) < times:  # noqa: ASYNC110
            await asyncio.sleep(0.05)

    @property
    def pauses(self) -> list[float]:
        """Seconds between one attempt to connect and the next."""
        return [after - before for before, after in itertools.pairwise(self.server.dialled)]

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run the feed, and the heart of the broker."""

        async def beat() -> None:
            while True:
                await asyncio.sleep(1)
                self.server.beat()

        tasks = [asyncio.ensure_future(self.feed.run()), asyncio.ensure_future(beat())]
        try:
            yield
            for task in tasks:
                assert not task.done(), task
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        assert self.server.wrongs == []
        assert self.server.open == []


def _instrument(number: int) -> Instrument:
    return Instrument(
        exchange=Exchange.NSE,
        symbol=f"S{number}",
        name=f"S{number}",
        type=InstrumentType.EQUITY,
        broker_symbol=f"S{number}",
        broker_exchange="NSE",
        token=str(number),
        tick_size=px("0.05"),
    )
