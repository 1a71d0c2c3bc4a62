"""The id under which a request is carried out once, however often it is sent."""

from typing import Any

from fastapi import Request
from pydantic_core import PydanticCustomError

from openalgo.api.schemas.fields import MAX_CLIENT_ORDER_ID, read_client_order_id
from openalgo.api.schemas.terms import Repeatable
from openalgo.domain.errors import ValidationFailed

_HEADER = "Idempotency-Key"

IDEMPOTENT: dict[str, Any] = {
    "parameters": [
        {
            "name": _HEADER,
            "in": "header",
            "required": False,
            "description": "Makes a repeat of this request harmless; the same as client_order_id.",
            "schema": {"type": "string", "minLength": 1, "maxLength": MAX_CLIENT_ORDER_ID},
        }
    ]
}
"""What such an operation adds to its description: `openapi_extra`."""


def client_order_id(body: Repeatable, request: Request) -> str | None:
    """The id in the body, else the one in the header. Raises `ValidationFailed`."""
    if body.client_order_id is not None:
        return body.client_order_id
    given = request.headers.get(_HEADER, "").strip()
    if not given:
        return None
    try:
        name = read_client_order_id(given)
    except PydanticCustomError as error:
        raise ValidationFailed({_HEADER: [error.message()]}) from None
    if not name.isprintable():
        raise ValidationFailed({_HEADER: ["Must be printable."]})
    return name
