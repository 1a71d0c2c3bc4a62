"""What the generated OpenAPI document lacks: how to send the key, and common headers."""

from typing import Any

DESCRIPTION = """Trade Indian markets through one API, on paper or live.

Send your API key as `apikey` in the JSON body, in the header `X-API-KEY` or as
`Authorization: Bearer <key>`. Prices are rupees, times `YYYY-MM-DD HH:MM:SS` in IST. A success is
always HTTP 200; an error has `status`, `message`, `code` and `request_id`. Replies of the paper
exchange carry `"mode": "analyze"`."""

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
    "ApiKeyQuery": {
        "type": "apiKey",
        "in": "query",
        "name": "apikey",
        "description": "Deprecated: addresses end up in logs. Use a header.",
    },
}
# The empty alternative is the key in the body, for which OpenAPI has no scheme.
_SECURITY: list[dict[str, list[str]]] = [
    {"ApiKeyHeader": []},
    {"Bearer": []},
    {"ApiKeyQuery": []},
    {},
]

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
    """`document` with security and headers described; changes it in place."""
    components = without_unused(document)["components"]
    components["securitySchemes"] = _SCHEMES
    for path, operations in document["paths"].items():
        public = path.startswith("/api/v1/")
        for operation in operations.values():
            responses = operation["responses"]
            for status, response in responses.items():
                headers = dict(_REQUEST_ID)
                if public:
                    headers |= _LIMITS
                if status == "429":
                    headers |= _RETRY_AFTER
                response["headers"] = headers
            operation["security"] = _SECURITY if public else []
    return document


def without_unused(document: dict[str, Any]) -> dict[str, Any]:
    """`document` without what FastAPI leaves behind: its own validation error, which is never
    sent, and every enum whose words we list in place. Changes it in place."""
    for operations in document["paths"].values():
        for operation in operations.values():
            operation["responses"].pop("422", None)
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    while unused := schemas.keys() - _referenced(document):
        for name in unused:
            del schemas[name]
    return document


def _referenced(node: object) -> set[str]:
    """The names of the schemas that `node` refers to."""
    if isinstance(node, list):
        return set().union(*map(_referenced, node))
    if not isinstance(node, dict):
        return set()
    target = node.get("$ref")
    own = {target.rpartition("/")[2]} if isinstance(target, str) else set()
    return own.union(*map(_referenced, node.values()))
