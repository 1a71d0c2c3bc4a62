"""What can be set about the paper exchange: every key, its default and what it may be.

Values are text, in one spelling each. `Setting.read` makes that spelling of what a user wrote.
"""

from collections.abc import Callable
from dataclasses import dataclass

from openalgo.domain.words import Word
from openalgo.trading.paper.values import (
    TRUE,
    capital,
    flag,
    leverage,
    no_leverage,
    number,
    time,
    time_or_empty,
    whole,
    word,
)

NEVER = "Never"
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_NO_EFFECT = "Kept for clients, without effect: "


class Group(Word):
    """What belongs together on the page of the paper exchange."""

    CAPITAL = "capital"
    LEVERAGE = "leverage"
    SQUARE_OFF = "square_off"
    INTERVALS = "intervals"
    EXPIRY = "expiry"
    GTT = "gtt"
    RULES = "rules"
    LIMITS = "limits"

    @property
    def heading(self) -> str:
        return _HEADINGS[self]


_HEADINGS = {
    Group.CAPITAL: "Capital and reset",
    Group.LEVERAGE: "Leverage",
    Group.SQUARE_OFF: "Square-off times (IST)",
    Group.INTERVALS: "Intervals",
    Group.EXPIRY: "Expiry",
    Group.GTT: "GTT",
    Group.RULES: "Rules of the exchange",
    Group.LIMITS: "Rate limits",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """`read` turns what a user wrote into the value's one spelling; raises `ValueError` with what
    the value must be. `kept_on_reset` ones stay as they are when an account starts anew."""

    key: str
    group: Group
    default: str
    description: str
    read: Callable[[str], str]
    kept_on_reset: bool = False


def _table(*settings: Setting) -> dict[str, Setting]:
    return {setting.key: setting for setting in settings}


SETTINGS = _table(
    Setting(
        key="starting_capital",
        group=Group.CAPITAL,
        default="10000000.00",
        description="Rupees an account has when it is opened, or starts anew.",
        read=capital,
    ),
    Setting(
        key="reset_day",
        group=Group.CAPITAL,
        default=NEVER,
        description="On which day of the week all accounts start anew.",
        read=word(*WEEKDAYS, NEVER),
    ),
    Setting(
        key="reset_time",
        group=Group.CAPITAL,
        default="00:00",
        description="At what time of that day, in IST.",
        read=time,
    ),
    Setting(
        key="equity_mis_leverage",
        group=Group.LEVERAGE,
        default="5",
        description="Shares, intraday: an order blocks its value divided by this.",
        read=leverage,
    ),
    Setting(
        key="equity_cnc_leverage",
        group=Group.LEVERAGE,
        default="1",
        description="Shares for delivery, which are paid in full.",
        read=no_leverage,
    ),
    Setting(
        key="futures_leverage",
        group=Group.LEVERAGE,
        default="10",
        description="Futures, intraday and overnight alike.",
        read=leverage,
    ),
    Setting(
        key="option_buy_leverage",
        group=Group.LEVERAGE,
        default="1",
        description="Bought options: 1 blocks the whole premium.",
        read=leverage,
    ),
    Setting(
        key="option_sell_leverage",
        group=Group.LEVERAGE,
        default="1",
        description="Sold options: 1 blocks the whole premium, far less than a broker would.",
        read=leverage,
    ),
    Setting(
        key="nse_bse_square_off_time",
        group=Group.SQUARE_OFF,
        default="15:15",
        description="NSE and BSE; NFO and BFO too, unless they have a time of their own.",
        read=time,
    ),
    Setting(
        key="nfo_square_off_time",
        group=Group.SQUARE_OFF,
        default="",
        description="NFO and BFO; empty for the time of NSE and BSE.",
        read=time_or_empty,
    ),
    Setting(
        key="cds_bcd_square_off_time",
        group=Group.SQUARE_OFF,
        default="16:45",
        description="CDS and BCD.",
        read=time,
    ),
    Setting(
        key="mcx_square_off_time",
        group=Group.SQUARE_OFF,
        default="23:30",
        description="MCX and NCO, on days that close later than this.",
        read=time,
    ),
    Setting(
        key="mcx_square_off_offset_min",
        group=Group.SQUARE_OFF,
        default="25",
        description="Minutes before the close of MCX and NCO, on days that close earlier.",
        read=whole(1, 240),
    ),
    Setting(
        key="ncdex_square_off_time",
        group=Group.SQUARE_OFF,
        default="17:00",
        description="NCDEX.",
        read=time,
    ),
    Setting(
        key="crypto_square_off_time",
        group=Group.SQUARE_OFF,
        default="23:30",
        description="Crypto, which never closes.",
        read=time,
    ),
    Setting(
        key="order_check_interval",
        group=Group.INTERVALS,
        default="5",
        description=f"{_NO_EFFECT}orders are checked at every tick.",
        read=whole(1, 30),
    ),
    Setting(
        key="mtm_update_interval",
        group=Group.INTERVALS,
        default="5",
        description="Seconds between values sent to those who watch an account; 0 for none. "
        "Books are valued at the last tick whenever they are read.",
        read=whole(0, 60),
    ),
    Setting(
        key="expiry_settlement_timing",
        group=Group.EXPIRY,
        default="expiry_day_close",
        description="Contracts settle at the close of their last day, or when the next begins.",
        read=word("expiry_day_close", "next_day"),
        kept_on_reset=True,
    ),
    Setting(
        key="option_expiry_settlement",
        group=Group.EXPIRY,
        default="ltp",
        description="Options settle at what they are worth (ltp), or at nothing (zero).",
        read=word("ltp", "zero"),
        kept_on_reset=True,
    ),
    Setting(
        key="gtt_oco_margin_mode",
        group=Group.GTT,
        default="max",
        description="What an OCO blocks: what its dearer leg needs (max), or what both do (sum).",
        read=word("max", "sum"),
        kept_on_reset=True,
    ),
    Setting(
        key="gtt_claim_timeout_sec",
        group=Group.GTT,
        default="60",
        description=f"{_NO_EFFECT}a trigger and its order are one step.",
        read=whole(1, 3600),
        kept_on_reset=True,
    ),
    Setting(
        key="enforce_market_hours",
        group=Group.RULES,
        default=TRUE,
        description="Fill orders in the hours of the exchange only; if not, at any time.",
        read=flag,
    ),
    Setting(
        key="sale_proceeds_policy",
        group=Group.RULES,
        default="t1",
        description="What shares are sold for can be spent the next trading day, or the same_day.",
        read=word("t1", "same_day"),
    ),
    Setting(
        key="order_rate_limit",
        group=Group.LIMITS,
        default="10",
        description=f"{_NO_EFFECT}ORDER_RATE_LIMIT of the server's configuration counts.",
        read=whole(1, 1000),
        kept_on_reset=True,
    ),
    Setting(
        key="api_rate_limit",
        group=Group.LIMITS,
        default="50",
        description=f"{_NO_EFFECT}API_RATE_LIMIT of the server's configuration counts.",
        read=whole(1, 1000),
        kept_on_reset=True,
    ),
    Setting(
        key="smart_order_rate_limit",
        group=Group.LIMITS,
        default="2",
        description=f"{_NO_EFFECT}SMART_ORDER_RATE_LIMIT of the server's configuration counts.",
        read=whole(1, 1000),
        kept_on_reset=True,
    ),
    Setting(
        key="smart_order_delay",
        group=Group.LIMITS,
        default="0.5",
        description=f"{_NO_EFFECT}smart orders of one symbol wait for each other.",
        read=number,
        kept_on_reset=True,
    ),
)
"""All of them, in the order pages show them."""
