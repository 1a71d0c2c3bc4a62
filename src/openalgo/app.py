"""The composition root: every object is made here, and every task is started and stopped here."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import structlog

from openalgo import __version__
from openalgo.accounts.accounts import Accounts
from openalgo.accounts.broker_desk import BrokerDesk
from openalgo.accounts.notices import tell_of_accounts
from openalgo.accounts.preferences import ChartPreferences
from openalgo.accounts.sessions import BrokerSessions
from openalgo.accounts.vault import Vault
from openalgo.api.application import ApiSettings, CorsSettings, create_api
from openalgo.api.deps import Services
from openalgo.api.limits import AddressWindows, RateClass
from openalgo.api.ui.browser import BrowserPolicy
from openalgo.api.ui.deps import UiServices
from openalgo.api.web.front import WebApp
from openalgo.api.ws.browsers import BrowserClient
from openalgo.api.ws.clients import Clients
from openalgo.api.ws.feeds import Feeds
from openalgo.api.ws.session import SocketServices
from openalgo.brokers import registry
from openalgo.brokers.adapter import Endpoints, Listing
from openalgo.brokers.base import DataBroker
from openalgo.brokers.clients import Clients as BrokerClients
from openalgo.brokers.registry import DataBrokerSettings
from openalgo.brokers.replay.broker import ReplayBroker
from openalgo.config import ServeOptions, Settings, tool_environment
from openalgo.domain.calendar import ExchangeCalendar
from openalgo.domain.clock import SystemClock
from openalgo.domain.errors import BrokerUnavailable, OrderNotFound
from openalgo.frontend import CHECKOUT, Frontend
from openalgo.identity.activity import Activity
from openalgo.identity.api_keys import ApiKeys, KeyRing
from openalgo.identity.key_desk import KeyDesk
from openalgo.identity.logins import Logins
from openalgo.identity.passwords import Passwords
from openalgo.identity.principal import Principal
from openalgo.identity.secrets import load_secrets
from openalgo.identity.sessions import WebSessions
from openalgo.identity.setup import Setup
from openalgo.identity.throttle import PasswordThrottle
from openalgo.instruments.current import CurrentMaster
from openalgo.instruments.freeze import FreezeQuantities
from openalgo.instruments.snapshots import Snapshots
from openalgo.instruments.status import StatusBoard
from openalgo.instruments.upkeep import Upkeep
from openalgo.listeners import HttpServer, ending_on_signals, listen
from openalgo.marketplace import Marketplace, MarketSource
from openalgo.memory import Memory
from openalgo.observability.health import Health, HealthChecks
from openalgo.observability.latency import OrderTimer
from openalgo.persistence.latency.records import LatencyRecords
from openalgo.persistence.logs.records import LogRecords
from openalgo.persistence.migrate import migrate
from openalgo.persistence.owner import owned
from openalgo.persistence.sandbox.archive import SandboxArchive
from openalgo.persistence.stores import Stores, StoreUrls
from openalgo.sandbox.exchanges import PaperExchanges
from openalgo.streaming.events import EventBus
from openalgo.supervisor import Once, Restart, Supervisor
from openalgo.telemetry import Telemetry
from openalgo.trading.analyzer import Analyzer
from openalgo.trading.approvals.assembly import make_action_center
from openalgo.trading.approvals.book import PendingBook
from openalgo.trading.approvals.queue import WaitingLine
from openalgo.trading.approvals.rules import ApprovalRules
from openalgo.trading.approvals.steps import Steps
from openalgo.trading.assembly import make_risk, make_trading
from openalgo.trading.explain import Explainer, Explanation
from openalgo.trading.paper.calls import PaperCalls
from openalgo.trading.paper.desk import PaperDesk
from openalgo.trading.paper.settings import PaperSettings
from openalgo.trading.stored_plans import StoredPlans
from openalgo.trading.stored_risk import StoredRisk

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What is left to run once everything is put together. `setup_token` is there while there is
    no user."""

    http: HttpServer
    supervisor: Supervisor
    marketplace: Marketplace
    broker: DataBroker
    setup_token: str | None = field(repr=False)


