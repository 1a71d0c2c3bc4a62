"""What orders would block."""

from typing import Annotated

from fastapi import APIRouter, Depends

from openalgo.api.deps import Call, caller
from openalgo.api.direct import DirectRoute
from openalgo.api.limits import RateClass
from openalgo.api.schemas.errors import error_responses
from openalgo.api.schemas.margin import MarginReply, MarginRequest, MarginRow
from openalgo.api.v1 import PREFIX, present
from openalgo.domain.errors import InvalidOrder, InvalidRequest, SymbolNotFound
from openalgo.domain.intents import PlaceOrder
from openalgo.identity.principal import Scope
from openalgo.trading.checks import check
from openalgo.trading.venues import MarginOrder

Reader = Annotated[Call, Depends(caller(Scope.READ, RateClass.API, by_venue=True))]

router = APIRouter(prefix=PREFIX, tags=["Portfolio"], route_class=DirectRoute)


@router.post("/margin", summary="What orders would block", responses=error_responses(501, 502))
async def margin(wanted: MarginRequest, call: Reader) -> MarginReply:
    """Of at most 50 orders together, as if the account had no positions yet. Nothing is placed."""
    call.check_session()
    orders = [
        _checked(number, each.order(), call) for number, each in enumerate(wanted.positions, 1)
    ]
    need = await call.venue.margin(call.account_id, orders)
    total = float(need.total)
    return MarginReply(
        data=MarginRow(
            total_margin_required=total,
            span_margin=total if need.span is None else float(need.span),
            exposure_margin=float(need.exposure or 0),
            margin_benefit=None if need.benefit is None else float(need.benefit),
        ),
        mode=present.paper_word(call.venue.mode),
    )


def _checked(number: int, order: PlaceOrder, call: Call) -> MarginOrder:
    """`order` and what it trades. Raises `InvalidRequest` for what no exchange would take."""
    try:
        return order, check(order, call.market.instruments)
    except InvalidOrder as error:
        field, reason = error.field, error.message
    except SymbolNotFound as error:
        field, reason = "symbol", error.message
    raise InvalidRequest(f"positions.{number - 1}.{field}", f"Position {number}: {reason}")
