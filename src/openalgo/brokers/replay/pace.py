"""Recorded time against real time."""

from datetime import datetime, timedelta


class Pace:
    """`speed` recorded seconds pass in one real second, from `recorded` at `real` on.

    Real time is that of the event loop, in seconds.
    """

    def __init__(self, speed: float, recorded: datetime, real: float) -> None:
        self._speed = speed
        self._recorded = recorded
        self._real = real

    def real_at(self, recorded: datetime) -> float:
        """When, in real time, `recorded` is reached."""
        return self._real + (recorded - self._recorded).total_seconds() / self._speed

    def recorded_at(self, real: float) -> datetime:
        """The recorded instant reached at `real`, in whole seconds from the start."""
        return self._recorded + timedelta(seconds=int((real - self._real) * self._speed))
