"""Listen, run until a signal, and greet who started it."""

import asyncio
import sys
from pathlib import Path

import structlog

from openalgo import __version__
from openalgo.app.assembly import Parts, assembled
from openalgo.config import ServeOptions, Settings
from openalgo.listeners import listen
from openalgo.signals import ending_on_signals

log = structlog.get_logger(__name__)

GIVE_WAY_SECONDS = 0.0005
"""So long may one thread keep the interpreter from another. By Python's own 5 ms, the event loop
waits as long for every thread that works, and an order for those that write it down."""

DRAINED_WITHIN = 3.0
"""Seconds for WebSocket clients to be told that the server ends, after what waits for them."""


async def serve(settings: Settings, options: ServeOptions) -> None:
    """Run the server until a signal ends it. Raises what makes that impossible, in a sentence."""
    sys.setswitchinterval(GIVE_WAY_SECONDS)
    end = asyncio.Event()
    with (
        ending_on_signals(end),
        listen(settings.host, settings.port, "--port") as main,
        listen(settings.websocket_host, settings.websocket_port, "--ws-port") as feed,
    ):
        async with assembled(settings, options) as parts:
            http = parts.http
            serving = asyncio.ensure_future(http.serve(sockets=[main, feed]))
            ending = asyncio.ensure_future(end.wait())
            failing = asyncio.ensure_future(parts.supervisor.failed())
            http.on_started(lambda: _greet(settings, parts))
            await asyncio.wait({serving, ending, failing}, return_when=asyncio.FIRST_COMPLETED)
            log.info("shutting down")
            await parts.clients.drain(DRAINED_WITHIN)
            http.should_exit = True
            await serving
            ending.cancel()
            if failing.done():
                raise failing.result()
            failing.cancel()


def _greet(settings: Settings, parts: Parts) -> None:
    """Where the server is, and what to do next."""
    url = f"http://{settings.host}:{settings.port}"
    lines = [
        f"OpenAlgo {__version__} is running: {parts.broker.info.name}, trading on paper.",
        f"  API         {url}/api/v1",
        f"  API docs    {url}/api/docs",
        f"  WebSocket   ws://{settings.websocket_host}:{settings.websocket_port}",
        "",
    ]
    command = f"{_program()} init --username you"
    if str(settings.data_dir) != "data":
        command += f" --data-dir {settings.data_dir}"
    if parts.setup_token is None:
        lines.append("Next: place an order, as README.md shows. Ctrl-C ends the server.")
    else:
        lines.append("Next: in another terminal, make your user and API key:")
        lines.append(f"  {command}")
        lines.append("From another machine, POST /setup asks for this token, good once:")
        lines.append(f"  {parts.setup_token}")
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def _program() -> str:
    """How the user starts this program from where they are."""
    program = Path(sys.argv[0])
    if program.name == "__main__.py":
        return f"{Path(sys.executable).name} -m openalgo"
    here = Path.cwd()
    return str(program.relative_to(here) if program.is_relative_to(here) else program)
