"""Callbacks that hear of something."""

from collections.abc import Callable
from typing import Generic, TypeVar

import structlog

log = structlog.get_logger(__name__)

T = TypeVar("T")


class Listeners(Generic[T]):
    """Callbacks in order of registration. They may come and go while one is being called; one that
    raises is logged, and the others hear all the same."""

    def __init__(self) -> None:
        self._callbacks: tuple[Callable[[T], None], ...] = ()

    def __len__(self) -> int:
        return len(self._callbacks)

    def add(self, callback: Callable[[T], None]) -> None:
        self._callbacks = (*self._callbacks, callback)

    def remove(self, callback: Callable[[T], None]) -> None:
        """Forget `callback`. Safe to call twice."""
        self._callbacks = tuple(known for known in self._callbacks if known is not callback)

    def tell(self, news: T) -> None:
        for callback in self._callbacks:
            try:
                callback(news)
            except Exception:
                name = getattr(callback, "__qualname__", type(callback).__qualname__)
                log.exception("a listener failed", listener=name, news=type(news).__name__)
