"""One of a feed's connections, kept up through faults and logins."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import structlog

from openalgo.brokers.adapter import StreamAddress, StreamNews, StreamNotice
from openalgo.brokers.rows import OrderRow
from openalgo.domain.market import InstrumentKey, Tick
from openalgo.observability.redaction import redact_text
from openalgo.streaming.feeds.echoes import Echoes
from openalgo.streaming.feeds.placement import Wants
from openalgo.streaming.feeds.session import FeedSession
from openalgo.streaming.feeds.sockets import ConnectionLost, Dial, HandshakeRefused, NotConnected
from openalgo.streaming.feeds.status import ConnectionState, ConnectionStatus
from openalgo.streaming.feeds.wire import Source, Wire

log = structlog.get_logger(__name__)

OPENED_WITHIN: Final = 4.0
FIRST_PAUSE: Final = 0.25
LONGEST_PAUSE: Final = 8.0
STEADY: Final = 10.0
"""Seconds after which a connection that ends is opened again at once."""
HANDED_OVER_WITHIN: Final = 5.0
LINGERS: Final = 10.0
"""Seconds for which a connection nothing is wanted of stays open."""

_REFUSALS: Final = 2
_LOGIN_LOOKED_FOR_EVERY: Final = 5.0
_UNDER_WAY: Final = 3.0
_LEFT_WITHIN: Final = 2.0
_LOOKED_EVERY: Final = 0.1


class SessionOver(ConnectionLost):
    """The feed said that its session is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sinks:
    """Where the news of a feed goes. None of these may block."""

    publish: Callable[[Tick], None]
    order_update: Callable[[OrderRow], None]
    changed: Callable[[], None]
    released: Callable[[], None]


class Slots:
    """How many more connections the broker allows just now."""

    def __init__(self, left: int) -> None:
        self.left = left


