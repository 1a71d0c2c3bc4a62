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
        # By identity: there may be one for each of a thousand clients.
        self._callbacks: dict[int, Callable[[T], None]] = {}
        self._in_order: tuple[Callable[[T], None], ...] | None = ()

    def __len__(self) -> int:
        return len(self._callbacks)

    def add(self, callback: Callable[[T], None]) -> None:
        self._callbacks[id(callback)] = callback
        self._in_order = None

    def remove(self, callback: Callable[[T], None]) -> None:
        """Forget `callback`. Safe to call twice."""
        self._callbacks.pop(id(callback), None)
        self._in_order = None

    def tell(self, news: T) -> None:
        if self._in_order is None:
            self._in_order = tuple(self._callbacks.values())
        for callback in self._in_order:
            try:
                callback(news)
            except Exception:
                name = getattr(callback, "__qualname__", type(callback).__qualname__)
                log.exception("a listener failed", listener=name, news=type(news).__name__)
