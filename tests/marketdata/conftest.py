"""The event loops on which market data is tried."""

import asyncio
from collections.abc import Callable, Mapping

import pytest

from tests.brokers.kit.virtual import VirtualLoop

_LOOPS: Mapping[str, Callable[[], asyncio.AbstractEventLoop]] = {
    "asyncio": asyncio.new_event_loop,
    "virtual": VirtualLoop,
}


def pytest_asyncio_loop_factories(
    item: pytest.Item,
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    marker = item.get_closest_marker("asyncio")
    if marker is not None and "loop_factories" in marker.kwargs:
        return _LOOPS
    return {"asyncio": _LOOPS["asyncio"]}
