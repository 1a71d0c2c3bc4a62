"""The sockets clients connect to."""

import asyncio
import socket
import sys
from collections.abc import Callable
from contextlib import closing

import pytest

from openalgo.listeners import PortBusy, listen


def event_loops() -> list[Callable[[], asyncio.AbstractEventLoop]]:
    if sys.platform == "win32":
        return [asyncio.new_event_loop]
    import uvloop

    return [asyncio.new_event_loop, uvloop.new_event_loop]


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
@pytest.mark.parametrize("new_loop", event_loops())
def test_answers_leave_at_once(
    host: str, new_loop: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    """Nagle's algorithm would keep the end of an answer until its beginning is acknowledged, which
    may take 40 ms."""
    with asyncio.Runner(loop_factory=new_loop) as runner:
        assert runner.run(_is_undelayed(host))


def test_a_port_in_use_is_told() -> None:
    with closing(listen("127.0.0.1", 0, "--port")) as first:
        port = first.getsockname()[1]
        with pytest.raises(PortBusy, match=rf"127.0.0.1:{port} .*another port with --port"):
            listen("127.0.0.1", port, "--port")


async def _is_undelayed(host: str) -> bool:
    """Whether a connection we accept sends without waiting."""
    accepted: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        option = writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        accepted.set_result(option)
        writer.close()

    try:
        listening = listen(host, 0, "--port")
    except OSError:
        pytest.skip(f"there is no {host} here")
    async with await asyncio.start_server(serve, sock=listening):
        _, writer = await asyncio.open_connection(host, listening.getsockname()[1])
        try:
            return bool(await accepted)
        finally:
            writer.close()
            await writer.wait_closed()
