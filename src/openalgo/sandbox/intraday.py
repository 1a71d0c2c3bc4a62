"""When intraday positions may be opened."""

from datetime import datetime, time
from decimal import Decimal

from openalgo.domain.calendar import session_date
from openalgo.domain.clock import IST
from openalgo.domain.errors import OrderRefused
from openalgo.domain.market import Exchange
from openalgo.domain.numbers import ZERO
from openalgo.domain.orders import Action, PositionKey, Product
from openalgo.sandbox.account import PaperAccount
from openalgo.sandbox.floor import Floor, morning_of

_USUAL = time(15, 15)


def require_open_day(
    floor: Floor,
    account: PaperAccount,
    key: PositionKey,
    action: Action,
    quantity: Decimal,
    at: datetime,
    promised: Decimal = ZERO,
) -> None:
    """Refuse an intraday order from the square-off to the next trading morning, unless it does no
    more than reduce an open position. Units `promised` to the order before count as free.

    Raises `OrderRefused`.
    """
    if key.product is not Product.MIS or not _is_over(floor, key.exchange, at):
        return
    if quantity <= account.closable(key, action) + promised:
        return
    raise OrderRefused(
        "MIS orders cannot be placed after square-off time "
        f"({_cut_off(floor, key.exchange, at)} IST). "
        f"Trading resumes at {_resumes(floor, key.exchange, at)} IST."
    )


def _is_over(floor: Floor, exchange: Exchange, at: datetime) -> bool:
    hours = floor.intraday(exchange, session_date(at))
    return hours is None or not hours[0] <= at < hours[1]


def _cut_off(floor: Floor, exchange: Exchange, at: datetime) -> str:
    """The one that is past, or where there was none today the usual one."""
    hours = floor.intraday(exchange, session_date(at))
    if hours is not None and hours[1] <= at:
        return f"{hours[1].astimezone(IST):%H:%M}"
    return f"{floor.rules.days.square_off.get(exchange, _USUAL):%H:%M}"


def _resumes(floor: Floor, exchange: Exchange, at: datetime) -> str:
    opens = floor.calendar.next_open(exchange, at)
    return "09:00 AM" if opens is None else f"{morning_of(opens).astimezone(IST):%I:%M %p}"
