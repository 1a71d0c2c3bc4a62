"""All routes of this room, and the OpenAPI document that describes them."""

import asyncio
import json
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts

from openalgo.api.envelope import encode
from openalgo.api.openapi import TAGS as SHARED_TAGS
from openalgo.api.openapi import describe_texts, reply_examples, without_unused
from openalgo.api.openapi_schemas import references, refine
from openalgo.api.ui import (
    accounts,
    action_center,
    analyzer,
    analyzer_pages,
    brokers,
    devices,
    in_person,
    keys,
    login,
    market_hours,
    master_contract,
    paper_pnl,
    preferences,
    profit,
    risk,
    sandbox,
    setup,
    underlyings,
    unresolved,
)
from openalgo.api.ui.browser import CSRF_HEADERS
from openalgo.api.ui.deps import ACCOUNT_HEADER, MODE_HEADER, acting, as_shown, guest, visitor
from openalgo.api.ui.forms import FORM, FormRoute
from openalgo.trading.venues import VenueMode

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
    sandbox.router,
    paper_pnl.router,
    analyzer_pages.router,
    master_contract.router,
    underlyings.router,
    market_hours.router,
    unresolved.router,
    preferences.router,
    profit.router,
    *in_person.ROUTERS,
)

_DESCRIPTION = """What the web app of OpenAlgo asks its server: the typed client is generated from
this document. `POST /auth/login` sets the session cookie; whatever changes something also needs the
CSRF token. A user may have several accounts: the header `X-Account` names the one a request is
about; 404 `account_not_found` says that it is put away or was never theirs. An error has `status`,
`message`, `code` and `request_id`; 401 `session_expired` sends the user to the login.

Below `/ui/v1` are the operations of the public API. Their times are `YYYY-MM-DD HH:MM:SS` in IST;
all others are ISO 8601."""

_TAGS = [
    {"name": "Setup", "description": "The first run."},
    {"name": "Login", "description": "Sessions of browsers."},
    {"name": "API keys", "description": "What programs of the user call with."},
    {"name": "Accounts", "description": "Accounts at brokers, and logging in there."},
    {"name": "Analyzer", "description": "The switch between paper and live."},
    {"name": "Profit", "description": "What the account makes, by the minute and by the day."},
    {"name": "Preferences", "description": "What the web app remembers of you."},
    {"name": "Risk", "description": "What the account may risk."},
    {"name": "Action Center", "description": "Orders that wait for their owner."},
    {"name": "Instruments", "description": "What can be traded, as the broker lists it."},
    {"name": "Sandbox", "description": "The paper exchange, as it is set up."},
    {
        "name": "Unresolved orders",
        "description": "Orders of which the broker never said what became of them.",
    },
    *(tag for tag in SHARED_TAGS if tag["name"] not in ("Account", "Health")),
]
_ACCOUNT = {
    "name": ACCOUNT_HEADER,
    "in": "header",
    "required": False,
    "description": "The account this is about; your oldest one if it is left out.",
    "schema": {"type": "integer", "minimum": 1},
}
_MODE = {
    "name": MODE_HEADER,
    "in": "header",
    "required": False,
    "description": "How the page shows the account; 409 `mode_changed` if it is not so any more.",
    "schema": {"type": "string", "enum": [str(mode) for mode in VenueMode]},
}
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
    app = _describing(version, [each for each in ROUTERS if each not in in_person.ROUTERS])
    document = without_unused(app.openapi())
    shared = _describing(version, in_person.ROUTERS)
    _add(document, refine(without_unused(_without_key(shared.openapi()))))
    document["components"] |= {
        "securitySchemes": _SCHEMES,
        "parameters": {"Account": _ACCOUNT, "Mode": _MODE},
    }
    examples = _examples()
    for route in (*iter_route_contexts(app.routes), *iter_route_contexts(shared.routes)):
        for method in route.methods or ():
            operation = document["paths"][route.path][method.lower()]
            admitted = admission(route.dependant)
            operation["security"] = _SECURITY[admitted]
            if operation["operationId"] in examples:
                _show(operation, examples[operation["operationId"]])
            if admitted is not guest:
                account = {"$ref": "#/components/parameters/Account"}
                operation.setdefault("parameters", []).append(account)
            if as_shown in (each.call for each in route.dependant.dependencies):
                operation["parameters"].append({"$ref": "#/components/parameters/Mode"})
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
    """What browser and server say, by the name of the web app's own operations; recorded from one
    on paper."""
    text = files("openalgo.api.ui").joinpath("examples.json").read_text(encoding="utf-8")
    examples: dict[str, Any] = json.loads(text)
    return examples


def _describing(version: str, routers: Sequence[APIRouter]) -> FastAPI:
    app = FastAPI(
        title="OpenAlgo web app",
        version=version,
        description=_DESCRIPTION,
        openapi_tags=_TAGS,
        openapi_url=None,
        generate_unique_id_function=lambda route: route.name,
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    for router in routers:
        app.include_router(router)
    return app


def _without_key(document: dict[str, Any]) -> dict[str, Any]:
    """`document` without the member `apikey` of request bodies, and without the bodies that are
    empty then. Changes it in place."""
    schemas = document["components"]["schemas"]
    empty = set()
    for name, schema in schemas.items():
        members = schema.get("properties", {})
        if members.pop("apikey", None) is None:
            continue
        if "examples" in schema:
            # Not in place: the models they come from describe the public API too.
            schema["examples"] = [
                {member: value for member, value in example.items() if member != "apikey"}
                for example in schema["examples"]
            ]
        if not members and not schema.get("additionalProperties"):
            empty.add(name)
    for operations in document["paths"].values():
        for operation in operations.values():
            if references(operation.get("requestBody")) & empty:
                del operation["requestBody"]
    return document


def _add(document: dict[str, Any], more: dict[str, Any]) -> None:
    """Put the paths and schemas of `more` into `document`, and replies as they are sent."""
    schemas = more["components"]["schemas"]
    for name, example in reply_examples().items():
        if name in schemas:
            schemas[name].setdefault("examples", [example])
    for operations in more["paths"].values():
        for operation in operations.values():
            for response in operation["responses"].values():
                describe_texts(response)
    document["paths"] |= more["paths"]
    document["components"]["schemas"] |= more["components"]["schemas"]


def admission(dependant: Dependant | None) -> object:
    """Which of `acting`, `visitor` and `guest` a route depends on; `None` for none of them."""
    calls = [] if dependant is None else [each.call for each in dependant.dependencies]
    return next((each for each in (acting, visitor, guest) if each in calls), None)
