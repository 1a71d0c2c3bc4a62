"""How long the event loop was held."""

import asyncio
import time


class Watchdog:
    """Notices how long the loop was not free, in real time and in CPU time of its thread."""

    INTERVAL = 0.002  # uvloop counts whole milliseconds, and less than one would spin

    def __init__(self) -> None:
        self._real = self._cpu = 0.0
        self._loop = asyncio.get_running_loop()
        self._began = time.perf_counter(), time.thread_time()
        self._next = self._loop.call_later(self.INTERVAL, self._look)

    def stop(self) -> None:
        self._look()
        self._next.cancel()

    def _look(self) -> None:
        real, cpu = self._began
        self._began = time.perf_counter(), time.thread_time()
        self._real = max(self._real, self._began[0] - real - self.INTERVAL)
        self._cpu = max(self._cpu, self._began[1] - cpu)
        self._next = self._loop.call_later(self.INTERVAL, self._look)

    @property
    def working(self) -> float:
        """The longest the loop was held by work of its own, in seconds of CPU time."""
        return self._cpu

    def __str__(self) -> str:
        return f"loop held {self._real * 1e3:.1f} ms, {self._cpu * 1e3:.1f} ms of them working"


class Turns:
    """The longest turn of the loop by the processor time of its thread, which other processes do
    not spoil. It has the loop turn all the time."""

    def __init__(self) -> None:
        self.longest = 0.0
        self._loop = asyncio.get_running_loop()
        self._began = time.thread_time()
        self._next = self._loop.call_soon(self._look)

    def stop(self) -> None:
        self._next.cancel()

    def _look(self) -> None:
        now = time.thread_time()
        self.longest = max(self.longest, now - self._began)
        self._began = now
        self._next = self._loop.call_soon(self._look)

    def __str__(self) -> str:
        return f"longest turn of the loop {self.longest * 1e3:.1f} ms"
