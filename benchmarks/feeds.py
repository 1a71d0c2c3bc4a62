"""A live feed in front of a broker that never pauses, against its decoder alone.

What counts is what the feed adds to a frame, and that neither a frame with all 3,000 instruments of
a connection nor churn among 9,000 holds the event loop: 5 ms at most.
"""

import asyncio
import gc
import struct
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import uvloop

from benchmarks.watchdog import Watchdog
from openalgo.brokers.adapter import (
    Broker,
    Endpoints,
    Frame,
    Listing,
    Session,
    StreamAddress,
    StreamNews,
    Values,
)
from openalgo.brokers.base import BrokerInfo, StreamLimits
from openalgo.domain.calendar import AlwaysOpenCalendar
from openalgo.domain.clock import SystemClock
from openalgo.domain.instruments import Instrument, InstrumentType
from openalgo.domain.market import Exchange, InstrumentKey, Mode, Tick
from openalgo.domain.numbers import px
from openalgo.streaming.feeds import LiveFeed

LISTED = 9_000
ROOM = 3_000
SECONDS = 2.0

_PACKET = struct.Struct(">II")


def _key(number: int) -> InstrumentKey:
    return InstrumentKey(Exchange.NSE, f"S{number}")


class Rows:
    """Lists `S0`, `S1` ... under their numbers."""

    def __init__(self) -> None:
        self.rows = {
            _key(number): Instrument(
                exchange=Exchange.NSE,
                symbol=f"S{number}",
                name=f"S{number}",
                type=InstrumentType.EQUITY,
                broker_symbol=f"S{number}",
                broker_exchange="NSE",
                token=str(number),
                tick_size=px("0.05"),
            )
            for number in range(LISTED)
        }

    def find(self, key: InstrumentKey) -> Instrument | None:
        return self.rows.get(key)

    def by_token(self, token: str) -> Instrument | None:
        raise NotImplementedError

    def by_broker_symbol(self, broker_exchange: str, broker_symbol: str) -> Instrument | None:
        raise NotImplementedError


class Words:
    """Prices in packets of eight bytes."""

    def address(self, endpoints: Endpoints, app: Values, session: Session) -> StreamAddress:
        raise NotImplementedError

    def stream_key(self, instrument: Instrument) -> int | str:
        return int(instrument.token)

    def subscribe(self, wanted: Sequence[tuple[Instrument, Mode]]) -> Sequence[Frame]:
        return [",".join(instrument.token for instrument, _ in wanted)]

    def unsubscribe(self, instruments: Sequence[Instrument]) -> Sequence[Frame]:
        return [",".join(instrument.token for instrument in instruments)]

    def decoder(
        self,
        names: Mapping[int | str, Instrument],
        listing: Listing,  # noqa: ARG002
    ) -> Callable[[Frame, int], Iterator[StreamNews]]:
        def decode(frame: Frame, received_ms: int) -> Iterator[StreamNews]:
            assert isinstance(frame, bytes)
            for token, price in _PACKET.iter_unpack(frame):
                instrument = names[token]
                yield Tick(
                    exchange=instrument.exchange,
                    symbol=instrument.symbol,
                    received_ms=received_ms,
                    ltp=price / 100,
                )

        return decode

    def pings(self) -> Sequence[Frame]:
        return ()


class Flood:
    """A socket that has the same frame again whenever it is asked, once `frame` is set."""

    def __init__(self) -> None:
        self.frame = b""
        self.sent = 0
        self.read = 0
        self._flows = asyncio.Event()

    def flow(self, frame: bytes) -> None:
        self.frame = frame
        self._flows.set()

    async def recv(self) -> Frame:
        await self._flows.wait()
        self.read += 1
        return self.frame

    async def send(self, frame: Frame) -> None:  # noqa: ARG002
        self.sent += 1

    async def ping(self) -> None: ...

    async def close(self) -> None: ...

    def abort(self) -> None: ...


def frame_of(count: int) -> bytes:
    return b"".join(_PACKET.pack(number, 10_000) for number in range(count))


