"""The request log of the paper exchange."""

from collections.abc import AsyncIterator
from datetime import date, datetime, time
from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse

from openalgo.api.ui.analyzer_rows import (
    EXPORT_HEADER,
    AnalyzerDataReply,
    AnalyzerRequestsReply,
    AnalyzerStatistics,
    AnalyzerStatisticsReply,
    export_row,
    lines,
)
from openalgo.api.ui.deps import Acting, Visit, Visitor
from openalgo.api.ui.errors import changing, looking
from openalgo.api.ui.schemas import Said
from openalgo.api.ui.spreadsheet import csv_reply, csv_responses
from openalgo.domain.clock import IST
from openalgo.domain.errors import InvalidRequest
from openalgo.trading.paper.calls import AnalysedCall

router = APIRouter(prefix="/analyzer", tags=["Analyzer"])

Day = Annotated[date | None, Query(description="A date in IST; today by default.")]


@router.get(
    "/api/data",
    name="analyzer_data",
    summary="Calls of some days, and the numbers of the last 24 hours",
    responses=looking(400),
    response_model=AnalyzerDataReply,
)
async def data(visit: Visitor, start_date: Day = None, end_date: Day = None) -> Response:
    """Newest first, both days included."""
    start, end = _days(visit, start_date, end_date)
    stats = AnalyzerStatistics.of(await visit.services.paper_calls.statistics(visit.account_id))
    rows = _encoded(_pages(visit, start, end))
    # The first rows are read before the answer begins, so that a failure can be told.
    first = await anext(rows, b"")

    async def answer() -> AsyncIterator[bytes]:
        yield b'{"status":"success","data":{"stats":%b,"requests":[%b' % (
            stats.model_dump_json().encode(),
            first,
        )
        async for more in rows:
            yield b"," + more
        yield b"]}}"

    return StreamingResponse(answer(), media_type="application/json")


@router.get(
    "/stats",
    name="analyzer_stats",
    summary="Numbers of the last 24 hours",
    responses=looking(),
)
async def stats(visit: Visitor) -> AnalyzerStatisticsReply:
    found = await visit.services.paper_calls.statistics(visit.account_id)
    return AnalyzerStatisticsReply(data=AnalyzerStatistics.of(found))


@router.get(
    "/requests",
    name="analyzer_requests",
    summary="The newest hundred calls",
    responses=looking(),
    response_model=AnalyzerRequestsReply,
)
async def requests(visit: Visitor) -> Response:
    calls = await visit.services.paper_calls.latest(visit.account_id)
    body = b'{"status":"success","data":{"requests":[%b]}}' % b",".join(lines(calls))
    return Response(body, media_type="application/json")


@router.get(
    "/export",
    name="export_analyzer",
    summary="Calls of some days as CSV",
    responses=csv_responses(looking(400)),
    response_class=Response,
)
async def export(visit: Visitor, start_date: Day = None, end_date: Day = None) -> Response:
    start, end = _days(visit, start_date, end_date)

    async def tables() -> AsyncIterator[list[tuple[object, ...]]]:
        async for page in _pages(visit, start, end):
            yield [export_row(call) for call in page]

    return await csv_reply(f"analyzer_{start}_{end}.csv", EXPORT_HEADER, tables())


@router.post(
    "/clear",
    name="clear_analyzer",
    summary="Forget calls older than 24 hours",
    responses=changing(),
)
async def clear(visit: Acting) -> Said:
    gone = await visit.services.paper_calls.clear(visit.account_id)
    return Said(message=f"Deleted {gone} requests older than 24 hours")


def _days(visit: Visit, start: date | None, end: date | None) -> tuple[date, date]:
    """Raises `InvalidRequest` when the end comes before the start."""
    today = visit.services.paper_calls.now().astimezone(IST).date()
    end = end or max(today, start or today)
    start = start or min(today, end)
    if end < start:
        raise InvalidRequest("end_date", f"end_date {end} is before start_date {start}")
    return start, end


def _pages(visit: Visit, start: date, end: date) -> AsyncIterator[list[AnalysedCall]]:
    return visit.services.paper_calls.pages(
        visit.account_id,
        datetime.combine(start, time.min, IST),
        datetime.combine(end, time.max, IST),
    )


async def _encoded(pages: AsyncIterator[list[AnalysedCall]]) -> AsyncIterator[bytes]:
    async for page in pages:
        yield b",".join(lines(page))
