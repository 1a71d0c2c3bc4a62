"""However much comes at once, the rest of the server has its turns."""

import asyncio

import pytest

from openalgo.instruments.slices import Slices
from openalgo.streaming.feeds import polling, wire
from tests.streaming.feeds.bench import Bench, wanted

COUNT = 600
EVERY = 10


class Counted(Slices):
    """Says so after every tenth look."""

    def __init__(self) -> None:
        super().__init__(length=EVERY - 0.5, now=self._tick)

    def _tick(self) -> float:
        self._looks = getattr(self, "_looks", 0) + 1
        return float(self._looks)


async def _turns_while_ticks_come(bench: Bench, count: int) -> int:
    """How often another task ran between the first of `count` ticks and the last."""
    turns = 0
    await asyncio.wait_for(bench.told.wait(), 5)
    while len(bench.ticks) < count:
        turns += 1
        await asyncio.sleep(0)
    return turns


async def test_one_large_frame_is_taken_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "Slices", Counted)
    bench = Bench(room=COUNT, connections=1, a_message=COUNT, listed=COUNT)
    async with bench.running():
        bench.feed.set_demand(wanted(range(COUNT)))
        await bench.until_right(wanted(range(COUNT)))
        bench.server.tick(1.0)
        assert await _turns_while_ticks_come(bench, COUNT) >= COUNT / EVERY / 2


async def test_many_small_frames_are_taken_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "Slices", Counted)
    bench = Bench(connections=1)
    async with bench.running():
        bench.feed.set_demand(wanted(range(1)))
        await bench.until_right(wanted(range(1)))
        for _ in range(COUNT):
            bench.server.tick(1.0)
        assert await _turns_while_ticks_come(bench, COUNT) >= COUNT / EVERY / 2


async def test_quotes_that_were_polled_are_told_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "Slices", Counted)
    bench = Bench(streams=False, listed=COUNT, quotes_a_call=COUNT)
    async with bench.running():
        bench.feed.set_demand(wanted(range(COUNT)))
        assert await _turns_while_ticks_come(bench, COUNT) >= COUNT / EVERY / 2
