"""When intraday positions may be opened."""

from datetime import UTC, datetime, time
from decimal import Decimal

from openalgo.domain.calendar import session_date
from openalgo.domain.clock import IST
from openalgo.domain.day_events import square_off_at
from openalgo.domain.errors import OrderRefused
from openalgo.domain.market import Exchange
from openalgo.domain.numbers import ZERO
from openalgo.domain.orders import Action, PositionKey, Product
from openalgo.sandbox.account import PaperAccount
from openalgo.sandbox.floor import Floor

# Orders for the morning are taken from the pre-open on.
_MORNING = time(9, 0)


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
    day = session_date(at)
    ends = square_off_at(floor.calendar, exchange, day, floor.rules.days)
    if ends is None:
        return True
    return at >= ends or at < _begins(floor.calendar.sessions(exchange, day)[0].opens)


def _begins(opens: datetime) -> datetime:
    morning = datetime.combine(opens.astimezone(IST).date(), _MORNING, IST)
    return min(opens, morning.astimezone(UTC))


def _cut_off(floor: Floor, exchange: Exchange, at: datetime) -> str:
    ends = square_off_at(floor.calendar, exchange, session_date(at), floor.rules.days)
    if ends is not None and ends <= at:
        return f"{ends.astimezone(IST):%H:%M}"
    usual = floor.rules.days.square_off.get(exchange, time(15, 15))
    return f"{usual:%H:%M}"


def _resumes(floor: Floor, exchange: Exchange, at: datetime) -> str:
    opens = floor.calendar.next_open(exchange, at)
    begins = _MORNING if opens is None else _begins(opens).astimezone(IST).time()
    return f"{begins:%I:%M %p}"
