"""What the account makes: today by the minute, the days before, and who made it. Rupees."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from openalgo.api.schemas.base import Reply
from openalgo.api.schemas.portfolio import PositionRow
from openalgo.api.ui.deps import Visitor, ui_of
from openalgo.api.ui.errors import looking
from openalgo.api.v1 import present
from openalgo.domain.clock import epoch_ms
from openalgo.domain.portfolio import DailyResult
from openalgo.domain.profit import DayClose, Height, Point, Sample
from openalgo.trading.profit.desk import DayProfit
from openalgo.trading.venues import VenueMode

router = APIRouter(prefix="/ui/pnl", tags=["Profit"])

_MOST_DAYS = 1000


class ProfitFigures(BaseModel):
    realized: float
    unrealized: float
    total: float

    @classmethod
    def of(cls, sample: Sample) -> "ProfitFigures":
        return cls(
            realized=float(sample.realised),
            unrealized=float(sample.unrealised),
            total=float(sample.total),
        )


class ProfitHeight(BaseModel):
    total: float
    at: datetime

    @classmethod
    def of(cls, height: Height) -> "ProfitHeight":
        return cls(total=float(height.total), at=height.at)


class ProfitPoint(ProfitFigures):
    time: Annotated[int, Field(description="Epoch milliseconds, of the last sample of a minute.")]
    drawdown: Annotated[float, Field(description="Below the highest point until then: 0 or less.")]


class TodayRow(BaseModel):
    mode: VenueMode
    day: Annotated[date, Field(description="The session day, which begins at 03:00 IST.")]
    as_of: Annotated[datetime | None, Field(description="When the books were valued last.")]
    problem: Annotated[str | None, Field(description="Why that is not now, if it is not.")]
    current: Annotated[
        ProfitFigures | None, Field(description="Not there while nobody could read the books.")
    ]
    max: ProfitHeight | None
    min: ProfitHeight | None
    drawdown: float
    max_drawdown: float
    series: Annotated[
        list[ProfitPoint],
        Field(description="Minutes in which it changed; the line between them is flat."),
    ]
    positions: Annotated[list[PositionRow], Field(description="Open ones, and those closed today.")]


class TodayReply(Reply):
    data: TodayRow


class StrategyRow(BaseModel):
    strategy: str
    trades: int
    total: Annotated[float | None, Field(description="Not there where a price is not known.")]


class StrategiesRow(BaseModel):
    strategies: Annotated[list[StrategyRow], Field(description="By what their trades have made.")]
    rest: Annotated[
        float | None, Field(description="Of positions carried into the day: not of its trades.")
    ]


class StrategiesReply(Reply):
    data: StrategiesRow


class DayRow(ProfitFigures):
    day: date
    max: ProfitHeight | None
    min: ProfitHeight | None
    max_drawdown: float | None


class DaysRow(BaseModel):
    mode: VenueMode
    days: Annotated[list[DayRow], Field(description="Newest first; today as it stands.")]


class DaysReply(Reply):
    data: DaysRow


@router.get("/today", name="pnl_today", summary="Profit of the day", responses=looking(502))
async def pnl_today(visit: Visitor, request: Request) -> TodayReply:
    """Of the books orders go to now: on paper, or at the broker. It is what the positions come to:
    realised today, and open at the last prices."""
    venue = visit.services.markets.resolve(visit.account_id)
    return TodayReply(data=_today(await ui_of(request).profit.today(visit.account_id, venue)))


@router.get(
    "/strategies", name="pnl_strategies", summary="Profit by strategy", responses=looking(502)
)
async def pnl_strategies(visit: Visitor, request: Request) -> StrategiesReply:
    """What the trades of the day have made for the strategies that placed them."""
    venue = visit.services.markets.resolve(visit.account_id)
    made, rest = await ui_of(request).profit.strategies(visit.account_id, venue)
    rows = [
        StrategyRow(strategy=each.strategy, trades=each.trades, total=_amount(each.total))
        for each in made
    ]
    rows.sort(key=lambda row: (row.total is None, -(row.total or 0.0), row.strategy))
    return StrategiesReply(data=StrategiesRow(strategies=rows, rest=_amount(rest)))


@router.get("/days", name="pnl_days", summary="Profit day by day", responses=looking())
async def pnl_days(
    visit: Visitor, request: Request, limit: Annotated[int, Query(ge=1, le=_MOST_DAYS)] = 90
) -> DaysReply:
    """How the days ended. Of days on paper before curves were kept there are no heights."""
    account_id = visit.account_id
    mode = visit.services.markets.resolve(account_id).mode
    rows = {
        close.day: _day(close)
        for close in await ui_of(request).profit.days(account_id, mode, limit)
    }
    if mode is VenueMode.ANALYZE:
        for result in await visit.services.paper.days(account_id):
            rows.setdefault(result.date, _paper_day(result))
    days = sorted(rows.values(), key=lambda row: row.day, reverse=True)
    return DaysReply(data=DaysRow(mode=mode, days=days[:limit]))


def _today(profit: DayProfit) -> TodayRow:
    close = profit.close
    return TodayRow(
        mode=profit.mode,
        day=profit.day,
        as_of=profit.as_of,
        problem=profit.problem,
        current=None if profit.last is None else ProfitFigures.of(profit.last),
        max=None if close is None else ProfitHeight.of(close.highest),
        min=None if close is None else ProfitHeight.of(close.lowest),
        drawdown=float(profit.drawdown),
        max_drawdown=0.0 if close is None else float(close.max_drawdown),
        series=[_point(point) for point in profit.points],
        positions=[present.position_row(row) for row in profit.rows],
    )


def _point(point: Point) -> ProfitPoint:
    sample = point.sample
    return ProfitPoint(
        time=epoch_ms(sample.at),
        realized=float(sample.realised),
        unrealized=float(sample.unrealised),
        total=float(sample.total),
        drawdown=float(point.drawdown),
    )


def _day(close: DayClose) -> DayRow:
    return DayRow(
        **ProfitFigures.of(close.last).model_dump(),
        day=close.day,
        max=ProfitHeight.of(close.highest),
        min=ProfitHeight.of(close.lowest),
        max_drawdown=float(close.max_drawdown),
    )


def _paper_day(result: DailyResult) -> DayRow:
    return DayRow(
        day=result.date,
        realized=float(result.realised),
        unrealized=float(result.positions_unrealised),
        total=float(result.realised + result.positions_unrealised),
        max=None,
        min=None,
        max_drawdown=None,
    )


def _amount(amount: Decimal | None) -> float | None:
    return None if amount is None else float(amount)
