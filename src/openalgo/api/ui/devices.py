"""The devices a user is logged in on."""

from typing import Annotated

from fastapi import APIRouter, Path, Request

from openalgo.api.ui.deps import Acting, Visitor, ui_of
from openalgo.api.ui.errors import changing, looking
from openalgo.api.ui.schemas import DeviceRow, DevicesReply, Said
from openalgo.domain.errors import BrokerSessionExpired, NotFound

router = APIRouter(prefix="/auth/active-sessions", tags=["Login"])

# What a database counts to.
RowNumber = Annotated[int, Path(ge=1, le=2**63 - 1)]


@router.get("", summary="Where am I logged in?", responses=looking())
async def active_sessions(visit: Visitor, request: Request) -> DevicesReply:
    try:
        broker = visit.services.markets.broker_of(visit.account_id).id
    except BrokerSessionExpired:
        broker = None
    rows = [
        DeviceRow(
            session_id=str(session.id),
            device_info=session.device_info,
            ip_address=session.address,
            broker=broker,
            login_time=session.logged_in_at,
            last_seen=session.last_seen_at,
        )
        for session in ui_of(request).sessions.of_user(visit.user_id)
    ]
    return DevicesReply(count=len(rows), current_session_id=str(visit.session_id), sessions=rows)


@router.delete("/{session_id}", summary="Log one device out", responses=changing(404))
async def end_session(session_id: RowNumber, visit: Acting, request: Request) -> Said:
    if not await ui_of(request).sessions.end(visit.user_id, session_id):
        raise NotFound(f"Session {session_id} not found")
    return Said(message="Logged out on that device")
