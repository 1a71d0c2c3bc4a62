"""Limits and kill switches in memory, where every order looks, written through to the store."""

import asyncio
from collections import Counter
from collections.abc import Callable

import structlog
from msgspec.structs import asdict, replace

from openalgo.domain.clock import Clock
from openalgo.domain.events import Event, KillSwitchReleased, KillSwitchThrown
from openalgo.persistence.main import risk
from openalgo.persistence.main.risk import RiskRow
from openalgo.persistence.stores import Store, storage_errors
from openalgo.trading.risk_limits import InForce, KillSwitch, RiskLimits, RiskSettings, by_default
from openalgo.trading.venues import VenueMode

log = structlog.get_logger(__name__)

_NOT_STORED = (
    "The kill switch is on, but could not be stored: a restart would release it. "
    "Check disk space and throw it again."
)


class StoredRisk:
    """The settings of all accounts."""

    def __init__(
        self, main: Store, clock: Clock, publish: Callable[[Event], None] = lambda _: None
    ) -> None:
        """`publish` hears of kill switches."""
        self._main = main
        self._clock = clock
        self._publish = publish
        self._settings: dict[int, RiskSettings] = {}
        self._in_force: dict[tuple[int, VenueMode], InForce] = {}
        self._throws: Counter[int] = Counter()
        self._changing = asyncio.Lock()

    async def load(self) -> None:
        """Read all settings anew. Raises `StorageUnavailable`."""
        async with self._changing:
            with storage_errors():
                async with self._main.read() as tx:
                    rows = await risk.every(tx)
            self._settings.clear()
            self._in_force.clear()
            for row in rows:
                self._adopt(row.account_id, _settings(row))

    def settings(self, account_id: int) -> RiskSettings:
        return self._settings.get(account_id, RiskSettings())

    def in_force(self, account_id: int, mode: VenueMode) -> InForce:
        return self._in_force.get((account_id, mode)) or by_default(mode)

    async def set_limits(self, account_id: int, limits: RiskLimits, *, by: str) -> None:
        """Replace all limits. What raises `StorageUnavailable` has changed nothing."""
        async with self._changing:
            wanted = replace(self.settings(account_id), limits=limits)
            await self._store(account_id, wanted)
            # The switch may have been thrown while this was written; it does not wait.
            self._adopt(account_id, replace(self.settings(account_id), limits=limits))
        log.info("risk limits set", account_id=account_id, by=by)

    async def kill(self, account_id: int, *, by: str) -> KillSwitch:
        """Throw the switch: it holds at once, even where it then cannot be stored. If it is
        thrown already, who did it and when stay. Raises `StorageUnavailable`."""
        self._throws[account_id] += 1
        kill = self.settings(account_id).kill
        if kill is None:
            kill = KillSwitch(at=self._clock.now(), by=by)
            self._adopt(account_id, replace(self.settings(account_id), kill=kill))
            log.warning("kill switch thrown", account_id=account_id, by=by)
            self._publish(KillSwitchThrown(account_id=account_id, at=kill.at, cause="", by=by))
        async with self._changing:
            with storage_errors(_NOT_STORED):
                async with self._main.write() as tx:
                    await risk.put(tx, self._row(account_id, self.settings(account_id)))
        return kill

    async def release(self, account_id: int, *, by: str) -> None:
        """Take the switch back. What raises `StorageUnavailable` has changed nothing."""
        async with self._changing:
            settings, throws = self.settings(account_id), self._throws[account_id]
            if settings.kill is None:
                return
            await self._store(account_id, replace(settings, kill=None))
            if self._throws[account_id] != throws:
                return  # thrown again while this was written
            self._adopt(account_id, replace(self.settings(account_id), kill=None))
        log.warning("kill switch released", account_id=account_id, by=by)
        now = self._clock.now()
        self._publish(KillSwitchReleased(account_id=account_id, at=now, cause="", by=by))

    async def _store(self, account_id: int, settings: RiskSettings) -> None:
        with storage_errors():
            async with self._main.write() as tx:
                await risk.put(tx, self._row(account_id, settings))

    def _adopt(self, account_id: int, settings: RiskSettings) -> None:
        self._settings[account_id] = settings
        for mode in VenueMode:
            self._in_force[account_id, mode] = InForce.of(settings, mode)

    def _row(self, account_id: int, settings: RiskSettings) -> RiskRow:
        kill = settings.kill
        return RiskRow(
            account_id=account_id,
            **asdict(settings.limits),
            killed_at=kill.at if kill else None,
            killed_by=kill.by if kill else None,
            updated_at=self._clock.now(),
        )


def _settings(row: RiskRow) -> RiskSettings:
    limits = RiskLimits(**{name: getattr(row, name) for name in RiskLimits.__struct_fields__})
    kill = None
    if row.killed_at is not None:
        kill = KillSwitch(at=row.killed_at, by=row.killed_by or "")
    return RiskSettings(limits=limits, kill=kill)
