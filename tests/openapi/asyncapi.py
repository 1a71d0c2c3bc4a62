"""The committed description of the WebSocket, as something to hold frames against."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

PATH = Path(__file__).parents[2] / "docs" / "asyncapi.yaml"

# What a frame is, by its type and, where that says more, its status.
_SCHEMAS = {
    "subscribe": "Subscribed",
    "unsubscribe": "Unsubscribed",
    "subscribe_orders": "OrdersSubscribed",
    "unsubscribe_orders": "OrdersUnsubscribed",
    "broker_info": "BrokerInfo",
    "supported_brokers": "SupportedBrokers",
    "pong": "Pong",
    "error": "Error",
    "market_data": "MarketData",
    "order_update": "OrderUpdate",
    "feed_status": "FeedStatus",
    "hello": "Hello",
    "event": "Event",
    "subscribe_events": "EventsSubscribed",
    "resume": "Resumed",
}
_AUTH = {"success": "Authenticated", "error": "AuthenticationFailed"}


@cache
def description() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(PATH.read_text(encoding="utf-8"))
    return loaded


@cache
def validator(schema: str) -> Draft202012Validator:
    """Of what is described under this name."""
    components = description()["components"]
    return Draft202012Validator(
        {"$ref": f"#/components/schemas/{schema}", "components": components}
    )


def check_frame(frame: dict[str, Any]) -> str:
    """The name of the schema of `frame`, which the server sent. Raises `ValidationError`."""
    kind = frame["type"]
    name = _AUTH[frame["status"]] if kind == "auth" else _SCHEMAS[kind]
    validator(name).validate(frame)
    return name
