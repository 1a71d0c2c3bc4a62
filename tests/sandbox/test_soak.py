"""Random trading by the hundred thousand, in lives of a few hundred commands: no invariant breaks.

A life that fails is named by its number, which is its seed.
"""

import random
from contextlib import suppress

import pytest

from openalgo.domain.calendar import AlwaysOpenCalendar, Calendar, ExchangeCalendar
from openalgo.domain.errors import OpenAlgoError
from openalgo.domain.orders import PriceType
from openalgo.sandbox.rules import ProceedsPolicy
from tests.sandbox.test_invariants import (
    LISTED,
    Cancel,
    CancelGtt,
    Capital,
    Days,
    Market,
    Modify,
    ModifyGtt,
    Place,
    PlaceGtt,
    Reset,
    Restart,
    Step,
    Wait,
    opened,
)
from tests.support.paper import check_invariants

LIFE = 250
CALENDARS: list[Calendar] = [AlwaysOpenCalendar(), ExchangeCalendar()]
POLICIES: list[ProceedsPolicy] = ["t1", "same_day"]
KINDS = {
    Place: 40,
    Market: 30,
    Modify: 8,
    Cancel: 5,
    PlaceGtt: 5,
    ModifyGtt: 3,
    CancelGtt: 2,
    Wait: 4,
    Days: 3,
    Reset: 0.2,
    Capital: 0.2,
    Restart: 1,
}


def step_of(chance: random.Random) -> Step:
    def price() -> str:
        return f"{chance.randint(1800, 2200) / 20:g}"

    def trigger() -> tuple[str, str] | str | None:
        return chance.choice([None, price(), (price(), price())])

    index, lots, account = chance.randrange(30), chance.randint(1, 40), chance.randint(1, 3)
    instrument, action = chance.choice(LISTED), chance.choice(["BUY", "SELL"])
    prices, kind = (price(), price()), chance.choice(list(PriceType))
    (step,) = chance.choices(list(KINDS), list(KINDS.values()))
    if step is Place:
        return Place(instrument, action, lots, kind, prices, chance.random() < 0.5, account)
    if step is Market:
        return Market(instrument, price())
    if step is Modify:
        return Modify(index, lots, kind, prices)
    if step is PlaceGtt:
        return PlaceGtt(
            instrument, action, lots, trigger(), trigger(), account, chance.randint(1, 48)
        )
    if step is ModifyGtt:
        return ModifyGtt(index, lots, trigger(), trigger())
    if step is Wait:
        return Wait(chance.randint(1, 60))
    if step is Days:
        return Days(chance.randint(0, 4), chance.randrange(24))
    if step is Reset:
        return Reset(account)
    if step is Capital:
        return Capital(chance.choice(["500000", "1000000", "10000000"]))
    if step is Restart:
        return Restart()
    return Cancel(index) if step is Cancel else CancelGtt(index)


def live(seed: int) -> None:
    chance = random.Random(seed)
    capital = chance.choice(["20000", "300000", "10000000"])
    paper = opened(capital, chance.choice(CALENDARS), chance.choice(POLICIES))
    for _ in range(LIFE):
        with suppress(OpenAlgoError):
            step_of(chance).play(paper)
        check_invariants(paper)


@pytest.mark.timeout(300)
def test_twenty_thousand_commands() -> None:
    for seed in range(20_000 // LIFE):
        live(seed)


@pytest.mark.soak
def test_a_million_commands() -> None:
    for seed in range(1_000, 1_000 + 1_000_000 // LIFE):
        live(seed)
