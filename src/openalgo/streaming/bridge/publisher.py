"""Publishing without ever waiting: what is too much is dropped, and counted."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import Final

import structlog
import zmq
import zmq.asyncio
from zmq.utils import z85

from openalgo.domain.market import Tick
from openalgo.streaming.bridge.endpoint import Curve, is_local
from openalgo.streaming.bridge.gate import Gate
from openalgo.streaming.bridge.messages import Message, Numbered, Origin

log = structlog.get_logger(__name__)

MOST_TICKS: Final = 10_000
MOST_ORDERS: Final = 10_000
FOR_EACH: Final = 1_000
"""Messages that wait for one consumer; what is more it misses, and sees by their numbers."""
LINGER_MS: Final = 1_000

_SLICE = 0.002
_WARNED_EVERY = 60.0


class BridgeUnusable(Exception):
    """The bridge cannot be opened; the text says why and what to do."""


class Publisher:
    """A bound PUB socket. Ticks and order updates wait here for a turn of the event loop; ticks
    give way to newer ones when there are too many, order updates to none."""

    def __init__(
        self,
        endpoint: str,
        curve: Curve | None = None,
        *,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        """Opens the socket. Raises `BridgeUnusable`."""
        if curve is None and not is_local(endpoint):
            raise BridgeUnusable(
                f"ZMQ_PUB_ENDPOINT is {endpoint}, which other machines may reach: set "
                "ZMQ_CURVE_SECRET_KEY and ZMQ_CURVE_CLIENT_KEYS, or listen on tcp://127.0.0.1."
            )
        self.sent = 0
        self.dropped = 0
        """Messages nobody will get, because there were too many at once."""
        self._timer = timer
        self._warned_at = -_WARNED_EVERY
        self._numbered = Numbered()
        self._orders: deque[tuple[str, str, bytes, Origin]] = deque()
        self._ticks: deque[tuple[Tick, Origin]] = deque()
        self._due = False
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._socket = self._context.socket(zmq.PUB)
        self._socket.setsockopt(zmq.SNDHWM, FOR_EACH)
        self._socket.setsockopt(zmq.LINGER, LINGER_MS)
        self._socket.setsockopt(zmq.IPV6, "[" in endpoint)
        self.gate: Gate | None = None
        """To be run where there are keys: before, nobody is let in."""
        self.public_key: str | None = None
        """What consumers must know, in hexadecimal; `None` without CURVE."""
        try:
            if curve is not None:
                self._lock(curve)
            self._socket.bind(endpoint)
        except zmq.ZMQError as error:
            self.close()
            raise BridgeUnusable(
                f"ZMQ_PUB_ENDPOINT {endpoint} cannot be opened ({error.strerror}); choose another."
            ) from None
        self.endpoint = self._socket.get_string(zmq.LAST_ENDPOINT).rstrip("\0")

    def tick(self, tick: Tick, origin: Origin) -> None:
        """Publish `tick` soon. Never waits."""
        if len(self._ticks) >= MOST_TICKS:
            self._ticks.popleft()
            self._note_dropped()
        self._ticks.append((tick, origin))
        self._soon()

    def order_update(self, who: str, username: str, payload: bytes, origin: Origin) -> None:
        """Publish an order update soon, before all ticks. Never waits."""
        if len(self._orders) >= MOST_ORDERS:
            self._note_dropped()
            return
        self._orders.append((who, username, payload, origin))
        self._soon()

    def close(self) -> None:
        """Let go of the address; what was sent still leaves, for a second at most."""
        self._orders.clear()
        self._ticks.clear()
        if self.gate is not None:
            self.gate.close()
        self._socket.close()
        # Waits for what lingers, which libzmq sends meanwhile.
        self._context.term()

    def _lock(self, curve: Curve) -> None:
        public = zmq.curve_public(z85.encode(curve.secret_key))
        self.public_key = z85.decode(public).hex()
        self.gate = Gate(zmq.asyncio.Context.shadow(self._context.underlying), curve.clients)
        self._socket.setsockopt(zmq.CURVE_SERVER, 1)
        self._socket.setsockopt(zmq.CURVE_SECRETKEY, curve.secret_key)

    def _soon(self) -> None:
        if not self._due:
            self._due = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        self._due = False
        until = time.perf_counter() + _SLICE
        try:
            while self._orders:
                self._send(self._numbered.orders(*self._orders.popleft()))
                if time.perf_counter() >= until:
                    return
            while self._ticks:
                for message in self._numbered.tick(*self._ticks.popleft()):
                    self._send(message)
                if time.perf_counter() >= until:
                    return
        finally:
            if (self._orders or self._ticks) and not self._socket.closed:
                self._soon()

    def _send(self, message: Message) -> None:
        if self._socket.closed:
            return
        try:
            self._socket.send_multipart(message, zmq.NOBLOCK)
        except zmq.Again:
            self._note_dropped()
        else:
            self.sent += 1

    def _note_dropped(self) -> None:
        self.dropped += 1
        now = self._timer()
        if now - self._warned_at >= _WARNED_EVERY:
            self._warned_at = now
            log.warning("the bridge drops messages", so_far=self.dropped)
