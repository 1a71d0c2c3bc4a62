"""Where programs find the feed."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import Field

from openalgo.api.schemas.base import Reply
from openalgo.api.ui.deps import Visitor, ui_of
from openalgo.api.ui.errors import looking

router = APIRouter(prefix="/api/websocket", tags=["Preferences"])


class FeedAddressReply(Reply):
    websocket_url: Annotated[str, Field(description="Where to connect from here.")]
    is_secure: Annotated[bool, Field(description="Whether browsers reach the server by https.")]
    original_url: Annotated[str, Field(description="What WEBSOCKET_URL says.")]


@router.get("/config", name="websocket_config", summary="Where is the feed?", responses=looking())
async def websocket_config(_: Visitor, request: Request) -> FeedAddressReply:
    """For programs with an API key. Pages of this server use `/ws`, where their session will do."""
    ui = ui_of(request)
    original, is_secure = ui.websocket_url, ui.browser.is_secure
    plain = original.removeprefix("ws://")
    url = f"wss://{plain}" if is_secure and plain != original else original
    return FeedAddressReply(websocket_url=url, is_secure=is_secure, original_url=original)
