"""Our calendar against the exchanges' published holiday lists, read where they lie."""

import csv
import json
import os
from datetime import date, datetime
from pathlib import Path

import pytest

from openalgo.domain.calendar import ExchangeCalendar, SessionKind
from openalgo.domain.market import Exchange

CALENDAR = ExchangeCalendar()
DEFAULT_DATA = Path(__file__).parents[3] / "shared" / "data"
REFERENCE = Path(os.environ.get("OPENALGO_SHARED_DATA", DEFAULT_DATA)) / "reference"

pytestmark = pytest.mark.skipif(
    not REFERENCE.is_dir(), reason="the shared reference data is not on this machine"
)

# The published list of 2025 is older than the state government's move of Id-e-Milad, and no list
# of holidays names the Budget sessions at weekends, on which other segments stay closed.
MOVED_AWAY = {date(2025, 9, 5)}
NOT_LISTED = {date(2025, 9, 8), date(2025, 2, 1), date(2026, 2, 1)}


def published(year: int, segment: str) -> dict[date, tuple[str | None, str | None]]:
    """Listed days of one segment, with what it says of the morning and the evening."""
    text = (REFERENCE / f"nse_holidays_{year}_api.json").read_text("utf-8")
    return {
        datetime.strptime(row["tradingDate"], "%d-%b-%Y").date(): (  # noqa: DTZ007
            row["morning_session"],
            row["evening_session"],
        )
        for row in json.loads(text)[segment]
    }


def trades_normally(exchange: Exchange, day: date) -> bool:
    return any(s.kind is SessionKind.NORMAL for s in CALENDAR.sessions(exchange, day))


@pytest.mark.parametrize("year", [2025, 2026])
@pytest.mark.parametrize(
    ("segment", "exchanges"),
    [
        ("CM", (Exchange.NSE, Exchange.BSE)),
        ("FO", (Exchange.NFO, Exchange.BFO)),
        ("CD", (Exchange.CDS, Exchange.BCD)),
    ],
)
def test_listed_days_are_closed_and_only_they(
    year: int, segment: str, exchanges: tuple[Exchange, ...]
) -> None:
    listed = set(published(year, segment)) - MOVED_AWAY
    for exchange in exchanges:
        assert not [day for day in listed if trades_normally(exchange, day)]
        ours = {h.date for h in CALENDAR.holidays(year) if exchange in h.closed_exchanges}
        assert not ours - listed - NOT_LISTED


@pytest.mark.parametrize("year", [2025, 2026])
def test_commodities_keep_the_listed_half_holidays(year: int) -> None:
    listed = published(year, "COM")
    assert listed
    for day, (morning, evening) in listed.items():
        kinds = {s.kind for s in CALENDAR.sessions(Exchange.MCX, day)} - {SessionKind.SPECIAL}
        expected = set()
        if morning == "Open":
            expected.add(SessionKind.NORMAL)
        if evening == "Open":
            expected.add(SessionKind.EVENING)
        assert kinds == expected, day
        assert CALENDAR.sessions(Exchange.NCO, day) == CALENDAR.sessions(Exchange.MCX, day)


def test_the_listed_dates_of_2024_and_2025_are_closed() -> None:
    with (REFERENCE / "nse_holidays_2024_2025_dates.csv").open(encoding="utf-8") as file:
        listed = [date.fromisoformat(row["date"]) for row in csv.DictReader(file)]
    assert listed
    assert not [day for day in listed if trades_normally(Exchange.NSE, day)]
