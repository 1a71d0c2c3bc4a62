"""The prices of a twin: a seeded random walk, or whatever a test says they are."""

import math
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from openalgo.domain.clock import IST, Clock
from openalgo.domain.instruments import InstrumentType
from openalgo.domain.numbers import Px, px, px_float
from openalgo.twin.contracts import Contract

PriceHeard = Callable[[Contract], None]

DEPTH_LEVELS = 5

_YEAR_SECONDS = 365 * 86_400
_DAY_SECONDS = 22_500
_EXPIRES_AT = time(15, 30)
_DAILY_VOLATILITY = 0.012
_IMPLIED_VOLATILITY = 0.15
_CARRY = 0.055
_CIRCUIT_PERCENT = 20
_SLICE = 100
_OPEN_INTEREST_LOTS = 20_000


@dataclass(slots=True)
class Mark:
    """Where a contract stands today. Prices in 1e-6 rupee, quantities in the broker's units;
    `start` is the twin's first price, `traded` the sum of price times quantity."""

    start: Px
    last: Px
    open: Px
    high: Px
    low: Px
    close: Px
    at: datetime
    traded_at: datetime
    volume: int = 0
    traded: int = 0
    last_quantity: int = 0
    open_interest: int = 0

    @property
    def average(self) -> float:
        """The average price of today's trades, in rupees."""
        return px_float(Px(self.traded // self.volume)) if self.volume else 0.0


@dataclass(frozen=True, slots=True)
class Offer:
    """One price of an order book."""

    price: Px
    quantity: int
    orders: int


class Market:
    """Prices of contracts, which start from what their `bases` cost (rupees). Tells `heard` of
    each contract whose price changes."""

    def __init__(
        self,
        clock: Clock,
        bases: Mapping[str, float],
        seed: int = 0,
        close_of: "CloseOf | None" = None,
    ) -> None:
        self.clock = clock
        self.heard: list[PriceHeard] = []
        self._close_of = close_of
        self._chance = random.Random(f"prices {seed}")
        self._bases = dict(bases)
        self._marks: dict[int, Mark] = {}

    def mark(self, contract: Contract) -> Mark:
        mark = self._marks.get(contract.token)
        if mark is None:
            mark = self._marks[contract.token] = self._first(contract)
        return mark

    def last(self, contract: Contract) -> Px:
        return self.mark(contract).last

    def set_price(self, contract: Contract, price: Px, quantity: int | None = None) -> None:
        """A trade at `price`, of one lot unless `quantity` says otherwise."""
        if contract.is_cash:
            self._bases[contract.base] = px_float(price)
        self._move(contract, price, contract.lot if quantity is None else quantity)

    def step(self, contracts: Iterable[Contract], seconds: float) -> Iterator[None]:
        """Let `seconds` pass for `contracts`, a slice of them at each step of the iteration."""
        watched = list(contracts)
        for base in dict.fromkeys(contract.base for contract in watched):
            self._drift(base, seconds)
        for number, contract in enumerate(watched, start=1):
            price = self._follow(contract)
            quantity = contract.lot * self._chance.randint(1, 20)
            self._move(contract, price, 0 if contract.is_index else quantity)
            if number % _SLICE == 0:
                yield

    def depth(self, contract: Contract) -> tuple[tuple[Offer, ...], tuple[Offer, ...]]:
        """What is bid and what is offered, the best first; nothing of an index."""
        if contract.is_index:
            return (), ()
        last, tick = self.last(contract), contract.tick
        return tuple(_offers(contract, last, -tick)), tuple(_offers(contract, last + tick, tick))

    def circuits(self, contract: Contract) -> tuple[Px, Px]:
        """The lowest and the highest price an order may have today."""
        close = self.mark(contract).close
        if contract.is_option:
            return contract.tick, Px(_whole(close * 5 + 100 * contract.tick, contract.tick))
        span = close * _CIRCUIT_PERCENT // 100
        lowest = _whole(close - span, contract.tick)
        return Px(max(lowest, contract.tick)), Px(_whole(close + span, contract.tick))

    def _first(self, contract: Contract) -> Mark:
        price = self._follow(contract)
        now = self.clock.now()
        close = (
            price
            if self._close_of is None
            else self._close_of(contract, price, now.astimezone(IST).date())
        )
        lots = 0 if contract.is_cash else _OPEN_INTEREST_LOTS
        return Mark(
            start=price,
            last=price,
            open=price,
            high=price,
            low=price,
            close=close,
            at=now,
            traded_at=now,
            open_interest=lots * contract.lot,
        )

    def _move(self, contract: Contract, price: Px, quantity: int) -> None:
        mark = self.mark(contract)
        mark.last = price
        mark.high, mark.low = max(mark.high, price), min(mark.low, price)
        mark.at = self.clock.now()
        if quantity:
            mark.traded_at, mark.last_quantity = mark.at, quantity
            mark.volume += quantity
            mark.traded += price * quantity
        for heard in self.heard:
            heard(contract)

    def _drift(self, base: str, seconds: float) -> None:
        spread = _DAILY_VOLATILITY * math.sqrt(seconds / _DAY_SECONDS)
        self._bases[base] *= math.exp(self._chance.gauss(0, spread))

    def _follow(self, contract: Contract) -> Px:
        """What `contract` costs while its base costs what it does."""
        rupees = self._bases[contract.base]
        if contract.expiry is not None:
            ends = datetime.combine(contract.expiry, _EXPIRES_AT, IST)
            left = max((ends - self.clock.now()).total_seconds(), 60.0) / _YEAR_SECONDS
            rupees *= math.exp(_CARRY * left)
            if contract.strike is not None:
                is_call = contract.type is InstrumentType.CALL
                rupees = _black76(rupees, float(contract.strike), left, is_call=is_call)
        return Px(max(px(rupees, contract.tick), contract.tick))


CloseOf = Callable[[Contract, Px, date], Px]
"""What a contract that starts from a price cost at the end of the trading day before a date."""


def _offers(contract: Contract, best: int, step: int) -> Iterator[Offer]:
    for number in range(DEPTH_LEVELS):
        price = best + number * step
        if price <= 0:
            return
        orders = 1 + (price // contract.tick + number) % 7
        yield Offer(Px(price), contract.lot * orders * (3 + number), orders)


def _whole(price: int, tick: int) -> int:
    return price // tick * tick


def _black76(forward: float, strike: float, years: float, *, is_call: bool) -> float:
    deviation = _IMPLIED_VOLATILITY * math.sqrt(years)
    first = math.log(forward / strike) / deviation + deviation / 2
    call = forward * _normal(first) - strike * _normal(first - deviation)
    return call if is_call else call - forward + strike


def _normal(x: float) -> float:
    return 0.5 * (1 + math.erf(x / math.sqrt(2)))
