"""An event loop on which waiting takes no time."""

import asyncio
import selectors
from collections.abc import Callable


class VirtualLoop(asyncio.SelectorEventLoop):
    """Whenever nothing is ready, its clock jumps to the next timer. For code without sockets."""

    def __init__(self) -> None:
        self._now = 1000.0
        super().__init__(_Jumping(self._jump))

    def time(self) -> float:
        return self._now

    def _jump(self, seconds: float) -> None:
        self._now += seconds


class _Jumping(selectors.DefaultSelector):
    def __init__(self, jump: Callable[[float], None]) -> None:
        super().__init__()
        self._jump = jump

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready:
            return ready
        if timeout is None:
            raise RuntimeError("Everything waits for something that will never happen")
        if timeout > 0:
            self._jump(timeout)
        return []


def now() -> float:
    """The time of the running loop."""
    return asyncio.get_running_loop().time()


async def settle() -> None:
    """Let everything run that need not wait."""
    for _ in range(20):
        await asyncio.sleep(0)
