"""What the account made on paper, day by day and in all."""

from collections.abc import AsyncIterator, Iterable, Sequence

from fastapi import APIRouter, Response
from pydantic import BaseModel

from openalgo.api.ui.deps import Visitor
from openalgo.api.ui.errors import looking
from openalgo.api.ui.paper_pnl_rows import (
    DailyRow,
    PaperHoldingRow,
    PaperPositionRow,
    PaperProfitReply,
    PaperTradeRow,
    daily_row,
    paper_holding_row,
    paper_profit,
    paper_trade_row,
    position_row,
)
from openalgo.api.ui.spreadsheet import csv_reply, csv_responses

router = APIRouter(prefix="/sandbox/mypnl", tags=["Sandbox"])

_TABLE = csv_responses(looking())


@router.get(
    "/api/data",
    name="paper_pnl",
    summary="Profit and loss on paper",
    responses=looking(),
)
async def data(visit: Visitor) -> PaperProfitReply:
    report = await visit.services.paper.report(visit.account_id)
    return PaperProfitReply(data=paper_profit(report))


@router.get(
    "/export/daily",
    name="export_paper_days",
    summary="Results of all days as CSV",
    responses=_TABLE,
    response_class=Response,
)
async def export_daily(visit: Visitor) -> Response:
    days = await visit.services.paper.days(visit.account_id)
    return await _table("daily", DailyRow, _once([daily_row(day) for day in days]))


@router.get(
    "/export/positions",
    name="export_paper_positions",
    summary="Positions as CSV",
    responses=_TABLE,
    response_class=Response,
)
async def export_positions(visit: Visitor) -> Response:
    marked = await visit.services.paper.positions(visit.account_id)
    return await _table("positions", PaperPositionRow, _once([position_row(m) for m in marked]))


@router.get(
    "/export/holdings",
    name="export_paper_holdings",
    summary="Holdings as CSV",
    responses=_TABLE,
    response_class=Response,
)
async def export_holdings(visit: Visitor) -> Response:
    marked = await visit.services.paper.holdings(visit.account_id)
    rows = [paper_holding_row(each) for each in marked]
    return await _table("holdings", PaperHoldingRow, _once(rows))


@router.get(
    "/export/trades",
    name="export_paper_trades",
    summary="All trades as CSV",
    responses=_TABLE,
    response_class=Response,
)
async def export_trades(visit: Visitor) -> Response:
    """Since the account was reset last, newest first."""

    async def pages() -> AsyncIterator[Sequence[BaseModel]]:
        async for trades in visit.services.paper.trades(visit.account_id):
            yield [paper_trade_row(trade) for trade in trades]

    return await _table("trades", PaperTradeRow, pages())


async def _table(
    name: str, kind: type[BaseModel], pages: AsyncIterator[Sequence[BaseModel]]
) -> Response:
    """The rows under the names of their fields."""

    async def cells() -> AsyncIterator[Iterable[Sequence[object]]]:
        async for page in pages:
            yield [[value for _, value in row] for row in page]

    return await csv_reply(f"sandbox_{name}.csv", list(kind.model_fields), cells())


async def _once(rows: Sequence[BaseModel]) -> AsyncIterator[Sequence[BaseModel]]:
    if rows:
        yield rows
