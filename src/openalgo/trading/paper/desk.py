"""Where the owner of an account sets up the paper exchange and sees what it does next."""

from collections.abc import Callable

from openalgo.domain.calendar import Calendar
from openalgo.domain.clock import Clock
from openalgo.trading.paper.schedule import Job, upcoming
from openalgo.trading.paper.settings import PaperSettings


class PaperDesk:
    """`running` tells whether the days of the exchange go on."""

    def __init__(
        self,
        settings: PaperSettings,
        clock: Clock,
        calendar: Calendar,
        running: Callable[[], bool],
    ) -> None:
        self.settings = settings
        self._clock = clock
        self._calendar = calendar
        self._running = running

    @property
    def running(self) -> bool:
        return self._running()

    def upcoming(self) -> list[Job]:
        """What the days bring next, by the clock of the market."""
        return upcoming(self._calendar, self._clock.now(), self.settings.days)
