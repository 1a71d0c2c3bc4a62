"""What an account may risk."""

from typing import Annotated

from fastapi import APIRouter, Depends

from openalgo.api.deps import Call, caller
from openalgo.api.direct import DirectRoute
from openalgo.api.limits import RateClass
from openalgo.api.schemas.base import KeyOnly
from openalgo.api.schemas.errors import error_responses
from openalgo.api.schemas.risk import LimitsRow, RiskReply, RiskRow, UsageRow
from openalgo.api.v1 import PREFIX, present
from openalgo.domain.clock import ist_text
from openalgo.identity.principal import Scope

Reader = Annotated[Call, Depends(caller(Scope.READ, RateClass.API, by_venue=True))]

router = APIRouter(prefix=PREFIX, tags=["Account"], route_class=DirectRoute)


@router.post(
    "/risk", summary="What may I risk, and how much have I?", responses=error_responses(502)
)
async def risk(_body: KeyOnly, call: Reader) -> RiskReply:
    """The limits of this account where its orders go now. Only its owner changes them, in the web
    app."""
    venue = call.venue
    standing = await call.services.risk.standing(call.account_id, venue, call.market.clock.now())
    kill = standing.kill
    return RiskReply(
        mode=present.paper_word(venue.mode),
        data=RiskRow(
            limits=LimitsRow.of(standing.in_force),
            kill_switch=kill is not None,
            kill_switch_since=None if kill is None else ist_text(kill.at),
            kill_switch_by=None if kill is None else kill.by,
            usage=UsageRow.of(standing),
        ),
    )
