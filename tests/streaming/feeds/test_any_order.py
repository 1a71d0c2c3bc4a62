"""Whatever happens in whatever order: once it is quiet, the broker sends exactly what is wanted."""

import asyncio
from collections.abc import Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from openalgo.domain.market import InstrumentKey, Mode
from tests.brokers.kit.virtual import VirtualLoop
from tests.streaming.feeds.bench import Bench, key

LISTED = 16

demands = st.dictionaries(
    st.integers(0, LISTED - 1).map(key), st.sampled_from(Mode), max_size=LISTED
)
dials = st.sampled_from(
    ["refuse", "close", "slow", "mute", "half-open", "drop while subscribing", "403"]
)
steps = st.one_of(
    st.tuples(st.just("demand"), demands),
    st.tuples(st.just("dial"), dials),
    st.tuples(st.sampled_from(["break", "mute", "half-open", "hold"]), st.integers(0, 2)),
    st.tuples(st.just("login"), st.none()),
    st.tuples(st.just("logout"), st.none()),
    st.tuples(st.just("wait"), st.sampled_from([0.0, 0.01, 0.06, 0.3, 2.0, 6.0, 30.0])),
)


async def _play(bench: Bench, number: int, step: tuple[str, object]) -> None:
    match step:
        case "demand", dict(wanted):
            bench.feed.set_demand(wanted)
        case "dial", str(fault):
            bench.server.script.append(fault)
        case "login", _:
            bench.login(f"login {number}")
        case "logout", _:
            bench.server.valid.clear()
        case "wait", float(seconds):
            await asyncio.sleep(seconds)
        case fault, int(place) if place < len(bench.server.open):
            socket = bench.server.open[place]
            match fault:
                case "break":
                    socket.break_off()
                case "mute":
                    socket.mute = True
                case "half-open":
                    socket.half_open = True
                case "hold":
                    socket.hold_sends(1.0)


@settings(max_examples=150, deadline=None)
@given(st.lists(steps, max_size=30), demands)
def test_after_any_sequence_the_broker_sends_exactly_what_is_wanted(
    sequence: list[tuple[str, object]], final: Mapping[InstrumentKey, Mode]
) -> None:
    async def run() -> None:
        bench = Bench(room=4, connections=3, a_message=3, listed=LISTED)
        async with bench.running():
            for number, step in enumerate(sequence):
                await _play(bench, number, step)
            bench.server.script.clear()
            bench.feed.set_demand(final)
            bench.login("the last")
            for _ in range(12):
                await asyncio.sleep(10)
                bench.server.tick(1.0)
            fitting = dict(list(final.items())[:12])
            assert bench.is_right(fitting), (bench.feed.status(), bench.server.subscribed)
            assert len(bench.server.open) <= 3
            assert {socket.token for socket in bench.server.open} <= {"the last"}
            status = bench.feed.status()
            assert status.subscribed == len(fitting)
            assert status.polled == len(final) - len(fitting)
            bench.ticks.clear()
            bench.server.tick(123.0)
            await asyncio.sleep(0.01)
            told = [tick.key for tick in bench.ticks if tick.ltp == 123.0]
            assert sorted(told) == sorted(fitting)

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(run())
