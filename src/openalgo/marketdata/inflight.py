"""Reads under way, so that those who ask the same at the same time share one answer."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from openalgo.domain.errors import OpenAlgoError

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class InFlight(Generic[K, V]):
    """Nothing is kept beyond the read: whoever asks later reads again."""

    def __init__(self) -> None:
        # `None` when whoever read was cancelled before the answer came.
        self._reads: dict[K, asyncio.Future[tuple[V] | OpenAlgoError | None]] = {}

    def __contains__(self, key: K) -> bool:
        """Whether a read of `key` is under way."""
        return key in self._reads

    async def get(self, key: K, read: Callable[[], Awaitable[V]]) -> V:
        """What the read of `key` under way answers, or else `read`.

        An `OpenAlgoError` is raised for all who asked; `read` raises nothing else that the others
        are told about: they then read for themselves, as they do when the reader is cancelled.
        """
        while (under_way := self._reads.get(key)) is not None:
            outcome = await asyncio.shield(under_way)
            if outcome is not None:
                return _unwrapped(outcome)
        outcome = await self._read(key, read)
        return _unwrapped(outcome)

    async def _read(self, key: K, read: Callable[[], Awaitable[V]]) -> tuple[V] | OpenAlgoError:
        under_way: asyncio.Future[tuple[V] | OpenAlgoError | None]
        under_way = asyncio.get_running_loop().create_future()
        self._reads[key] = under_way
        outcome: tuple[V] | OpenAlgoError | None = None
        try:
            outcome = (await read(),)
        except OpenAlgoError as error:
            outcome = error
        finally:
            del self._reads[key]
            under_way.set_result(outcome)
        return outcome


def _unwrapped(outcome: tuple[V] | OpenAlgoError) -> V:
    if isinstance(outcome, OpenAlgoError):
        raise outcome
    return outcome[0]
