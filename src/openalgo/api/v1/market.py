"""Prices."""

from typing import Annotated

from fastapi import APIRouter, Depends

from openalgo.api.deps import Call, caller
from openalgo.api.direct import DirectRoute
from openalgo.api.limits import RateClass
from openalgo.api.schemas.errors import error_responses
from openalgo.api.schemas.market import QuotesReply, QuotesRequest
from openalgo.api.v1 import PREFIX, present
from openalgo.domain.market import InstrumentKey
from openalgo.identity.principal import Scope

Reader = Annotated[Call, Depends(caller(Scope.READ, RateClass.API))]

router = APIRouter(prefix=PREFIX, tags=["Market data"], route_class=DirectRoute)


@router.post("/quotes", summary="The current quote", responses=error_responses(502))
async def quotes(wanted: QuotesRequest, call: Reader) -> QuotesReply:
    """Always the market's own prices, on paper too."""
    quote = await call.services.quotes.quote(InstrumentKey(wanted.exchange, wanted.symbol))
    return QuotesReply(data=present.quote_row(quote))
