"""When the paper exchange does next what a day brings, one job after the other. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from openalgo.domain.day_events import DayEvent, DayEventKind
from openalgo.domain.market import Exchange

_SQUARE_OFFS = {
    "NSE_BSE": (Exchange.NSE, Exchange.BSE),
    "NFO_BFO": (Exchange.NFO, Exchange.BFO),
    "CDS_BCD": (Exchange.CDS, Exchange.BCD),
    "MCX": (Exchange.MCX, Exchange.NCO),
    "NCDEX": (Exchange.NCDEX,),
    "CRYPTO": (Exchange.CRYPTO,),
}
_OF_THE_DAY = (
    ("t1_settlement", "Deliveries settle into holdings", DayEventKind.BOUNDARY),
    ("daily_pnl_reset", "Today's profit counts from zero", DayEventKind.BOUNDARY),
    ("daily_pnl_snapshot", "The day's result is written down", DayEventKind.SNAPSHOT),
    ("auto_reset", "All accounts start anew", DayEventKind.RESET),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """`id` as clients of OpenAlgo know it; `at` in market time."""

    id: str
    name: str
    kind: DayEventKind
    at: datetime


def jobs_of(events: Sequence[DayEvent]) -> list[Job]:
    """Every job with its next time, soonest first. `events` are those to come, ascending; a job
    of which there is none is left out."""
    return sorted(_jobs(events), key=lambda job: (job.at, job.kind, job.id))


def _jobs(events: Sequence[DayEvent]) -> Iterator[Job]:
    for name, exchanges in _SQUARE_OFFS.items():
        for event in events:
            if event.kind is DayEventKind.SQUARE_OFF and event.exchanges.intersection(exchanges):
                yield Job(
                    id=f"squareoff_{name}",
                    name=f"Intraday positions are closed: {', '.join(exchanges)}",
                    kind=event.kind,
                    at=event.at,
                )
                break
    for job_id, name, kind in _OF_THE_DAY:
        for event in events:
            if event.kind is kind:
                yield Job(id=job_id, name=name, kind=kind, at=event.at)
                break
