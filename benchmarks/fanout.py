"""Market data to 500 WebSocket clients against raw sends of prebuilt frames, and against a server
that has nothing but ASGI to send with, in the same run.

Bars: at least 60,000 messages delivered per second, at least half the rate of raw sends and 1.5
times that of ASGI; a client that stops reading changes nothing for the others and costs bounded
memory.
"""

import asyncio
import itertools
import json
import logging
import statistics
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import NamedTuple, cast

import psutil
import structlog
import uvloop
from fastapi import FastAPI
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from openalgo.api.ws.clients import Clients
from openalgo.api.ws.routes import socket_router
from openalgo.api.ws.session import SocketServices
from openalgo.brokers.base import BrokerInfo
from openalgo.brokers.simulator.info import INFO
from openalgo.domain.clock import SystemClock
from openalgo.domain.instruments import Instrument, InstrumentType
from openalgo.domain.market import Exchange, InstrumentKey, Tick
from openalgo.domain.numbers import px
from openalgo.identity.principal import Principal, Scope
from openalgo.listeners import FeedProtocol, HttpServer, listen
from openalgo.streaming.demand import Demand
from openalgo.streaming.events import EventBus
from openalgo.streaming.hub import Hub
from openalgo.trading.markets import Market, Markets

CLIENTS = 500
ROUNDS = 3
SECONDS = 2.0
LEAD = 40
SYMBOLS = ("SBIN", "INFY", "NTPC", "ONGC", "GAIL", "SAIL", "NMDC", "BHEL", "IDEA", "RVNL")
BURSTS = (1, len(SYMBOLS))
"""Ticks that a feed brings at once: a broker's frame carries one or several."""

Send = Callable[[list[Tick]], Awaitable[None]]


class House:
    """One user, who owns every key, and every instrument."""

    def __init__(self, hub: Hub) -> None:
        parts = SimpleNamespace(
            info=INFO, clock=SystemClock(), instruments=self, hub=hub, demand=Demand()
        )
        self._market = cast(Market, parts)

    def lookup(self, key: str, address: str) -> Principal:  # noqa: ARG002 - all keys are good
        return Principal(
            user_id=1, username="bench", account_id=1, key_id=1, scopes=frozenset(Scope)
        )

    async def authenticate(self, key: str, address: str) -> Principal | None:
        return self.lookup(key, address)

    def broker_of(self, account_id: int) -> BrokerInfo:  # noqa: ARG002
        return INFO

    def of(self, account_id: int) -> Market:  # noqa: ARG002
        return self._market

    def find(self, key: InstrumentKey) -> Instrument | None:
        return Instrument(
            exchange=key.exchange,
            symbol=key.symbol,
            name=key.symbol,
            type=InstrumentType.EQUITY,
            broker_symbol=key.symbol,
            broker_exchange=key.exchange,
            token=key.symbol,
            tick_size=px("0.05"),
        )


class Audience:
    """The clients, in a process of their own."""

    def __init__(self, process: Process) -> None:
        self._process = process

    async def tell(self, command: str) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(command.encode() + b"\n")
        return int(await self._process.stdout.readline())


@asynccontextmanager
async def audience(port: int) -> AsyncIterator[Audience]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.feed_clients", str(port), *SYMBOLS),
        stdin=PIPE,
        stdout=PIPE,
    )
    try:
        yield Audience(process)
    finally:
        process.terminate()
        await process.wait()


@asynccontextmanager
async def server(hub: Hub, *, direct: bool = True) -> AsyncIterator[tuple[HttpServer, int]]:
    """Without `direct`, messages go through ASGI."""
    house = House(hub)
    app = FastAPI()
    app.include_router(
        socket_router(
            SocketServices(
                keys=house,
                markets=cast(Markets, house),
                events=EventBus(),
                brokers=(INFO.id,),
                clients=Clients(CLIENTS + 1, CLIENTS + 1),
            )
        )
    )
    http = HttpServer(app)
    if not direct:
        http.config.ws = WebSocketsSansIOProtocol
    http.config.ws_ping_interval = None  # clients that only count bytes answer no pings
    with listen("127.0.0.1", 0, "--port") as socket:
        serving = asyncio.ensure_future(http.serve(sockets=[socket]))
        try:
            yield http, socket.getsockname()[1]
        finally:
            http.force_exit = http.should_exit = True
            await serving


def bursts(size: int) -> list[list[Tick]]:
    """Ticks of the symbols in turn. All have one length as JSON."""
    symbols = itertools.cycle(SYMBOLS)
    return [[tick(next(symbols), number) for _ in range(size)] for number in range(100)]


