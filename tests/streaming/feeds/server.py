"""A broker's feed that keeps count of what it is asked for, and misbehaves when told to."""

import asyncio
import json
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence

from openalgo.brokers.adapter import (
    Endpoints,
    Frame,
    Listing,
    Session,
    StreamAddress,
    StreamNews,
    StreamNotice,
    Values,
)
from openalgo.brokers.rows import OrderRow
from openalgo.domain.instruments import Instrument
from openalgo.domain.market import Mode, Tick
from openalgo.streaming.feeds.mute import PATIENCE
from openalgo.streaming.feeds.sockets import ConnectionLost, HandshakeRefused, NotConnected

HEARTBEAT = b"\0"
SESSION_OVER = b"\1"


class FakeStream:
    """The words of the fake feed: JSON lists one way, `name=price` pairs the other."""

    def __init__(self, a_message: int) -> None:
        self._a_message = a_message
        self.orders: dict[bytes, OrderRow] = {}

    def address(self, endpoints: Endpoints, app: Values, session: Session) -> StreamAddress:
        raise NotImplementedError

    def stream_key(self, instrument: Instrument) -> int | str:
        return int(instrument.token)

    def subscribe(self, wanted: Sequence[tuple[Instrument, Mode]]) -> Sequence[Frame]:
        names = [(int(instrument.token), int(mode)) for instrument, mode in wanted]
        return [json.dumps({"sub": part}) for part in self._parts(names)]

    def unsubscribe(self, instruments: Sequence[Instrument]) -> Sequence[Frame]:
        names = [int(instrument.token) for instrument in instruments]
        return [json.dumps({"unsub": part}) for part in self._parts(names)]

    def _parts(self, names: Sequence[object]) -> Iterable[Sequence[object]]:
        return (names[at : at + self._a_message] for at in range(0, len(names), self._a_message))

    def decoder(
        self, names: Mapping[int | str, Instrument], listing: Listing
    ) -> Callable[[Frame, int], Iterable[StreamNews]]:
        def decode(frame: Frame, received_ms: int) -> Iterable[StreamNews]:
            assert isinstance(frame, bytes)
            if frame == HEARTBEAT:
                return
            if frame == SESSION_OVER:
                yield StreamNotice(message="token=abcdef is over", session_over=True)
                return
            if frame in self.orders:
                yield self.orders[frame]
                return
            for pair in frame.split(b","):
                name, price = pair.split(b"=")
                instrument = names.get(int(name))
                if instrument is not None:
                    yield Tick(
                        exchange=instrument.exchange,
                        symbol=instrument.symbol,
                        received_ms=received_ms,
                        ltp=float(price),
                    )

        return decode

    def pings(self) -> Sequence[Frame]:
        return ()


class FakeSocket:
    """One connection, as the broker and as the client see it."""

    def __init__(self, server: "FakeServer", token: str) -> None:
        self.token = token
        self.subscribed: dict[int, int] = {}
        self.messages: list[dict[str, list[object]]] = []
        self.is_open = True
        self.said_goodbye = False
        self.mute = False
        self.deaf = False
        self.half_open = False
        self.sends_left: int | None = None
        self.asked_again: list[float] = []
        self.priced_at = asyncio.get_running_loop().time()
        self._held_until = 0.0
        self._server = server
        self._inbox: deque[Frame] = deque()
        self._news = asyncio.Event()

    def bring(self, frame: Frame) -> None:
        if not self.mute and not self.half_open:
            self._inbox.append(frame)
            self._news.set()

    def break_off(self) -> None:
        self.is_open = False
        self._news.set()

    async def recv(self) -> Frame:
        while not self._inbox:
            self._check()
            self._news.clear()
            await self._news.wait()
        return self._inbox.popleft()

    def hold_sends(self, seconds: float) -> None:
        """Take nothing for a while."""
        self._held_until = asyncio.get_running_loop().time() + seconds

    async def send(self, frame: Frame) -> None:
        while (left := self._held_until - asyncio.get_running_loop().time()) > 0:  # noqa: ASYNC110
            await asyncio.sleep(left)
        self._check()
        if self.sends_left is not None:
            if self.sends_left == 0:
                self.break_off()
                self._check()
            self.sends_left -= 1
        if self.half_open:
            return
        message = json.loads(frame)
        self.messages.append(message)
        for name in message.get("unsub", ()):
            self._server.expect(name in self.subscribed, f"{name} was not subscribed")
            self.subscribed.pop(name, None)
        for name, mode in message.get("sub", ()):
            if self.subscribed.get(name) == mode:
                self._asked_again(name)
            self.subscribed[name] = mode
        self._server.check(self, message)

    def lose_subscriptions(self) -> None:
        """Stay in touch, but send nothing of what was asked for."""
        self.subscribed.clear()

    def _asked_again(self, name: object) -> None:
        """That is right only where no price came for long."""
        now = asyncio.get_running_loop().time()
        self._server.expect(now - self.priced_at >= PATIENCE, f"{name} asked for again")
        if now not in self.asked_again:
            self.asked_again.append(now)

    async def ping(self) -> None:
        self._check()
        if self.half_open or not self._server.answers_pings:
            await asyncio.Event().wait()

    async def close(self) -> None:
        self.said_goodbye = True
        self.break_off()

    def abort(self) -> None:
        self.break_off()

    def _check(self) -> None:
        if not self.is_open:
            raise ConnectionLost("the connection broke off")


