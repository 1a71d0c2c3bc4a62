from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openalgo.brokers.simulator.book import LEVELS, Book
from openalgo.brokers.simulator.chance import Key
from openalgo.domain.numbers import px

books = st.builds(
    Book,
    key=st.integers(0, 2**64 - 1).map(Key),
    tick=st.sampled_from([px("0.05"), px("0.0025"), px(1)]),
    lot=st.sampled_from([1, 65, 1_250]),
    size=st.floats(0, 1e6),
    spread=st.floats(0, 0.01),
)
minutes = st.integers(0, 1_429)
steps = st.integers(0, 119)
last_prices = st.integers(1, 2_000_000)


@given(book=books, minute=minutes, step=steps, last=last_prices)
def test_a_book_is_in_order_and_stands_around_the_last_price(
    book: Book, minute: int, step: int, last: int
) -> None:
    buy, sell = book.levels(minute, step, last)
    assert len(sell) == LEVELS
    assert all(a.price < b.price for a, b in pairwise(sell))
    assert all(a.price > b.price for a, b in pairwise(buy))
    assert all(level.price > 0 and px(level.price) % book.tick == 0 for level in (*buy, *sell))
    assert all(level.quantity > 0 and level.quantity % book.lot == 0 for level in (*buy, *sell))
    assert all(1 <= level.orders <= level.quantity // book.lot for level in (*buy, *sell))
    price = last * book.tick
    assert px(sell[0].price) >= price
    if buy:
        assert px(buy[0].price) <= price
        assert px(buy[0].price) < px(sell[0].price)


@given(book=books, minute=minutes, step=steps, last=last_prices)
def test_the_best_prices_are_the_first_levels(
    book: Book, minute: int, step: int, last: int
) -> None:
    best = book.best(minute, step, last)
    buy, sell = book.levels(minute, step, last)
    assert (best.ask * book.tick, best.ask_quantity) == (px(sell[0].price), sell[0].quantity)
    if best.bid:
        assert (best.bid * book.tick, best.bid_quantity) == (px(buy[0].price), buy[0].quantity)
    else:
        assert (buy, best.bid_quantity) == ((), 0)


@given(book=books, minute=minutes, step=steps, last=last_prices)
def test_the_totals_hold_more_than_what_is_shown(
    book: Book, minute: int, step: int, last: int
) -> None:
    for side, total in zip(book.levels(minute, step, last), book.totals(minute), strict=True):
        assert total > sum(level.quantity for level in side)
        assert total % book.lot == 0


def test_the_spread_is_as_wide_as_liquidity_says() -> None:
    def spread(of: float) -> list[int]:
        book = Book(Key(7), px("0.05"), 1, 100, of)
        best = [book.best(minute, 0, 20_000) for minute in range(50)]
        return [b.ask - b.bid for b in best]

    assert set(spread(0.00003)) == {1}
    assert set(spread(0.001)) == {20}


def test_the_last_price_is_now_the_bid_and_now_the_ask() -> None:
    book = Book(Key(7), px("0.05"), 1, 100, 0)
    best = [book.best(0, step, 500) for step in range(100)]
    assert sum(b.bid == 500 for b in best) == pytest.approx(50, abs=20)
    assert all(500 in (b.bid, b.ask) for b in best)


def test_a_price_of_one_tick_leaves_few_or_no_buyers() -> None:
    book = Book(Key(7), px("0.05"), 65, 100, 0)
    buyers = [len(book.levels(0, step, 1)[0]) for step in range(60)]
    assert set(buyers) == {0, 1}


def test_books_change_from_step_to_step() -> None:
    book = Book(Key(7), px("0.05"), 65, 100, 0)
    assert book.levels(0, 0, 500) == book.levels(0, 0, 500)
    assert book.levels(0, 0, 500) != book.levels(0, 1, 500)
