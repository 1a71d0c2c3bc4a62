"""Which errors the operations of the web app document."""

from typing import Any

from openalgo.api.schemas.errors import describe, example

_EXAMPLES: dict[int, dict[str, object]] = {
    400: example(
        "password: must contain a digit",
        "validation_error",
        errors={"password": ["must contain a digit"]},
    ),
    401: example(
        "Your session has ended. Please log in.", "session_expired", error="session_expired"
    ),
    403: example("Send the token of GET /auth/csrf-token in the header X-CSRFToken", "csrf_failed"),
    404: example("Account 7 not found", "account_not_found"),
    409: example("This API key has been replaced or revoked already", "key_replaced"),
    413: example("Request body is larger than 1048576 bytes", "body_too_large"),
    429: example(
        "Rate limit exceeded. Please slow down your requests.", "rate_limited", retry_after=1
    ),
    500: example("An unexpected error occurred", "internal_error"),
    502: example("No child orders were submitted successfully", "no_orders_submitted"),
    503: example(
        "The database cannot be read or written. Check disk space and try again.",
        "storage_unavailable",
    ),
    504: example(
        "The outcome of this order is unknown. Look at the order book before sending it again.",
        "order_outcome_unknown",
    ),
}
_LOOKING = (400, 401, 404, 429, 500, 503)
_CHANGING = (400, 401, 403, 404, 413, 429, 500, 503)


def looking(*more: int) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of an operation that changes nothing, with `more` of its own."""
    return _described(_LOOKING, more)


def changing(*more: int) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of an operation that changes something, with `more` of its own."""
    return _described(_CHANGING, more)


def _described(common: tuple[int, ...], more: tuple[int, ...]) -> dict[int | str, dict[str, Any]]:
    return describe({status: _EXAMPLES[status] for status in sorted({*common, *more})})
