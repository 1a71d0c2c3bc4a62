"""The HTTP application, put together."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from openalgo.api import health
from openalgo.api.addresses import ClientAddresses
from openalgo.api.deps import Services
from openalgo.api.direct import Dispatcher
from openalgo.api.docs import install_docs
from openalgo.api.edge import Edge
from openalgo.api.envelope import UnknownPath, answer, as_error, install_handlers
from openalgo.api.limits import AddressLimits, CallLimits, RateClass
from openalgo.api.openapi import DESCRIPTION, TAGS, complete
from openalgo.api.ui.brokers import callback_router
from openalgo.api.ui.deps import UiServices
from openalgo.api.ui.document import ROUTERS as UI_ROUTERS
from openalgo.api.ui.document import document_router
from openalgo.api.ui.in_person import ROUTERS as IN_PERSON
from openalgo.api.v1 import routers
from openalgo.api.web.front import WebApp, WebFront, is_navigation
from openalgo.api.ws.feeds import Feeds
from openalgo.api.ws.routes import socket_router
from openalgo.api.ws.session import SocketServices
from openalgo.observability.traffic import TrafficRecord

_DIRECT = (*routers.TRADING, *routers.FIXED, *routers.FOR_KEYS_ONLY)
_ROUTED = (*routers.MATCHED, health.router)


@dataclass(frozen=True, slots=True, kw_only=True)
class CorsSettings:
    """Which web pages may call `/api/*`. `max_age` in seconds."""

    allowed_origins: tuple[str, ...]
    allowed_methods: tuple[str, ...] = ("GET", "POST")
    allowed_headers: tuple[str, ...] = ()
    exposed_headers: tuple[str, ...] = ()
    allow_credentials: bool = False
    max_age: int = 86_400


def _default_limits() -> dict[RateClass, str]:
    return {
        RateClass.API: "50 per second",
        RateClass.ORDER: "10 per second",
        RateClass.SMART_ORDER: "10 per second",
        RateClass.GREEKS: "30 per minute",
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiSettings:
    """`limits` are per API key and endpoint, `address_limit` per client address; texts such as
    `10 per second;100 per minute`. `trusted_proxies` are networks whose word about the client's
    address is believed. `cors` is `None` where no other web page may call."""

    version: str
    max_body_bytes: int = 1024 * 1024
    limits: dict[RateClass, str] = field(default_factory=_default_limits)
    address_limit: str = "300 per second"
    trusted_proxies: tuple[str, ...] = ()
    cors: CorsSettings | None = None


def create_api(
    services: Services,
    settings: ApiSettings,
    sockets: SocketServices | None = None,
    *,
    ui: UiServices | None = None,
    feeds: Feeds | None = None,
    web: WebApp | None = None,
    traffic: Callable[[TrafficRecord], None] | None = None,
) -> ASGIApp:
    """All that is served, as one ASGI application; WebSockets where `sockets` are given, the web
    app's routes where `ui` is, and what happens to accounts where there are `feeds`, too. With
    `web`, browsers get the web app at every address that is not the server's own.

    `traffic` hears of every finished request and must neither raise nor block.
    """
    app = _build(settings)
    app.state.services = services
    app.state.limits = CallLimits(settings.limits)
    app.state.session_limits = CallLimits(settings.limits)
    if ui is not None:
        app.state.ui = ui
        _add(app, *UI_ROUTERS, document_router, callback_router)
    direct = _DIRECT if ui is None else (*_DIRECT, *IN_PERSON)
    if sockets is not None:
        feed = socket_router(sockets, ui, feeds)
        _add(app, feed)
        direct = (*direct, feed)
    inner: ASGIApp = Dispatcher(app, [route for part in direct for route in part.routes])
    if web is not None:
        _install_web(app, web)
        inner = WebFront(inner, web)
    if settings.cors is not None:
        inner = _ApiCors(inner, settings.cors)
    return Edge(
        inner,
        max_body_bytes=settings.max_body_bytes,
        addresses=AddressLimits(settings.address_limit),
        clients=ClientAddresses(settings.trusted_proxies),
        traffic=traffic,
    )


def _install_web(app: FastAPI, web: WebApp) -> None:
    """Answer whoever opens an unknown address in a browser with the web app."""

    async def unknown(request: Request, exc: Exception) -> Response:
        error = as_error(exc, request)
        if isinstance(error, UnknownPath) and is_navigation(request.scope):
            return web.page(request.scope)
        return answer(request, exc)

    app.add_exception_handler(HTTPException, unknown)


def openapi_document(version: str) -> dict[str, Any]:
    """The public OpenAPI document, without starting anything."""
    app = _empty(version)
    for part in (*_DIRECT, *_ROUTED):
        app.include_router(part)
    return complete(FastAPI.openapi(app))


class _Api(FastAPI):
    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            self.openapi_schema = openapi_document(self.version)
        return self.openapi_schema


def _build(settings: ApiSettings) -> FastAPI:
    app = _empty(settings.version)
    install_handlers(app)
    _add(app, *_DIRECT, *_ROUTED)
    install_docs(app)
    return app


def _add(app: FastAPI, *parts: APIRouter) -> None:
    """Serve the routes of `parts` as they are.

    `include_router` would prepare each of them a second time, all during the first request: that
    holds the event loop for some 200 ms.
    """
    for part in parts:
        app.router.routes.extend(part.routes)


def _empty(version: str) -> FastAPI:
    return _Api(
        title="OpenAlgo",
        version=version,
        description=DESCRIPTION,
        openapi_tags=TAGS,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
        # It would export request bodies, and with them API keys, and reads the environment.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )


class _ApiCors:
    """CORS for `/api/*` and nothing else."""

    def __init__(self, app: ASGIApp, settings: CorsSettings) -> None:
        self._app = app
        self._cors = CORSMiddleware(
            app,
            allow_origins=settings.allowed_origins,
            allow_methods=settings.allowed_methods,
            allow_headers=settings.allowed_headers,
            expose_headers=settings.exposed_headers,
            allow_credentials=settings.allow_credentials,
            max_age=settings.max_age,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        shared = scope["type"] == "http" and scope["path"].startswith("/api/")
        # Without an Origin there is no other web page, and nothing to say about it.
        asked = shared and any(name == b"origin" for name, _ in scope["headers"])
        await (self._cors if asked else self._app)(scope, receive, send)
