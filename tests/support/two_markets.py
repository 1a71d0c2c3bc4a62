"""A whole server in this process: Asha is on the embedded market, Ravi on one of his own."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect

from openalgo.app import Parts, assembled
from openalgo.brokers.simulator.broker import SimulatorBroker
from openalgo.brokers.simulator.info import INFO
from openalgo.config import ServeOptions, load_settings
from openalgo.domain.market import Exchange, Tick
from openalgo.identity import api_keys
from openalgo.identity.api_keys import KeyRing
from openalgo.identity.principal import Scope
from openalgo.identity.secrets import load_secrets
from openalgo.instruments.upkeep import Upkeep
from openalgo.listeners import listen
from openalgo.marketplace import MarketSource
from openalgo.persistence.main import accounts, users
from openalgo.persistence.main import api_keys as key_rows
from openalgo.persistence.stores import Store
from openalgo.trading.markets import LiveSide, Market
from openalgo.trading.venues import VenueMode
from tests.api.fakes import FakeVenue

BROKER = replace(INFO, id="broker", name="The Broker", trading=True, simulated=False)


class Brokerage(FakeVenue):
    """The broker's order desk. `connected` is whether Ravi is logged in."""

    def __init__(self) -> None:
        super().__init__()
        self.mode = VenueMode.LIVE
        self.connected = True


@dataclass
class Trader:
    """Somebody with a key to an account."""

    account_id: int
    key: str
    market: Market
    http: httpx.AsyncClient
    port: int

    async def post(self, endpoint: str, **body: object) -> httpx.Response:
        return await self.http.post(f"/api/v1/{endpoint}", json={"apikey": self.key, **body})

    async def ask(self, endpoint: str, **body: object) -> dict[str, Any]:
        reply = await self.post(endpoint, **body)
        assert reply.status_code == 200, reply.text
        answer: dict[str, Any] = reply.json()
        return answer

    async def buy(self, symbol: str = "SBIN", price: float | None = None) -> str:
        """The id of the order: MARKET, or LIMIT at `price`."""
        terms: dict[str, object] = {"pricetype": "MARKET"}
        if price is not None:
            terms = {"pricetype": "LIMIT", "price": price}
        placed = await self.ask(
            "placeorder",
            strategy="test",
            symbol=symbol,
            exchange="NSE",
            action="BUY",
            quantity=1,
            product="MIS",
            **terms,
        )
        return str(placed["orderid"])

    async def status(self, order_id: str) -> str:
        answer = await self.ask("orderstatus", orderid=order_id, strategy="test")
        return str(answer["data"]["order_status"])

    def trades_at(self, ltp: float, symbol: str = "SBIN") -> None:
        """The feed of this trader's market brings a tick."""
        self.market.hub.publish(
            Tick(
                exchange=Exchange.NSE,
                symbol=symbol,
                received_ms=int(self.market.clock.now().timestamp() * 1000),
                ltp=ltp,
                partial=True,
            )
        )

    @asynccontextmanager
    async def socket(self) -> AsyncIterator[ClientConnection]:
        async with connect(f"ws://127.0.0.1:{self.port}/ws") as socket:
            await say(socket, action="authenticate", api_key=self.key)
            assert (await hear(socket))["status"] == "success"
            yield socket


@dataclass
class TwoMarkets:
    parts: Parts
    asha: Trader
    ravi: Trader
    source: MarketSource
    brokerage: Brokerage
    live: LiveSide


async def say(socket: ClientConnection, **message: object) -> None:
    await socket.send(json.dumps(message))


async def hear(socket: ClientConnection) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(await socket.recv())
    return message


@asynccontextmanager
async def two_markets(folder: Path, **settings_given: object) -> AsyncIterator[TwoMarkets]:
    given = {
        "OPENALGO_DATA_DIR": folder,
        "ORDER_RATE_LIMIT": "1000 per second",
        **settings_given,
    }
    settings = load_settings(given, env_file=folder / "none")
    async with assembled(settings, ServeOptions()) as parts:
        asha, asha_key = await _add_account(folder, "asha", "simulator")
        ravi, ravi_key = await _add_account(folder, "ravi", BROKER.id)
        source = await _source()
        brokerage = Brokerage()
        live = LiveSide(venue=brokerage, connected=lambda: brokerage.connected)
        parts.marketplace.open_live(ravi, source, live)
        with listen("127.0.0.1", 0, "--port") as port:
            number = port.getsockname()[1]
            url = f"http://127.0.0.1:{number}"
            serving = asyncio.ensure_future(parts.http.serve(sockets=[port]))
            async with httpx.AsyncClient(base_url=url, timeout=30) as http:
                markets = parts.marketplace.markets
                yield TwoMarkets(
                    parts,
                    Trader(asha, asha_key, markets.embedded, http, number),
                    Trader(ravi, ravi_key, markets.own[ravi], http, number),
                    source,
                    brokerage,
                    live,
                )
            parts.http.should_exit = True
            await serving


async def _source() -> MarketSource:
    """Another market with the same instruments."""
    broker = await asyncio.to_thread(SimulatorBroker, 77)
    upkeep = Upkeep(BROKER.id, broker.instruments, broker.clock)
    await upkeep.start()
    return MarketSource(
        info=BROKER,
        clock=broker.clock,
        calendar=broker.calendar,
        instruments=upkeep.current,
        data=broker,
        set_demand=broker.set_demand,
        stream=broker.stream,
    )


async def _add_account(folder: Path, name: str, broker: str) -> tuple[int, str]:
    settings = load_settings({"OPENALGO_DATA_DIR": folder}, env_file=folder / "none")
    kept = load_secrets(settings.secrets_dir)
    ring = KeyRing(kept.api_key_pepper, kept.fernet_salt)
    key, now = api_keys.generate(), datetime.now(UTC)
    store = Store("main", settings.database_url.get_secret_value())
    async with store.write() as tx:
        user = await users.create(
            tx, username=name, email=None, password_hash="", is_admin=False, created_at=now
        )
        account = await accounts.create(
            tx, user_id=user.id, name="Default", broker=broker, created_at=now
        )
        await key_rows.create(
            tx,
            user_id=user.id,
            account_id=account.id,
            name=name,
            digest=ring.digest(key),
            ciphertext=ring.encrypt(key),
            scopes=Scope,
            created_at=now,
        )
    await store.close()
    return account.id, key
