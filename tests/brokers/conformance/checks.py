"""One thing an adapter has to do, and whether it does it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from tests.brokers.conformance.fixtures import AbsentFile


class Group(StrEnum):
    """What a check shows, in the words of the report."""

    REQUESTS = "requests"
    REPLIES = "replies"
    REFUSALS = "refusals"
    INSTRUMENTS = "instruments"
    STATUSES = "statuses"
    ROUND_TRIPS = "round trips"
    FRAMES = "frames"
    SUBSCRIPTIONS = "subscriptions"
    FAULTS = "faults"
    DAMAGE = "damaged replies"
    GARBAGE = "damaged frames"


@dataclass(frozen=True, slots=True)
class Check:
    """`run` raises `AssertionError` when it does not hold, `AbsentFile` when it cannot be told.
    `real` ones rest on what the broker itself wrote."""

    broker: str
    group: Group
    call: str
    name: str
    run: Callable[[], None]
    real: bool = False

    @property
    def id(self) -> str:
        return f"{self.broker}: {self.group}: {self.call}: {self.name}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """`problem` is what was raised, `None` when all is well; `absent` says which file is missing
    on this machine."""

    problem: Exception | None = None
    absent: str | None = None

    @property
    def passed(self) -> bool:
        return self.problem is None and self.absent is None


_OUTCOMES: dict[str, Outcome] = {}


def outcome(check: Check) -> Outcome:
    """What comes of `check`. It is run once, however often it is asked for."""
    found = _OUTCOMES.get(check.id)
    if found is None:
        found = _OUTCOMES[check.id] = _run(check)
    return found


def _run(check: Check) -> Outcome:
    try:
        check.run()
    except AbsentFile as absent:
        return Outcome(absent=str(absent))
    except Exception as problem:
        return Outcome(problem=problem)
    return Outcome()
