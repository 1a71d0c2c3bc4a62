from datetime import UTC, datetime
from pathlib import Path

import pytest

from openalgo.brokers.base import BrokerInfo, DataBroker
from openalgo.brokers.registry import DataBrokerSettings, brokers, create, embedded
from openalgo.brokers.replay.broker import ReplayBroker
from openalgo.brokers.replay.errors import ReplayError
from openalgo.brokers.simulator.broker import SimulatorBroker
from openalgo.domain.calendar import AlwaysOpenCalendar, ExchangeCalendar
from openalgo.domain.clock import AcceleratedClock, SystemClock


def test_the_embedded_brokers_carry_prices_only() -> None:
    assert [info.id for info in embedded()] == ["simulator", "replay"]
    assert not any(info.trading for info in embedded())
    assert all(info.simulated for info in embedded())
    assert brokers()[:2] == embedded()


@pytest.mark.parametrize("info", embedded(), ids=lambda info: info.id)
def test_a_broker_is_what_the_registry_says(info: BrokerInfo, tmp_path: Path) -> None:
    file = tmp_path / "SBIN.csv"
    file.write_text("time,ltp\n1784259900,1030\n")
    broker = create(info.id, DataBrokerSettings(replay_files=(str(file),)))
    assert broker.info is info


def test_settings_reach_the_replay(tmp_path: Path) -> None:
    file = tmp_path / "SBIN.csv"
    file.write_text("time,ltp\n09:15:00,1030\n")
    settings = DataBrokerSettings(replay_files=(str(file),))
    with pytest.raises(ReplayError, match="--replay-date"):
        create("replay", settings)
    day = datetime(2026, 7, 17, tzinfo=UTC).date()
    broker = create("replay", DataBrokerSettings(replay_files=(str(file),), replay_date=day))
    assert isinstance(broker, ReplayBroker)
    assert broker.clock.now() == datetime(2026, 7, 17, 3, 45, tzinfo=UTC)


async def test_the_seed_reaches_the_simulator() -> None:
    async def closes(broker: DataBroker) -> list[float]:
        rows = (await broker.instruments())[:20]
        return [(await broker.quote(row)).prev_close for row in rows]

    made = await closes(create("simulator", DataBrokerSettings(simulator_seed=5)))
    assert made == await closes(SimulatorBroker(5))
    assert made != await closes(SimulatorBroker(6))


def test_the_simulator_can_be_told_its_speed_and_its_hours() -> None:
    plain = create("simulator", DataBrokerSettings())
    assert isinstance(plain.clock, SystemClock)
    assert isinstance(plain.calendar, AlwaysOpenCalendar)
    fast = create("simulator", DataBrokerSettings(simulator_speed=60, simulator_hours="exchange"))
    assert isinstance(fast.clock, AcceleratedClock)
    assert isinstance(fast.calendar, ExchangeCalendar)


def test_an_unknown_broker_is_refused_with_the_list() -> None:
    with pytest.raises(ValueError, match=r"no broker 'zerodah'; use one of simulator, replay"):
        create("zerodah", DataBrokerSettings())
