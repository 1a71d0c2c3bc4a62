import asyncio
from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from openalgo.domain.market import Exchange, InstrumentKey, Mode
from openalgo.streaming.demand import SANDBOX, Demand

A, B, C = (InstrumentKey(Exchange.NSE, symbol) for symbol in ("A", "B", "C"))

statements = st.lists(
    st.tuples(
        st.sampled_from([SANDBOX, "client-1", "client-2"]),
        st.dictionaries(st.sampled_from([A, B, C]), st.sampled_from(Mode)),
    )
)


@given(statements)
def test_the_union_has_the_highest_mode_of_each_and_the_sandbox_first(
    stated: list[tuple[str, dict[InstrumentKey, Mode]]],
) -> None:
    demand = Demand()
    current: dict[str, dict[InstrumentKey, Mode]] = {}
    for name, wanted in stated:
        demand.state(name, wanted)
        current[name] = wanted
    expected: dict[InstrumentKey, Mode] = {}
    for wanted in current.values():
        for key, mode in wanted.items():
            expected[key] = max(mode, expected.get(key, mode))
    assert demand.wanted == expected
    first = current.get(SANDBOX, {})
    assert set(list(demand.wanted)[: len(first)]) == first.keys()


class Feed:
    def __init__(self) -> None:
        self.told: list[dict[InstrumentKey, Mode]] = []

    def set_demand(self, wanted: Mapping[InstrumentKey, Mode]) -> None:
        self.told.append(dict(wanted))


async def test_the_feed_hears_once_a_turn_and_only_of_changes() -> None:
    demand, feed = Demand(), Feed()
    demand.state("one", {A: Mode.LTP})
    demand.follow(feed.set_demand)
    demand.state("two", {B: Mode.QUOTE})
    demand.state("one", {A: Mode.DEPTH})
    assert feed.told == []
    await asyncio.sleep(0)
    assert feed.told == [{A: Mode.DEPTH, B: Mode.QUOTE}]
    demand.state("three", {A: Mode.LTP})
    demand.state("two", {B: Mode.QUOTE})
    await asyncio.sleep(0)
    assert len(feed.told) == 1
    demand.withdraw("one")
    demand.withdraw("two")
    demand.withdraw("nobody")
    await asyncio.sleep(0)
    assert feed.told[1:] == [{A: Mode.LTP}]


async def test_a_feed_that_fails_is_logged_and_told_again() -> None:
    demand = Demand()
    told: list[int] = []

    def broken(wanted: Mapping[InstrumentKey, Mode]) -> None:
        told.append(len(wanted))
        raise RuntimeError("no")

    with capture_logs() as logs:
        demand.follow(broken)
        await asyncio.sleep(0)
        demand.state("one", {A: Mode.LTP})
        await asyncio.sleep(0)
    assert told == [0, 1]
    assert len(logs) == 2


@given(st.lists(st.tuples(st.sampled_from([A, B, C]), st.none() | st.sampled_from(Mode))))
def test_one_instrument_at_a_time_comes_to_the_same(
    changes: list[tuple[InstrumentKey, Mode | None]],
) -> None:
    demand, whole = Demand(), Demand()
    wanted: dict[InstrumentKey, Mode] = {}
    for key, mode in changes:
        demand.want("one", key, mode)
        if mode is None:
            wanted.pop(key, None)
        else:
            wanted[key] = mode
        whole.state("one", wanted)
        assert demand.wanted == whole.wanted == wanted


def test_what_was_stated_is_kept_as_it_was() -> None:
    demand = Demand()
    wanted = {A: Mode.LTP}
    demand.state("one", wanted)
    wanted[B] = Mode.LTP
    demand.state("one", wanted)
    assert demand.wanted == {A: Mode.LTP, B: Mode.LTP}
