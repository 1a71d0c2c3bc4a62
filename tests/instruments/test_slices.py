import asyncio
from itertools import pairwise

from openalgo.instruments.slices import Slices, Steps, run_through


class Timer:
    """A clock that only work moves, in seconds."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def work(timer: Timer, steps: int, seconds: float) -> Steps[int]:
    for _ in range(steps):
        timer.at += seconds
        yield
    return steps


async def test_the_loop_is_free_after_each_slice() -> None:
    timer = Timer()
    turns: list[float] = []

    async def neighbour() -> None:
        while True:
            turns.append(timer.at)
            await asyncio.sleep(0)

    watching = asyncio.ensure_future(neighbour())
    done = await Slices(0.002, timer).run(work(timer, 100, 0.0005))
    watching.cancel()
    assert done == 100
    assert len(turns) >= 24
    assert max(b - a for a, b in pairwise(turns)) <= 0.0021


async def test_work_that_fits_a_slice_does_not_pause() -> None:
    timer = Timer()
    turned = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(turned.set_result, None)
    assert await Slices(0.002, timer).run(work(timer, 3, 0.0005)) == 3
    assert not turned.done()


def test_without_a_loop_it_is_done_at_once() -> None:
    assert run_through(work(Timer(), 5, 1.0)) == 5
