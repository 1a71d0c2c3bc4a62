"""The error reply, and which errors an operation documents."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from openalgo.api.schemas.fields import PaperMode


class ErrorReply(BaseModel):
    """What went wrong. Some errors add members: `orderid` of a rejected order that stands in the
    book, `retry_after` in seconds, `path` of an unknown address; where a risk limit stands against
    an order its name, `limit`, and the numbers `allowed` and `value`."""

    model_config = ConfigDict(extra="allow")

    status: Literal["error"] = "error"
    message: Annotated[str, Field(description="A sentence for people.")]
    code: Annotated[str, Field(description="For programs; stable.")]
    request_id: Annotated[str, Field(description="Also in the header X-Request-ID.")]
    errors: Annotated[
        dict[str, list[str]] | None, Field(description="What is wrong, by field.")
    ] = None
    mode: PaperMode


def example(message: str, code: str, **more: object) -> dict[str, object]:
    """An error as the documentation shows it."""
    return {
        "status": "error",
        "message": message,
        "code": code,
        **more,
        "request_id": "0f3a9c61d2b84e57",
    }


_EXAMPLES: dict[int, dict[str, object]] = {
    400: example(
        "quantity: Quantity must be a positive number.",
        "validation_error",
        errors={"quantity": ["Quantity must be a positive number."]},
        mode="analyze",
    ),
    401: example("Invalid openalgo apikey", "invalid_api_key"),
    403: example("Invalid openalgo apikey", "invalid_api_key"),
    404: example("Order 25112100000001 not found", "order_not_found", mode="analyze"),
    409: example(
        "This Idempotency-Key was already used for a different request",
        "idempotency_conflict",
        mode="analyze",
    ),
    413: example("Request body is larger than 1048576 bytes", "body_too_large"),
    429: example(
        "Rate limit exceeded. Please slow down your requests.", "rate_limited", retry_after=1
    ),
    500: example("An unexpected error occurred", "internal_error"),
    501: example("Connect a broker to trade live", "unsupported"),
    502: example("The broker does not answer", "broker_unavailable"),
    503: example(
        "The paper exchange has too many orders waiting. Nothing was placed; try again.",
        "engine_busy",
        mode="analyze",
    ),
    504: example(
        "The outcome of this order is unknown. Look at the order book before sending it again.",
        "order_outcome_unknown",
        mode="analyze",
    ),
}
_ALWAYS = (400, 403, 413, 429, 500, 503)
_REFERENCE = f"#/components/schemas/{ErrorReply.__name__}"


def error_responses(*more: int) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of an operation: the errors all share, and `more` of its own."""
    return describe({status: _EXAMPLES[status] for status in sorted({*_ALWAYS, *more})})


def also_as_text(responses: dict[int | str, dict[str, Any]]) -> dict[int | str, dict[str, Any]]:
    """`responses` of an operation that can be asked to answer in text, with the message alone."""
    for response in responses.values():
        content = response["content"]
        shown = content["application/json"]["example"]
        response["content"] = {**content, "text/plain": {"example": shown["message"]}}
    return responses


def describe(examples: Mapping[int, object]) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of an operation that answers with these errors.

    They refer to what `add_schema` adds to the document. As `model=` FastAPI would build a
    validator for each of some 1,300 error replies whenever a server starts: a fifth of the start.
    """
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {"application/json": {"example": shown, "schema": {"$ref": _REFERENCE}}},
        }
        for status, shown in examples.items()
    }


def add_schema(schemas: dict[str, Any]) -> None:
    """Describe the error reply among the `schemas` of a document, which stay sorted."""
    schemas[ErrorReply.__name__] = ErrorReply.model_json_schema(mode="serialization")
    for name in sorted(schemas):
        schemas[name] = schemas.pop(name)
