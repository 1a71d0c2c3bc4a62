"""All routes of this room, and the OpenAPI document that describes them."""

import asyncio
import json
from functools import cache
from importlib.resources import files
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts

from openalgo.api.envelope import encode
from openalgo.api.openapi import without_unused
from openalgo.api.ui import (
    accounts,
    action_center,
    analyzer,
    analyzer_pages,
    brokers,
    devices,
    keys,
    login,
    master_contract,
    paper_pnl,
    risk,
    sandbox,
    setup,
    unresolved,
)
from openalgo.api.ui.browser import CSRF_HEADERS
from openalgo.api.ui.deps import acting, guest, visitor
from openalgo.api.ui.forms import FORM, FormRoute

UI_OPENAPI_PATH = "/ui/openapi.json"

ROUTERS = (
    setup.router,
    login.router,
    devices.router,
    keys.router,
    brokers.router,
    accounts.router,
    analyzer.router,
    risk.router,
    action_center.router,
    unresolved.router,
    sandbox.router,
    paper_pnl.router,
    analyzer_pages.router,
    master_contract.router,
)

_DESCRIPTION = """What the web app of OpenAlgo asks its server: the typed client is generated from
this document. `POST /auth/login` sets the session cookie; whatever changes something also needs the
CSRF token. An error has `status`, `message`, `code` and `request_id`; 401 `session_expired` sends
the user to the login. Times are ISO 8601."""

_TAGS = [
    {"name": "Setup", "description": "The first run."},
    {"name": "Login", "description": "Sessions of browsers."},
    {"name": "API keys", "description": "What programs of the user call with."},
    {"name": "Accounts", "description": "Accounts at brokers, and logging in there."},
    {"name": "Analyzer", "description": "The switch between paper and live."},
    {"name": "Risk", "description": "What the account may risk."},
    {"name": "Action Center", "description": "Orders that wait for their owner."},
    {
        "name": "Unresolved orders",
        "description": "Orders of which the broker never said what became of them.",
    },
    {"name": "Instruments", "description": "What can be traded, as the broker lists it."},
    {"name": "Sandbox", "description": "The paper exchange, as it is set up."},
]
_SCHEMES = {
    "Session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "session",
        "description": "Named `__Host-session` where the server is reached by https.",
    },
    "CsrfToken": {"type": "apiKey", "in": "header", "name": CSRF_HEADERS[0]},
}
_SECURITY: dict[object, list[dict[str, list[str]]]] = {
    guest: [],
    visitor: [{"Session": []}],
    acting: [{"Session": [], "CsrfToken": []}],
}

document_router = APIRouter(include_in_schema=False, dependencies=[Depends(guest)])


@document_router.get(UI_OPENAPI_PATH)
async def ui_openapi(request: Request) -> Response:
    # Made when it is first asked for; a thread gives way meanwhile.
    made = await asyncio.to_thread(ui_document, request.app.version)
    return Response(encode(made), media_type="application/json")


@cache
def ui_document(version: str) -> dict[str, Any]:
    """The OpenAPI document for the web app, without starting anything."""
    app = FastAPI(
        title="OpenAlgo web app",
        version=version,
        description=_DESCRIPTION,
        openapi_tags=_TAGS,
        openapi_url=None,
        generate_unique_id_function=lambda route: route.name,
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    for router in ROUTERS:
        app.include_router(router)
    document = without_unused(app.openapi())
    document["components"]["securitySchemes"] = _SCHEMES
    for route in iter_route_contexts(app.routes):
        for method in route.methods or ():
            operation = document["paths"][route.path][method.lower()]
            operation["security"] = _SECURITY[admission(route.dependant)]
            _show(operation, _examples()[operation["operationId"]])
            if isinstance(route.original_route, FormRoute) and "requestBody" in operation:
                content = operation["requestBody"]["content"]
                content[FORM] = content["application/json"]
    return document


def _show(operation: dict[str, Any], example: dict[str, Any]) -> None:
    """Put a request and its reply into the description of an operation."""
    if "requestBody" in operation:
        operation["requestBody"]["content"]["application/json"]["example"] = example["request"]
    for content in operation["responses"]["200"]["content"].values():
        content["example"] = example["reply"]


@cache
def _examples() -> dict[str, Any]:
    """What browser and server say, by the name of the operation; recorded from one on paper."""
    text = files("openalgo.api.ui").joinpath("examples.json").read_text(encoding="utf-8")
    examples: dict[str, Any] = json.loads(text)
    return examples


def admission(dependant: Dependant | None) -> object:
    """Which of `acting`, `visitor` and `guest` a route depends on; `None` for none of them."""
    calls = [] if dependant is None else [each.call for each in dependant.dependencies]
    return next((each for each in (acting, visitor, guest) if each in calls), None)
