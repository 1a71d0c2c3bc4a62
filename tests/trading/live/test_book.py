"""Reports of orders come twice, late and out of order; what happened is told once."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from openalgo.brokers.rows import OrderRow
from openalgo.domain.clock import ManualClock
from openalgo.domain.events import Event, OrderReported
from openalgo.domain.market import Exchange
from openalgo.domain.numbers import Px, px
from openalgo.domain.orders import Action, OrderStatus, PriceType, TransitionKind
from openalgo.trading.live.book import LiveBook
from tests.support.live import MORNING

SENT = OrderRow(
    order_id="1",
    exchange=Exchange.NSE,
    symbol="SBIN",
    action=Action.BUY,
    product="MIS",
    price_type=PriceType.LIMIT,
    quantity=Decimal(10),
    status=OrderStatus.OPEN,
    placed_at=MORNING,
    updated_at=MORNING,
    price=px("812"),
    tag="mine",
)


class Told:
    def __init__(self) -> None:
        self.clock = ManualClock(MORNING)
        self.events: list[Event] = []
        self.elsewhere: list[int] = []
        self.book = LiveBook(
            7,
            lambda _: None,
            self.clock,
            self.events.append,
            placed_elsewhere=self.elsewhere.append,
        )
        self.book.was_read = True

    @property
    def steps(self) -> list[tuple[TransitionKind, OrderStatus, int, Px]]:
        return [
            (
                each.kind,
                each.order.status,
                int(each.order.filled_quantity),
                each.order.price,
            )
            for each in self.events
            if isinstance(each, OrderReported)
        ]


def later(row: OrderRow, seconds: int, **changes: object) -> OrderRow:
    return replace(row, updated_at=MORNING + timedelta(seconds=seconds), **changes)


def filled(row: OrderRow, seconds: int, quantity: int) -> OrderRow:
    whole = quantity == row.quantity
    return later(
        row,
        seconds,
        filled_quantity=Decimal(quantity),
        average_price=Decimal(812),
        status=OrderStatus.COMPLETE if whole else OrderStatus.OPEN,
    )


# --- one life

LIFE = [SENT, later(SENT, 1, price=px("813")), filled(SENT, 2, 4), filled(SENT, 3, 10)]


def test_a_life_in_order() -> None:
    told = Told()
    for row in LIFE:
        told.book.heard(row)
    assert [(kind, status, units) for kind, status, units, _ in told.steps] == [
        ("accepted", "open", 0),
        ("modified", "open", 0),
        ("modified", "open", 0),
        ("filled", "open", 4),
        ("filled", "complete", 10),
    ]


def test_only_the_end_is_heard() -> None:
    told = Told()
    told.book.heard(filled(SENT, 3, 10))
    assert [(kind, status, units) for kind, status, units, _ in told.steps] == [
        ("accepted", "open", 0),
        ("filled", "complete", 10),
    ]


def test_a_stop_is_triggered_and_fills() -> None:
    told = Told()
    stop = later(SENT, 0, price_type=PriceType.SL, status=OrderStatus.TRIGGER_PENDING)
    told.book.heard(stop)
    told.book.heard(filled(stop, 2, 10))
    assert [kind for kind, *_ in told.steps] == ["accepted", "triggered", "filled"]


def test_what_filled_before_a_cancellation_is_told_too() -> None:
    told = Told()
    told.book.heard(SENT)
    told.book.heard(
        later(
            SENT,
            2,
            status=OrderStatus.CANCELLED,
            filled_quantity=Decimal(3),
            average_price=Decimal(812),
        )
    )
    assert [(kind, status, units) for kind, status, units, _ in told.steps] == [
        ("accepted", "open", 0),
        ("filled", "open", 3),
        ("cancelled", "cancelled", 3),
    ]


def test_a_refusal_of_the_exchange_is_all_that_is_told() -> None:
    told = Told()
    told.book.heard(later(SENT, 0, status=OrderStatus.REJECTED, reason="Circuit"))
    assert [kind for kind, *_ in told.steps] == ["rejected"]


def test_orders_placed_elsewhere_are_told_with_the_broker_s_tag_and_counted() -> None:
    told = Told()
    told.book.heard(SENT)
    (event,) = told.events
    assert isinstance(event, OrderReported)
    assert (event.order.strategy, event.cause, told.elsewhere) == ("mine", "broker", [7])


def test_seq_rises_and_goes_on_rising_after_a_restart() -> None:
    told = Told()
    for row in LIFE:
        told.book.heard(row)
    numbers = [event.seq for event in told.events]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    told.clock.advance(timedelta(seconds=1))
    again: list[Event] = []
    book = LiveBook(7, lambda _: None, told.clock, again.append)
    book.heard(SENT)
    assert again[0].seq > numbers[-1]
    assert again[0].seq < 2**53


# --- the book of the broker


async def test_what_the_first_reading_shows_is_told_nobody() -> None:
    told = Told()
    told.book.was_read = False
    await told.book.read([SENT])
    assert told.events == []
    await told.book.read([filled(SENT, 3, 10)])
    assert [kind for kind, *_ in told.steps] == ["filled"]
    assert told.elsewhere == []


async def test_of_two_reports_of_one_second_the_book_is_right() -> None:
    for first, second in [("813", "811"), ("811", "813")]:
        told = Told()
        told.book.heard(SENT)
        told.book.heard(later(SENT, 1, price=px(first)))
        await told.book.read([later(SENT, 1, price=px(second))])
        assert told.book["1"].price == px(second)


async def test_a_new_day_begins_empty() -> None:
    told = Told()
    told.book.heard(SENT)
    await told.book.read([])
    assert told.book.works_since(told.clock.now())
    told.clock.advance(timedelta(days=1))
    await told.book.read([])
    assert not told.book.works_since(told.clock.now())


# --- any order, any number of times

changes = st.lists(
    st.one_of(
        st.tuples(st.just("price"), st.integers(min_value=800, max_value=803)),
        st.tuples(st.just("fill"), st.integers(min_value=1, max_value=4)),
        st.tuples(st.just("end"), st.sampled_from([OrderStatus.CANCELLED, OrderStatus.REJECTED])),
    ),
    max_size=6,
)


def life(drawn: Sequence[tuple[str, object]], *, apart: bool) -> list[OrderRow]:
    """The reports of one order, in the order they were made. Unless `apart`, several in the same
    second."""
    rows = [SENT]
    for number, (what, value) in enumerate(drawn):
        row = rows[-1]
        if not row.status.is_working:
            break
        second = number + 1 if apart else number // 3
        if what == "price":
            rows.append(later(row, second, price=px(str(value))))
        elif what == "fill":
            units = min(row.quantity, row.filled_quantity + int(str(value)))
            rows.append(filled(row, second, int(units)))
        else:
            rows.append(later(row, second, status=value))
    return rows


@given(st.data(), changes)
def test_any_interleaving_ends_the_same_and_tells_each_step_once(
    data: st.DataObject, drawn: list[tuple[str, object]]
) -> None:
    rows = life(drawn, apart=True)
    repeats = data.draw(st.lists(st.sampled_from(rows), max_size=6))
    told = Told()
    for row in data.draw(st.permutations(rows + repeats)):
        told.book.heard(row)
    assert told.book["1"] == rows[-1]
    assert len(set(told.steps)) == len(told.steps) or _prices_came_back(rows)
    assert [units for kind, _, units, _ in told.steps if kind == "filled"] == sorted(
        {units for kind, _, units, _ in told.steps if kind == "filled"}
    )
    ends = [status for _, status, *_ in told.steps if not status.is_working]
    assert len(ends) <= 1


def _prices_came_back(rows: Sequence[OrderRow]) -> bool:
    """Whether the order was changed back to terms it had before: then it is told twice, rightly."""
    terms = [(row.price, row.filled_quantity) for row in rows]
    return len(set(terms)) < len(terms)


@given(st.data(), changes)
def test_reports_of_the_same_second_end_the_same_whichever_comes_first(
    data: st.DataObject, drawn: list[tuple[str, object]]
) -> None:
    rows = life(drawn, apart=False)
    ends = set()
    for _ in range(2):
        told = Told()
        for row in data.draw(st.permutations(rows)):
            told.book.heard(row)
        ends.add(str(told.book["1"]))
        asyncio.run(told.book.read([rows[-1]]))
        assert told.book["1"].filled_quantity == rows[-1].filled_quantity
        assert told.book["1"].status.is_working == rows[-1].status.is_working
    assert len(ends) == 1
