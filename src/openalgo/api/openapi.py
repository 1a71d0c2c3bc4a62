"""What the generated OpenAPI document lacks: how to send the key, and common headers."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

from openalgo.api.openapi_schemas import references, refine
from openalgo.api.schemas.errors import add_schema

DESCRIPTION = """Trade Indian markets through one API, on paper or live.

Send your API key as `apikey` in the JSON body, in the header `X-API-KEY` or as
`Authorization: Bearer <key>`. (`?apikey=` still works, but addresses end up in logs.) Prices are
rupees, times `YYYY-MM-DD HH:MM:SS` in IST. A success is always HTTP 200; an error has `status`,
`message`, `code` and `request_id`. Replies of the paper exchange carry `"mode": "analyze"`."""

TAGS: list[dict[str, Any]] = [
    {"name": "Orders", "description": "Placing, changing, cancelling and looking at orders."},
    {"name": "GTT", "description": "Orders that wait, good till triggered, for a price."},
    {"name": "Portfolio", "description": "The books of the account."},
    {"name": "Market data", "description": "Prices, order books and candles."},
    {"name": "Options", "description": "Chains, implied volatilities and greeks."},
    {"name": "Symbols", "description": "What can be traded."},
    {"name": "Calendar", "description": "When the markets trade."},
    {"name": "Charts", "description": "What charts remember of you."},
    {"name": "Account", "description": "The connection, and the switch between paper and live."},
    {"name": "Replay", "description": "The hand on a replayed market."},
    {"name": "Health", "description": "For probes; no key needed."},
]

_SCHEMES = {
    "ApiKeyHeader": {"type": "apiKey", "in": "header", "name": "X-API-KEY"},
    "Bearer": {"type": "http", "scheme": "bearer"},
}
_SECURITY: list[dict[str, list[str]]] = [{"ApiKeyHeader": []}, {"Bearer": []}]
# The key in the body, for which OpenAPI has no scheme.
_IN_BODY: list[dict[str, list[str]]] = [{}]

_REQUEST_ID = {
    "X-Request-ID": {
        "description": "Names this request in logs and errors; yours, if you sent one.",
        "schema": {"type": "string"},
    }
}
_LIMITS = {
    "X-RateLimit-Limit": {
        "description": "Calls allowed in the tightest window.",
        "schema": {"type": "integer"},
    },
    "X-RateLimit-Remaining": {
        "description": "Calls left in it.",
        "schema": {"type": "integer"},
    },
    "X-RateLimit-Reset": {
        "description": "When its oldest call is forgotten, in epoch seconds.",
        "schema": {"type": "integer"},
    },
}
_RETRY_AFTER = {
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}},
}


def complete(document: dict[str, Any]) -> dict[str, Any]:
    """`document` with security, headers and examples described; changes it in place."""
    components = refine(without_unused(document))["components"]
    components["securitySchemes"] = _SCHEMES
    components["headers"] = _REQUEST_ID | _LIMITS | _RETRY_AFTER
    for name, example in reply_examples().items():
        components["schemas"][name].setdefault("examples", [example])
    for path, operations in document["paths"].items():
        public = path.startswith("/api/v1/")
        for operation in operations.values():
            for status, response in operation["responses"].items():
                headers = set(_REQUEST_ID)
                if public:
                    headers |= set(_LIMITS)
                if status == "429":
                    headers |= set(_RETRY_AFTER)
                describe_texts(response)
                response["headers"] = {
                    name: {"$ref": f"#/components/headers/{name}"} for name in sorted(headers)
                }
            operation["responses"]["200"]["description"] = "Success"
            in_body = _IN_BODY if "requestBody" in operation else []
            operation["security"] = _SECURITY + in_body if public else []
    return document


def describe_texts(response: dict[str, Any]) -> None:
    """Say of what `response` may be that is no JSON, that it is text."""
    for media_type, content in response.get("content", {}).items():
        if media_type.startswith("text/"):
            content["schema"] = {"type": "string"}


def without_unused(document: dict[str, Any]) -> dict[str, Any]:
    """`document` with the error reply, without what FastAPI leaves behind: its own validation
    error, which is never sent, and every enum whose words we list in place. Changes it in place."""
    for operations in document["paths"].values():
        for operation in operations.values():
            operation["responses"].pop("422", None)
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    add_schema(schemas)
    while unused := schemas.keys() - references(document):
        for name in unused:
            del schemas[name]
    return document


@cache
def reply_examples() -> dict[str, Any]:
    """What the server sends, by the name of the schema; recorded from one on paper."""
    text = files("openalgo.api").joinpath("reply_examples.json").read_text(encoding="utf-8")
    examples: dict[str, Any] = json.loads(text)
    return examples
