"""When the markets trade."""

from datetime import datetime, time, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends

from openalgo.api.deps import Call, caller
from openalgo.api.direct import DirectRoute
from openalgo.api.limits import RateClass
from openalgo.api.schemas.calendar import (
    CheckHolidayReply,
    CheckHolidayRequest,
    HolidayCheck,
    HolidayRow,
    HolidaysReply,
    HolidaysRequest,
    Hours,
    TimingsReply,
    TimingsRequest,
)
from openalgo.api.schemas.errors import error_responses
from openalgo.api.v1 import PREFIX
from openalgo.domain.calendar import Holiday
from openalgo.domain.clock import IST, epoch_ms
from openalgo.domain.market import Exchange
from openalgo.identity.principal import Scope

Reader = Annotated[Call, Depends(caller(Scope.READ, RateClass.API))]

router = APIRouter(prefix=PREFIX, tags=["Calendar"], route_class=DirectRoute)

_WITH_HOURS = (
    *(Exchange.NSE, Exchange.BSE, Exchange.NFO, Exchange.BFO, Exchange.MCX),
    *(Exchange.BCD, Exchange.CDS, Exchange.NCO, Exchange.NCDEX),
)


@router.post("/market/holidays", summary="Holidays of a year", responses=error_responses())
async def market_holidays(wanted: HolidaysRequest, call: Reader) -> HolidaysReply:
    """Days without trading, or with hours of their own. Nothing is said of markets that never
    close."""
    year = wanted.year or call.today.year
    holidays = call.services.calendar.holidays(year)
    return HolidaysReply(year=year, data=[_holiday(holiday) for holiday in holidays])


@router.post("/market/timings", summary="Hours of a day", responses=error_responses())
async def market_timings(wanted: TimingsRequest, call: Reader) -> TimingsReply:
    """The exchanges that trade on that day, and when. Crypto trades all day, every day."""
    hours = [
        _hours(exchange, session.opens, session.closes)
        for exchange in _WITH_HOURS
        for session in call.services.calendar.sessions(exchange, wanted.date)
    ]
    midnight = datetime.combine(wanted.date, time(), IST)
    last_second = midnight + timedelta(days=1, seconds=-1)
    return TimingsReply(data=[*hours, _hours(Exchange.CRYPTO, midnight, last_second)])


@router.post("/checkholiday", summary="Is this day a holiday?", responses=error_responses())
async def checkholiday(wanted: CheckHolidayRequest, call: Reader) -> CheckHolidayReply:
    """A weekend counts as a holiday. Without an exchange: whether all of them are closed, but for
    those that never close."""
    return _checked(wanted, call)


@router.post("/market/checkholiday", summary="Is this day a holiday?", responses=error_responses())
async def market_checkholiday(wanted: CheckHolidayRequest, call: Reader) -> CheckHolidayReply:
    """The same as /checkholiday."""
    return _checked(wanted, call)


def _checked(wanted: CheckHolidayRequest, call: Call) -> CheckHolidayReply:
    asked = _WITH_HOURS if wanted.exchange is None else (wanted.exchange,)
    calendar = call.services.calendar
    return CheckHolidayReply(
        data=HolidayCheck(
            date=wanted.date.isoformat(),
            exchange=wanted.exchange or "ALL",
            is_holiday=not any(calendar.is_trading_day(each, wanted.date) for each in asked),
        )
    )


def _holiday(holiday: Holiday) -> HolidayRow:
    return HolidayRow(
        date=holiday.date.isoformat(),
        description=holiday.description,
        holiday_type=holiday.type,
        closed_exchanges=list(holiday.closed_exchanges),
        open_exchanges=[
            _hours(each.exchange, each.opens, each.closes) for each in holiday.open_exchanges
        ],
    )


def _hours(exchange: Exchange, opens: datetime, closes: datetime) -> Hours:
    return Hours(exchange=exchange, start_time=epoch_ms(opens), end_time=epoch_ms(closes))
