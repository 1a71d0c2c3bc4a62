"""Candles."""

from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse, StreamingResponse
from fastapi.routing import APIRoute

from openalgo.api import streams
from openalgo.api.deps import Call, caller
from openalgo.api.direct import DirectRoute
from openalgo.api.envelope import answer, as_error
from openalgo.api.limits import RateClass
from openalgo.api.schemas.base import KeyOnly
from openalgo.api.schemas.errors import also_as_text, error_responses
from openalgo.api.schemas.history import (
    HistoryReply,
    HistoryRequest,
    IntervalGroups,
    IntervalsReply,
    TickerQuery,
)
from openalgo.api.v1 import PREFIX
from openalgo.api.v1.rows import CandleLine
from openalgo.domain.clock import IST
from openalgo.domain.errors import InvalidRequest, OpenAlgoError, Unsupported
from openalgo.domain.intervals import is_intraday
from openalgo.domain.market import Candle, Exchange, InstrumentKey
from openalgo.identity.principal import Scope
from openalgo.marketdata.history import History, ticker_start

Reader = Annotated[Call, Depends(caller(Scope.READ, RateClass.API))]

_MAX_SYMBOL = 64


class TickerRoute(APIRoute):
    """Answers errors as text to those who asked for text."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def serve(request: Request) -> Response:
            try:
                return await handle(request)
            except (OpenAlgoError, RequestValidationError) as error:
                if request.query_params.get("format", "").strip().lower() != "txt":
                    raise
                said = answer(request, error)
                kept = {k: v for k, v in said.headers.items() if k == "retry-after"}
                return PlainTextResponse(as_error(error, request).message, said.status_code, kept)

        return serve


router = APIRouter(prefix=PREFIX, tags=["Market data"], route_class=DirectRoute)
ticker_router = APIRouter(prefix=PREFIX, tags=["Market data"], route_class=TickerRoute)


@router.post(
    "/history",
    summary="Candles",
    responses=error_responses(404, 501, 502),
    response_model=HistoryReply,
)
async def history(wanted: HistoryRequest, call: Reader) -> Response:
    """Candles of the market, on paper too: at most 31 days of seconds, 400 of minutes and 2,000
    of hours at once."""
    candles = await _history_of(call).candles(
        InstrumentKey(wanted.exchange, wanted.symbol),
        wanted.interval,
        wanted.start_date,
        wanted.end_date,
        wanted.source,
    )
    return _json(candles)


@router.post(
    "/intervals", summary="Which candles the broker has", responses=error_responses(501, 502)
)
async def intervals(_body: KeyOnly, call: Reader) -> IntervalsReply:
    served = _history_of(call).intervals

    def ending(units: str) -> list[str]:
        return [interval for interval in served if interval[-1] in units]

    return IntervalsReply(
        data=IntervalGroups(
            seconds=ending("s"),
            minutes=ending("m"),
            hours=ending("h"),
            days=ending("D"),
            weeks=ending("W"),
            months=ending("MQY"),
        )
    )


@ticker_router.get(
    "/ticker/{symbol}",
    summary="Candles, for charting programs",
    response_model=HistoryReply,
    responses={
        **also_as_text(error_responses(501, 502)),
        200: {
            "content": {
                "text/plain": {"example": "NSE:SBIN,2025-11-21,812.5,816.0,809.1,814.7,1840221"}
            }
        },
    },
)
async def ticker(symbol: str, wanted: Annotated[TickerQuery, Query()], call: Reader) -> Response:
    """`symbol` is written EXCHANGE:SYMBOL. Gives 3,650 days before `to` at most, and 30 days of
    candles within the day. Errors come as text too where `format` is `txt`."""
    key = _key(symbol)
    start, end = wanted.start, wanted.end
    if start > end:
        raise InvalidRequest("from", f"from {start} is after to {end}.")
    start = ticker_start(wanted.interval, start, end)
    candles = await _history_of(call).candles(key, wanted.interval, start, end, "api")
    if wanted.format == "json":
        return _json(candles)
    lines = _lines(f"{key},", candles, with_time=is_intraday(wanted.interval))
    return StreamingResponse(streams.paced(lines), media_type="text/plain")


def _history_of(call: Call) -> History:
    call.check_session()
    if call.market.history is None:
        raise Unsupported("This market has no candles")
    return call.market.history


def _json(candles: Sequence[Candle]) -> Response:
    pieces = streams.json_list(map(CandleLine.of, candles))
    return StreamingResponse(streams.paced(pieces), media_type="application/json")


def _lines(start: str, candles: Iterable[Candle], *, with_time: bool) -> Iterator[bytes]:
    for batch in streams.batches(map(CandleLine.of, candles)):
        yield "".join(start + _line(candle, with_time) for candle in batch).encode()


def _line(candle: CandleLine, with_time: bool) -> str:
    at = datetime.fromtimestamp(candle.timestamp, IST if with_time else UTC)
    when = f"{at:%Y-%m-%d,%H:%M:%S}" if with_time else f"{at:%Y-%m-%d}"
    prices = f"{candle.open},{candle.high},{candle.low},{candle.close}"
    return f"{when},{prices},{candle.volume}\n"


def _key(text: str) -> InstrumentKey:
    exchange, colon, symbol = text.strip().upper().partition(":")
    if not colon or not 1 <= len(symbol) <= _MAX_SYMBOL:
        raise InvalidRequest(
            "symbol", "Symbol must be written EXCHANGE:SYMBOL, such as NSE:RELIANCE."
        )
    if exchange not in Exchange.__members__:
        raise InvalidRequest("exchange", f"Exchange must be one of: {', '.join(Exchange)}.")
    return InstrumentKey(Exchange(exchange), symbol)
