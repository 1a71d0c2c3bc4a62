"""The composition root: every object is made here, and every task is started and stopped here."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import structlog

from openalgo import __version__
from openalgo.accounts.accounts import Accounts
from openalgo.accounts.broker_desk import BrokerDesk
from openalgo.accounts.preferences import ChartPreferences
from openalgo.accounts.sessions import BrokerSessions
from openalgo.accounts.vault import Vault
from openalgo.api.application import ApiSettings, CorsSettings, create_api
from openalgo.api.deps import Services
from openalgo.api.limits import AddressWindows, RateClass
from openalgo.api.ui.browser import BrowserPolicy
from openalgo.api.ui.deps import UiServices
from openalgo.api.ws.clients import Clients
from openalgo.api.ws.market import MarketServices
from openalgo.api.ws.session import SocketServices
from openalgo.brokers import registry
from openalgo.brokers.adapter import Endpoints, Listing
from openalgo.brokers.base import DataBroker
from openalgo.brokers.clients import Clients as BrokerClients
from openalgo.brokers.registry import DataBrokerSettings
from openalgo.brokers.replay.broker import ReplayBroker
from openalgo.config import ServeOptions, Settings
from openalgo.domain.calendar import ExchangeCalendar
from openalgo.domain.clock import SystemClock
from openalgo.domain.errors import BrokerUnavailable, OrderNotFound
from openalgo.domain.market import Mode
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
from openalgo.instruments.freeze import FreezeQuantities
from openalgo.instruments.snapshots import Snapshots
from openalgo.instruments.upkeep import Upkeep
from openalgo.listeners import HttpServer, ending_on_signals, listen
from openalgo.marketdata.depth import Depths
from openalgo.marketdata.history import History
from openalgo.marketdata.quotes import Quotes
from openalgo.memory import Memory
from openalgo.observability.health import Health, HealthChecks
from openalgo.observability.latency import OrderTimer
from openalgo.options.chain import Chains
from openalgo.options.greeks import GreeksDesk
from openalgo.options.underlyings import Underlyings
from openalgo.persistence.latency.records import LatencyRecords
from openalgo.persistence.logs.records import LogRecords
from openalgo.persistence.migrate import migrate
from openalgo.persistence.owner import owned
from openalgo.persistence.sandbox.books import SandboxBooks
from openalgo.persistence.stores import Stores, StoreUrls
from openalgo.sandbox.dayrunner import DayRunner
from openalgo.sandbox.engine import Engine, EngineStatus
from openalgo.sandbox.past_prices import PastPrices
from openalgo.streaming.demand import SANDBOX, Demand
from openalgo.streaming.hub import Hub
from openalgo.supervisor import Fail, Restart, Supervisor
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
from openalgo.trading.paper_market import PaperMarket
from openalgo.trading.sandbox_venue import SandboxVenue
from openalgo.trading.stored_plans import StoredPlans
from openalgo.trading.stored_risk import StoredRisk

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What is left to run once everything is put together. `setup_token` is there while there is
    no user."""

    http: HttpServer
    supervisor: Supervisor
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
        books = SandboxBooks(stores.sandbox)
        supervisor = Supervisor()
        memory = Memory(SystemClock())
        broker_clients = BrokerClients()
        try:
            await migrate(stores)
            broker = await asyncio.to_thread(_make_broker, settings, options)
            upkeep = Upkeep(
                broker.info.id,
                broker.instruments,
                broker.clock,
                listed_at=broker.info.listed_at,
                snapshots=None
                if broker.info.simulated
                else Snapshots(settings.data_dir / "instruments"),
            )
            await upkeep.start()
            master = upkeep.current
            hub = Hub()
            demand = Demand()
            quotes = Quotes(master, hub.latest, broker)
            # People set it up by their own hours, whatever the market's clock shows.
            wall = SystemClock()
            paper_settings = PaperSettings(stores.main, wall)
            await paper_settings.load()
            engine = Engine(
                books,
                master,
                broker.clock,
                broker.calendar,
                hub.publish_event,
                paper_settings.rules,
                interest=lambda keys: demand.state(SANDBOX, dict.fromkeys(keys, Mode.QUOTE)),
            )
            paper_settings.follow(lambda rules, cause: engine.set_rules(rules, cause=cause))
            hub.tap(engine.on_tick)
            demand.follow(broker.set_demand)
            history = History(master, broker)
            days = DayRunner(
                engine,
                broker.calendar,
                broker.clock,
                broker.info.exchanges,
                PastPrices(master, quotes, history, broker.clock),
            )
            if isinstance(broker, ReplayBroker):
                broker.on_step(days.settled)
            venue = SandboxVenue(engine, books, quotes, broker.clock)
            market = PaperMarket(broker.info, venue)
            accounts = Accounts(stores.main)
            await accounts.load()

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
                broker_desk=broker_desk,
            )
            telemetry = Telemetry(stores, settings.traffic_log_retention_days)
            health = HealthChecks()
            health.register("paper exchange", lambda: _engine_health(engine))
            health.register("tasks", lambda: _tasks_health(supervisor))
            plans = StoredPlans(stores.main, broker.clock)
            underlyings = Underlyings(master, quotes, broker.clock)
            chains = Chains(underlyings, quotes, broker.clock, settings.greeks_min_years)
            freeze = FreezeQuantities()
            risk_settings = StoredRisk(stores.main, wall)
            await risk_settings.load()
            risk, risk_desk = make_risk(risk_settings, freeze, hub.latest.price, broker.clock)
            pending = PendingBook(stores.main)
            steps = Steps(stores.main, broker.clock, hub.publish_event)
            approval_rules = _approval_rules(settings)
            trading = make_trading(
                instruments=master,
                venues=market,
                accounts=accounts,
                approvals=WaitingLine(
                    pending,
                    steps,
                    accounts,
                    quotes,
                    broker.calendar,
                    broker.clock,
                    approval_rules,
                ),
                risk=risk,
                plans=plans,
                underlyings=underlyings,
                timer=OrderTimer(broker.info.id, telemetry.latency),
            )
            action_center = make_action_center(
                book=pending,
                steps=steps,
                trading=trading,
                venues=market,
                accounts=accounts,
                instruments=master,
                quotes=quotes,
                clock=broker.clock,
                rules=approval_rules,
                listen=hub.listen,
            )
            services = Services(
                keys=keys,
                trading=trading,
                action_center=action_center,
                venues=market,
                quotes=quotes,
                analyzer=Analyzer(accounts, telemetry.count_analyzer_calls, market.can_trade),
                accounts=market,
                journal=telemetry,
                health=health,
                clock=broker.clock,
                calendar=ExchangeCalendar(),
                instruments=master,
                freeze=freeze,
                risk=risk_desk,
                paper=PaperDesk(
                    paper_settings,
                    engine,
                    venue,
                    books,
                    days.next_events,
                    running=lambda: engine.status is EngineStatus.RUNNING,
                ),
                paper_calls=PaperCalls(LogRecords(stores.logs), wall.now),
                explainer=_explainer(stores, books, plans, pending),
                chains=chains,
                greeks=GreeksDesk(chains, quotes),
                preferences=ChartPreferences(stores.main),
                depth=Depths(master, hub.latest, broker),
                history=history,
                replay=broker if isinstance(broker, ReplayBroker) else None,
            )
            sockets = SocketServices(
                keys=keys,
                accounts=market,
                venues=market,
                events=hub,
                brokers=tuple(info.id for info in registry.brokers()),
                market=MarketServices(
                    instruments=master,
                    views=hub.views,
                    latest=hub.latest,
                    demand=demand,
                    clock=broker.clock,
                    depth_levels=broker.info.depth_levels,
                ),
                clients=clients,
            )
            app = create_api(
                services, _api_settings(settings), sockets, ui=ui, traffic=telemetry.visit
            )
            telemetry.start(supervisor)
            for name, task in activity.tasks().items():
                supervisor.start(name, task, Restart())
            supervisor.start("broker-sessions", broker_sessions.run, Restart())
            supervisor.start("plan-retention", plans.trim_hourly, Restart())
            supervisor.start("paper-exchange", engine.run, Fail())
            supervisor.start("paper-days", days.run, Restart())
            supervisor.start("approvals", action_center.approvals.watch, Restart())
            supervisor.start("approved-orders", action_center.follower.run, Restart())
            supervisor.start("market", lambda: broker.stream(hub.publish), Restart())
            if broker.info.listed_at is not None:
                supervisor.start("instruments", upkeep.run, Restart())
            supervisor.start("memory", memory.run, Restart())
            memory.settle()
            yield Parts(
                http=HttpServer(app),
                supervisor=supervisor,
                broker=broker,
                setup_token=setup.token if await setup.needed() else None,
            )
            await supervisor.finish("paper-exchange", engine.stop)
        finally:
            await supervisor.stop()
            await broker_clients.aclose()
            await books.close()
            await stores.close()
            memory.close()


async def explain(settings: Settings, order_id: str) -> Explanation:
    """What led to an order of any account; the server may be running. Raises `OrderNotFound`."""
    stores = Stores.open(StoreUrls(**settings.database_urls))
    books = SandboxBooks(stores.sandbox)
    plans, pending = StoredPlans(stores.main, SystemClock()), PendingBook(stores.main)
    try:
        accounts = Accounts(stores.main)
        await accounts.load()
        explainer = _explainer(stores, books, plans, pending)
        for account in accounts.all():
            with suppress(OrderNotFound):
                return await explainer.explain(account.id, order_id)
        raise OrderNotFound(order_id)
    finally:
        await books.close()
        await stores.close()


def _explainer(
    stores: Stores, books: SandboxBooks, plans: StoredPlans, pending: PendingBook
) -> Explainer:
    return Explainer(
        history=books,
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


def _engine_health(engine: Engine) -> Health:
    running = engine.status is EngineStatus.RUNNING
    return Health("pass" if running else "fail", engine.status)


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
