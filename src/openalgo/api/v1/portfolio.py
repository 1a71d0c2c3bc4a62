"""The books of the account."""

from collections.abc import Iterable
from itertools import chain
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.responses import StreamingResponse

from openalgo.api import streams
from openalgo.api.deps import Call, caller
from openalgo.api.direct import DirectRoute
from openalgo.api.limits import RateClass
from openalgo.api.schemas.base import KeyOnly
from openalgo.api.schemas.errors import error_responses
from openalgo.api.schemas.portfolio import (
    FundsReply,
    HoldingsReply,
    OpenPositionReply,
    OpenPositionRequest,
    OrderBookReply,
    PositionBookReply,
    ProfitReply,
    TradeBookReply,
)
from openalgo.api.v1 import PREFIX, present
from openalgo.api.v1.recorded import RecordedRoute
from openalgo.domain.errors import OnPaperOnly
from openalgo.domain.orders import PositionKey
from openalgo.identity.principal import Scope
from openalgo.trading.venues import VenueMode

Reader = Annotated[Call, Depends(caller(Scope.READ, RateClass.API, by_venue=True))]

recorded = APIRouter(prefix=PREFIX, tags=["Portfolio"], route_class=RecordedRoute)
router = APIRouter(prefix=PREFIX, tags=["Portfolio"], route_class=DirectRoute)


@router.post(
    "/orderbook",
    summary="Orders of the day",
    responses=error_responses(502),
    response_model=OrderBookReply,
)
async def orderbook(_body: KeyOnly, call: Reader) -> Response:
    """Orders of the session day, which begins at 03:00 IST, and how many there are of each."""
    venue = call.venue
    orders = await venue.orders(call.account_id)
    statistics = present.order_statistics(orders).model_dump_json().encode()
    return streamed(
        venue.mode,
        [b'{"orders":'],
        streams.model_list(map(present.order_row, orders)),
        [b',"statistics":', statistics, b"}"],
    )


@router.post(
    "/tradebook",
    summary="Trades of the day",
    responses=error_responses(502),
    response_model=TradeBookReply,
)
async def tradebook(_body: KeyOnly, call: Reader) -> Response:
    venue = call.venue
    trades = await venue.trades(call.account_id)
    return streamed(venue.mode, streams.model_list(map(present.trade_row, trades)))


@router.post("/positionbook", summary="Positions", responses=error_responses(502))
async def positionbook(_body: KeyOnly, call: Reader) -> PositionBookReply:
    """Open positions and those closed today, marked to the last price."""
    venue = call.venue
    return present.position_book(await venue.positions(call.account_id), venue.mode)


@recorded.post("/openposition", summary="One position", responses=error_responses(502))
async def openposition(wanted: OpenPositionRequest, call: Reader) -> OpenPositionReply:
    """The net quantity of one symbol and product."""
    venue = call.venue
    key = PositionKey(wanted.exchange, wanted.symbol, wanted.product)
    return present.open_position(await venue.positions(call.account_id), key, venue.mode)


@router.post(
    "/holdings",
    summary="Holdings",
    responses=error_responses(502),
    response_model=HoldingsReply,
)
async def holdings(_body: KeyOnly, call: Reader) -> Response:
    """Settled shares at their last price, and what they are worth together."""
    venue = call.venue
    held = await venue.holdings(call.account_id)
    statistics = present.holding_statistics(held).model_dump_json().encode()
    return streamed(
        venue.mode,
        [b'{"holdings":'],
        streams.model_list(map(present.holding_row, held)),
        [b',"statistics":', statistics, b"}"],
    )


@router.post("/pnl/symbols", summary="Profit by symbol", responses=error_responses())
async def pnl_symbols(_body: KeyOnly, call: Reader) -> ProfitReply:
    """What each position has made today. Of the paper exchange only."""
    venue = call.venue
    if venue.mode is VenueMode.LIVE:
        raise OnPaperOnly
    return present.profits(await venue.positions(call.account_id), venue.mode)


@router.post("/funds", summary="Cash and margin", responses=error_responses(502))
async def funds(_body: KeyOnly, call: Reader) -> FundsReply:
    """Cash of the account and what is blocked of it; text where a broker answers."""
    venue = call.venue
    return present.funds(await venue.funds(call.account_id), venue.mode)


def streamed(mode: VenueMode, *data: Iterable[bytes]) -> Response:
    """A success whose `data` is sent piece by piece: a busy day has thousands of rows."""
    word = present.paper_word(mode)
    head = b'{"status":"success",' + (b'"mode":"%b",' % word.encode() if word else b"")
    pieces = chain([head, b'"data":'], *data, [b"}"])
    return StreamingResponse(streams.paced(pieces), media_type="application/json")
