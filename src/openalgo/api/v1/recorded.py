"""Routes whose calls go to the request log, whatever becomes of them."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec
from fastapi import Request, Response

from openalgo.api.deps import Call, call_of
from openalgo.api.direct import DirectRoute
from openalgo.api.envelope import answer
from openalgo.observability.traffic import OrderCallRecord
from openalgo.trading.venues import VenueMode


class RecordedRoute(DirectRoute):
    """A route that hands every call of a proven caller, and its answer, to the journal.

    The name of the route is the record's `api_type`. Calls with a wrong key, without the scope or
    above the rate limit are not order calls and leave no record.
    """

    async def serve(self, request: Request) -> Response:
        at = datetime.now(UTC)
        try:
            response = await super().serve(request)
        except Exception as error:
            self._record(request, answer(request, error), at)
            raise
        self._record(request, response, at)
        return response

    def _concerns(self, call: Call) -> bool:  # noqa: ARG002 - every call does
        return True

    def _record(self, request: Request, response: Response, at: datetime) -> None:
        call = call_of(request)
        if call is None or not self._concerns(call):
            return
        sent = {name: value for name, value in call.members.items() if name != "apikey"}
        call.services.journal.order_call(
            OrderCallRecord(
                at=at,
                account_id=call.account_id,
                api_type=self.name,
                mode=call.venue.mode,
                request_id=call.request_id,
                request=_text(sent),
                response=bytes(response.body).decode(),
            )
        )


class LiveRecordedRoute(RecordedRoute):
    """The same for a read, of which only those that go to a broker are kept."""

    def _concerns(self, call: Call) -> bool:
        return call.venue.mode is VenueMode.LIVE


def _text(members: Mapping[str, object]) -> str:
    try:
        return msgspec.json.encode(members).decode()
    except (UnicodeEncodeError, OverflowError):
        # Unknown fields are not validated: JSON may carry half a surrogate pair, which only
        # escaped text can keep, and integers of any length.
        return json.dumps(members, separators=(",", ":"))
