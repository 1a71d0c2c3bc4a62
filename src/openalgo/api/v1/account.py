"""The connection, and the switch between paper and live."""

from typing import Annotated

from fastapi import APIRouter, Depends

from openalgo.api.deps import Call, caller
from openalgo.api.direct import DirectRoute
from openalgo.api.limits import RateClass
from openalgo.api.schemas.account import (
    AnalyzerReply,
    AnalyzerToggled,
    AnalyzerToggleReply,
    AnalyzerToggleRequest,
    PingReply,
    Pong,
)
from openalgo.api.schemas.base import KeyOnly
from openalgo.api.schemas.errors import error_responses
from openalgo.api.v1 import PREFIX, present
from openalgo.api.v1.recorded import RecordedRoute
from openalgo.identity.principal import Scope

Reader = Annotated[Call, Depends(caller(Scope.READ, RateClass.API))]
Admin = Annotated[Call, Depends(caller(Scope.ADMIN, RateClass.API))]

router = APIRouter(prefix=PREFIX, tags=["Account"], route_class=DirectRoute)
recorded = APIRouter(prefix=PREFIX, tags=["Account"], route_class=RecordedRoute)


@router.post(
    "/ping", summary="Is my key good and my broker connected?", responses=error_responses()
)
async def ping(_body: KeyOnly, call: Reader) -> PingReply:
    broker = call.services.markets.broker_of(call.account_id)
    return PingReply(data=Pong(broker=broker.id))


@recorded.post(
    "/analyzer",
    name="analyzer_status",
    operation_id="analyzer",
    summary="Paper or live?",
    responses=error_responses(),
)
async def analyzer(_body: KeyOnly, call: Reader) -> AnalyzerReply:
    """Where orders of this account go, and how many calls the paper log holds."""
    now = await call.services.analyzer.status(call.account_id)
    return AnalyzerReply(data=present.analyzer_state(now.analyze_mode, now.total_logs))


@recorded.post(
    "/analyzer/toggle",
    name="analyzer_toggle",
    operation_id="analyzer_toggle",
    summary="Switch to paper or to live",
    responses=error_responses(501),
)
async def analyzer_toggle(wanted: AnalyzerToggleRequest, call: Admin) -> AnalyzerToggleReply:
    """Sets the mode given; repeating it changes nothing."""
    now = await call.services.analyzer.set_mode(call.account_id, wanted.mode)
    mode = present.mode_word(now.analyze_mode)
    return AnalyzerToggleReply(
        data=AnalyzerToggled(
            mode=mode,
            analyze_mode=now.analyze_mode,
            total_logs=now.total_logs,
            message=f"Analyzer mode switched to {mode}",
        )
    )
