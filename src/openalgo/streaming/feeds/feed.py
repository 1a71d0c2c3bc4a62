"""The live feed of one account."""

import asyncio
import random
from collections.abc import Callable, Mapping, Set
from functools import partial

import structlog

from openalgo.brokers.adapter import Broker, Listing, StreamAddress
from openalgo.brokers.rows import OrderRow
from openalgo.domain.calendar import Calendar
from openalgo.domain.clock import Clock
from openalgo.domain.instruments import Instrument
from openalgo.domain.market import Exchange, InstrumentKey, Mode, Tick
from openalgo.instruments.slices import Slices
from openalgo.observability.health import Health
from openalgo.streaming.feeds.delivery import Sinks
from openalgo.streaming.feeds.echoes import Echoes
from openalgo.streaming.feeds.line import Line
from openalgo.streaming.feeds.opening import Opener, Slots
from openalgo.streaming.feeds.placement import Placement, Wants
from openalgo.streaming.feeds.polling import Poll, Poller
from openalgo.streaming.feeds.session import FeedSession
from openalgo.streaming.feeds.sockets import Dial, dialler
from openalgo.streaming.feeds.status import FeedStatus, health, overall
from openalgo.streaming.feeds.wire import Source

log = structlog.get_logger(__name__)

BREATH = 0.05
"""Seconds between looks at the demand: however often it changes, the broker hears the outcome."""
POLLED_EVERY = 1.0


