"""Requests that may be repeated without being carried out twice."""

from typing import Any

from fastapi import Request

from openalgo.api.schemas.fields import MAX_CLIENT_ORDER_ID
from openalgo.domain.errors import ValidationFailed

IDEMPOTENCY_KEY: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Makes a repeat of this request harmless; the same as client_order_id.",
    "schema": {"type": "string", "minLength": 1, "maxLength": MAX_CLIENT_ORDER_ID},
}


def client_order_id(in_body: str | None, request: Request) -> str | None:
    """The id `request` is to be known by. Raises `ValidationFailed`."""
    if in_body is not None:
        return in_body
    given = request.headers.get("idempotency-key", "").strip()
    if len(given) > MAX_CLIENT_ORDER_ID or not given.isprintable():
        raise ValidationFailed(
            {"Idempotency-Key": [f"Length must be between 1 and {MAX_CLIENT_ORDER_ID}."]}
        )
    return given or None