async def serve(settings: Settings, options: ServeOptions) -> None:
    """Run the server until a signal ends it. Raises what makes that impossible, in a sentence."""
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
            http.should_exit = True
            await serving
            ending.cancel()
            if failing.done():
                raise failing.result()
            failing.cancel()


@asynccontextmanager
async def assembled(settings: Settings, options: ServeOptions) -> AsyncIterator[Parts]:
    """Everything but the listeners: owned, migrated, loaded and running."""
    urls = StoreUrls(**settings.database_urls)
    secrets = load_secrets(
        settings.secrets_dir,
        app_key=settings.app_key,
        api_key_pepper=settings.api_key_pepper,
        fernet_salt=settings.fernet_salt,
    )
    async with owned(settings.data_dir, urls):
        stores = Stores.open(urls)
        archive = SandboxArchive(stores.sandbox)
        supervisor = Supervisor()
        closing = AsyncExitStack()
        memory = Memory(SystemClock())
        broker_clients = BrokerClients()
        try:
            await migrate(stores)
            broker = await asyncio.to_thread(_make_broker, settings, options)
            accounts = Accounts(stores.main)
            feeds = Feeds(accounts)
            upkeep = Upkeep(
                broker.info.id,
                broker.instruments,
                broker.clock,
                listed_at=broker.info.listed_at,
                snapshots=None
                if broker.info.simulated
                else Snapshots(settings.data_dir / "instruments"),
                board=StatusBoard(broker.info.id, broker.clock, feeds.master_changed),
            )
            await upkeep.start()
            # People set it up by their own hours, whatever the market's clock shows.
            wall = SystemClock()
            paper_settings = PaperSettings(stores.main, wall)
            await paper_settings.load()
            await accounts.load()
            exchanges = PaperExchanges(paper_settings.rules)
            paper_settings.follow(lambda rules, cause: exchanges.set_rules(rules, cause=cause))
            bus, health = EventBus(), HealthChecks()
            bus.everything.add(feeds.publish)
            marketplace = Marketplace(
                accounts=accounts,
                brokers={info.id for info in registry.brokers() if not info.trading},
                store=stores.sandbox,
                exchanges=exchanges,
                publish=bus.publish,
                supervisor=supervisor,
                health=health,
                greeks_min_years=settings.greeks_min_years,
                embedded=_embedded_source(broker, upkeep.current),
            )
            closing.push_async_callback(marketplace.close)
            markets = marketplace.markets

            async def discovered(principal: Principal) -> None:
                await accounts.find(principal.account_id)

            # Logins and keys go by the hours of their users as well.
            activity = Activity(stores.main, wall)
            ring = KeyRing(secrets.api_key_pepper, secrets.fernet_salt)
            clients = Clients(settings.ws_max_clients, settings.ws_max_clients_per_user)
            keys = ApiKeys(
                stores.main,
                ring,
                discovered=discovered,
                used=activity.key_used,
                forgotten=clients.cut_off,
                now=wall.now,
            )
            await keys.load()
            brokers = registry.ADAPTERS.at(_endpoints(settings))
            vault = Vault(stores.main, ring.cipher, wall)
            await vault.load()
            broker_sessions = BrokerSessions(
                accounts, vault, brokers, broker_clients, wall, listing_of=_listing_of
            )
            broker_sessions.load()
            tell_of_accounts(accounts, broker_sessions, bus.publish, wall)
            broker_desk = BrokerDesk(
                accounts, vault, broker_sessions, brokers, wall, secrets.app_key
            )
            if settings.broker_app is not None:
                await broker_desk.take_over(*settings.broker_app)
            sessions = WebSessions(
                stores.main,
                ring.digest,
                wall,
                expiry=settings.session_expiry_time,
                seen=activity.session_seen,
            )
            await sessions.load()
            sessions.ended.add(lambda ended: clients.cut_off(BrowserClient(ended.id)))
            passwords = Passwords(secrets.api_key_pepper)
            setup = Setup(stores.main, passwords, ring, wall, broker=settings.broker)
            ui = UiServices(
                accounts=accounts,
                sessions=sessions,
                logins=Logins(
                    stores.main,
                    passwords,
                    sessions,
                    wall,
                    throttle=PasswordThrottle(),
                    record=activity.login,
                ),
                setup=setup,
                keys=KeyDesk(stores.main, ring, keys, accounts, wall),
                browser=BrowserPolicy(
                    settings.host_server, secrets.app_key, cookie=settings.session_cookie_name
                ),
                login_limit=AddressWindows(
                    f"{settings.login_rate_limit_min};{settings.login_rate_limit_hour}"
                ),
                masters=lambda _account_id: upkeep,
                broker_desk=broker_desk,
            )
            telemetry = Telemetry(stores, settings.traffic_log_retention_days)
            health.register("tasks", lambda: _tasks_health(supervisor))
            plans = StoredPlans(stores.main, broker.clock)
            freeze = FreezeQuantities()
            risk_settings = StoredRisk(stores.main, wall, bus.publish)
            await risk_settings.load()
            risk, risk_desk = make_risk(risk_settings, freeze)
            pending = PendingBook(stores.main)
            steps = Steps(stores.main, markets, bus.publish)
            approval_rules = _approval_rules(settings)
            trading = make_trading(
                markets=markets,
                accounts=accounts,
                approvals=WaitingLine(pending, steps, accounts, approval_rules),
                risk=risk,
                plans=plans,
                timer=OrderTimer(telemetry.latency),
            )
            action_center = make_action_center(
                book=pending,
                steps=steps,
                trading=trading,
                markets=markets,
                accounts=accounts,
                rules=approval_rules,
                listen=bus.listen,
            )
            services = Services(
                keys=keys,
                trading=trading,
                action_center=action_center,
                markets=markets,
                analyzer=Analyzer(accounts, telemetry.count_analyzer_calls, markets.can_trade),
                journal=telemetry,
                health=health,
                calendar=ExchangeCalendar(),
                freeze=freeze,
                risk=risk_desk,
                paper=PaperDesk(paper_settings, markets, archive),
                paper_calls=PaperCalls(LogRecords(stores.logs), wall.now),
                explainer=_explainer(stores, archive, plans, pending),
                preferences=ChartPreferences(stores.main),
            )
            sockets = SocketServices(
                keys=keys,
                markets=markets,
                events=bus,
                brokers=tuple(info.id for info in registry.brokers()),
                clients=clients,
            )
            web = WebApp()
            frontend = Frontend(
                web,
                settings.data_dir / "web",
                dist=settings.web_dist,
                environment=tool_environment(),
                source=CHECKOUT if settings.web_build else None,
            )
            app = create_api(
                services,
                _api_settings(settings),
                sockets,
                ui=ui,
                feeds=feeds,
                web=web,
                traffic=telemetry.visit,
            )
            telemetry.start(supervisor)
            for name, task in activity.tasks().items():
                supervisor.start(name, task, Restart())
            supervisor.start("broker-sessions", broker_sessions.run, Restart())
            supervisor.start("sessions", sessions.run, Restart())
            supervisor.start("api-keys", lambda: keys.run(wall), Restart())
            supervisor.start("plan-retention", plans.trim_hourly, Restart())
            marketplace.start()
            supervisor.start("approvals", action_center.approvals.watch, Restart())
            supervisor.start("approved-orders", action_center.follower.run, Restart())
            if broker.info.listed_at is not None:
                supervisor.start("instruments", upkeep.run, Restart())
            supervisor.start("memory", memory.run, Restart())
            supervisor.start("web-app", frontend.run, Once())
            memory.settle()
            yield Parts(
                http=HttpServer(app),
                supervisor=supervisor,
                marketplace=marketplace,
                broker=broker,
                setup_token=setup.token if await setup.needed() else None,
            )
            await marketplace.finish()
        finally:
            await supervisor.stop()
            await closing.aclose()
            await broker_clients.aclose()
            await stores.close()
            memory.close()


