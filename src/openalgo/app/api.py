"""The HTTP and WebSocket application over all rooms."""

from openalgo import __version__
from openalgo.accounts.accounts import Accounts
from openalgo.accounts.preferences import ChartPreferences
from openalgo.accounts.web_preferences import WebPreferences
from openalgo.api.application import ApiSettings, CorsSettings, create_api
from openalgo.api.deps import Services
from openalgo.api.limits import AddressWindows, RateClass
from openalgo.api.ports import Journal
from openalgo.api.ui.browser import BrowserPolicy
from openalgo.api.ui.deps import UiServices
from openalgo.api.web.front import WebApp
from openalgo.api.ws.feeds import Feeds
from openalgo.api.ws.pace import Pace
from openalgo.api.ws.session import SocketServices
from openalgo.app.brokers import BrokerRoom
from openalgo.app.foundation import Foundation
from openalgo.app.identity import IdentityRoom
from openalgo.app.market import MarketRoom
from openalgo.app.trading import TradingRoom
from openalgo.brokers import registry
from openalgo.config import Settings, tool_environment
from openalgo.domain.calendar import ExchangeCalendar
from openalgo.frontend import CHECKOUT, Frontend
from openalgo.instruments.upkeep import Upkeep
from openalgo.listeners import HttpServer
from openalgo.observability.traffic import OrderCallRecord
from openalgo.persistence.logs.records import LogRecords
from openalgo.persistence.sandbox.archive import SandboxArchive
from openalgo.telemetry import Telemetry
from openalgo.trading.analyzer import Analyzer
from openalgo.trading.paper.calls import PaperCalls
from openalgo.trading.paper.desk import PaperDesk


def make_server(
    base: Foundation,
    accounts: Accounts,
    identity: IdentityRoom,
    market: MarketRoom,
    brokers: BrokerRoom,
    room: TradingRoom,
    telemetry: Telemetry,
    feeds: Feeds,
    web: WebApp,
) -> HttpServer:
    stores, markets = base.stores, market.place.markets
    services = Services(
        keys=identity.keys,
        trading=room.trading,
        action_center=room.action_center,
        markets=markets,
        analyzer=Analyzer(accounts, telemetry.count_analyzer_calls, markets.can_trade),
        journal=_Journals(telemetry, feeds),
        health=base.health,
        calendar=ExchangeCalendar(),
        freeze=room.freeze,
        risk=room.risk,
        paper=PaperDesk(market.paper, markets, SandboxArchive(stores.sandbox)),
        paper_calls=PaperCalls(LogRecords(stores.logs), base.wall.now),
        explainer=room.explainer,
        preferences=ChartPreferences(stores.main),
    )
    sockets = SocketServices(
        keys=identity.keys,
        markets=markets,
        events=base.bus,
        brokers=tuple(info.id for info in registry.brokers()),
        clients=identity.clients,
        auth_grace=float(base.settings.ws_auth_grace_seconds),
        max_queue=base.settings.ws_max_queue,
        max_views=base.settings.ws_max_subscriptions,
        pace=Pace(rate=base.settings.ws_max_messages_per_second),
    )
    app = create_api(
        services,
        _api_settings(base.settings),
        sockets,
        ui=_ui_services(base, accounts, identity, market, brokers, room, web),
        feeds=feeds,
        web=web,
        traffic=telemetry.visit,
    )
    return HttpServer(
        app,
        ping_interval=base.settings.ws_ping_interval,
        ping_timeout=base.settings.ws_ping_timeout,
    )


class _Journals:
    """Every order call is kept, and told to whoever listens."""

    def __init__(self, *journals: Journal) -> None:
        self._journals = journals

    def order_call(self, record: OrderCallRecord) -> None:
        for journal in self._journals:
            journal.order_call(record)


def make_web(base: Foundation) -> tuple[WebApp, Frontend]:
    """The web app, and what finds or builds it once that is run."""
    settings, web = base.settings, WebApp()
    frontend = Frontend(
        web,
        settings.data_dir / "web",
        dist=settings.web_dist,
        source=CHECKOUT if settings.web_build else None,
        environment=tool_environment(),
    )
    return web, frontend


def _ui_services(
    base: Foundation,
    accounts: Accounts,
    identity: IdentityRoom,
    market: MarketRoom,
    brokers: BrokerRoom,
    room: TradingRoom,
    web: WebApp,
) -> UiServices:
    settings = base.settings

    def master_of(account_id: int) -> Upkeep:
        return brokers.masters.of(accounts[account_id].broker) or market.upkeep

    return UiServices(
        accounts=accounts,
        sessions=identity.sessions,
        logins=identity.logins,
        setup=identity.setup,
        keys=identity.key_desk,
        browser=BrowserPolicy(
            settings.host_server, base.secrets.app_key, cookie=settings.session_cookie_name
        ),
        login_limit=AddressWindows(
            f"{settings.login_rate_limit_min};{settings.login_rate_limit_hour}"
        ),
        masters=master_of,
        broker_desk=brokers.desk,
        unresolved=room.unresolved,
        call_times=brokers.call_times,
        preferences=WebPreferences(base.stores.main, base.wall),
        profit=room.profit,
        web_build=lambda: web.entry,
    )


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
