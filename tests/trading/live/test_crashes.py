"""Whatever fails and whenever the process dies: no order is sent twice, and none is lost."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openalgo.brokers.base import OrderTag
from openalgo.domain.errors import (
    BrokerNotReached,
    BrokerOutcomeUnknown,
    BrokerRejected,
    OpenAlgoError,
    StorageUnavailable,
)
from openalgo.domain.live_orders import SentState
from openalgo.persistence.main.tables import metadata
from openalgo.persistence.stores import Store
from tests.support.approvals import add_accounts
from tests.support.fake_broker import Fate, broker_of, raising
from tests.support.live import Killed, LiveDesk, limit

TIMED_OUT = BrokerOutcomeUnknown("Fake did not answer in time")

FAULTS = {
    "refused": ("before", BrokerRejected("No")),
    "not sent": ("before", BrokerNotReached("Fake cannot be reached")),
    "lost on the way": ("before", TIMED_OUT),
    "killed while sending": ("before", Killed()),
    "answer lost": ("after", TIMED_OUT),
    "killed before the answer": ("after", Killed()),
    "disk full": ("append 1", OSError("No space")),
    "killed before it is written": ("append 1", Killed()),
    "killed once it is written": ("written 1", Killed()),
    "disk fails": ("disk", OSError("I/O error")),
    "killed before the disk": ("waiting", Killed()),
    "answer not written": ("append 2", OSError("No space")),
    "killed before the answer is written": ("append 2", Killed()),
    "killed once the answer is written": ("written 2", Killed()),
}
FAULTS_OF_THE_DATABASE = {
    "full": ("fate", StorageUnavailable()),
    "unsure": ("committed", StorageUnavailable()),
    "killed before": ("fate", Killed()),
    "killed after": ("committed", Killed()),
}

_place = st.tuples(
    st.sampled_from(["place", "place and repeat"]),
    st.sampled_from("abcdefgh"),
    st.sampled_from(["", *FAULTS]),
)
actions = st.lists(
    st.one_of(
        *(_place,) * 6,
        st.tuples(st.just("look"), st.sampled_from([0, 5, 90]), st.just("")),
        st.tuples(st.just("settle"), st.just(0), st.sampled_from(["", *FAULTS_OF_THE_DATABASE])),
        st.tuples(st.just("restart"), st.just(0), st.just("")),
        st.tuples(st.just("power cut"), st.just(0), st.just("")),
        st.tuples(st.just("told again"), st.just(0), st.just("")),
    ),
    min_size=3,
    max_size=20,
)


def at_call(number: int, error: BaseException) -> Fate:
    """Raises `error` at the call of this number."""
    calls = 0

    def fate() -> None:
        nonlocal calls
        calls += 1
        if calls == number:
            raise error

    return fate


def arm(live: LiveDesk, fault: str) -> None:
    where, error = FAULTS[fault]
    match where.split():
        case ["before"]:
            live.desk.before = raising(error)
        case ["after"]:
            live.desk.after = raising(error)
        case ["disk"]:
            live.log.disk = raising(error)
        case ["waiting"]:
            live.log.waiting = raising(error)
        case ["append", number]:
            live.log.fate = at_call(int(number), error)
        case ["written", number]:
            live.log.written = at_call(int(number), error)


def disarm(live: LiveDesk) -> None:
    live.desk.before = live.desk.after = lambda: None
    live.log.fate = live.log.written = live.log.waiting = live.log.disk = lambda: None
    live.store.fate = live.store.committed = lambda: None


async def settle(live: LiveDesk, fault: str) -> None:
    """As the server does every so often."""
    if fault:
        where, error = FAULTS_OF_THE_DATABASE[fault]
        setattr(live.store, where, raising(error))
    with suppress(StorageUnavailable):
        await live.journal.settle()


async def place(live: LiveDesk, name: str) -> None:
    with suppress(OpenAlgoError):
        await live.place(limit(name=name))


async def act(live: LiveDesk, what: str, value: object, fault: str) -> None:
    match what:
        case "place" | "place and repeat":
            if fault:
                arm(live, fault)
            await place(live, str(value))
            disarm(live)
            if what != "place":
                await place(live, str(value))
        case "look":
            await live.look(after=timedelta(seconds=int(str(value))))
        case "settle":
            await settle(live, fault)
        case "restart" | "power cut":
            await live.start(after_power_cut=what == "power cut")
        case _:
            for row in await live.desk.orders(live.connect()):
                live.venue.take(row)


async def play(live: LiveDesk, drawn: Sequence[tuple[str, object, str]]) -> None:
    await live.start()
    for what, value, fault in drawn:
        try:
            await act(live, what, value, fault)
        except Killed:
            await live.start()
        disarm(live)
    await live.start()
    for _ in range(2):
        await live.look(after=timedelta(minutes=2))


async def check(live: LiveDesk) -> None:
    rows = {row.tag: row for row in await live.rows()}
    taken = {row.tag: row.order_id for row in live.desk.book.values()}
    names = [row.client_order_id for row in rows.values()]
    assert len(set(names)) == len(names)
    assert not live.desk.twice
    assert taken.keys() <= rows.keys()
    for tag, row in rows.items():
        match row.state:
            case SentState.ACCEPTED:
                assert row.order_id == taken[tag]
            case SentState.REJECTED | SentState.NOT_SENT:
                assert tag not in taken
            case _:
                assert live.desk.drops_tags


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(drawn=actions)
def test_the_journal_ends_as_the_broker_s_book(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[tuple[str, object, str]]
) -> None:
    asyncio.run(_story(tmp_path_factory.mktemp("main"), drawn, drops_tags=False))


@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(drawn=actions)
def test_or_is_unknown_where_no_tag_comes_back(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[tuple[str, object, str]]
) -> None:
    asyncio.run(_story(tmp_path_factory.mktemp("main"), drawn, drops_tags=True))


async def _story(
    folder: Path, drawn: Sequence[tuple[str, object, str]], *, drops_tags: bool
) -> None:
    store = Store("main", f"sqlite:///{folder / 'main.db'}")
    try:
        async with store.schema_change() as connection:
            await connection.run_sync(metadata.create_all)
        await add_accounts(store)
        live = LiveDesk(store, 1)
        live.desk.drops_tags = drops_tags
        if drops_tags:
            live.broker = broker_of(live.desk, tag=OrderTag(length=20, returned=False))
        await play(live, drawn)
        await check(live)
        await live.journal.close()
    finally:
        await store.close()
