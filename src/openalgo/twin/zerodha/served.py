"""A running twin of Zerodha."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from openalgo.signals import ending_on_signals
from openalgo.twin.faults import Kind, Rule
from openalgo.twin.serving import HOST, serving
from openalgo.twin.zerodha.app import application
from openalgo.twin.zerodha.ticker import HEARTBEAT_SECONDS
from openalgo.twin.zerodha.twin import Setup, ZerodhaTwin

_STEP_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Served:
    """The twin at its address. `twin` is what tests look at and change from Python."""

    twin: ZerodhaTwin
    port: int

    @property
    def api(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def login(self) -> str:
        return f"{self.api}/connect/login"

    @property
    def stream(self) -> str:
        return f"ws://{HOST}:{self.port}"

    @property
    def control(self) -> str:
        return f"{self.api}/twin"

    @property
    def endpoints(self) -> dict[str, str]:
        """What replaces the broker's addresses."""
        return {"api": self.api, "login": self.login, "stream": self.stream}

    @property
    def setting(self) -> str:
        """The line of settings that makes a server use this twin."""
        return f"BROKER_ENDPOINTS={json.dumps({'zerodha': self.endpoints}, separators=(',', ':'))}"


@contextlib.asynccontextmanager
async def serving_zerodha(setup: Setup | None = None, *, port: int = 0) -> AsyncIterator[Served]:
    """A twin on loopback until the block ends. Raises `OSError` where the port is taken."""
    setup = setup or Setup()
    twin = ZerodhaTwin(setup)
    async with serving(application(twin), port) as bound:
        tasks = [
            asyncio.create_task(_beat(twin), name="twin heartbeats"),
            asyncio.create_task(_walk(twin, setup.speed), name="twin prices"),
        ]
        try:
            yield Served(twin, bound)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            twin.ticker.close_all()
            twin.close()


async def serve_until_stopped(
    setup: Setup, *, port: int, delay_ms: float, say: Callable[[str], None]
) -> None:
    """Serve until the process is told to end; `say` gets the lines a user needs to read."""
    stopped = asyncio.Event()
    with ending_on_signals(stopped):
        async with serving_zerodha(setup, port=port) as served:
            if delay_ms:
                served.twin.faults.add(Rule(kind=Kind.DELAY, delay_ms=delay_ms))
            listed = len(served.twin.contracts)
            say(f"The twin of Zerodha lists {listed} instruments. Nothing is real.")
            say(f"  API         {served.api}")
            say(f"  login page  {served.login}")
            say(f"  ticker      {served.stream}")
            say(f"  control     {served.control}")
            say(f"  API key     {setup.app.key}")
            say(f"  API secret  {setup.app.secret}")
            say(f"  callback    {setup.app.callback}")
            say("Settings for the server:")
            say(served.setting)
            await stopped.wait()


async def _beat(twin: ZerodhaTwin) -> None:
    while True:
        await asyncio.sleep(HEARTBEAT_SECONDS)
        twin.ticker.beat()


async def _walk(twin: ZerodhaTwin, speed: float) -> None:
    """Move the prices of what somebody waits for."""
    while True:
        await asyncio.sleep(_STEP_SECONDS)
        if twin.walking:
            tokens = twin.ticker.watched | twin.triggers.watched | twin.exchange.watched
            known = map(twin.contracts.numbered, sorted(tokens))
            for _ in twin.market.step([row for row in known if row], _STEP_SECONDS * speed):
                await asyncio.sleep(0)
