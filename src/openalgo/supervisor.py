"""The owner of every background task: started by name, watched, restarted or fatal, stopped."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

logger = logging.getLogger(__name__)

TaskFactory = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Restart:
    """Whatever ends it, run it again after a pause.

    The pause doubles from `first` to `longest` seconds and is jittered downwards by up to half; a
    run of `steady` seconds or more starts the count anew.
    """

    first: float = 0.5
    longest: float = 30.0
    steady: float = 60.0

    def pause(self, failures: int, jitter: float) -> float:
        """Seconds to wait after `failures` failures in a row (1 or more); `jitter` is in [0, 1)."""
        # Beyond 2**64 the float would overflow long after the limit decided.
        longest = min(self.longest, self.first * 2.0 ** min(failures - 1, 64))
        return longest * (1 - jitter / 2)


@dataclass(frozen=True, slots=True)
class Fail:
    """Must run as long as the process: if it ends, for whatever reason, the process ends."""


@dataclass(frozen=True, slots=True)
class Once:
    """Runs to its end. A failure is logged and shown in the status, and that is all."""


Policy = Restart | Fail | Once


class TaskState(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"  # waits for its next start
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskStatus:
    """How a task is doing. `error` is what ended it last, if anything ever did."""

    name: str
    state: TaskState
    restarts: int
    error: str | None

    @property
    def healthy(self) -> bool:
        return self.state in (TaskState.RUNNING, TaskState.DONE)


class TaskFailed(Exception):
    """A task the process cannot live without has ended."""

    def __init__(self, name: str, cause: BaseException) -> None:
        self.name = name
        super().__init__(f"Task {name} ended: {_describe(cause)}")
        self.__cause__ = cause


class EndedUnexpectedly(Exception):
    """A task returned, or was cancelled from inside, although it should have gone on."""


@dataclass(slots=True)
class _Supervised:
    name: str
    factory: TaskFactory
    policy: Policy
    state: TaskState = TaskState.RUNNING
    restarts: int = 0
    error: str | None = None
    finishing: bool = False
    task: asyncio.Task[None] | None = None


class Supervisor:
    """Belongs to one event loop. `jitter` gives numbers in [0, 1), `sleep` waits transport time."""

    def __init__(
        self,
        *,
        jitter: Callable[[], float] = random.random,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        patience: float = 10.0,
    ) -> None:
        """`patience` is how many seconds a cancelled task gets to end."""
        self._jitter = jitter
        self._sleep = sleep
        self._patience = patience
        self._tasks: dict[str, _Supervised] = {}
        self._failure: asyncio.Future[TaskFailed] | None = None

    def start(self, name: str, factory: TaskFactory, policy: Policy) -> None:
        """Run `factory()` as the task `name`. A name is free again once its task has ended.

        Raises `ValueError` while a task of that name is alive.
        """
        before = self._tasks.pop(name, None)
        if before is not None and before.task is not None and not before.task.done():
            self._tasks[name] = before
            raise ValueError(f"A task named {name} is already running")
        supervised = _Supervised(name, factory, policy)
        supervised.task = asyncio.get_running_loop().create_task(self._run(supervised), name=name)
        self._tasks[name] = supervised

    async def failed(self) -> TaskFailed:
        """Wait until a task with the policy `Fail` ends; return why. The first failure counts."""
        return await asyncio.shield(self._first_failure())

    def status(self) -> list[TaskStatus]:
        """Every task ever started, in the order of starting."""
        return [
            TaskStatus(name=task.name, state=task.state, restarts=task.restarts, error=task.error)
            for task in self._tasks.values()
        ]

    async def stop(self, *names: str) -> None:
        """Cancel the tasks `names` one after the other, in that order, waiting for each to end.
        Without names: all that are left, the youngest first."""
        for name in names or tuple(reversed(self._tasks)):
            await self._stop(self._tasks[name])

    async def finish(
        self,
        name: str,
        tell: Callable[[], Awaitable[None]] | None = None,
        *,
        within: float = 30.0,
    ) -> None:
        """Let the task `name` end by itself, which is then no failure; `tell` tells it to.

        After `within` seconds it is stopped. Harmless when there is no such task.
        """
        supervised = self._tasks.get(name)
        if supervised is not None:
            supervised.finishing = True
        if tell is not None:
            await tell()
        if supervised is not None and supervised.task is not None:
            await asyncio.wait((supervised.task,), timeout=within)
            await self._stop(supervised)

    async def _stop(self, supervised: _Supervised) -> None:
        task = supervised.task
        if task is None or task.done():
            return
        task.cancel()
        done, _ = await asyncio.wait((task,), timeout=self._patience)
        if done:
            supervised.state = TaskState.STOPPED
            logger.info("Task %s stopped", supervised.name)
        else:
            logger.error(
                "Task %s did not stop within %g s; going on without it",
                supervised.name,
                self._patience,
            )

    async def _run(self, supervised: _Supervised) -> None:
        name, policy = supervised.name, supervised.policy
        failures = 0
        while True:
            supervised.state = TaskState.RUNNING
            started = asyncio.get_running_loop().time()
            ended = await _end_of(supervised)
            if _is_stopping():
                if ended is not None:
                    logger.warning("Task %s failed while stopping", name, exc_info=ended)
                return
            if ended is None and (supervised.finishing or isinstance(policy, Once)):
                supervised.state = TaskState.DONE
                return
            error = ended or EndedUnexpectedly("it returned")
            supervised.error = _describe(error)
            if not isinstance(policy, Restart):
                supervised.state = TaskState.FAILED
                logger.error("Task %s failed", name, exc_info=error)
                if isinstance(policy, Fail):
                    self._report(TaskFailed(name, error))
                return
            lasted = asyncio.get_running_loop().time() - started
            failures = 1 if lasted >= policy.steady else failures + 1
            pause = policy.pause(failures, self._jitter())
            supervised.state = TaskState.PAUSED
            logger.warning("Task %s ended; next start in %.1f s", name, pause, exc_info=error)
            await self._sleep(pause)
            supervised.restarts += 1

    def _first_failure(self) -> asyncio.Future[TaskFailed]:
        if self._failure is None:
            self._failure = asyncio.get_running_loop().create_future()
        return self._failure

    def _report(self, failure: TaskFailed) -> None:
        future = self._first_failure()
        if not future.done():
            future.set_result(failure)


async def _end_of(supervised: _Supervised) -> Exception | None:
    """Run the task once; what ended it, or `None` when it returned."""
    try:
        await supervised.factory()
    except asyncio.CancelledError:
        if _is_stopping():
            raise
        return EndedUnexpectedly("it was cancelled from inside")
    except Exception as error:
        return error
    return None


def _is_stopping() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _describe(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"
