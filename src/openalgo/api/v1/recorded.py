"""Routes whose calls go to the request log, whatever becomes of them."""

import json
from collections.abc import Callable, Coroutine, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

from openalgo.api.deps import Call, call_of
from openalgo.api.envelope import answer
from openalgo.domain.errors import OpenAlgoError
from openalgo.observability.traffic import OrderCallRecord


class RecordedRoute(APIRoute):
    """A route that hands every call of a proven caller, and its answer, to the journal.

    The name of the route is the record's `api_type`. Calls with a wrong key, without the scope or
    above the rate limit are not order calls and leave no record.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        api_type = self.name

        async def handle_and_record(request: Request) -> Response:
            at = datetime.now(UTC)
            failure: Exception | None = None
            try:
                response = await handle(request)
            except (OpenAlgoError, RequestValidationError) as error:
                response = answer(request, error)
            except Exception as error:
                failure = error
                response = answer(request, error)
            if call := call_of(request):
                call.services.journal.order_call(_record(call, api_type, response, at))
            if failure is not None:
                raise failure
            return response

        return handle_and_record


def _record(call: Call, api_type: str, response: Response, at: datetime) -> OrderCallRecord:
    sent = {name: value for name, value in call.members.items() if name != "apikey"}
    return OrderCallRecord(
        at=at,
        account_id=call.account_id,
        api_type=api_type,
        mode=call.venue.mode,
        request_id=call.request_id,
        request=_text(sent),
        response=bytes(response.body).decode(),
    )


def _text(members: Mapping[str, object]) -> str:
    try:
        return msgspec.json.encode(members).decode()
    except (UnicodeEncodeError, OverflowError):
        # Unknown fields are not validated: JSON may carry half a surrogate pair, which only
        # escaped text can keep, and integers of any length.
        return json.dumps(members, separators=(",", ":"))
