"""Asking again and again for what no connection carries."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

import structlog

from openalgo.domain.calendar import Calendar
from openalgo.domain.clock import Clock, epoch_ms
from openalgo.domain.errors import OpenAlgoError
from openalgo.domain.instruments import Instrument
from openalgo.domain.market import InstrumentKey, Quote, Tick
from openalgo.instruments.slices import Slices
from openalgo.streaming.feeds.placement import Wants

log = structlog.get_logger(__name__)

Poll = Callable[[Sequence[Instrument]], Awaitable[Mapping[InstrumentKey, Quote]]]

_LONGEST_PAUSE: Final = 30.0


class Poller:
    """Takes what is `due` in turns, the most important first: `at_once` instruments every `every`
    seconds while their exchange is open. What is new is asked for once even when it is not."""

    def __init__(
        self,
        poll: Poll,
        due: Callable[[], Wants],
        publish: Callable[[Tick], None],
        clock: Clock,
        calendar: Calendar,
        *,
        at_once: int,
        every: float,
    ) -> None:
        self._poll = poll
        self._due = due
        self._publish = publish
        self._clock = clock
        self._calendar = calendar
        self._at_once = at_once
        self._every = every
        self._round: deque[InstrumentKey] = deque()
        self._polled: set[InstrumentKey] = set()

    async def run(self) -> None:
        """Poll until cancelled."""
        failures = 0
        while True:
            batch = self._next()
            if batch:
                try:
                    quotes = await self._poll(batch)
                except OpenAlgoError as error:
                    failures += 1
                    if failures == 1:
                        log.warning("quotes could not be polled", why=error.code)
                else:
                    failures = 0
                    await self._tell(quotes)
            await asyncio.sleep(min(self._every * 2.0 ** min(failures, 16), _LONGEST_PAUSE))

    def _next(self) -> list[Instrument]:
        due, now = self._due(), self._clock.now()
        exchanges = {key.exchange for key in due}
        is_open = {e for e in exchanges if self._calendar.is_open(e, now)}
        self._polled &= due.keys()
        batch = [key for key in due if key not in self._polled][: self._at_once]
        if not self._round:
            self._round.extend(due)
        for _ in range(len(self._round)):
            if len(batch) == self._at_once:
                break
            key = self._round.popleft()
            if key in due and key.exchange in is_open and key not in batch:
                batch.append(key)
        self._polled.update(batch)
        return [due[key][0] for key in batch]

    async def _tell(self, quotes: Mapping[InstrumentKey, Quote]) -> None:
        due, now = self._due(), self._clock.now()
        slices = Slices()
        for key, quote in quotes.items():
            # What a connection took over meanwhile may have a newer price already.
            if key in due and quote.ltp > 0:
                self._publish(tick_of(quote, now))
            if slices.over:
                await slices.pause()


def tick_of(quote: Quote, now: datetime) -> Tick:
    """What `quote`, which came `now`, says, as a tick."""
    return Tick(
        exchange=quote.key.exchange,
        symbol=quote.key.symbol,
        received_ms=epoch_ms(now),
        exchange_ms=quote.at_ms or None,
        ltp=quote.ltp,
        open=quote.open or None,
        high=quote.high or None,
        low=quote.low or None,
        prev_close=quote.prev_close or None,
        bid=quote.bid or None,
        bid_quantity=quote.bid_quantity or None,
        ask=quote.ask or None,
        ask_quantity=quote.ask_quantity or None,
        volume=quote.volume,
        oi=quote.oi or None,
    )
