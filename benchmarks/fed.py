"""`openalgo` with a feed that does as it is told: `python -m benchmarks.fed serve ...`.

The simulated market lists 5,000 more symbols, `FEED0` and so on, and streams those of them that are
in demand, in turn, at a rate that is set from outside. Each tick says in `volume` when it was due,
in microseconds by the machine's monotonic clock, so that what a client receives tells its age.

Commands come as datagrams to the port that `FEED_PORT` names, and are answered as JSON:
`rate <ticks a second>`, `state`, `watch` and `watched` (how long the loop was held in between).
With `FEED_PROFILE` the loop's thread is profiled into that file.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from cProfile import Profile
from typing import cast

from benchmarks.watchdog import Watchdog
from openalgo.app import serving
from openalgo.brokers.simulator.broker import SimulatorBroker
from openalgo.cli import main
from openalgo.config import ServeOptions, Settings
from openalgo.domain.instruments import Instrument, InstrumentType
from openalgo.domain.market import Exchange, InstrumentKey, Mode, Tick
from openalgo.domain.numbers import px

SYMBOLS = 5_000
EPOCH_US = 10**15
"""Added to due times, so that they all have 16 digits."""

_BEAT = 0.001
_IDLE = 0.05
_AT_ONCE = 0.002
_GIVES_UP = 1.0
"""A feed that is so many seconds behind is cut to the present, as a broker does to slow readers."""


def now_us() -> int:
    return EPOCH_US + time.monotonic_ns() // 1000


def symbol_of(number: int) -> str:
    return f"FEED{number}"


class Feed:
    """Publishes ticks of what is wanted, `rate` a second."""

    def __init__(self) -> None:
        self.rate = 0.0
        self.published = self.skipped = 0
        self._wanted: tuple[InstrumentKey, ...] = ()
        self._next = 0

    def want(self, wanted: Mapping[InstrumentKey, Mode]) -> None:
        self._wanted = tuple(key for key in wanted if key.symbol.startswith("FEED"))

    @property
    def wanted(self) -> int:
        return len(self._wanted)

    async def run(self, publish: Callable[[Tick], None]) -> None:
        """Publish what is due, 2 ms at a time, forever."""
        due, rate = time.monotonic(), self.rate
        while True:
            now = time.monotonic()
            if rate != self.rate or not rate or not self._wanted:
                due, rate = now, self.rate
            elif now - due > _GIVES_UP:
                self.skipped += int((now - due) * rate)
                due = now
            until = now + _AT_ONCE
            while rate and self._wanted and due <= now < until:
                publish(self._tick(due))
                due += 1 / rate
                now = time.monotonic()
            await asyncio.sleep(_IDLE if not rate else 0 if due <= now else _BEAT)

    def _tick(self, due: float) -> Tick:
        self._next = (self._next + 1) % len(self._wanted)
        self.published += 1
        key = self._wanted[self._next]
        received_ms = time.time_ns() // 1_000_000
        return Tick(
            exchange=key.exchange,
            symbol=key.symbol,
            received_ms=received_ms,
            exchange_ms=received_ms,
            ltp=1001.25,
            volume=EPOCH_US + int(due * 1e6),
            last_quantity=66,
            open=963.3,
            high=975.5,
            low=960.1,
            prev_close=963.3,
            bid=974.9,
            bid_quantity=102,
            ask=975.1,
            ask_quantity=432,
        )


class Control(asyncio.DatagramProtocol):
    """Obeys whoever sends commands."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._watchdog: Watchdog | None = None
        self._transport: asyncio.DatagramTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        held = 0.0
        match data.decode().split():
            case ["rate", rate]:
                self._feed.rate = float(rate)
            case ["watch"]:
                self._watchdog = Watchdog()
            case ["watched"] if self._watchdog is not None:
                self._watchdog.stop()
                held = self._watchdog.working * 1e3
        answer = {
            "wanted": self._feed.wanted,
            "published": self._feed.published,
            "skipped": self._feed.skipped,
            "held_ms": held,
        }
        self._transport.sendto(json.dumps(answer).encode(), addr)


_feed = Feed()
_listed = SimulatorBroker.instruments
_serve = serving.serve


async def _instruments(self: SimulatorBroker) -> Sequence[Instrument]:
    return (
        *await _listed(self),
        *(
            Instrument(
                exchange=Exchange.NSE,
                symbol=symbol_of(number),
                name=symbol_of(number),
                type=InstrumentType.EQUITY,
                broker_symbol=symbol_of(number),
                broker_exchange="NSE",
                token=str(10_000_000 + number),
                tick_size=px("0.05"),
            )
            for number in range(SYMBOLS)
        ),
    )


async def _stream(_: SimulatorBroker, publish: Callable[[Tick], None]) -> None:
    await _feed.run(publish)


def _want(_: SimulatorBroker, wanted: Mapping[InstrumentKey, Mode]) -> None:
    _feed.want(wanted)


async def _controlled(settings: Settings, options: ServeOptions) -> None:
    address = ("127.0.0.1", int(os.environ["FEED_PORT"]))
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: Control(_feed), local_addr=address
    )
    profile = Profile() if "FEED_PROFILE" in os.environ else None
    if profile is not None:
        profile.enable()
    try:
        await _serve(settings, options)
    finally:
        transport.close()
        if profile is not None:
            profile.disable()
            profile.dump_stats(os.environ["FEED_PROFILE"])


if __name__ == "__main__":
    import openalgo.app

    SimulatorBroker.instruments = _instruments  # type: ignore[method-assign]
    SimulatorBroker.stream = _stream  # type: ignore[assignment, method-assign]
    SimulatorBroker.set_demand = _want  # type: ignore[assignment, method-assign]
    openalgo.app.serve = _controlled
    sys.exit(main())
