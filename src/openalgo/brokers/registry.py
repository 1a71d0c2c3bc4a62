"""The brokers there are, and making one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from openalgo.brokers.adapter import Broker, Endpoints
from openalgo.brokers.adapters import Adapters, BrokenAdapter
from openalgo.brokers.base import BrokerInfo, DataBroker
from openalgo.brokers.replay import info as replay
from openalgo.brokers.simulator import info as simulator

SimulatorHours = Literal["always_open", "exchange"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DataBrokerSettings:
    """What the embedded brokers can be told.

    `simulator_speed` is in market seconds per real second; `simulator_hours` says when the
    simulated market trades. `replay_files` are `[EXCHANGE:[SYMBOL]=]PATH`; `replay_date` is the
    day of files without dates; `replay_speed` is in recorded seconds per real second, 0 to step
    through.
    """

    simulator_seed: int = 1
    simulator_speed: float = 1.0
    simulator_hours: SimulatorHours = "always_open"
    replay_files: tuple[str, ...] = ()
    replay_date: date | None = None
    replay_speed: float = 1.0


@dataclass(frozen=True, slots=True)
class _Entry:
    info: BrokerInfo
    make: Callable[[DataBrokerSettings], DataBroker]


# The adapters themselves are imported when they are made: NumPy and DuckDB take their time.


def _make_simulator(settings: DataBrokerSettings) -> DataBroker:
    from openalgo.brokers.simulator.broker import SimulatorBroker
    from openalgo.domain.calendar import AlwaysOpenCalendar, ExchangeCalendar

    return SimulatorBroker(
        settings.simulator_seed,
        speed=settings.simulator_speed,
        calendar=AlwaysOpenCalendar()
        if settings.simulator_hours == "always_open"
        else ExchangeCalendar(),
    )


def _make_replay(settings: DataBrokerSettings) -> DataBroker:
    from openalgo.brokers.replay.broker import ReplayBroker
    from openalgo.brokers.replay.reader import load

    return ReplayBroker(
        load(settings.replay_files, settings.replay_date), speed=settings.replay_speed
    )


_BROKERS: Mapping[str, _Entry] = {
    entry.info.id: entry
    for entry in (_Entry(simulator.INFO, _make_simulator), _Entry(replay.INFO, _make_replay))
}


ADAPTERS = Adapters(
    "openalgo.brokers", embedded={entry.info.id: entry.info for entry in _BROKERS.values()}
)
"""All brokers, where they usually are."""


def embedded() -> tuple[BrokerInfo, ...]:
    """What is known of the markets of our own, the default one first."""
    return tuple(entry.info for entry in _BROKERS.values())


def brokers() -> tuple[BrokerInfo, ...]:
    """What is known of every broker that can be used, the embedded ones first."""
    return ADAPTERS.infos()


def broken() -> tuple[BrokenAdapter, ...]:
    """Adapters that cannot be loaded, and why."""
    return ADAPTERS.broken()


def info(broker_id: str) -> BrokerInfo:
    """Raises `UnknownBroker`, `BrokerUnusable`."""
    return ADAPTERS.info(broker_id)


def broker(broker_id: str, endpoints: Endpoints | None = None) -> Broker:
    """The adapter of a live broker, at `endpoints` if they are given.

    Raises `UnknownBroker`, `BrokerUnusable`.
    """
    found = ADAPTERS.broker(broker_id)
    return found if endpoints is None else found.at(endpoints)


def create(broker_id: str, settings: DataBrokerSettings) -> DataBroker:
    """The embedded market called `broker_id`.

    May read files, so call it before the server starts, or in a thread. Raises `ReplayError`
    for recordings that cannot be played and `ValueError` for what is no embedded market.
    """
    entry = _BROKERS.get(broker_id)
    if entry is None:
        raise ValueError(f"There is no broker '{broker_id}'; use one of {', '.join(_BROKERS)}.")
    return entry.make(settings)
