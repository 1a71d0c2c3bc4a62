"""When the paper exchange does next what a day brings."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from openalgo.domain.calendar import AlwaysOpenCalendar, Calendar, ExchangeCalendar
from openalgo.domain.clock import ist_text
from openalgo.domain.day_events import DaySettings, day_events
from openalgo.trading.paper.schedule import Job, jobs_of

# 10:30 on a Monday in India; the next day most exchanges are closed for Holi.
MONDAY = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)


def upcoming(calendar: Calendar, now: datetime, settings: DaySettings) -> list[Job]:
    return jobs_of(day_events(calendar, now, now + timedelta(days=15), settings))


def times(now: datetime, settings: DaySettings) -> dict[str, str]:
    return {job.id: ist_text(job.at) for job in upcoming(ExchangeCalendar(), now, settings)}


def test_every_job_is_told_once_soonest_first() -> None:
    jobs = upcoming(ExchangeCalendar(), MONDAY, DaySettings())
    assert [job.at for job in jobs] == sorted(job.at for job in jobs)
    assert {job.id: ist_text(job.at) for job in jobs} == {
        "squareoff_NSE_BSE": "2026-03-02 15:15:00",
        "squareoff_NFO_BFO": "2026-03-02 15:15:00",
        "squareoff_CDS_BCD": "2026-03-02 16:45:00",
        "squareoff_NCDEX": "2026-03-02 16:45:00",
        "squareoff_CRYPTO": "2026-03-02 23:30:00",
        "squareoff_MCX": "2026-03-02 23:30:00",
        "daily_pnl_snapshot": "2026-03-03 03:00:00",
        "t1_settlement": "2026-03-03 03:00:00",
        "daily_pnl_reset": "2026-03-03 03:00:00",
    }


def test_after_its_time_a_job_waits_for_the_next_trading_day() -> None:
    evening = MONDAY.replace(hour=11, minute=30)
    found = times(evening, DaySettings())
    assert found["squareoff_NSE_BSE"] == "2026-03-04 15:15:00"
    assert found["squareoff_MCX"] == "2026-03-02 23:30:00"


def test_accounts_start_anew_only_if_somebody_wants_it() -> None:
    weekly = replace(DaySettings(), reset_on=6, reset_at=time(20, 30))
    assert times(MONDAY, weekly)["auto_reset"] == "2026-03-08 20:30:00"
    assert "auto_reset" not in times(MONDAY, DaySettings())


def test_a_market_that_never_closes_has_the_same_jobs() -> None:
    found = {job.id for job in upcoming(AlwaysOpenCalendar(), MONDAY, DaySettings())}
    assert found == set(times(MONDAY, DaySettings()))
