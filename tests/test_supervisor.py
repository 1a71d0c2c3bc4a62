import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from openalgo.supervisor import (
    EndedUnexpectedly,
    Fail,
    Once,
    Restart,
    Supervisor,
    TaskFailed,
    TaskState,
)


class Pauses:
    """Stands in for sleeping: records each pause, and lets it end when told to."""

    def __init__(self) -> None:
        self.seen: list[float] = []
        self._wanted: asyncio.Queue[asyncio.Event] = asyncio.Queue()

    async def __call__(self, seconds: float) -> None:
        self.seen.append(seconds)
        over = asyncio.Event()
        self._wanted.put_nowait(over)
        await over.wait()

    async def end(self) -> None:
        """Wait for the next pause and end it."""
        (await self._wanted.get()).set()

    async def begun(self) -> None:
        await self._wanted.get()


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest.fixture
async def supervisor(pauses: Pauses) -> AsyncIterator[Supervisor]:
    supervisor = Supervisor(jitter=lambda: 0.0, sleep=pauses, patience=0.05)
    yield supervisor
    await supervisor.stop()


async def forever() -> None:
    await asyncio.Event().wait()


async def settle() -> None:
    """Let everything run that can run."""
    for _ in range(10):
        await asyncio.sleep(0)


def failing(error: Exception) -> Callable[[], Awaitable[None]]:
    async def run() -> None:
        raise error

    return run


async def test_restarts_with_growing_pauses(supervisor: Supervisor, pauses: Pauses) -> None:
    supervisor.start("feed", failing(OSError("gone")), Restart(first=1, longest=5))
    for _ in range(4):
        await pauses.end()
    await pauses.begun()

    assert pauses.seen == [1, 2, 4, 5, 5]
    (status,) = supervisor.status()
    assert status.state is TaskState.PAUSED
    assert status.restarts == 4
    assert status.error == "OSError: gone"
    assert not status.healthy


async def test_a_steady_run_starts_the_pauses_anew(supervisor: Supervisor, pauses: Pauses) -> None:
    supervisor.start("feed", failing(OSError("gone")), Restart(first=1, steady=0))
    for _ in range(3):
        await pauses.end()
    await pauses.begun()

    assert pauses.seen == [1, 1, 1, 1]


async def test_returning_is_an_end_like_any_other(supervisor: Supervisor, pauses: Pauses) -> None:
    async def returns() -> None:
        return

    supervisor.start("feed", returns, Restart())
    await pauses.begun()

    assert supervisor.status()[0].error == "EndedUnexpectedly: it returned"


def test_jitter_shortens_the_pause_by_up_to_half() -> None:
    policy = Restart(first=2, longest=10)
    assert policy.pause(1, 0.0) == 2
    assert policy.pause(1, 0.5) == 1.5
    assert policy.pause(10_000, 1.0) == 5


async def test_the_process_learns_of_a_fatal_end(supervisor: Supervisor) -> None:
    supervisor.start("feed", forever, Restart())
    supervisor.start("engine", failing(RuntimeError("broken books")), Fail())

    failure = await supervisor.failed()

    assert isinstance(failure, TaskFailed)
    assert failure.name == "engine"
    assert str(failure) == "Task engine ended: RuntimeError: broken books"
    assert {s.name: s.state for s in supervisor.status()} == {
        "feed": TaskState.RUNNING,
        "engine": TaskState.FAILED,
    }


async def test_the_first_fatal_end_counts_even_if_nobody_waited(supervisor: Supervisor) -> None:
    supervisor.start("one", failing(RuntimeError("first")), Fail())
    await asyncio.wait_for(supervisor.failed(), 1)
    supervisor.start("two", failing(RuntimeError("second")), Fail())
    await settle()

    assert supervisor.status()[1].state is TaskState.FAILED
    assert (await supervisor.failed()).name == "one"


async def test_a_task_cancelled_from_inside_is_a_failure(supervisor: Supervisor) -> None:
    async def loses_its_future() -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        future.cancel()
        await future

    supervisor.start("engine", loses_its_future, Fail())

    failure = await supervisor.failed()
    assert isinstance(failure.__cause__, EndedUnexpectedly)


async def test_once_may_end_or_fail_without_consequences(supervisor: Supervisor) -> None:
    ended = asyncio.Event()

    async def works() -> None:
        ended.set()

    supervisor.start("import", works, Once())
    supervisor.start("report", failing(ValueError("no data")), Once())
    await ended.wait()
    await settle()

    assert [s.state for s in supervisor.status()] == [TaskState.DONE, TaskState.FAILED]
    waiting = asyncio.ensure_future(supervisor.failed())
    await asyncio.sleep(0)
    assert not waiting.done()
    waiting.cancel()


