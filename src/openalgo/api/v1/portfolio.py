"""The books of the account."""

from typing import Annotated

from fastapi import APIRouter, Depends

from openalgo.api.deps import Call, caller
from openalgo.api.direct import DirectRoute
from openalgo.api.limits import RateClass
from openalgo.api.schemas.base import KeyOnly
from openalgo.api.schemas.errors import error_responses
from openalgo.api.schemas.portfolio import (
    FundsReply,
    OrderBookReply,
    PositionBookReply,
    TradeBookReply,
)
from openalgo.api.v1 import PREFIX, present
from openalgo.identity.principal import Scope

Reader = Annotated[Call, Depends(caller(Scope.READ, RateClass.API, by_venue=True))]

router = APIRouter(prefix=PREFIX, tags=["Portfolio"], route_class=DirectRoute)


@router.post("/orderbook", summary="Orders of the day", responses=error_responses(502))
async def orderbook(_body: KeyOnly, call: Reader) -> OrderBookReply:
    """Orders of the session day, which begins at 03:00 IST, and how many there are of each."""
    venue = call.venue
    orders = await venue.orders(call.account_id)
    return OrderBookReply(data=present.order_book(orders), mode=present.paper_word(venue.mode))


@router.post("/tradebook", summary="Trades of the day", responses=error_responses(502))
async def tradebook(_body: KeyOnly, call: Reader) -> TradeBookReply:
    venue = call.venue
    trades = await venue.trades(call.account_id)
    return TradeBookReply(
        data=[present.trade_row(trade) for trade in trades], mode=present.paper_word(venue.mode)
    )


@router.post("/positionbook", summary="Positions", responses=error_responses(502))
async def positionbook(_body: KeyOnly, call: Reader) -> PositionBookReply:
    """Open positions and those closed today, marked to the last price."""
    venue = call.venue
    return present.position_book(await venue.positions(call.account_id), venue.mode)


@router.post("/funds", summary="Cash and margin", responses=error_responses(502))
async def funds(_body: KeyOnly, call: Reader) -> FundsReply:
    venue = call.venue
    return present.funds(await venue.funds(call.account_id), venue.mode)
