"""Quotes asked for one by one, and got from the broker in as few calls as it takes."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from openalgo.domain.errors import BrokerUnavailable, OpenAlgoError
from openalgo.domain.instruments import Instrument
from openalgo.domain.market import InstrumentKey, Quote

QuoteOutcome = Quote | OpenAlgoError

CALLS_AT_ONCE = 4
"""More calls under way at the same time do not make a broker faster."""

_PATIENCE = 3


@dataclass(slots=True, eq=False)
class _Question:
    instrument: Instrument
    answer: asyncio.Future[QuoteOutcome]
    askers: int = 0


class QuoteBatches:
    """Gathers what is asked in one turn of the event loop, or while no call may be made yet, and
    asks for it together. Whoever asks what is under way shares its answer."""

    def __init__(
        self,
        name: str,
        ask: Callable[[Sequence[Instrument]], Awaitable[Mapping[InstrumentKey, Quote]]],
        room_in: Callable[[], float],
        size: int,
    ) -> None:
        """`ask` gets quotes of at most `size` instruments from the broker `name`; it leaves out
        what the broker does not know, and raises an `OpenAlgoError` only. `room_in` says in how
        many seconds the rate limits let a call go; it may raise the same."""
        self._name = name
        self._ask = ask
        self._room_in = room_in
        self._size = size
        self._gathered: dict[InstrumentKey, _Question] = {}
        self._asked: dict[InstrumentKey, _Question] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._gathering: asyncio.Task[None] | None = None
        self._free = asyncio.Semaphore(CALLS_AT_ONCE)

    async def outcomes(self, instruments: Iterable[Instrument]) -> list[QuoteOutcome]:
        """For each of `instruments` its quote, or what went wrong.

        May be cancelled without disturbing others who ask the same.
        """
        questions = [self._join(instrument) for instrument in instruments]
        try:
            if questions:
                await asyncio.wait({question.answer for question in questions})
        finally:
            for question in questions:
                self._leave(question)
        return [question.answer.result() for question in questions]

    async def close(self) -> None:
        """Ask no more; whoever waits is told so."""
        questions = [*self._gathered.values(), *self._asked.values()]
        self._gathered.clear()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._settle(questions, BrokerUnavailable(f"{self._name} is not asked any more"))

    def _join(self, instrument: Instrument) -> _Question:
        key = instrument.key
        question = self._gathered.get(key) or self._asked.get(key)
        if question is None:
            question = _Question(instrument, asyncio.get_running_loop().create_future())
            self._gathered[key] = question
            if self._gathering is None:
                self._gathering = self._start(self._gather(), "gathering")
        question.askers += 1
        return question

    def _leave(self, question: _Question) -> None:
        question.askers -= 1
        key = question.instrument.key
        if question.askers == 0 and self._gathered.get(key) is question:
            del self._gathered[key]

    def _start(self, work: Coroutine[object, object, None], what: str) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work, name=f"{self._name} quotes: {what}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _gather(self) -> None:
        """Make calls of what is gathered, until nothing is left."""
        try:
            while self._gathered:
                await self._free.acquire()
                try:
                    await self._room()
                except OpenAlgoError as error:
                    self._free.release()
                    self._settle(self._gathered.values(), error)
                    self._gathered.clear()
                    return
                keys = list(islice(self._gathered, self._size))
                if not keys:
                    self._free.release()
                    return
                questions = [self._gathered.pop(key) for key in keys]
                self._asked.update(zip(keys, questions, strict=True))
                self._start(self._call(questions), "call")
                # The call takes its place at the rate limits, before the next one looks at them.
                await asyncio.sleep(0)
        finally:
            self._gathering = None

    async def _room(self) -> None:
        """Wait until the rate limits let a call go. Where others keep taking the room, the call has
        to queue with them."""
        for _ in range(_PATIENCE):
            seconds = self._room_in()
            if seconds <= 0:
                return
            await asyncio.sleep(seconds)

    async def _call(self, questions: Sequence[_Question]) -> None:
        try:
            try:
                quotes = await self._ask([question.instrument for question in questions])
            except OpenAlgoError as error:
                self._settle(questions, error)
            else:
                for question in questions:
                    key = question.instrument.key
                    question.answer.set_result(quotes.get(key) or self._unknown(key))
        finally:
            for question in questions:
                self._asked.pop(question.instrument.key, None)
            self._free.release()

    def _settle(self, questions: Collection[_Question], error: OpenAlgoError) -> None:
        for question in questions:
            if not question.answer.done():
                question.answer.set_result(error)

    def _unknown(self, key: InstrumentKey) -> BrokerUnavailable:
        return BrokerUnavailable(f"{self._name} gave no quote for {key}")
