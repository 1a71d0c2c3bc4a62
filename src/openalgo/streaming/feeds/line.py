"""One of a feed's connections, kept up through faults and logins."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final

import structlog

from openalgo.brokers.adapter import StreamAddress
from openalgo.domain.market import InstrumentKey
from openalgo.streaming.feeds.delivery import Delivery, SessionOver, Sinks
from openalgo.streaming.feeds.echoes import Echoes
from openalgo.streaming.feeds.mute import Prices
from openalgo.streaming.feeds.opening import Opener
from openalgo.streaming.feeds.placement import Wants
from openalgo.streaming.feeds.session import FeedSession
from openalgo.streaming.feeds.sockets import ConnectionLost
from openalgo.streaming.feeds.status import ConnectionState, ConnectionStatus
from openalgo.streaming.feeds.wire import Source, Wire

log = structlog.get_logger(__name__)

STEADY: Final = 10.0
"""Seconds after which a connection that ends is opened again at once."""
HANDED_OVER_WITHIN: Final = 5.0
LINGERS: Final = 10.0
"""Seconds for which a connection nothing is wanted of stays open."""

_LOGIN_LOOKED_FOR_EVERY: Final = 5.0
_UNDER_WAY: Final = 3.0
_LEFT_WITHIN: Final = 2.0
_LOOKED_EVERY: Final = 0.1


class Line:
    """Holds one connection while something is wanted of it.

    What it should carry is `share`. `wanted_anyway` keeps it open without (for order updates);
    `spare` tells whether the broker allows one connection more than there are or are to be.
    """

    def __init__(
        self,
        number: int,
        source: Source,
        session: FeedSession,
        opener: Opener,
        sinks: Sinks,
        echoes: Echoes,
        *,
        wanted_anyway: bool,
        spare: Callable[[], bool],
    ) -> None:
        self.number = number
        self.share: Wants = {}
        self.wires: list[Wire] = []
        self._source = source
        self._session = session
        self._opener = opener
        self._sinks = sinks
        self._delivery = Delivery(sinks, echoes)
        self._prices = Prices()
        self._wanted_anyway = wanted_anyway
        self._spare = spare
        self._news = asyncio.Event()
        self._state = ConnectionState.IDLE
        self._since = source.clock.now()
        self._down_since = 0.0

    def take(self, share: Wants) -> None:
        """Carry `share` from now on."""
        self.share = share
        for wire in self.wires:
            wire.share_changed()
        self._news.set()

    def login_changed(self) -> None:
        """There is a new login to move to."""
        self._news.set()

    @property
    def is_up(self) -> bool:
        """Whether it brings prices, as far as can be told."""
        return self._state is ConnectionState.CONNECTED and not self._prices.missing

    def is_up_since(self, login: int) -> bool:
        """Whether it has a connection of this login."""
        return any(wire.login == login for wire in self.wires)

    @property
    def connections(self) -> int:
        """How many it has or is about to open."""
        return max(len(self.wires), int(self._wanted))

    @property
    def is_missed(self) -> bool:
        """Whether its instruments have been without a connection, or prices, for some seconds."""
        if self._prices.missing:
            return self._state not in (ConnectionState.IDLE, ConnectionState.LOGGED_OUT)
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
            reconnects=max(0, self._opener.opened - 1),
            error=self._opener.error,
        )

    async def run(self) -> None:
        """Keep the connection until cancelled."""
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
        self._opener.note_login()
        if pause := self._opener.pause():
            self._enter(ConnectionState.WAITING)
            await self._rest(pause)
            if not self._wanted:
                return None
            self._opener.note_login()
        address = self._session.address()
        if address is None:
            self._enter(ConnectionState.LOGGED_OUT)
            await self._nudge(_LOGIN_LOOKED_FOR_EVERY)
            return None
        self._enter(ConnectionState.CONNECTING)
        if not self._opener.may_open:
            # Another line has two while it moves to a new login.
            await self._nudge(_LOOKED_EVERY)
            return None
        return await self._try(address)

    async def _try(self, address: StreamAddress) -> Wire | None:
        login = self._session.logins
        socket = await self._opener.open(address)
        if socket is None:
            return None
        return Wire(
            socket,
            address,
            login,
            self._source,
            self._prices,
            lambda: self.share,
            self._delivery,
            self._sinks.released,
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
                self._opener.error = str(over)
                self._session.over(wire.address, str(over))
            except ConnectionLost as lost:
                self._opener.error = str(lost)

        def ended(_: asyncio.Task[None]) -> None:
            wire.drop()
            self.wires.remove(wire)
            self._opener.closed()
            self._news.set()
            self._sinks.released()

        self.wires.append(wire)
        serving = tasks.create_task(serve(), name=f"feed connection {self.number}")
        # Not at the end of `serve`, which does not even begin where it is cancelled at once.
        serving.add_done_callback(ended)
        return serving

    def _lost(self, wire: Wire) -> None:
        lasted = asyncio.get_running_loop().time() - wire.opened_at
        self._opener.lost(steady=lasted >= STEADY)
        self._enter(ConnectionState.CONNECTING)

    async def _leave(self, wire: Wire, serving: asyncio.Task[None]) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LEFT_WITHIN):
                await wire.leave()
        serving.cancel()
        await asyncio.wait((serving,))
        self._opener.error = ""

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
            if not self._opener.may_open or not self._spare():
                await self._leave(wire, serving)
                self._enter(ConnectionState.CONNECTING)
                return None
            self._opener.note_login()
            await self._rest(self._opener.pause())
            address = self._session.address()
            successor = None if address is None else await self._try(address)
            if successor is None:
                return wire, serving
            self._delivery.prefer(successor)
            following = self._serve(tasks, successor)
            try:
                await self._taken_over(successor, following, serving)
                if following.done():
                    self._opener.lost(steady=False)
                    return wire, serving
                self._opener.failures = 0
                if not serving.done():
                    await self._leave(wire, serving)
                return successor, following
            finally:
                self._delivery.prefer(None)

    async def _taken_over(
        self, successor: Wire, following: asyncio.Task[None], serving: asyncio.Task[None]
    ) -> None:
        """Wait until `successor` has brought every instrument: for a few seconds at most, and no
        longer than the connection before it lives."""
        until = asyncio.get_running_loop().time() + HANDED_OVER_WITHIN
        while not (following.done() or serving.done()):
            left = until - asyncio.get_running_loop().time()
            if left <= 0 or (
                successor.complete and self._delivery.has_brought(successor.asked.keys())
            ):
                return
            await self._nudge(min(left, _LOOKED_EVERY))

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
            self._opener.error = ""
        self._state = state
        self._since = self._source.clock.now()
        log.info("a connection of the feed changed", connection=self.number, state=state)
        self._sinks.changed()
