"""The hand on a replayed market; on any other market these paths are not found."""

from typing import Annotated

from fastapi import APIRouter, Depends

from openalgo.api.deps import Call, caller
from openalgo.api.direct import DirectRoute
from openalgo.api.limits import RateClass
from openalgo.api.schemas.base import KeyOnly
from openalgo.api.schemas.errors import error_responses
from openalgo.api.schemas.replay import ReplayAdvanceRequest, ReplayReply, ReplayState
from openalgo.api.v1 import PREFIX
from openalgo.brokers.base import Replay, ReplayStatus
from openalgo.domain.clock import ist_text
from openalgo.domain.errors import NotFound
from openalgo.identity.principal import Scope

Reader = Annotated[Call, Depends(caller(Scope.READ, RateClass.API))]
Admin = Annotated[Call, Depends(caller(Scope.ADMIN, RateClass.API))]

router = APIRouter(prefix=PREFIX, tags=["Replay"])
direct = APIRouter(prefix=PREFIX, tags=["Replay"], route_class=DirectRoute)


@router.get(
    "/replay",
    operation_id="replay",
    summary="Where the replayed market stands",
    responses=error_responses(404),
)
async def replay(call: Reader) -> ReplayReply:
    return _reply(_replay_of(call).status())


@direct.post(
    "/replay",
    operation_id="replay_status",
    summary="Where the replayed market stands",
    responses=error_responses(404),
)
async def replay_status(_body: KeyOnly, call: Reader) -> ReplayReply:
    return _reply(_replay_of(call).status())


@direct.post("/replay/advance", summary="Play on", responses=error_responses(404, 501))
async def replay_advance(wanted: ReplayAdvanceRequest, call: Admin) -> ReplayReply:
    """Play to a time, but at most so many ticks; one tick if neither is given. The reply comes
    when all of it has been acted upon."""
    return _reply(await _replay_of(call).advance(until=wanted.until, ticks=wanted.ticks))


def _replay_of(call: Call) -> Replay:
    if call.market.replay is None:
        raise NotFound
    return call.market.replay


def _reply(now: ReplayStatus) -> ReplayReply:
    return ReplayReply(
        data=ReplayState(
            now=ist_text(now.now),
            next_at=None if now.next_at is None else ist_text(now.next_at),
            position=now.position,
            total=now.total,
            finished=now.finished,
        )
    )
