"""Everything but the listeners, room by room, in the order of who needs whom."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from openalgo.accounts.accounts import Accounts
from openalgo.api.ws.clients import Clients
from openalgo.api.ws.feeds import Feeds
from openalgo.app.api import make_server, make_web
from openalgo.app.brokers import make_brokers, run_brokers
from openalgo.app.foundation import Foundation, founded
from openalgo.app.identity import make_identity, run_identity
from openalgo.app.market import make_market, run_market
from openalgo.app.trading import make_trading_room, run_trading
from openalgo.brokers.base import DataBroker
from openalgo.config import ServeOptions, Settings
from openalgo.listeners import HttpServer
from openalgo.marketplace import Marketplace
from openalgo.streaming.hub import Hub
from openalgo.supervisor import Once, Restart, Supervisor
from openalgo.telemetry import Telemetry


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What is left to run once everything is put together. `clients` are those on WebSockets;
    `setup_token` is there while there is no user."""

    http: HttpServer
    clients: Clients
    supervisor: Supervisor
    marketplace: Marketplace
    broker: DataBroker
    setup_token: str | None = field(repr=False)


@asynccontextmanager
async def assembled(settings: Settings, options: ServeOptions) -> AsyncIterator[Parts]:
    """Everything but the listeners: owned, migrated, loaded and running."""
    async with founded(settings) as base:
        accounts = Accounts(base.stores.main)
        await accounts.load()
        telemetry = Telemetry(base.stores, settings.traffic_log_retention_days)
        feeds = Feeds(accounts)
        base.bus.follow(feeds.publish, feeds.is_heard)
        carry = _bridged(base, accounts)
        market = await make_market(base, options, accounts, feeds.master_changed, carry)
        identity = await make_identity(base, accounts)
        feeds.follow_sessions(identity.sessions)
        brokers = await make_brokers(base, accounts, identity.ring, feeds.master_changed)
        room = await make_trading_room(base, accounts, market, brokers, telemetry)
        web, frontend = make_web(base)
        http = make_server(base, accounts, identity, market, brokers, room, telemetry, feeds, web)

        telemetry.start(base.supervisor)
        run_identity(base, identity)
        run_brokers(base, brokers)
        run_market(base, market)
        await run_trading(base, room, accounts)
        base.supervisor.start("memory", base.memory.run, Restart())
        base.memory.settle()
        base.supervisor.start("web-app", frontend.run, Once())
        yield Parts(
            http=http,
            clients=identity.clients,
            supervisor=base.supervisor,
            marketplace=market.place,
            broker=market.broker,
            setup_token=identity.setup.token if await identity.setup.needed() else None,
        )
        await room.live.finish()
        await market.place.finish()
        await room.profit.save()


def _bridged(base: Foundation, accounts: Accounts) -> Callable[[Hub, str, int | None], None]:
    """What carries the prices of markets to programs of other makes, if that is wanted."""
    if base.settings.zmq_bridge == "off":
        return lambda *_: None
    # It loads a library, which is not needed without.
    from openalgo.app.bridge import make_bridge

    return make_bridge(base, accounts).carry
