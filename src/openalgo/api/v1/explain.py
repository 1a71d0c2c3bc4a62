"""Why an order is as it is."""

from typing import Annotated

from fastapi import APIRouter, Depends

from openalgo.api.deps import Call, caller
from openalgo.api.direct import DirectRoute
from openalgo.api.limits import RateClass
from openalgo.api.schemas.errors import error_responses
from openalgo.api.schemas.explain import (
    ExplainedOrder,
    ExplainReply,
    ExplainRequest,
    StepRow,
)
from openalgo.api.v1 import PREFIX, present
from openalgo.domain.clock import IST
from openalgo.identity.principal import Scope
from openalgo.trading.explained import Explanation, Step

Reader = Annotated[Call, Depends(caller(Scope.READ, RateClass.API, by_venue=True))]

router = APIRouter(prefix=PREFIX, tags=["Orders"], route_class=DirectRoute)


@router.post("/explain", summary="Why an order is as it is", responses=error_responses(404, 502))
async def explain(order: ExplainRequest, call: Reader) -> ExplainReply:
    """The chain from the request to the books: who asked, who approved, how long it took, every
    change of the order, its trades, and the money they moved."""
    explanation = await call.services.explainer.explain(call.account_id, order.orderid)
    return ExplainReply(data=explained(explanation), mode=present.paper_word(call.venue.mode))


def explained(explanation: Explanation) -> ExplainedOrder:
    return ExplainedOrder(
        order=None if explanation.order is None else present.order_row(explanation.order),
        steps=[_row(step) for step in explanation.steps],
    )


def _row(step: Step) -> StepRow:
    at = step.at.astimezone(IST).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
    return StepRow(
        at=at, stage=step.stage, request_id=step.cause, text=step.text, detail=step.detail
    )