async def explain(settings: Settings, order_id: str) -> Explanation:
    """What led to an order of any account; the server may be running. Raises `OrderNotFound`."""
    stores = Stores.open(StoreUrls(**settings.database_urls))
    archive = SandboxArchive(stores.sandbox)
    plans, pending = StoredPlans(stores.main, SystemClock()), PendingBook(stores.main)
    try:
        accounts = Accounts(stores.main)
        await accounts.load()
        explainer = _explainer(stores, archive, plans, pending)
        for account in accounts.all():
            with suppress(OrderNotFound):
                return await explainer.explain(account.id, order_id)
        raise OrderNotFound(order_id)
    finally:
        await stores.close()


def _explainer(
    stores: Stores, archive: SandboxArchive, plans: StoredPlans, pending: PendingBook
) -> Explainer:
    return Explainer(
        history=archive,
        calls=LogRecords(stores.logs),
        latencies=LatencyRecords(stores.latency),
        plans=plans,
        approvals=pending,
    )


def _make_broker(settings: Settings, options: ServeOptions) -> DataBroker:
    return registry.create(
        "replay" if options.replay else settings.broker,
        DataBrokerSettings(
            simulator_seed=settings.simulator_seed,
            simulator_speed=settings.simulator_speed,
            simulator_hours=settings.simulator_hours,
            replay_files=options.replay,
            replay_date=options.replay_date,
            replay_speed=options.speed,
        ),
    )


