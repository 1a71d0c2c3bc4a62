"""One open connection: asks for what its share wants, and hands on what comes."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NoReturn, TypeVar

import structlog

from openalgo.brokers.adapter import Frame, Listing, Stream, StreamAddress, StreamNews
from openalgo.brokers.base import StreamLimits
from openalgo.domain.calendar import Calendar
from openalgo.domain.clock import Clock, epoch_ms
from openalgo.domain.instruments import Instrument
from openalgo.domain.market import Exchange, InstrumentKey, Tick
from openalgo.instruments.slices import Slices
from openalgo.streaming.feeds.mute import Prices, notice_muteness
from openalgo.streaming.feeds.placement import Want, Wants
from openalgo.streaming.feeds.sockets import ConnectionLost, Socket
from openalgo.streaming.feeds.watch import Pulse, keep_alive, notice_absence, notice_silence

log = structlog.get_logger(__name__)

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What all connections of a feed have in common."""

    stream: Stream
    limits: StreamLimits
    listing: Listing
    clock: Clock
    calendar: Calendar


class Wire:
    """Keeps the subscriptions of `socket` at what `share` says.

    `asked` is what the broker was asked for over this connection; `released` is told when it was
    asked for less. `prices` is what is known of those of the line.
    """

    def __init__(
        self,
        socket: Socket,
        address: StreamAddress,
        login: int,
        source: Source,
        prices: Prices,
        share: Callable[[], Wants],
        deliver: Callable[["Wire", StreamNews], None],
        released: Callable[[], None],
    ) -> None:
        self.address = address
        self.login = login
        self.asked: dict[InstrumentKey, Want] = {}
        self.pulse = Pulse()
        self.opened_at = self.pulse.last
        self._socket = socket
        self._source = source
        self._prices = prices
        self._share = share
        self._deliver = deliver
        self._released = released
        self._names: dict[int | str, Instrument] = {}
        self._news = asyncio.Event()
        self._exchanges: Counter[Exchange] = Counter()
        self._doubted: set[InstrumentKey] = set()
        self._garbled = 0

    def share_changed(self) -> None:
        """Look at the share again."""
        self._news.set()

    @property
    def complete(self) -> bool:
        """Whether the broker was asked for all that is wanted here."""
        return self.asked.keys() == self._share().keys()

    async def serve(self) -> None:
        """Run until the connection ends, which raises `ConnectionLost`. `drop` it then."""
        source = self._source
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._write())
                tasks.create_task(
                    notice_silence(
                        self.pulse,
                        source.limits.silent_for,
                        lambda: set(self._exchanges),
                        source.calendar,
                        source.clock,
                    )
                )
                tasks.create_task(notice_absence(self._socket, self.pulse))
                tasks.create_task(notice_muteness(self._prices, self._listening, self._ask_again))
                tasks.create_task(keep_alive(self._socket, source.stream))
                tasks.create_task(self._read())
        except ExceptionGroup as group:
            raise _reason(group) from None

    async def leave(self) -> None:
        """Close the connection in good order."""
        await self._socket.close()

    def drop(self) -> None:
        """Drop the connection, if it is still there."""
        self._socket.abort()

    async def _read(self) -> NoReturn:
        decode = self._source.stream.decoder(self._names, self._source.listing)
        clock, deliver = self._source.clock, self._deliver
        slices = Slices()
        while True:
            frame = await self._socket.recv()
            priced = False
            try:
                for news in decode(frame, epoch_ms(clock.now())):
                    priced = priced or type(news) is Tick
                    deliver(self, news)
                    if slices.over:
                        await slices.pause()
            except ConnectionLost:
                raise
            except Exception as error:
                self._note_garbled(error)
                continue
            self.pulse.beat()
            if priced:
                self._prices.came()
            if slices.over:
                await slices.pause()

    def _note_garbled(self, error: Exception) -> None:
        """Such frames may come by the thousand, so not each is worth a line in the log."""
        self._garbled += 1
        if self._garbled & (self._garbled - 1) == 0:
            log.error("a frame of the feed could not be read", so_far=self._garbled, exc_info=error)

    def _listening(self) -> int:
        """How many instruments of open markets are wanted here."""
        calendar, at = self._source.calendar, self._source.clock.now()
        return sum(
            count for exchange, count in self._exchanges.items() if calendar.is_open(exchange, at)
        )

    def _ask_again(self) -> None:
        log.warning("no prices come over a connection of the feed", instruments=len(self.asked))
        self._doubted.update(self.asked)
        self._news.set()

    async def _write(self) -> NoReturn:
        while True:
            self._news.clear()
            wanted, asked = self._share(), self.asked
            key_of = self._source.stream.stream_key
            gone = [
                (key, instrument)
                for key, (instrument, _) in asked.items()
                if (want := wanted.get(key)) is None
                or (want[0] is not instrument and key_of(want[0]) != key_of(instrument))
            ]
            self._exchanges = Counter(key.exchange for key in wanted)
            for batch in self._batches(gone):
                await self._drop(batch)
            new = [
                (key, want)
                for key, want in wanted.items()
                if key in self._doubted or not _same(asked.get(key), want)
            ]
            for portion in self._batches(new):
                if self._news.is_set():
                    break
                await self._ask(portion)
            if gone:
                self._released()
            await self._news.wait()

    async def _drop(self, batch: Sequence[tuple[InstrumentKey, Instrument]]) -> None:
        stream = self._source.stream
        await self._send(stream.unsubscribe([instrument for _, instrument in batch]))
        for key, instrument in batch:
            del self.asked[key]
            self._doubted.discard(key)
            self._names.pop(stream.stream_key(instrument), None)

    async def _ask(self, batch: Sequence[tuple[InstrumentKey, Want]]) -> None:
        stream = self._source.stream
        for key, want in batch:
            self.asked[key] = want
            self._names[stream.stream_key(want[0])] = want[0]
            self._doubted.discard(key)
        await self._send(stream.subscribe([want for _, want in batch]))
        self._prices.asked()

    async def _send(self, frames: Sequence[Frame]) -> None:
        for frame in frames:
            await self._socket.send(frame)
        # Sending waits for nothing while the socket has room, and there may be many batches.
        await asyncio.sleep(0)

    def _batches(self, items: Sequence[T]) -> Iterator[Sequence[T]]:
        rest = iter(items)
        while batch := list(islice(rest, self._source.limits.instruments_a_message)):
            yield batch


def _same(asked: Want | None, wanted: Want) -> bool:
    """Whether the broker need not be asked again."""
    return asked is not None and asked[1] is wanted[1] and asked[0].token == wanted[0].token


def _reason(group: ExceptionGroup[Exception]) -> ConnectionLost:
    lost, failed = group.split(ConnectionLost)
    if failed is not None:
        log.error("a connection of the feed failed", exc_info=failed)
        return ConnectionLost("the adapter failed")
    error: BaseException | None = lost
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error if isinstance(error, ConnectionLost) else ConnectionLost("")
