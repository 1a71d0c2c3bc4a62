"""Where the owner of an account sees and sets what it may risk."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from openalgo.domain.errors import InvalidRequest
from openalgo.domain.market import Exchange
from openalgo.trading.day import DayCounts, DayLosses
from openalgo.trading.rates import SegmentRates
from openalgo.trading.risk import LimitsInForce
from openalgo.trading.risk_limits import KillSwitch, RiskLimits, RiskSettings
from openalgo.trading.venues import Venue, VenueMode


class SettingsBook(LimitsInForce, Protocol):
    """The settings of all accounts: read from memory, and durable once changed."""

    def settings(self, account_id: int) -> RiskSettings: ...

    async def set_limits(self, account_id: int, limits: RiskLimits, *, by: str) -> None: ...

    async def kill(self, account_id: int, *, by: str) -> KillSwitch: ...

    async def release(self, account_id: int, *, by: str) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskStanding:
    """`limits` as they were set, `in_force` with the defaults of the venue. `loss_today` in rupees
    (negative is a profit); `last_second` counts by exchange what the pace was measured by."""

    limits: RiskLimits
    in_force: RiskLimits
    kill: KillSwitch | None
    orders_today: int
    loss_today: Decimal
    last_second: Mapping[Exchange, int]


class RiskDesk:
    def __init__(
        self, settings: SettingsBook, days: DayCounts, losses: DayLosses, rates: SegmentRates
    ) -> None:
        self._settings = settings
        self._days = days
        self._losses = losses
        self._rates = rates

    def settings(self, account_id: int) -> RiskSettings:
        """From memory, at once."""
        return self._settings.settings(account_id)

    async def standing(self, account_id: int, venue: Venue, now: datetime) -> RiskStanding:
        """The limits, and how much of them is used `now`, by the clock of the market. Raises what
        reading the books raises."""
        settings = self.settings(account_id)
        in_force = settings.limits.at(venue.mode)
        if in_force.max_orders_per_day is None:
            orders = await self._days.count(account_id, venue, now)
        else:
            orders = (await self._days.today(account_id, venue, now)).sent
        return RiskStanding(
            limits=settings.limits,
            in_force=in_force,
            kill=settings.kill,
            orders_today=orders,
            loss_today=await self._losses.today(account_id, venue, now),
            last_second=self._last_second(account_id, venue.mode),
        )

    async def set_limits(self, account_id: int, limits: RiskLimits, *, by: str) -> None:
        """Replace all limits. Raises `InvalidRequest`, `StorageUnavailable`; nothing has changed
        then."""
        most = limits.at(VenueMode.LIVE).orders_per_second
        kept = limits.kept_for_exits
        if most is not None and kept is not None and kept >= most:
            raise InvalidRequest(
                "kept_for_exits", f"kept_for_exits {kept} must be below orders_per_second {most}"
            )
        before = self.settings(account_id).limits.max_orders_per_day
        await self._settings.set_limits(account_id, limits, by=by)
        if before is None:
            self._days.forget(account_id)

    def placed_elsewhere(self, account_id: int) -> None:
        """Orders of the account showed up that were not sent from here: count its day anew."""
        self._days.forget(account_id)

    async def kill(self, account_id: int, *, by: str) -> KillSwitch:
        """Take only exits from now on. Orders that work already stay. Raises `StorageUnavailable`
        when that would not survive a restart; it holds nevertheless."""
        return await self._settings.kill(account_id, by=by)

    async def release(self, account_id: int, *, by: str) -> None:
        """Raises `StorageUnavailable`; nothing has changed then."""
        await self._settings.release(account_id, by=by)

    def _last_second(self, account_id: int, mode: VenueMode) -> dict[Exchange, int]:
        counts = {each: self._rates.count((account_id, mode, each)) for each in Exchange}
        return {exchange: count for exchange, count in counts.items() if count}