def _embedded_source(broker: DataBroker, master: CurrentMaster) -> MarketSource:
    replayed = broker if isinstance(broker, ReplayBroker) else None
    return MarketSource(
        info=broker.info,
        clock=broker.clock,
        calendar=broker.calendar,
        instruments=master,
        data=broker,
        set_demand=broker.set_demand,
        stream=broker.stream,
        replay=replayed,
        paced=None if replayed is None else replayed.on_step,
    )


def _endpoints(settings: Settings) -> dict[str, Endpoints]:
    return {
        broker_id: Endpoints(api=each.api, login=each.login, stream=each.stream)
        for broker_id, each in settings.broker_endpoints.items()
    }


def _listing_of(broker_id: str) -> Listing:
    raise BrokerUnavailable(f"The instruments of {broker_id} are not loaded")


def _api_settings(settings: Settings) -> ApiSettings:
    cors = None
    if settings.cors_enabled:
        cors = CorsSettings(
            allowed_origins=settings.cors_allowed_origins,
            allowed_methods=settings.cors_allowed_methods,
            allowed_headers=settings.cors_allowed_headers,
            exposed_headers=settings.cors_exposed_headers,
            allow_credentials=settings.cors_allow_credentials,
            max_age=settings.cors_max_age,
        )
    return ApiSettings(
        version=__version__,
        limits={
            RateClass.API: settings.api_rate_limit,
            RateClass.ORDER: settings.order_rate_limit,
            RateClass.SMART_ORDER: settings.smart_order_rate_limit,
            RateClass.GREEKS: settings.greeks_rate_limit,
        },
        trusted_proxies=settings.trusted_proxies if settings.trust_proxy_headers else (),
        cors=cors,
    )


def _approval_rules(settings: Settings) -> ApprovalRules:
    return ApprovalRules(
        at_market=timedelta(seconds=settings.approval_market_ttl_seconds),
        resting=timedelta(seconds=settings.approval_limit_ttl_seconds),
        drift_percent=settings.approval_drift_percent,
    )


def _tasks_health(supervisor: Supervisor) -> Health:
    ill = [task for task in supervisor.status() if not task.healthy]
    if not ill:
        return Health("pass")
    return Health("fail", ", ".join(f"{task.name} {task.state}" for task in ill))


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