async def test_stop_takes_the_youngest_first_and_waits_for_each() -> None:
    supervisor = Supervisor()
    events: list[str] = []

    def task(name: str) -> Callable[[], Awaitable[None]]:
        async def run() -> None:
            try:
                await forever()
            finally:
                events.append(f"{name} stopping")
                await asyncio.sleep(0)
                events.append(f"{name} stopped")

        return run

    for name in ("stores", "engine", "feed"):
        supervisor.start(name, task(name), Fail())
    await asyncio.sleep(0)

    await supervisor.stop("engine")
    await supervisor.stop()

    assert events == [
        f"{name} {what}"
        for name in ("engine", "feed", "stores")
        for what in ("stopping", "stopped")
    ]
    assert {s.state for s in supervisor.status()} == {TaskState.STOPPED}


async def test_stopping_is_not_a_failure(supervisor: Supervisor) -> None:
    supervisor.start("engine", forever, Fail())
    await asyncio.sleep(0)
    waiting = asyncio.ensure_future(supervisor.failed())
    await supervisor.stop()
    await asyncio.sleep(0)

    assert not waiting.done()
    waiting.cancel()


async def test_an_error_while_stopping_is_logged_and_not_fatal(
    supervisor: Supervisor, caplog: pytest.LogCaptureFixture
) -> None:
    async def stumbles() -> None:
        try:
            await forever()
        finally:
            raise OSError("socket is gone")

    supervisor.start("feed", stumbles, Fail())
    await settle()
    waiting = asyncio.ensure_future(supervisor.failed())
    await supervisor.stop()
    await settle()

    assert not waiting.done()
    assert "Task feed failed while stopping" in caplog.text
    assert "socket is gone" in caplog.text
    waiting.cancel()


async def test_a_task_told_to_end_finishes_without_failing(supervisor: Supervisor) -> None:
    told, drained = asyncio.Event(), asyncio.Event()

    async def serves() -> None:
        await told.wait()
        await asyncio.sleep(0)
        drained.set()

    async def tell() -> None:
        told.set()
        await settle()

    supervisor.start("http", serves, Fail())
    await settle()
    waiting = asyncio.ensure_future(supervisor.failed())
    await supervisor.finish("http", tell)
    await settle()

    assert drained.is_set()
    assert supervisor.status()[0].state is TaskState.DONE
    assert not waiting.done()
    waiting.cancel()


async def test_a_task_that_does_not_finish_in_time_is_stopped(supervisor: Supervisor) -> None:
    supervisor.start("http", forever, Fail())
    await supervisor.finish("http", within=0)

    assert supervisor.status()[0].state is TaskState.STOPPED


async def test_finishing_what_was_never_started_is_harmless(supervisor: Supervisor) -> None:
    await supervisor.finish("http")

    assert supervisor.status() == []


async def test_a_task_stopped_before_its_first_step_is_stopped(supervisor: Supervisor) -> None:
    supervisor.start("feed", forever, Restart())
    await supervisor.stop()

    assert supervisor.status()[0].state is TaskState.STOPPED


async def test_a_task_that_will_not_stop_is_named_and_left(
    supervisor: Supervisor, caplog: pytest.LogCaptureFixture
) -> None:
    released = asyncio.Event()

    async def stubborn() -> None:
        while not released.is_set():
            try:
                await released.wait()
            except asyncio.CancelledError:
                continue

    supervisor.start("stubborn", stubborn, Once())
    await asyncio.sleep(0)
    with caplog.at_level(logging.ERROR):
        await supervisor.stop()
    released.set()

    assert "Task stubborn did not stop" in caplog.text


async def test_a_pause_can_be_stopped(supervisor: Supervisor, pauses: Pauses) -> None:
    supervisor.start("feed", failing(OSError("gone")), Restart())
    await pauses.begun()
    await supervisor.stop()

    assert supervisor.status()[0].state is TaskState.STOPPED


async def test_a_name_belongs_to_one_living_task(supervisor: Supervisor) -> None:
    supervisor.start("feed", forever, Restart())
    with pytest.raises(ValueError, match="feed is already running"):
        supervisor.start("feed", forever, Restart())

    await asyncio.sleep(0)
    await supervisor.stop("feed")
    supervisor.start("feed", forever, Restart())
    assert [s.state for s in supervisor.status()] == [TaskState.RUNNING]