def tick(symbol: str, number: int) -> Tick:
    return Tick(
        exchange=Exchange.NSE,
        symbol=symbol,
        received_ms=1_795_259_508_500 + number,
        exchange_ms=1_795_259_508_000 + number,
        ltp=1001.25,
        volume=5_047_372,
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


async def publish(hub: Hub, ticks: list[Tick]) -> None:
    for each in ticks:
        hub.publish(each)


async def send_raw(sockets: list[FeedProtocol], frame: bytes, ticks: list[Tick]) -> None:
    for _ in ticks:
        for socket in sockets:
            socket.transport.write(frame)


class Rate(NamedTuple):
    """`us` is our processor time for each, which other processes on the machine spoil less."""

    per_second: float
    us: float


async def rate(send: Send, clients: Audience, size: int, listening: int, frame_size: int) -> Rate:
    """Messages a second that arrive at `listening` clients, none of them lost.

    Sends burst after burst, and waits for the audience wherever it is 40 ticks behind: what the
    kernel would hold beyond that measures memory, not delivery.
    """
    count = await clients.tell("count")
    started, cpu = time.perf_counter(), time.process_time()
    messages = 0
    for number, ticks in enumerate(itertools.cycle(bursts(size)), start=1):
        await send(ticks)
        await asyncio.sleep(0)
        messages += size * listening
        if number * size % LEAD == 0:
            while await clients.tell("count") < count + messages * frame_size:
                pass
            if time.perf_counter() - started >= SECONDS:
                break
    cpu = time.process_time() - cpu
    return Rate(messages / (time.perf_counter() - started), cpu / messages * 1e6)


async def measure() -> None:
    hub = Hub()
    async with server(hub) as (http, port), audience(port) as clients:
        await clients.tell(f"open {CLIENTS}")
        sockets = [each for each in http.server_state.connections if isinstance(each, FeedProtocol)]
        frame = await one_frame(hub, clients)
        print(f"{CLIENTS} clients, {len(SYMBOLS)} symbols, {len(frame)} bytes a message")

        async def raw(ticks: list[Tick]) -> None:
            await send_raw(sockets, frame, ticks)

        async def ours(ticks: list[Tick]) -> None:
            await publish(hub, ticks)

        for size in BURSTS:
            rates: dict[str, list[Rate]] = {"raw": [], "ours": []}
            for _ in range(ROUNDS):
                for name, send in (("raw", raw), ("ours", ours)):
                    rates[name].append(await rate(send, clients, size, CLIENTS, len(frame)))
            report(size, rates["ours"], rates["raw"])
            await through_asgi(size, len(frame), rates["ours"])
        await stalled(http, clients, ours, len(frame))


async def through_asgi(size: int, frame_size: int, direct: list[Rate]) -> None:
    """The same, told from a server without our extension."""
    hub = Hub()

    async def ours(ticks: list[Tick]) -> None:
        await publish(hub, ticks)

    async with server(hub, direct=False) as (_, port), audience(port) as clients:
        await clients.tell(f"open {CLIENTS}")
        rates = [await rate(ours, clients, size, CLIENTS, frame_size) for _ in range(ROUNDS)]
    ratio = statistics.median(each.us for each in rates) / statistics.median(
        each.us for each in direct
    )
    print(f"   through ASGI {median(rates)}: direct costs 1/{ratio:.1f} of it (bar 1/1.5)")


async def one_frame(hub: Hub, clients: Audience) -> bytes:
    """A message as it is on the wire, told from what one tick brings all clients."""
    before = await clients.tell("count")
    await publish(hub, [tick("SBIN", 0)])
    await asyncio.sleep(0.2)
    size = (await clients.tell("count") - before) // CLIENTS
    text = json.dumps({"padding": ""}).encode()
    text = text[:-2] + b"x" * (size - 4 - len(text)) + text[-2:]
    return b"\x81\x7e" + len(text).to_bytes(2, "big") + text


def report(size: int, ours: list[Rate], raw: list[Rate]) -> None:
    ratio = statistics.median(
        mine.per_second / theirs.per_second for mine, theirs in zip(ours, raw, strict=True)
    )
    print(
        f"ticks at once: {size:2}   delivered {median(ours)}   raw {median(raw)}   "
        f"ratio {ratio:.2f}"
    )


def median(rates: list[Rate]) -> str:
    per_second, us = (statistics.median(each) for each in zip(*rates, strict=True))
    return f"{per_second:9,.0f} /s ({us:.1f} us each)"


async def stalled(http: HttpServer, clients: Audience, send: Send, frame_size: int) -> None:
    """One client stops reading; the rest must not notice."""
    sockets = [each for each in http.server_state.connections if isinstance(each, FeedProtocol)]
    size = len(SYMBOLS)
    before = await rate(send, clients, size, CLIENTS, frame_size)
    port = await clients.tell("stall")
    deaf = next(socket for socket in sockets if socket.client and socket.client[1] == port)
    while deaf.takes_more:  # until what the kernel holds for it is full
        deaf.write_texts([bytes(frame_size)])
        await asyncio.sleep(0)
    memory = psutil.Process().memory_info().rss
    after = await rate(send, clients, size, CLIENTS - 1, frame_size)
    grown = psutil.Process().memory_info().rss - memory
    print(
        "one client stopped reading: delivered "
        f"{after.per_second / before.per_second:.2f} of before "
        f"({before.per_second:,.0f} -> {after.per_second:,.0f} /s), "
        f"the server grew by {grown / 1024:,.0f} KiB"
    )


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    uvloop.run(measure())


if __name__ == "__main__":
    main()
