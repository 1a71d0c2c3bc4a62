"""Limits and kill switches survive what memory does not."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from openalgo.domain.clock import ManualClock
from openalgo.domain.errors import InvalidRequest, RiskRefused, StorageUnavailable
from openalgo.persistence.main import accounts, users
from openalgo.persistence.main.tables import metadata
from openalgo.persistence.stores import Store
from openalgo.trading.risk_desk import RiskDesk
from openalgo.trading.risk_limits import KillSwitch, RiskLimits, RiskSettings
from openalgo.trading.stored_risk import StoredRisk
from openalgo.trading.venues import VenueMode
from tests.support.market import MORNING, SBIN, intent
from tests.support.risk import ACCOUNT, Guarded

EVERYTHING = RiskLimits(
    enforce_tick=True,
    enforce_freeze=False,
    price_band_percent=Decimal("2.5"),
    max_quantity=Decimal("0.125"),
    max_notional=Decimal("500000.5"),
    orders_per_second=9,
    kept_for_exits=0,
    count_changes=False,
    max_orders_per_day=400,
    max_loss_per_day=Decimal(10_000),
)


class FragileStore(Store):
    """Its disk is full while `full`; writes begin only while `turn` is set."""

    def __init__(self, url: str) -> None:
        super().__init__("main", url)
        self.full = False
        self.turn = asyncio.Event()
        self.turn.set()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        await self.turn.wait()
        if self.full:
            raise OSError("No space left on device")
        async with super().write() as tx:
            yield tx


@pytest.fixture
async def main(tmp_path: Path) -> AsyncIterator[FragileStore]:
    """A main store with one account."""
    store = FragileStore(f"sqlite:///{tmp_path / 'main.db'}")
    async with store.schema_change() as connection:
        await connection.run_sync(metadata.create_all)
    async with store.write() as tx:
        user = await users.create(
            tx, username="asha", email=None, password_hash="", is_admin=True, created_at=MORNING
        )
        account = await accounts.create(
            tx, user_id=user.id, name="Main", broker="simulator", created_at=MORNING
        )
    assert account.id == ACCOUNT
    yield store
    await store.close()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(MORNING)


@pytest.fixture
def stored(main: FragileStore, clock: ManualClock) -> StoredRisk:
    return StoredRisk(main, clock)


async def after_restart(main: Store, clock: ManualClock) -> RiskSettings:
    stored = StoredRisk(main, clock)
    await stored.load()
    return stored.settings(ACCOUNT)


async def test_limits_survive_a_restart(
    main: FragileStore, clock: ManualClock, stored: StoredRisk
) -> None:
    assert await after_restart(main, clock) == RiskSettings()
    for limits in (EVERYTHING, RiskLimits()):
        await stored.set_limits(ACCOUNT, limits, by="asha")
        assert stored.settings(ACCOUNT) == RiskSettings(limits=limits)
        assert await after_restart(main, clock) == RiskSettings(limits=limits)


async def test_a_kill_switch_survives_a_restart_with_who_and_when(
    main: FragileStore, clock: ManualClock, stored: StoredRisk
) -> None:
    await stored.set_limits(ACCOUNT, EVERYTHING, by="asha")
    thrown = await stored.kill(ACCOUNT, by="asha")
    assert thrown == KillSwitch(at=MORNING.astimezone(UTC), by="asha")
    clock.advance(timedelta(hours=1))
    assert await stored.kill(ACCOUNT, by="ravi") == thrown
    assert await after_restart(main, clock) == RiskSettings(limits=EVERYTHING, kill=thrown)
    await stored.release(ACCOUNT, by="ravi")
    await stored.release(ACCOUNT, by="ravi")
    assert await after_restart(main, clock) == RiskSettings(limits=EVERYTHING)


async def test_what_is_set_is_in_force_at_once(stored: StoredRisk) -> None:
    assert stored.in_force(ACCOUNT, VenueMode.ANALYZE).nothing
    assert not stored.in_force(ACCOUNT, VenueMode.LIVE).nothing
    await stored.set_limits(ACCOUNT, RiskLimits(max_quantity=Decimal(5)), by="asha")
    for mode in VenueMode:
        assert stored.in_force(ACCOUNT, mode).limits.max_quantity == 5
        assert not stored.in_force(ACCOUNT, mode).nothing
    await stored.set_limits(ACCOUNT, RiskLimits(), by="asha")
    await stored.kill(ACCOUNT, by="asha")
    assert not stored.in_force(ACCOUNT, VenueMode.ANALYZE).nothing


# --- the disk is full


async def test_limits_that_cannot_be_stored_do_not_hold(
    main: FragileStore, stored: StoredRisk
) -> None:
    main.full = True
    with pytest.raises(StorageUnavailable):
        await stored.set_limits(ACCOUNT, EVERYTHING, by="asha")
    assert stored.settings(ACCOUNT) == RiskSettings()


async def test_a_switch_holds_even_if_it_cannot_be_stored(
    main: FragileStore, clock: ManualClock, stored: StoredRisk
) -> None:
    main.full = True
    with pytest.raises(StorageUnavailable, match="is on, but could not be stored"):
        await stored.kill(ACCOUNT, by="asha")
    assert stored.in_force(ACCOUNT, VenueMode.LIVE).kill is not None
    with pytest.raises(StorageUnavailable):
        await stored.release(ACCOUNT, by="asha")
    assert stored.in_force(ACCOUNT, VenueMode.LIVE).kill is not None
    main.full = False
    await stored.kill(ACCOUNT, by="asha")
    assert (await after_restart(main, clock)).kill is not None


# --- two at once


async def test_a_switch_does_not_wait_for_the_disk(main: FragileStore, stored: StoredRisk) -> None:
    main.turn.clear()
    throwing = asyncio.ensure_future(stored.kill(ACCOUNT, by="asha"))
    await asyncio.sleep(0)
    assert stored.in_force(ACCOUNT, VenueMode.ANALYZE).kill is not None
    main.turn.set()
    await throwing


@pytest.mark.parametrize("other", ["set_limits", "release"])
async def test_a_switch_thrown_while_something_else_is_written_stays_thrown(
    main: FragileStore, clock: ManualClock, stored: StoredRisk, other: str
) -> None:
    if other == "release":
        await stored.kill(ACCOUNT, by="asha")
    main.turn.clear()
    writing = asyncio.ensure_future(
        stored.release(ACCOUNT, by="asha")
        if other == "release"
        else stored.set_limits(ACCOUNT, EVERYTHING, by="asha")
    )
    await asyncio.sleep(0)
    throwing = asyncio.ensure_future(stored.kill(ACCOUNT, by="asha"))
    await asyncio.sleep(0)
    main.turn.set()
    await asyncio.gather(writing, throwing)
    assert stored.in_force(ACCOUNT, VenueMode.LIVE).kill is not None
    assert await after_restart(main, clock) == stored.settings(ACCOUNT)


# --- the desk


def desk_of(guarded: Guarded, stored: StoredRisk) -> RiskDesk:
    guarded.restart(stored)
    return RiskDesk(stored, guarded.days, guarded.losses, guarded.rates)


async def test_the_desk_tells_how_much_is_used(stored: StoredRisk) -> None:
    guarded = Guarded(mode=VenueMode.LIVE)
    desk = desk_of(guarded, stored)
    await desk.set_limits(ACCOUNT, RiskLimits(max_orders_per_day=5), by="asha")
    guarded.venue.loss = Decimal("120.5")
    for _ in range(3):
        await guarded.send(intent(SBIN, "BUY", 1), SBIN)
    standing = await desk.standing(ACCOUNT, guarded.venue, MORNING)
    assert standing.limits == RiskLimits(max_orders_per_day=5)
    assert standing.in_force == RiskLimits(
        enforce_tick=True,
        enforce_freeze=True,
        orders_per_second=10,
        kept_for_exits=2,
        max_orders_per_day=5,
    )
    assert (standing.orders_today, standing.loss_today) == (3, Decimal("120.5"))
    assert standing.last_second == {SBIN.exchange: 3}
    assert standing.kill is None
    guarded.seconds += 1
    assert (await desk.standing(ACCOUNT, guarded.venue, MORNING)).last_second == {}


async def test_orders_sent_while_the_day_had_no_limit_count_once_it_has(
    stored: StoredRisk,
) -> None:
    guarded = Guarded()
    desk = desk_of(guarded, stored)
    limited = RiskLimits(max_orders_per_day=4)
    await desk.set_limits(ACCOUNT, limited, by="asha")
    await guarded.send(intent(SBIN, "BUY", 1), SBIN)
    await desk.set_limits(ACCOUNT, RiskLimits(), by="asha")
    for _ in range(2):
        await guarded.send(intent(SBIN, "BUY", 1), SBIN)
    assert (await desk.standing(ACCOUNT, guarded.venue, MORNING)).orders_today == 3
    await desk.set_limits(ACCOUNT, limited, by="asha")
    await guarded.send(intent(SBIN, "BUY", 1), SBIN)
    with pytest.raises(RiskRefused):
        await guarded.send(intent(SBIN, "BUY", 1), SBIN)


@pytest.mark.parametrize("limits", [(10, 10), (3, 4), (None, 10)])
async def test_exits_cannot_be_given_all_orders_of_a_second(
    stored: StoredRisk, limits: tuple[int | None, int]
) -> None:
    guarded = Guarded()
    desk = desk_of(guarded, stored)
    most, kept = limits
    wanted = RiskLimits(orders_per_second=most, kept_for_exits=kept)
    with pytest.raises(InvalidRequest, match=f"kept_for_exits {kept} must be below"):
        await desk.set_limits(ACCOUNT, wanted, by="asha")
    assert stored.settings(ACCOUNT) == RiskSettings()
