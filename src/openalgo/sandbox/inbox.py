"""What waits for the engine."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from openalgo.domain.errors import EngineBusy, OpenAlgoError
from openalgo.sandbox.commands import Command, Read


@dataclass(slots=True, eq=False)
class Request:
    """A command or a reading; `answer` is None for those nobody waits for."""

    command: Command | Read[Any]
    answer: asyncio.Future[Any] | None = None

    def resolve(self, value: object) -> None:
        if self.answer is not None and not self.answer.done():
            self.answer.set_result(value)

    def refuse(self, error: BaseException) -> None:
        if self.answer is not None and not self.answer.done():
            self.answer.set_exception(error)


class Inbox:
    """First in, first out. At most `limit` requests with somebody waiting for them, and `reserve`
    more that get out of the market; the market's own movements always find room.

    `idle` is cleared by whatever comes in; who takes requests sets it once all are dealt with.
    """

    def __init__(self, limit: int, reserve: int) -> None:
        self._limit = limit
        self._reserve = reserve
        self._requests: deque[Request] = deque()
        self._asked = 0
        self._arrived = asyncio.Event()
        self.idle = asyncio.Event()

    def __len__(self) -> int:
        return len(self._requests)

    async def ask(self, command: Command | Read[Any], *, exits: bool) -> Any:
        """What the engine answers. Raises `EngineBusy` when there is no room."""
        if self._asked >= self._limit + (self._reserve if exits else 0):
            raise EngineBusy
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._asked += 1
        self.put(Request(command, answer))
        return await answer

    def put(self, request: Request) -> None:
        self._requests.append(request)
        self.idle.clear()
        self._arrived.set()

    def take(self) -> Request:
        request = self._requests.popleft()
        if request.answer is not None:
            self._asked -= 1
        return request

    def put_back(self, requests: Iterable[Request]) -> None:
        """Let `requests` be the next, in their order."""
        for request in reversed(list(requests)):
            self._requests.appendleft(request)
            if request.answer is not None:
                self._asked += 1

    async def arrival(self) -> None:
        """Return once there is something, or somebody called `wake`."""
        if not self._requests:
            await self._arrived.wait()
        self._arrived.clear()

    def wake(self) -> None:
        self._arrived.set()

    def refuse_asked(self, error: Callable[[], OpenAlgoError]) -> None:
        """Answer everything nobody has looked at yet; market movements stay."""
        requests = list(self._requests)
        self._requests.clear()
        for request in requests:
            if request.answer is None:
                self._requests.append(request)
            else:
                self._asked -= 1
                request.refuse(error())
