"""The calendar files as typed rows.

`sessions.toml` holds the default sessions with the day each came into force; `<year>.toml` holds
the days on which those defaults do not apply. Times in the files are IST; a close at or before
its open is on the next calendar day.
"""

import tomllib
from datetime import date, time
from enum import StrEnum
from functools import cache
from importlib.resources import files

import msgspec

from openalgo.domain.market import Exchange


class SessionKind(StrEnum):
    """What kind of trading a session of the market is."""

    NORMAL = "normal"
    PRE_OPEN = "pre_open"
    CLOSING_AUCTION = "closing_auction"
    SPECIAL = "special"
    EVENING = "evening"


class HolidayType(StrEnum):
    """Why a day is in the holiday list. A settlement holiday does not stop trading."""

    TRADING_HOLIDAY = "TRADING_HOLIDAY"
    SETTLEMENT_HOLIDAY = "SETTLEMENT_HOLIDAY"
    SPECIAL_SESSION = "SPECIAL_SESSION"


class Segment(StrEnum):
    """Exchanges that keep the same holidays."""

    EQUITY = "equity"
    CURRENCY = "currency"
    COMMODITY = "commodity"
    AGRI = "agri"

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        return _SEGMENT_EXCHANGES[self]


_SEGMENT_EXCHANGES = {
    Segment.EQUITY: (Exchange.NSE, Exchange.BSE, Exchange.NFO, Exchange.BFO),
    Segment.CURRENCY: (Exchange.CDS, Exchange.BCD),
    Segment.COMMODITY: (Exchange.MCX, Exchange.NCO),
    Segment.AGRI: (Exchange.NCDEX,),
}


class SessionRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A default session, in force from `since` until a later rule of the same exchange and kind.

    `closes_in_us_summer` replaces `closes` while the United States keep daylight-saving time.
    """

    exchanges: tuple[Exchange, ...]
    kind: SessionKind = SessionKind.NORMAL
    since: date
    opens: time
    closes: time
    closes_in_us_summer: time | None = None
    verified: bool = True


class OpenWindow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Hours in which `segments` trade on a special day."""

    segments: tuple[Segment, ...]
    opens: time
    closes: time


class DayRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One day that differs from the defaults.

    `closed` segments do not trade, `morning` ones stop when the evening session would start and
    `evening` ones start with it. On a special session only the segments of `open` trade.
    """

    date: date
    name: str
    type: HolidayType = HolidayType.TRADING_HOLIDAY
    closed: tuple[Segment, ...] = ()
    morning: tuple[Segment, ...] = ()
    evening: tuple[Segment, ...] = ()
    open: tuple[OpenWindow, ...] = ()
    verified: bool = True


class SessionTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`sessions.toml`."""

    evening_starts: time
    session: tuple[SessionRule, ...]


class YearTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`<year>.toml`, days ascending."""

    year: int
    source: str
    day: tuple[DayRow, ...]


class CalendarTables(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything a calendar is built from."""

    sessions: SessionTable
    years: tuple[YearTable, ...]


@cache
def shipped_tables() -> CalendarTables:
    """The tables that come with OpenAlgo, read once.

    Raises `msgspec.ValidationError` naming the field when a file is malformed.
    """
    folder = files(__package__)
    years = sorted(entry.name for entry in folder.iterdir() if entry.name[:4].isdigit())
    return CalendarTables(
        sessions=msgspec.convert(
            tomllib.loads((folder / "sessions.toml").read_text("utf-8")), SessionTable
        ),
        years=tuple(
            msgspec.convert(tomllib.loads((folder / name).read_text("utf-8")), YearTable)
            for name in years
        ),
    )