def feed_of(sockets: list[Flood], publish: Callable[[Tick], None]) -> LiveFeed:
    """A feed whose connections are put into `sockets`."""

    async def dial(address: StreamAddress) -> Flood:  # noqa: ARG001
        sockets.append(Flood())
        return sockets[-1]

    rest: Any = None
    info = BrokerInfo(
        id="flood",
        name="Flood",
        exchanges=frozenset({Exchange.NSE}),
        trading=True,
        stream=StreamLimits(
            instruments_a_connection=ROOM,
            connections=3,
            instruments_a_message=ROOM,
            silent_for=60.0,
        ),
    )
    return LiveFeed(
        Broker(
            info=info,
            api=rest,
            endpoints=Endpoints(api=""),
            auth=rest,
            orders=rest,
            portfolio=rest,
            market_data=rest,
            instruments=rest,
            stream=Words(),
        ),
        address=lambda: StreamAddress(url="wss://flood.invalid"),
        listing=Rows(),
        clock=SystemClock(),
        calendar=AlwaysOpenCalendar(),
        publish=publish,
        order_update=lambda _: None,
        session_over=lambda _: None,
        dial=dial,
    )


async def flood(packets: int) -> None:
    """Frames of `packets` prices, as fast as they are taken."""
    sockets: list[Flood] = []
    feed = feed_of(sockets, lambda _: None)
    running = asyncio.ensure_future(feed.run())
    feed.set_demand({_key(number): Mode.LTP for number in range(ROOM)})
    await asyncio.sleep(0.5)
    watchdog = Watchdog()
    begun, cpu = time.perf_counter(), time.process_time()
    sockets[0].flow(frame_of(packets))
    await asyncio.sleep(SECONDS)
    seconds = time.perf_counter() - begun
    busy = time.process_time() - cpu
    frames = sockets[0].read
    watchdog.stop()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    alone = _decoded_alone(packets)
    print(
        f"{packets:5} ticks a frame: {frames / busy:9,.0f} frames/s of CPU"
        f" ({frames * packets / busy:9,.0f} ticks/s; {frames / seconds:,.0f} frames/s of time),"
        f" the decoder alone {alone:9,.0f} frames/s; {watchdog}"
    )


def _decoded_alone(packets: int) -> float:
    names: Mapping[int | str, Instrument] = dict(enumerate(Rows().rows.values()))
    decode = Words().decoder(names, Rows())
    frame, frames = frame_of(packets), 0
    begun = time.process_time()
    while time.process_time() - begun < 0.5:
        for _ in decode(frame, 1):
            pass
        frames += 1
    return frames / (time.process_time() - begun)


async def churn() -> None:
    """A demand for 9,000 instruments that changes every millisecond."""
    sockets: list[Flood] = []
    feed = feed_of(sockets, lambda _: None)
    running = asyncio.ensure_future(feed.run())
    whole = {_key(number): Mode.LTP for number in range(LISTED)}
    feed.set_demand(whole)
    await asyncio.sleep(1)
    watchdog = Watchdog()
    before = sum(socket.sent for socket in sockets)
    begun, cpu, changes = time.perf_counter(), time.process_time(), 0
    while time.perf_counter() - begun < SECONDS:
        changes += 1
        feed.set_demand({**whole, _key(changes % LISTED): Mode.DEPTH})
        await asyncio.sleep(0.001)
    busy = (time.process_time() - cpu) / (time.perf_counter() - begun)
    sent = sum(socket.sent for socket in sockets) - before
    watchdog.stop()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    print(
        f"{changes} changes of a demand for {LISTED}: {sent} messages,"
        f" {busy:.0%} of a core; {watchdog}"
    )


def main() -> None:
    print("live feed")
    gc.collect()
    gc.freeze()  # as the server does
    for packets in (1, 10, 100, ROOM):
        uvloop.run(flood(packets))
    uvloop.run(churn())


if __name__ == "__main__":
    main()
