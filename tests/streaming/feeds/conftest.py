"""Feeds are tried on a loop whose time is virtual; what needs real sockets asks for a real one."""

import asyncio
from collections.abc import Callable, Mapping

import pytest

from tests.brokers.kit.virtual import VirtualLoop

_LOOPS: Mapping[str, Callable[[], asyncio.AbstractEventLoop]] = {
    "virtual": VirtualLoop,
    "real": asyncio.new_event_loop,
}


def pytest_asyncio_loop_factories(
    item: pytest.Item,
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    marker = item.get_closest_marker("asyncio")
    if marker is not None and "loop_factories" in marker.kwargs:
        return _LOOPS
    return {"virtual": _LOOPS["virtual"]}
