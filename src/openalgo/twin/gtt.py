"""Orders that wait at the broker until a price is reached: good till triggered."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from openalgo.domain.numbers import Px
from openalgo.domain.words import Word
from openalgo.twin.contracts import Contract
from openalgo.twin.exchange import Exchange, Refused
from openalgo.twin.orders import Order, Stage, Terms

_YEAR = timedelta(days=365)


class GttStatus(Word):
    ACTIVE = "active"
    TRIGGERED = "triggered"
    DELETED = "deleted"


@dataclass(slots=True)
class Leg:
    """One order of a trigger, and what became of it."""

    terms: Terms
    triggered_at: datetime | None = None
    at_price: Px = Px(0)
    order: Order | None = None

    @property
    def failed(self) -> bool:
        return self.order is not None and self.order.stage is Stage.REJECTED


@dataclass(slots=True)
class Gtt:
    """`prices` and `legs` belong together, one by one; the first that is reached is the only one.
    `since` is the price at which it was made: it tells from which side each is reached."""

    id: int
    contract: Contract
    since: Px
    prices: tuple[Px, ...]
    legs: tuple[Leg, ...]
    created_at: datetime
    updated_at: datetime
    status: GttStatus = GttStatus.ACTIVE

    @property
    def expires_at(self) -> datetime:
        return self.created_at + _YEAR


@dataclass(slots=True)
class Triggers:
    """All of them, by id."""

    exchange: Exchange
    placed: Callable[[], None] = lambda: None
    rows: dict[int, Gtt] = field(default_factory=dict)
    _numbers: "count[int]" = field(default_factory=lambda: count(100_001))
    _active: dict[int, dict[int, Gtt]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.exchange.market.heard.append(self._on_price)

    @property
    def watched(self) -> set[int]:
        """The tokens whose prices any of them waits for."""
        return {token for token, waiting in self._active.items() if waiting}

    def place(
        self, contract: Contract, since: Px, prices: tuple[Px, ...], terms: tuple[Terms, ...]
    ) -> Gtt:
        now = self.exchange.market.clock.now()
        number = next(self._numbers)
        gtt = Gtt(number, contract, since, prices, _legs(terms), now, now)
        self.rows[number] = gtt
        self._active.setdefault(contract.token, {})[number] = gtt
        return gtt

    def modify(
        self, number: int, since: Px, prices: tuple[Px, ...], terms: tuple[Terms, ...]
    ) -> Gtt:
        """Replace what it waits for and what it orders. Raises `Refused`."""
        gtt = self.active(number)
        gtt.since, gtt.prices, gtt.legs = since, prices, _legs(terms)
        gtt.updated_at = self.exchange.market.clock.now()
        return gtt

    def delete(self, number: int) -> Gtt:
        """Raises `Refused`."""
        gtt = self.active(number)
        self._close(gtt, GttStatus.DELETED)
        return gtt

    def active(self, number: int) -> Gtt:
        """Raises `Refused` for one that is unknown or over."""
        gtt = self.rows.get(number)
        if gtt is None:
            raise Refused(f"There is no trigger {number}.")
        if gtt.status is not GttStatus.ACTIVE:
            raise Refused(f"Trigger {number} is {gtt.status} already.")
        return gtt

    def _on_price(self, contract: Contract) -> None:
        for gtt in [*self._active.get(contract.token, {}).values()]:
            last = self.exchange.market.last(contract)
            for price, leg in zip(gtt.prices, gtt.legs, strict=True):
                if last >= price if price > gtt.since else last <= price:
                    self._fire(gtt, leg, last)
                    break

    def _fire(self, gtt: Gtt, leg: Leg, last: Px) -> None:
        self._close(gtt, GttStatus.TRIGGERED)
        leg.triggered_at, leg.at_price = gtt.updated_at, last
        leg.order = self.exchange.place(leg.terms)
        self.placed()

    def _close(self, gtt: Gtt, status: GttStatus) -> None:
        gtt.status = status
        gtt.updated_at = self.exchange.market.clock.now()
        self._active[gtt.contract.token].pop(gtt.id, None)


def _legs(terms: tuple[Terms, ...]) -> tuple[Leg, ...]:
    return tuple(Leg(each) for each in terms)
