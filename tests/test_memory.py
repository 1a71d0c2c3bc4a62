"""What the garbage collector looks at, and when."""

import asyncio
import gc
import weakref
from collections.abc import Iterator
from datetime import datetime

import pytest

from openalgo.domain.clock import IST, ManualClock
from openalgo.memory import Memory

MOST = 500
EVENING = datetime(2026, 11, 20, 22, 0, tzinfo=IST)
NIGHT = datetime(2026, 11, 21, 3, 0, tzinfo=IST)


class Node:
    """What may refer to itself."""

    def __init__(self) -> None:
        self.other: Node | None = None


def ring() -> Node:
    """Two objects that only the garbage collector can free."""
    one, other = Node(), Node()
    one.other, other.other = other, one
    return one


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(EVENING)


@pytest.fixture
def memory(clock: ManualClock) -> Iterator[Memory]:
    memory = Memory(clock, most=MOST, every=0.001)
    yield memory
    memory.close()


async def grow(kept: list[Node], count: int) -> None:
    """Make objects that stay, in many turns of the loop."""
    for _ in range(count // 100):
        kept.extend(Node() for _ in range(100))
        await asyncio.sleep(0)


async def test_no_collection_looks_at_much_however_much_there_is(memory: Memory) -> None:
    memory.settle()
    aside = gc.get_freeze_count()
    looked_at: list[int] = []

    def look(phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            generations = range(info["generation"] + 1)
            looked_at.append(sum(len(gc.get_objects(generation=each)) for each in generations))

    kept: list[Node] = []
    gc.callbacks.append(look)
    try:
        await grow(kept, 60_000)
    finally:
        gc.callbacks.remove(look)
    left = len(gc.get_objects())
    assert max(looked_at) < 15_000
    assert left < 15_000
    assert gc.get_freeze_count() - aside > len(kept) - left


async def test_what_comes_as_fast_as_others_go_is_looked_at_before_it_is_much(
    memory: Memory,
) -> None:
    """The collector itself counts the difference, which never gets large here."""
    kept: list[Node] = []
    await grow(kept, 60_000)
    memory.settle()
    looked_at: list[int] = []

    def look(phase: str, info: dict[str, int]) -> None:
        if phase == "start" and info["generation"] == 0:
            looked_at.append(len(gc.get_objects(generation=0)))

    gc.callbacks.append(look)
    loop = asyncio.get_running_loop()
    began, start = loop.time(), 0
    try:
        while loop.time() < began + 0.2:
            kept[start : start + 100] = [Node() for _ in range(100)]
            start = (start + 100) % len(kept)
            await asyncio.sleep(0)
    finally:
        gc.callbacks.remove(look)
    assert len(looked_at) > 5
    assert max(looked_at) < 20_000


async def test_garbage_is_collected_as_ever(memory: Memory) -> None:
    memory.settle()
    gone = weakref.ref(ring())
    await grow([], 20_000)
    kept: list[Node] = []
    await grow(kept, 20_000)
    assert gc.isenabled()
    assert gone() is None


async def test_what_was_put_aside_goes_when_nobody_refers_to_it(memory: Memory) -> None:
    kept = Node()
    memory.settle()
    gone = weakref.ref(kept)
    del kept
    assert gone() is None


async def test_garbage_that_was_put_aside_goes_at_night(memory: Memory, clock: ManualClock) -> None:
    kept = ring()
    memory.settle()
    gone = weakref.ref(kept)
    del kept
    gc.collect()
    assert gone() is not None
    running = asyncio.ensure_future(memory.run())
    await asyncio.sleep(0)
    clock.set(NIGHT)
    for _ in range(5):
        await asyncio.sleep(0)
    assert gone() is None
    running.cancel()


async def test_closing_leaves_the_collector_as_it_was(memory: Memory) -> None:
    before = gc.get_threshold(), list(gc.callbacks)
    memory.settle()
    assert (gc.get_threshold(), list(gc.callbacks)) != before
    memory.close()
    memory.close()
    assert (gc.get_threshold(), list(gc.callbacks)) == before
    assert gc.get_freeze_count() == 0