class LiveFeed:
    """Keeps what the broker sends at what is in demand, over connections that may fail.

    Run it as one task, to be started again should it ever end. Nothing is published that did not
    come from the broker just now: after a fault, old prices are never told anew.
    """

    def __init__(
        self,
        broker: Broker,
        *,
        address: Callable[[], StreamAddress],
        listing: Listing,
        clock: Clock,
        calendar: Calendar,
        publish: Callable[[Tick], None],
        order_update: Callable[[OrderRow], None],
        session_over: Callable[[str], None],
        poll: Poll | None = None,
        changed: Callable[[FeedStatus], None] = lambda _: None,
        dial: Dial | None = None,
        jitter: Callable[[], float] = random.random,
        polled_every: float = POLLED_EVERY,
    ) -> None:
        """`address` is where the account's session connects now; it raises `BrokerSessionExpired`
        while there is none. `publish` and `order_update` get what came, each order update once.
        `session_over` hears that the broker does not seem to take the session any more; the feed
        then waits for `roll_over`, or for `session_good` should calls go through. `poll` asks for
        at most `quotes_a_call` quotes: for what no connection carries. `changed` hears whenever a
        connection comes or goes. None of these may block. `jitter` is in [0, 1).
        """
        self._broker = broker
        self._listing = listing
        self._stream = broker.stream
        self._wanted: Mapping[InstrumentKey, Mode] = {}
        self._news = asyncio.Event()
        self._changed = changed
        self._session = FeedSession(address, session_over)
        self._lines: tuple[Line, ...] = ()
        self._odd: set[InstrumentKey] = set()
        limits = broker.info.stream
        if broker.stream is None or limits is None:
            self._placement = Placement(0, 0)
        else:
            self._placement = Placement(limits.connections, limits.instruments_a_connection)
            echoes = Echoes()
            dial = dial or dialler()
            source = Source(
                stream=broker.stream,
                limits=limits,
                listing=listing,
                clock=clock,
                calendar=calendar,
            )
            sinks = Sinks(
                publish=publish,
                order_update=order_update,
                changed=self._tell_changed,
                released=self._released,
            )
            slots = Slots(limits.connections)
            self._lines = tuple(
                Line(
                    number,
                    source,
                    self._session,
                    Opener(
                        number,
                        self._session,
                        dial,
                        slots,
                        partial(self._others_are_up, number),
                        jitter,
                    ),
                    sinks,
                    echoes,
                    wanted_anyway=number == 0 and broker.info.order_updates,
                    spare=self._has_spare,
                )
                for number in range(limits.connections)
            )
        self._poller: Poller | None = None
        if poll is not None:
            self._poller = Poller(
                poll,
                self._uncarried,
                publish,
                clock,
                calendar,
                at_once=broker.info.quotes_a_call,
                every=polled_every,
            )

    def set_demand(self, wanted: Mapping[InstrumentKey, Mode]) -> None:
        """From now on deliver exactly `wanted`, the most important first. Returns at once."""
        self._wanted = dict(wanted)
        self._news.set()

    def relist(self) -> None:
        """The listing has changed."""
        self._odd.clear()
        self._news.set()

    def roll_over(self) -> None:
        """There is a new login: move every connection to its address. What is live stays live."""
        self._session.began()
        for line in self._lines:
            line.login_changed()

    def session_good(self) -> None:
        """Calls go through with the session `session_over` was about: try on."""
        self._session.found_good()
        for line in self._lines:
            line.login_changed()

    def carries(self, key: InstrumentKey) -> bool:
        """Whether a connection that is up brings `key`, so that its latest tick is its price."""
        return any(line.is_up and line.holds(key) for line in self._lines)

    @property
    def exchanges(self) -> Set[Exchange]:
        """Those of what is wanted."""
        return {key.exchange for key in self._wanted}

    async def run(self) -> None:
        """Stream until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for line in self._lines:
                tasks.create_task(line.run(), name=f"feed line {line.number}")
            if self._poller is not None:
                tasks.create_task(self._poller.run(), name="feed polling")
            tasks.create_task(self._settle(), name="feed placement")

    def status(self) -> FeedStatus:
        """How it is doing now."""
        connections = tuple(line.status() for line in self._lines)
        return FeedStatus(
            broker=self._broker.info.id,
            state=overall(connections),
            connections=connections,
            wanted=len(self._wanted),
            subscribed=sum(connection.subscribed for connection in connections),
            polled=0 if self._poller is None else len(self._uncarried()),
            unknown=self._placement.unknown,
            capacity=self._placement.capacity,
        )

    def health(self) -> Health:
        """For the health checks."""
        return health(self.status())

    async def _settle(self) -> None:
        slices = Slices()
        placement = self._placement
        while True:
            self._news.clear()
            await slices.run(
                placement.settle(self._wanted, self._listing.find, self._is_streamed, self._holder)
            )
            for line, share in zip(self._lines, placement.shares, strict=True):
                if share != line.share or list(share) != list(line.share):
                    line.take(share)
            await asyncio.sleep(BREATH)
            await self._news.wait()

    def _is_streamed(self, instrument: Instrument) -> bool:
        """Whether the feed has a name for it. One odd instrument must not hurt the others."""
        if self._stream is None:
            return False
        try:
            self._stream.stream_key(instrument)
        except Exception:
            if instrument.key not in self._odd:
                self._odd.add(instrument.key)
                log.exception("an instrument cannot be streamed", instrument=str(instrument.key))
            return False
        return True

    def _holder(self, key: InstrumentKey) -> int | None:
        return next((line.number for line in self._lines if line.holds(key)), None)

    def _released(self) -> None:
        if self._placement.waiting:
            self._news.set()

    def _uncarried(self) -> Wants:
        """What is to be polled, the most important first."""
        missed = [line.share for line in self._lines if line.is_missed]
        if not missed:
            return self._placement.left_over
        return {key: want for share in missed for key, want in share.items()} | dict(
            self._placement.left_over
        )

    def _others_are_up(self, number: int) -> bool:
        logins = self._session.logins
        return any(line.number != number and line.is_up_since(logins) for line in self._lines)

    def _has_spare(self) -> bool:
        return sum(line.connections for line in self._lines) < len(self._lines)

    def _tell_changed(self) -> None:
        try:
            self._changed(self.status())
        except Exception:
            log.exception("the state of a feed was not taken in")
