"""When the account's market trades, for charts that go on with live prices."""

from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from openalgo.api.schemas.base import Reply
from openalgo.api.ui.deps import Visitor
from openalgo.api.ui.errors import looking
from openalgo.brokers.intervals import anchor_s
from openalgo.domain.calendar import session_date
from openalgo.domain.clock import epoch_ms
from openalgo.domain.market import Exchange

router = APIRouter(prefix="/ui/market", tags=["Calendar"])


class SessionRow(BaseModel):
    """Epoch seconds: trading begins at `opens` and has ended at `closes`."""

    opens: int
    closes: int


class MarketHours(BaseModel):
    """Of the market the account trades on, which for a simulated one are not the exchange's own."""

    exchange: Exchange
    day: Annotated[date, Field(description="The session day; it runs from 03:00 to 03:00 IST.")]
    sessions: Annotated[list[SessionRow], Field(description="Ascending; none on a holiday.")]
    counted_from: Annotated[
        int, Field(description="Epoch seconds from which the candles within this day are counted.")
    ]
    next_open: Annotated[
        datetime | None, Field(description="The next session's start; null: none is near.")
    ]


class MarketHoursReply(Reply):
    data: MarketHours


@router.get(
    "/hours", name="market_hours", summary="When does this exchange trade?", responses=looking()
)
async def market_hours(exchange: Annotated[Exchange, Query()], visit: Visitor) -> MarketHoursReply:
    """Today's sessions, by the clock and the calendar of the account's market."""
    market = visit.market
    now = market.clock.now()
    day = session_date(now)
    opens = market.calendar.next_open(exchange, now)
    return MarketHoursReply(
        data=MarketHours(
            exchange=exchange,
            day=day,
            sessions=[
                SessionRow(opens=_seconds(each.opens), closes=_seconds(each.closes))
                for each in market.calendar.sessions(exchange, day)
            ],
            counted_from=anchor_s(exchange, day),
            next_open=None if opens is None else opens.astimezone(UTC),
        )
    )


def _seconds(at: datetime) -> int:
    return epoch_ms(at) // 1_000
