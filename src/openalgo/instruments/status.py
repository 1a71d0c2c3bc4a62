"""How the symbol master of a broker is doing, as users are told."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from openalgo.domain.clock import Clock
from openalgo.domain.market import Exchange
from openalgo.domain.words import Word
from openalgo.instruments.master import Master

_BETWEEN_NEWS = 0.25
"""Seconds of the event loop: nobody reads progress faster."""


class DownloadState(Word):
    PENDING = "pending"
    DOWNLOADING = "downloading"
    SUCCESS = "success"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class MasterStatus:
    """`state` and `message` are about the last download, `last_updated` is when they changed.

    `total_symbols`, `exchange_stats` and `download_date` (a trading date) are about the master in
    force, whatever came of the last download; `last_download_time` and `download_duration_seconds`
    about the download it came with, `None` where nobody knows. `received_bytes` of `total_bytes`
    and `rows` are how far a download is that is under way.
    """

    broker: str
    state: DownloadState = DownloadState.PENDING
    message: str = ""
    last_updated: datetime
    total_symbols: int = 0
    exchange_stats: Mapping[Exchange, int] = field(default_factory=dict)
    download_date: date | None = None
    last_download_time: datetime | None = None
    download_duration_seconds: float | None = None
    received_bytes: int = 0
    total_bytes: int | None = None
    rows: int = 0

    @property
    def is_ready(self) -> bool:
        """Whether there are instruments, of whatever day."""
        return self.total_symbols > 0


class StatusBoard:
    """Holds the newest status, and tells `changed` of each; of progress four times a second."""

    def __init__(
        self,
        broker: str,
        clock: Clock,
        changed: Callable[[MasterStatus], None] = lambda _: None,
    ) -> None:
        """`changed` must not raise."""
        self._clock = clock
        self._changed = changed
        self._told_at = 0.0
        self._status = MasterStatus(broker=broker, last_updated=clock.now())

    @property
    def status(self) -> MasterStatus:
        return self._status

    def says(self, state: DownloadState, message: str) -> None:
        """Where things stand; the first of a download begins its progress anew."""
        status = self._status
        if state is DownloadState.DOWNLOADING:
            status = replace(status, received_bytes=0, total_bytes=None, rows=0)
        self._tell(replace(status, state=state, message=message, last_updated=self._clock.now()))

    def received(self, received: int, total: int | None) -> None:
        """So many bytes came, of so many if that is known."""
        self._progress(replace(self._status, received_bytes=received, total_bytes=total))

    def read(self, rows: int) -> None:
        """So many rows were read."""
        self._progress(replace(self._status, rows=rows))

    def in_force(
        self, master: Master, day: date | None, at: datetime | None, seconds: float | None
    ) -> None:
        """`master` is in force. It is that of `day`, and its download ended `at`."""
        self._tell(
            replace(
                self._status,
                state=DownloadState.SUCCESS,
                message=f"{len(master):,} instruments",
                last_updated=self._clock.now(),
                total_symbols=len(master),
                exchange_stats={each: master.count(each) for each in sorted(master.exchanges)},
                download_date=day,
                last_download_time=at,
                download_duration_seconds=seconds,
            )
        )

    def _progress(self, status: MasterStatus) -> None:
        self._status = status
        now = asyncio.get_running_loop().time()
        if now - self._told_at >= _BETWEEN_NEWS:
            self._told_at = now
            self._changed(status)

    def _tell(self, status: MasterStatus) -> None:
        self._status = status
        self._changed(status)
