"""What the web app remembers of its user, the same in every browser."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from openalgo.api.envelope import encode, json_text
from openalgo.api.schemas.base import Reply
from openalgo.api.ui.deps import Acting, Visitor, ui_of
from openalgo.api.ui.errors import changing, looking

router = APIRouter(prefix="/ui/preferences", tags=["Preferences"])

Name = Annotated[str, Path(pattern=r"^[a-z][a-z0-9._-]{0,49}$", examples=["watch-lists"])]


class PreferenceRow(BaseModel):
    value: Annotated[Any, Field(description="Any JSON.", examples=[{"theme": "dark"}])]
    version: Annotated[int, Field(description="Rises with every change.")]
    updated_at: datetime


class PreferencesReply(Reply):
    data: Annotated[dict[str, PreferenceRow], Field(description="By name.")]


class PreferenceRequest(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"examples": [{"value": {"theme": "dark"}, "since": 3}]},
    )

    value: Annotated[Any, Field(description="Any JSON, at most 256 KiB.")]
    since: Annotated[
        int | None,
        Field(
            ge=0,
            description="The version that this change is based on, 0 where there was none: if "
            "another window was faster, the change is refused. Left out, the change is made.",
        ),
    ] = None


class PreferenceKept(BaseModel):
    name: str
    version: int
    updated_at: datetime


class PreferenceReply(Reply):
    data: PreferenceKept


@router.get(
    "",
    name="preferences",
    summary="What is remembered of you",
    response_model=PreferencesReply,
    responses=looking(),
)
async def preferences(visit: Visitor, request: Request) -> Response:
    """All of it in one document, which is also how to take it along."""
    kept = await ui_of(request).preferences.of_user(visit.user_id)
    members = b",".join(
        b'%b:{"value":%b,"version":%d,"updated_at":%b}'
        % (encode(name), each.value.encode(), each.version, encode(each.updated_at))
        for name, each in kept.items()
    )
    return Response(
        b'{"status":"success","data":{' + members + b"}}", media_type="application/json"
    )


@router.put(
    "/{name}",
    name="set_preference",
    summary="Remember something",
    responses=changing(409),
)
async def set_preference(
    name: Name, wanted: PreferenceRequest, visit: Acting, request: Request
) -> PreferenceReply:
    """At most 100 names and 2 MiB in all. 409 `preference_changed` says that it is not any more
    what `since` says: read it again and make the change there."""
    kept = await ui_of(request).preferences.put(
        visit.user_id, name, json_text(wanted.value), since=wanted.since
    )
    return PreferenceReply(
        data=PreferenceKept(name=name, version=kept.version, updated_at=kept.updated_at)
    )
