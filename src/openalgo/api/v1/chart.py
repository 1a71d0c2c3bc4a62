"""What charts remember."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from openalgo.api.deps import Call, caller
from openalgo.api.direct import DirectRoute
from openalgo.api.envelope import encode, json_text
from openalgo.api.limits import RateClass
from openalgo.api.schemas.chart import (
    MAX_KEY_LENGTH,
    MAX_KEYS,
    MAX_VALUE_BYTES,
    ChartReply,
    ChartUpdateReply,
    ChartUpdateRequest,
)
from openalgo.api.schemas.errors import error_responses
from openalgo.api.schemas.fields import is_storable
from openalgo.api.v1 import PREFIX
from openalgo.domain.errors import InvalidRequest
from openalgo.identity.principal import Scope


def _without_key() -> InvalidRequest:
    return InvalidRequest("apikey", "Missing apikey parameter")


Reader = Annotated[Call, Depends(caller(Scope.READ, RateClass.API, without_key=_without_key))]
Writer = Annotated[Call, Depends(caller(Scope.READ, RateClass.API))]

router = APIRouter(prefix=PREFIX, tags=["Charts"])
direct = APIRouter(prefix=PREFIX, tags=["Charts"], route_class=DirectRoute)


@router.get(
    "/chart",
    summary="What your charts remember",
    response_model=ChartReply,
    responses=error_responses(),
)
async def chart(call: Reader) -> Response:
    kept = await call.services.preferences.of_user(call.principal.user_id)
    members = b",".join(encode(key) + b":" + text.encode() for key, text in kept.items())
    return Response(
        b'{"status":"success","data":{' + members + b"}}", media_type="application/json"
    )


@direct.post("/chart", summary="Let your charts remember", responses=error_responses())
async def chart_update(_body: ChartUpdateRequest, call: Writer) -> ChartUpdateReply:
    """Every member of the body but the key is kept, in place of what had the same name."""
    if not call.members:
        raise InvalidRequest("preferences", "No data provided")
    given = {name: value for name, value in call.members.items() if name != "apikey"}
    if not given:
        raise InvalidRequest("preferences", "No preferences provided to update")
    if len(given) > MAX_KEYS:
        raise InvalidRequest("preferences", f"Too many preference keys (max {MAX_KEYS})")
    values = {key: _text(key, value) for key, value in given.items()}
    await call.services.preferences.update(call.principal.user_id, values)
    return ChartUpdateReply()


def _text(key: str, value: object) -> str:
    """`value` as JSON text, checked together with its `key`."""
    if len(key) > MAX_KEY_LENGTH:
        raise InvalidRequest("preferences", f"Preference key too long: {key[:MAX_KEY_LENGTH]}…")
    if not is_storable(key):
        raise InvalidRequest("preferences", "Preference key is not a valid string")
    text = json_text(value)
    if len(text.encode()) > MAX_VALUE_BYTES:
        raise InvalidRequest(key, f"Preference value too large for key: {key} (max 1MB)")
    return text