class Line:
    """Holds one connection while something is wanted of it.

    What it should carry is `share`. `wanted_anyway` keeps it open without (for order updates),
    `spare` tells whether the broker allows one connection more than there are now, and `others`
    whether another one of this session is up.
    """

    def __init__(
        self,
        number: int,
        source: Source,
        session: FeedSession,
        dial: Dial,
        sinks: Sinks,
        echoes: Echoes,
        slots: Slots,
        *,
        wanted_anyway: bool,
        spare: Callable[[], bool],
        others: Callable[["Line"], bool],
        jitter: Callable[[], float],
    ) -> None:
        self.number = number
        self.share: Wants = {}
        self.wires: list[Wire] = []
        self._source = source
        self._session = session
        self._dial = dial
        self._sinks = sinks
        self._echoes = echoes
        self._slots = slots
        self._wanted_anyway = wanted_anyway
        self._spare = spare
        self._others = others
        self._jitter = jitter
        self._news = asyncio.Event()
        self._state = ConnectionState.IDLE
        self._since = source.clock.now()
        self._down_since = 0.0
        self._error = ""
        self._failures = 0
        self._refusals = 0
        self._opened = 0
        self.login = 0
        self._successor: Wire | None = None
        self._taken: set[InstrumentKey] = set()

    def take(self, share: Wants) -> None:
        """Carry `share` from now on."""
        self.share = share
        for wire in self.wires:
            wire.share_changed()
        self._news.set()

    def login_changed(self) -> None:
        self._news.set()

    @property
    def is_up(self) -> bool:
        return self._state is ConnectionState.CONNECTED

    @property
    def connections(self) -> int:
        """How many it has or is about to open."""
        return max(len(self.wires), int(self._wanted))

    @property
    def is_missed(self) -> bool:
        """Whether its instruments have been without a connection for some seconds."""
        down = self._state in (ConnectionState.CONNECTING, ConnectionState.WAITING)
        return down and asyncio.get_running_loop().time() - self._down_since >= _UNDER_WAY

    def holds(self, key: InstrumentKey) -> bool:
        """Whether the broker sends `key` over it now."""
        return any(key in wire.asked for wire in self.wires)

    def status(self) -> ConnectionStatus:
        wire = self.wires[-1] if self.wires else None
        return ConnectionStatus(
            number=self.number,
            state=self._state,
            since=self._since,
            subscribed=0 if wire is None else len(wire.asked),
            silent_for=None if wire is None else wire.pulse.age,
            reconnects=max(0, self._opened - 1),
            error=self._error,
        )

    async def run(self) -> None:
        """Keep the connection until cancelled."""
        self._failures = self._refusals = 0
        async with asyncio.TaskGroup() as tasks:
            while True:
                if not self._wanted:
                    self._enter(ConnectionState.IDLE)
                    await self._nudge()
                    continue
                wire = await self._open()
                if wire is not None:
                    await self._keep(tasks, wire)

    @property
    def _wanted(self) -> bool:
        return self._wanted_anyway or bool(self.share)

    # Opening

    async def _open(self) -> Wire | None:
        """The next connection; or `None`, after whatever pause the failure asked for."""
        self._note_login()
        if self._failures:
            self._enter(ConnectionState.WAITING)
            await self._rest(self._pause())
            if not self._wanted:
                return None
            self._note_login()
        address = self._session.address()
        if address is None:
            self._enter(ConnectionState.LOGGED_OUT)
            await self._nudge(_LOGIN_LOOKED_FOR_EVERY)
            return None
        self._enter(ConnectionState.CONNECTING)
        if not self._slots.left:
            # Another line has two while it moves to a new login.
            await self._nudge(_LOOKED_EVERY)
            return None
        return await self._try(address)

    async def _try(self, address: StreamAddress) -> Wire | None:
        login = self._session.logins
        self._slots.left -= 1
        wire = None
        try:
            async with asyncio.timeout(OPENED_WITHIN):
                socket = await self._dial(address)
            wire = Wire(
                socket,
                address,
                login,
                self._source,
                lambda: self.share,
                self._deliver,
                self._sinks.released,
            )
        except TimeoutError:
            self._failed("the broker did not answer in time")
        except HandshakeRefused as refusal:
            self._failed(str(refusal))
            # Others that are up prove the session good: this one is too many, or too soon.
            self._refusals += 0 if self._others(self) else 1
            if self._refusals >= _REFUSALS:
                self._refusals = self._failures = 0
                self._session.over(address, str(refusal))
        except NotConnected as error:
            self._failed(str(error))
        else:
            self._opened += 1
            self._refusals = 0
        finally:
            if wire is None:
                self._slots.left += 1
        return wire

    def _note_login(self) -> None:
        """What went wrong before a login says nothing about what comes after it."""
        if self.login != self._session.logins:
            self.login = self._session.logins
            self._failures = self._refusals = 0

    def _pause(self) -> float:
        longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(self._failures - 1, 16))
        return longest * (1 - self._jitter() / 2)

    def _failed(self, why: str) -> None:
        self._failures += 1
        self._error = why
        log.warning(
            "a connection of the feed is down",
            connection=self.number,
            why=why,
            failures=self._failures,
        )

    # Keeping

    async def _keep(self, tasks: asyncio.TaskGroup, wire: Wire) -> None:
        """Serve `wire` and its successors until one is lost or no longer wanted."""
        serving = self._serve(tasks, wire)
        self._enter(ConnectionState.CONNECTED)
        while not serving.done():
            if not self._wanted:
                if await self._is_given_up(serving):
                    await self._leave(wire, serving)
                    return
            elif wire.login != self._session.logins and self._session.address() is not None:
                followed = await self._hand_over(tasks, wire, serving)
                if followed is None:
                    return
                wire, serving = followed
            else:
                await self._nudge()
        self._lost(wire)

    def _serve(self, tasks: asyncio.TaskGroup, wire: Wire) -> asyncio.Task[None]:
        async def serve() -> None:
            try:
                await wire.serve()
            except SessionOver as over:
                self._error = str(over)
                self._session.over(wire.address, str(over))
            except ConnectionLost as lost:
                self._error = str(lost)

        def ended(_: asyncio.Task[None]) -> None:
            wire.drop()
            self.wires.remove(wire)
            self._slots.left += 1
            self._news.set()
            self._sinks.released()

        self.wires.append(wire)
        serving = tasks.create_task(serve(), name=f"feed connection {self.number}")
        # Not at the end of `serve`, which does not even begin where it is cancelled at once.
        serving.add_done_callback(ended)
        return serving

    def _lost(self, wire: Wire) -> None:
        lasted = asyncio.get_running_loop().time() - wire.opened_at
        if lasted >= STEADY:
            self._failures = 0
            log.warning("a connection of the feed broke", connection=self.number, why=self._error)
        else:
            self._failed(self._error)
        self._enter(ConnectionState.CONNECTING)

    async def _leave(self, wire: Wire, serving: asyncio.Task[None]) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LEFT_WITHIN):
                await wire.leave()
        serving.cancel()
        await asyncio.wait((serving,))
        self._error = ""

    # Moving to a new login

    async def _hand_over(
        self, tasks: asyncio.TaskGroup, wire: Wire, serving: asyncio.Task[None]
    ) -> tuple[Wire, asyncio.Task[None]] | None:
        """Replace `wire` by a connection of the new login: side by side until the new one
        delivers, where the broker allows one more; else one after the other (`None`)."""
        while self._session.handing_over.locked() and not serving.done():
            await self._nudge(_LOOKED_EVERY)
        if serving.done():
            return wire, serving
        async with self._session.handing_over:
            if not self._slots.left or not self._spare():
                await self._leave(wire, serving)
                self._enter(ConnectionState.CONNECTING)
                return None
            self._note_login()
            if self._failures:
                await self._rest(self._pause())
            address = self._session.address()
            successor = None if address is None else await self._try(address)
            if successor is None:
                return wire, serving
            self._successor = successor
            following = self._serve(tasks, successor)
            try:
                await self._taken_over(successor, following, serving)
                if following.done():
                    self._failed(self._error)
                    return wire, serving
                self._failures = 0
                if not serving.done():
                    await self._leave(wire, serving)
                return successor, following
            finally:
                self._successor = None
                self._taken.clear()

    async def _taken_over(
        self, successor: Wire, following: asyncio.Task[None], serving: asyncio.Task[None]
    ) -> None:
        """Wait until `successor` has brought every instrument: for a few seconds at most, and no
        longer than the connection before it lives."""
        until = asyncio.get_running_loop().time() + HANDED_OVER_WITHIN
        while not (following.done() or serving.done()):
            left = until - asyncio.get_running_loop().time()
            if left <= 0 or (successor.complete and self._taken >= successor.asked.keys()):
                return
            await self._nudge(min(left, _LOOKED_EVERY))

    # News

    def _deliver(self, wire: Wire, news: StreamNews) -> None:
        if isinstance(news, Tick):
            # Of two connections side by side, the newer has the newer prices.
            if self._successor is not None:
                if wire is self._successor:
                    self._taken.add(news.key)
                elif news.key in self._taken:
                    return
            self._sinks.publish(news)
        elif isinstance(news, OrderRow):
            if self._echoes.is_news(news, id(wire)):
                self._sinks.order_update(news)
        else:
            self._notice(news)

    def _notice(self, notice: StreamNotice) -> None:
        message = redact_text(notice.message)
        if notice.session_over:
            raise SessionOver(message)
        log.info("the broker's feed says", connection=self.number, message=message)

    # Waiting

    async def _nudge(self, timeout: float | None = None) -> None:
        """Wait until something changed, `timeout` seconds at most."""
        try:
            async with asyncio.timeout(timeout):
                await self._news.wait()
        except TimeoutError:
            return
        self._news.clear()

    async def _is_given_up(self, serving: asyncio.Task[None]) -> bool:
        """Wait a while for something to be wanted again; whether nothing was."""
        loop = asyncio.get_running_loop()
        until = loop.time() + LINGERS
        while not (self._wanted or serving.done()):
            if (left := until - loop.time()) <= 0:
                return True
            await self._nudge(left)
        return False

    async def _rest(self, seconds: float) -> None:
        """Wait, whatever changes but the login."""
        loop = asyncio.get_running_loop()
        until, login = loop.time() + seconds, self._session.logins
        while (left := until - loop.time()) > 0 and self._session.logins == login:
            await self._nudge(left)

    def _enter(self, state: ConnectionState) -> None:
        if state is self._state:
            return
        up_or_idle = (ConnectionState.CONNECTED, ConnectionState.IDLE)
        if self._state in up_or_idle:
            self._down_since = asyncio.get_running_loop().time()
        if state is ConnectionState.CONNECTED:
            self._error = ""
        self._state = state
        self._since = self._source.clock.now()
        log.info("a connection of the feed changed", connection=self.number, state=state)
        self._sinks.changed()
