"""What the owner of an account allows it to risk.

A limit that is not set is off, but for three that then depend on where the order goes: at a broker
`enforce_tick` and `enforce_freeze` are on and `orders_per_second` is 10; on paper they are off.

**Orders per second.** SEBI's circular SEBI/HO/MIRSD/MIRSD-PoD/P/CIR/2025/0000013 of 4 February 2025
("Safer participation of retail investors in Algorithmic trading") lets retail clients send orders
through an API without registering an algorithm below a threshold of orders per second, which the
exchanges' implementation standards of May 2025 set to 10 for each exchange and segment, counted by
the client's broker. We assume: the segment is what our exchange codes tell apart (NSE cash, NFO,
CDS, BSE cash, BFO ...); the client is the account at that broker; any second is meant, not that of
the wall clock; every order we send counts, whatever becomes of it, exits too. The texts do not say
that changes of working orders are free, and brokers count them, so they count here too unless
`count_changes` is off; cancellations never wait. A client with a registered algorithm raises
`orders_per_second`.
"""

from datetime import datetime
from decimal import Decimal
from functools import cache

import msgspec

from openalgo.trading.venues import VenueMode

ORDERS_PER_SECOND = 10
"""The threshold per exchange and segment below which no algorithm need be registered."""


class RiskLimits(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The limits of one account; `None` is "as by default".

    `price_band_percent` is around the last price, `max_quantity` in units and `max_notional` in
    rupees per order (of an option: its premium); `max_loss_per_day` in rupees, realised today and
    open together. `kept_for_exits` of the `orders_per_second` are for exits alone, by default a
    fifth.
    """

    enforce_tick: bool | None = None
    enforce_freeze: bool | None = None
    price_band_percent: Decimal | None = None
    max_quantity: Decimal | None = None
    max_notional: Decimal | None = None
    orders_per_second: int | None = None
    kept_for_exits: int | None = None
    count_changes: bool = True
    max_orders_per_day: int | None = None
    max_loss_per_day: Decimal | None = None

    def at(self, mode: VenueMode) -> "RiskLimits":
        """The same with the defaults of the venue filled in."""
        live = mode is VenueMode.LIVE
        most = self.orders_per_second
        if most is None and live:
            most = ORDERS_PER_SECOND
        kept = self.kept_for_exits
        if kept is None:
            # A fifth, rounded up; a single order a second has nothing to spare.
            kept = -(-most // 5) if most else 0
        return msgspec.structs.replace(
            self,
            enforce_tick=live if self.enforce_tick is None else self.enforce_tick,
            enforce_freeze=live if self.enforce_freeze is None else self.enforce_freeze,
            orders_per_second=most,
            kept_for_exits=min(kept, most - 1) if most else 0,
        )


class KillSwitch(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Thrown: only what reduces a position is taken. `by` is the user's name."""

    at: datetime
    by: str


class RiskSettings(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """`kill` is there while the switch is thrown."""

    limits: RiskLimits = RiskLimits()
    kill: KillSwitch | None = None


class InForce(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The settings at one kind of venue. With `nothing` every order passes."""

    limits: RiskLimits
    kill: KillSwitch | None
    nothing: bool

    @classmethod
    def of(cls, settings: RiskSettings, mode: VenueMode) -> "InForce":
        limits = settings.limits.at(mode)
        return cls(
            limits=limits,
            kill=settings.kill,
            nothing=settings.kill is None and not _limits_anything(limits),
        )


@cache
def by_default(mode: VenueMode) -> InForce:
    """What holds for an account whose owner has set nothing."""
    return InForce.of(RiskSettings(), mode)


def _limits_anything(limits: RiskLimits) -> bool:
    return bool(limits.enforce_tick or limits.enforce_freeze) or any(
        limit is not None
        for limit in (
            limits.price_band_percent,
            limits.max_quantity,
            limits.max_notional,
            limits.orders_per_second,
            limits.max_orders_per_day,
            limits.max_loss_per_day,
        )
    )
