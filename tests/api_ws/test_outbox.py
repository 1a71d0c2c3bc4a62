import asyncio
import time
from collections.abc import AsyncIterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openalgo.api.ws.outbox import TICK_QUEUE, Flusher, Outbox, SinkGone
from openalgo.domain.market import Exchange, InstrumentKey, Mode
from openalgo.streaming.views import View
from tests.api_ws.socket import FakeSocket, settle


def view(symbol: str = "SBIN") -> View:
    return View(InstrumentKey(Exchange.NSE, symbol), Mode.LTP, symbol, "NSE", "simulator")


def _never() -> None:
    raise AssertionError("nothing here is too much")


@pytest.fixture
def socket() -> FakeSocket:
    return FakeSocket()


@pytest.fixture
def overflows() -> list[bool]:
    return []


@pytest.fixture
async def outbox(socket: FakeSocket, overflows: list[bool]) -> AsyncIterator[Outbox]:
    outbox = Outbox(socket, Flusher(), 3, lambda: overflows.append(True))
    yield outbox
    await outbox.close()


async def test_a_fast_reader_loses_nothing_and_is_written_to_once_a_turn(
    outbox: Outbox, socket: FakeSocket
) -> None:
    one = view()
    for number in range(TICK_QUEUE):
        outbox.put_tick(one, b"%d" % number)
    outbox.put(b"order")
    assert socket.sent == []
    await settle()
    assert socket.sent == [b"order", *(b"%d" % number for number in range(TICK_QUEUE))]
    assert (outbox.sent, outbox.conflated) == (TICK_QUEUE, 0)


async def test_a_slow_reader_gets_the_first_64_then_the_newest_of_each(
    outbox: Outbox, socket: FakeSocket
) -> None:
    first, second = view("A"), view("B")
    socket.open.clear()
    for number in range(TICK_QUEUE + 1000):
        outbox.put_tick(first, b"A%d" % number)
        outbox.put_tick(second, b"B%d" % number)
        await asyncio.sleep(0)
    assert socket.sent == []
    socket.open.set()
    await settle()
    assert len(socket.sent) == TICK_QUEUE + 2
    assert socket.sent[:2] == [b"A0", b"B0"]
    assert socket.sent[-2:] == [b"A1063", b"B1063"]
    assert outbox.sent + outbox.conflated == 2 * (TICK_QUEUE + 1000)
    outbox.put_tick(first, b"A!")
    await settle()
    assert socket.sent[-1] == b"A!"


async def test_control_frames_are_never_conflated_and_overflow_is_told(
    outbox: Outbox, socket: FakeSocket, overflows: list[bool]
) -> None:
    socket.open.clear()
    for number in range(3):
        outbox.put(b"%d" % number)
    await settle()
    assert not overflows
    outbox.put(b"3")
    assert overflows


async def test_what_is_forgotten_is_not_sent(outbox: Outbox, socket: FakeSocket) -> None:
    kept, gone = view("A"), view("B")
    socket.open.clear()
    for _ in range(TICK_QUEUE):
        outbox.put_tick(kept, b"A")
        outbox.put_tick(gone, b"B")
    outbox.forget({gone})
    socket.open.set()
    await settle()
    assert set(socket.sent) == {b"A"}


@given(
    st.lists(
        st.one_of(st.tuples(st.sampled_from("AB"), st.integers(0, 99)), st.just(None)), max_size=300
    )
)
def test_each_view_arrives_in_order_and_ends_with_its_newest(
    steps: list[tuple[str, int] | None],
) -> None:
    """`None` opens the socket for a moment."""

    async def play() -> None:
        socket = FakeSocket()
        outbox = Outbox(socket, Flusher(), 3, _never)
        views = {"A": view("A"), "B": view("B")}
        put: dict[str, list[bytes]] = {"A": [], "B": []}
        socket.open.clear()
        for number, step in enumerate(steps):
            if step is None:
                socket.open.set()
                await settle()
                socket.open.clear()
            else:
                frame = f"{step[0]}{number}".encode()
                put[step[0]].append(frame)
                outbox.put_tick(views[step[0]], frame)
        socket.open.set()
        await settle()
        for name, frames in put.items():
            got = [frame for frame in socket.sent if frame.startswith(name.encode())]
            assert got == sorted(got, key=frames.index)
            assert got[-1:] == frames[-1:]
        assert len(socket.sent) == outbox.sent == sum(map(len, put.values())) - outbox.conflated

    asyncio.run(play())


async def test_one_failing_outbox_does_not_silence_the_others() -> None:
    flusher = Flusher()
    done: list[str] = []

    def broken() -> None:
        raise RuntimeError("no")

    failures: list[object] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: failures.append(context["exception"]))
    flusher.soon(broken)
    flusher.soon(lambda: done.append("other"))
    await settle()
    flusher.soon(lambda: done.append("later"))
    await settle()
    assert done == ["other", "later"]
    assert len(failures) == 1


async def test_a_storm_costs_as_much_as_there_are_views_and_ends_with_the_newest() -> None:
    flusher, views = Flusher(), [view(f"S{number}") for number in range(50)]
    sockets = [FakeSocket() for _ in range(20)]
    boxes = [Outbox(socket, flusher, 3, _never) for socket in sockets]
    for socket in sockets:
        socket.open.clear()
    for number in range(10_000):
        for box in boxes:
            box.put_tick(views[number % 50], b"%d" % number)
        if number % 100 == 0:
            await asyncio.sleep(0)
    for socket in sockets:
        socket.open.set()
    await settle()
    newest = [b"%d" % number for number in range(9_950, 10_000)]
    for socket, box in zip(sockets, boxes, strict=True):
        assert socket.sent[:TICK_QUEUE] == [b"%d" % number for number in range(TICK_QUEUE)]
        assert sorted(socket.sent[TICK_QUEUE:]) == newest
        assert box.sent + box.conflated == 10_000


async def test_a_thousand_clients_are_not_flushed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each takes 100 us, so at most 20 may follow each other before something else has its turn."""
    now, turn, most = 0.0, 0, 0
    monkeypatch.setattr(time, "perf_counter", lambda: now)
    flusher, flushed = Flusher(), 0

    def flush() -> None:
        nonlocal now, turn, most, flushed
        now += 0.0001
        turn += 1
        flushed += 1
        most = max(most, turn)

    for _ in range(1_000):
        flusher.soon(flush)
    while flushed < 1_000:
        turn = 0
        await asyncio.sleep(0)
    assert 15 <= most <= 21


async def test_a_socket_that_takes_no_two_messages_at_once_gets_them_in_order() -> None:
    """As one without the direct way: what comes while one message is on its way waits for it."""

    class Slow(FakeSocket):
        writable = False

        async def send(self, frames: Sequence[bytes]) -> None:
            await asyncio.sleep(0)
            self.sent.extend(frames)

    socket = Slow()
    outbox = Outbox(socket, Flusher(), 100, _never)
    for number in range(50):
        outbox.put(b"%d" % number)
        await asyncio.sleep(0)
    await outbox.emptied()
    assert socket.sent == [b"%d" % number for number in range(50)]


async def test_who_has_gone_is_sent_nothing_and_waited_for_by_nobody() -> None:
    class Gone(FakeSocket):
        writable = False

        async def ready(self) -> None:
            raise SinkGone

    outbox = Outbox(Gone(), Flusher(), 3, _never)
    outbox.put(b"1")
    await asyncio.wait_for(outbox.emptied(), 5)
    outbox.put(b"2")
    await settle()
    await outbox.close()
