"""What an account on paper made, as pages and spreadsheets show it. Amounts are rupees."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from openalgo.api.schemas.base import Reply
from openalgo.api.v1.present import holding_row, trade_row
from openalgo.domain.clock import ist_text
from openalgo.domain.numbers import plain_number
from openalgo.domain.orders import Trade
from openalgo.domain.portfolio import DailyResult, MarkedHolding, MarkedPosition
from openalgo.trading.paper.desk import ProfitReport

Number = int | float
IstTime = Annotated[str, Field(description="IST.", examples=["2026-03-02 10:30:00"])]


class ProfitSummary(BaseModel):
    """All-time figures are those since the account was reset last."""

    today_realized_pnl: float
    all_time_realized_pnl: float
    positions_unrealized_pnl: float
    holdings_unrealized_pnl: float
    total_unrealized_pnl: float
    today_total_mtm: float
    total_pnl: float
    available_balance: float
    total_capital: float


class DailyRow(BaseModel):
    date: date
    realized_pnl: float
    positions_unrealized: float
    holdings_unrealized: float
    total_unrealized: float
    total_mtm: float
    portfolio_value: float


class PaperPositionRow(BaseModel):
    symbol: str
    exchange: str
    product: str
    quantity: Number
    average_price: float
    ltp: float
    unrealized_pnl: float
    today_realized_pnl: float
    all_time_realized_pnl: float
    status: Literal["Open", "Closed"]
    updated_at: IstTime


class PaperHoldingRow(BaseModel):
    symbol: str
    exchange: str
    quantity: Number
    average_price: float
    ltp: float
    unrealized_pnl: float
    pnl_percent: float
    settlement_date: str


class PaperTradeRow(BaseModel):
    tradeid: str
    symbol: str
    exchange: str
    action: str
    quantity: Number
    price: float
    product: str
    timestamp: IstTime


class PaperProfit(BaseModel):
    """The newest 30 days and 50 trades, newest first."""

    summary: ProfitSummary
    daily_pnl: list[DailyRow]
    positions: list[PaperPositionRow]
    holdings: list[PaperHoldingRow]
    trades: list[PaperTradeRow]


class PaperProfitReply(Reply):
    data: PaperProfit


def paper_profit(report: ProfitReport) -> PaperProfit:
    return PaperProfit(
        summary=_summary(report),
        daily_pnl=[daily_row(day) for day in report.days],
        positions=[position_row(marked) for marked in report.positions],
        holdings=[paper_holding_row(marked) for marked in report.holdings],
        trades=[paper_trade_row(trade) for trade in report.trades],
    )


def daily_row(day: DailyResult) -> DailyRow:
    return DailyRow(
        date=day.date,
        realized_pnl=_rupees(day.realised),
        positions_unrealized=_rupees(day.positions_unrealised),
        holdings_unrealized=_rupees(day.holdings_unrealised),
        total_unrealized=_rupees(day.positions_unrealised + day.holdings_unrealised),
        total_mtm=_rupees(day.total_mtm),
        portfolio_value=_rupees(day.portfolio_value),
    )


def position_row(marked: MarkedPosition) -> PaperPositionRow:
    position = marked.position
    return PaperPositionRow(
        symbol=position.symbol,
        exchange=position.exchange,
        product=position.product,
        quantity=plain_number(position.quantity),
        average_price=round(_rupees(position.average_price), 4),
        ltp=_rupees(marked.ltp),
        unrealized_pnl=_rupees(marked.unrealised),
        today_realized_pnl=_rupees(marked.realised_today),
        all_time_realized_pnl=_rupees(position.realised),
        status="Open" if position.quantity else "Closed",
        updated_at=ist_text(position.updated_at),
    )


def paper_holding_row(marked: MarkedHolding) -> PaperHoldingRow:
    row = holding_row(marked)
    return PaperHoldingRow(
        symbol=row.symbol,
        exchange=row.exchange,
        quantity=row.quantity,
        average_price=row.average_price,
        ltp=row.ltp,
        unrealized_pnl=row.pnl,
        pnl_percent=row.pnlpercent,
        settlement_date=row.settlement_date or "",
    )


def paper_trade_row(trade: Trade) -> PaperTradeRow:
    row = trade_row(trade)
    return PaperTradeRow(
        tradeid=row.tradeid,
        symbol=row.symbol,
        exchange=row.exchange,
        action=row.action,
        quantity=row.quantity,
        price=row.price,
        product=row.product,
        timestamp=row.timestamp,
    )


def _summary(report: ProfitReport) -> ProfitSummary:
    funds, today = report.funds.paper, report.funds.realised_today
    if funds is None:
        raise TypeError("A profit report is of a paper account")
    positions, holdings = report.positions_unrealised, report.holdings_unrealised
    unrealised = positions + holdings
    return ProfitSummary(
        today_realized_pnl=_rupees(today),
        all_time_realized_pnl=_rupees(funds.realised),
        positions_unrealized_pnl=_rupees(positions),
        holdings_unrealized_pnl=_rupees(holdings),
        total_unrealized_pnl=_rupees(unrealised),
        today_total_mtm=_rupees(today + unrealised),
        total_pnl=_rupees(funds.realised + unrealised),
        available_balance=_rupees(funds.available),
        total_capital=_rupees(funds.starting_capital),
    )


def _rupees(amount: Decimal) -> float:
    """`amount` for JSON; adding zero turns -0.0 into 0.0."""
    return float(amount) + 0.0