class FakeServer:
    """Takes connections with any token in `valid`. `script` says what becomes of the next ones:
    one word each, then all is well."""

    def __init__(self, *, room: int, connections: int, a_message: int) -> None:
        self.room, self.connections, self.a_message = room, connections, a_message
        self.valid = {"one"}
        self.script: deque[str] = deque()
        self.answers_pings = True
        self.dialled: list[float] = []
        self.sockets: list[FakeSocket] = []
        self.wrongs: list[str] = []

    @property
    def open(self) -> list[FakeSocket]:
        return [socket for socket in self.sockets if socket.is_open]

    @property
    def subscribed(self) -> dict[int, int]:
        """What is sent over all connections together."""
        return {name: mode for socket in self.open for name, mode in socket.subscribed.items()}

    async def dial(self, address: StreamAddress) -> FakeSocket:
        self.dialled.append(asyncio.get_running_loop().time())
        token = address.url.removeprefix("wss://feed.invalid/?token=")
        fault = self.script.popleft() if self.script else ""
        if fault == "refuse":
            raise NotConnected("nobody there")
        if fault == "slow":
            await asyncio.sleep(60)
        if fault == "403" or token not in self.valid:
            raise HandshakeRefused("the broker refused the session (HTTP 403)")
        socket = FakeSocket(self, token)
        if fault == "drop while subscribing":
            socket.sends_left = 1
        socket.mute = fault == "mute"
        socket.half_open = fault == "half-open"
        if fault == "close":
            socket.break_off()
        self.sockets.append(socket)
        self.expect(len(self.open) <= self.connections, f"{len(self.open)} connections")
        return socket

    def check(self, socket: FakeSocket, message: Mapping[str, list[object]]) -> None:
        """Hold `socket` to the limits."""
        asked = sum(len(names) for names in message.values())
        self.expect(asked <= self.a_message, f"{asked} in a message")
        self.expect(len(socket.subscribed) <= self.room, f"{len(socket.subscribed)} on one")
        for other in self.open:
            if other is not socket and other.token == socket.token and not other.half_open:
                both = other.subscribed.keys() & socket.subscribed.keys()
                self.expect(not both, f"{both} on two connections")

    def expect(self, right: bool, otherwise: str) -> None:
        if not right:
            self.wrongs.append(otherwise)

    def beat(self) -> None:
        """Send everybody a heartbeat."""
        for socket in self.open:
            socket.bring(HEARTBEAT)

    def tick(self, price: float) -> None:
        """Send every subscriber a price of everything."""
        for socket in self.open:
            if socket.subscribed and not socket.deaf:
                pairs = (f"{name}={price}" for name in socket.subscribed)
                socket.bring(",".join(pairs).encode())
                socket.priced_at = asyncio.get_running_loop().time()
