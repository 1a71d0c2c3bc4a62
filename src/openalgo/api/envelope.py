"""The one shape of an error, and the handlers that give it to every error."""

import json
from collections.abc import Mapping, Sequence

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from openalgo.api.deps import MISSING, call_of, request_id_of
from openalgo.domain.errors import (
    InvalidBody,
    NotFound,
    OpenAlgoError,
    RateLimitExceeded,
    ValidationFailed,
)
from openalgo.trading.venues import VenueMode

# Pydantic's own words name its types.
_WORDS = {"missing": MISSING, "model_type": "Not a valid object.", "list_type": "Not a valid list."}


class UnknownPath(NotFound):
    """No route has this path."""

    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__()

    def extra(self) -> Mapping[str, object]:
        return {"path": self.path}


class MethodNotAllowed(OpenAlgoError):
    code = "method_not_allowed"
    status = 405
    default = "Method not allowed"

    def __init__(self, allowed: str) -> None:
        self.allowed = allowed
        super().__init__()


def encode(value: object) -> bytes:
    """Compact JSON, without a space and without NaN."""
    return msgspec.json.encode(value)


def json_text(value: object) -> str:
    """What came as JSON as compact JSON text, to be kept. Raises `InvalidBody`."""
    try:
        return msgspec.json.encode(value).decode()
    except (UnicodeEncodeError, OverflowError):
        # Half a surrogate pair and integers of any length: JSON can carry them, if escaped.
        return json.dumps(value, separators=(",", ":"))
    except RecursionError:
        raise InvalidBody("The JSON is nested too deeply") from None


def error_body(
    error: OpenAlgoError, request_id: str, mode: VenueMode | None = None
) -> dict[str, object]:
    """The members of the error envelope; `mode` is said when it is the paper exchange's."""
    body: dict[str, object] = {
        "status": "error",
        "message": error.message,
        "code": error.code,
        **error.extra(),
    }
    if mode is VenueMode.ANALYZE:
        body["mode"] = mode
    body["request_id"] = request_id
    return body


def error_response(
    error: OpenAlgoError, request_id: str, mode: VenueMode | None = None
) -> Response:
    headers: dict[str, str] = {}
    if isinstance(error, RateLimitExceeded):
        headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, MethodNotAllowed):
        headers["Allow"] = error.allowed
    return Response(
        encode(error_body(error, request_id, mode)),
        status_code=error.status,
        headers=headers,
        media_type="application/json",
    )


def answer(request: Request, exc: Exception) -> Response:
    """What the client is told about `exc`."""
    call = call_of(request)
    mode = call.venue.mode if call is not None and call.by_venue else None
    error = as_error(exc, request)
    request.scope["state"]["error"] = error.code
    return error_response(error, request_id_of(request), mode)


def as_error(exc: Exception, request: Request) -> OpenAlgoError:
    """`exc` as an error clients may see; what we did not foresee tells nothing of itself."""
    if isinstance(exc, OpenAlgoError):
        return exc
    if isinstance(exc, RequestValidationError):
        return _invalid(exc.errors())
    if isinstance(exc, HTTPException):
        if exc.status_code == UnknownPath.status:
            return UnknownPath(request.scope["path"])
        if exc.status_code == MethodNotAllowed.status:
            return MethodNotAllowed((exc.headers or {}).get("Allow", ""))
        if exc.status_code == InvalidBody.status:
            return InvalidBody()
    return OpenAlgoError()


def install_handlers(app: FastAPI) -> None:
    """Answer every exception raised in `app` with the envelope."""

    async def handle(request: Request, exc: Exception) -> Response:
        return answer(request, exc)

    for kind in (OpenAlgoError, RequestValidationError, HTTPException, Exception):
        app.add_exception_handler(kind, handle)


def _invalid(problems: Sequence[Mapping[str, object]]) -> OpenAlgoError:
    """Pydantic's problems in our words, by dotted field name."""
    errors: dict[str, list[str]] = {}
    for problem in problems:
        location = problem["loc"]
        path = location[1:] if isinstance(location, tuple) else ()
        if not path or problem["type"] == "json_invalid":
            return InvalidBody()
        text = _WORDS.get(str(problem["type"])) or str(problem["msg"])
        errors.setdefault(".".join(map(str, path)), []).append(text)
    return ValidationFailed(errors)
