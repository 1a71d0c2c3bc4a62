"""Prices, money and quantities keep every digit that matters."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openalgo.domain.numbers import (
    PX_SCALE,
    Px,
    grouped,
    money,
    plain_number,
    px,
    px_decimal,
    px_float,
    rupees,
    traded_value,
)

prices = st.integers(0, 10**13).map(Px)  # up to ten million rupees
ticks = st.sampled_from([Px(t) for t in (100, 2_500, 10_000, 50_000, 100_000, 5_000_000)])
quantities = st.decimals(0, 10**8, places=4)
amounts = st.decimals(-(10**12), 10**12, places=8)


@given(prices)
def test_a_price_survives_the_way_to_rupees_and_back(price: Px) -> None:
    assert px(px_decimal(price)) == price
    assert px(str(px_decimal(price))) == price


@given(st.integers(0, 10**9))
def test_a_feeds_float_is_the_price_it_was_meant_to_be(paise: int) -> None:
    assert px(paise / 100) == px(Decimal(paise) / 100) == paise * 10_000


@given(prices.filter(lambda price: price < 10**12))
def test_a_price_survives_json(price: Px) -> None:
    assert px(px_float(price)) == price


def test_a_float_that_is_not_quite_its_decimal_still_touches_the_limit() -> None:
    assert 0.1 + 0.2 != 0.3
    assert px(0.1 + 0.2) == px("0.3") == 300_000
    assert px(100.05 + 0.05 + 0.05) == px("100.15")


@pytest.mark.parametrize(
    ("value", "expected"),
    [("1.0000005", 1_000_001), ("1.0000004", 1_000_000), (Decimal("0.0000005"), 1), (7, 7_000_000)],
)
def test_what_lies_beyond_a_millionth_is_rounded_half_up(
    value: str | Decimal | int, expected: int
) -> None:
    assert px(value) == expected


@given(prices, ticks)
def test_rounding_to_the_tick_gives_the_nearest_multiple(price: Px, tick: Px) -> None:
    rounded = px(px_decimal(price), tick)
    assert rounded % tick == 0
    assert 2 * abs(rounded - price) <= tick
    assert px(px_decimal(rounded), tick) == rounded


@pytest.mark.parametrize(
    ("value", "tick", "expected"),
    [
        ("100.02", "0.05", "100"),
        ("100.025", "0.05", "100.05"),
        ("100.07", "0.05", "100.05"),
        (100.049999, "0.05", "100.05"),
        ("101", "5", "100"),
        ("83.4625", "0.0025", "83.4625"),
    ],
)
def test_rounding_to_the_tick(value: str | float, tick: str, expected: str) -> None:
    assert px(value, px(tick)) == px(expected)


def test_a_tick_of_nothing_rounds_nothing() -> None:
    assert px("100.023456", Px(0)) == 100_023_456


@given(prices, prices, ticks)
def test_rounding_to_the_tick_keeps_the_order_of_prices(first: Px, second: Px, tick: Px) -> None:
    lower, upper = sorted((px_decimal(first), px_decimal(second)))
    assert px(lower, tick) <= px(upper, tick)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf"), Decimal("NaN")])
def test_what_is_no_number_is_no_price(value: float | Decimal) -> None:
    with pytest.raises((ValueError, ArithmeticError)):
        px(value)


@given(amounts)
def test_money_has_four_places_and_is_nearest(value: Decimal) -> None:
    rounded = money(value)
    assert rounded.as_tuple().exponent == -4
    assert abs(rounded - value) <= Decimal("0.00005")
    assert money(rounded) == rounded
    assert money(-value) == -rounded


def test_money_is_rounded_half_up() -> None:
    assert [money(v) for v in ("0.00005", "0.00004", "1.23455", 3)] == [
        Decimal("0.0001"),
        Decimal("0.0000"),
        Decimal("1.2346"),
        Decimal("3.0000"),
    ]


@given(prices, quantities)
def test_traded_value_is_price_times_quantity_to_four_places(price: Px, quantity: Decimal) -> None:
    exact = px_decimal(price) * quantity
    assert traded_value(price, quantity) == exact.quantize(Decimal("0.0001"), ROUND_HALF_UP)


@given(prices, st.integers(0, 10**6), st.integers(0, 10**6))
def test_whole_units_at_a_price_of_four_places_add_up_exactly(
    price: Px, first: int, second: int
) -> None:
    price = Px(price // 100 * 100)
    parts = traded_value(price, Decimal(first)) + traded_value(price, Decimal(second))
    assert parts == traded_value(price, Decimal(first + second))


def test_traded_value_by_example() -> None:
    assert traded_value(px("100.05"), Decimal(75)) == Decimal("7503.75")
    assert traded_value(px("0.000001"), Decimal(50)) == Decimal("0.0001")
    assert traded_value(px("65000.5"), Decimal("0.015")) == Decimal("975.0075")


@given(st.integers(-(10**12), 10**12), st.integers(0, 6))
def test_a_whole_quantity_is_an_int_in_json_however_it_is_written(value: int, places: int) -> None:
    number = plain_number(Decimal(value).quantize(Decimal(1).scaleb(-places)))
    assert number == value
    assert type(number) is int


def test_a_fraction_is_a_float_in_json() -> None:
    number = plain_number(Decimal("0.015"))
    assert number == 0.015
    assert type(number) is float


def test_a_rupee_is_a_million_units() -> None:
    assert px(1) == PX_SCALE


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("0", "0"),
        ("0.05", "0.05"),
        ("999", "999"),
        ("1000", "1,000"),
        ("99999.5", "99,999.5"),
        ("100000", "1,00,000"),
        ("12345678.50", "1,23,45,678.50"),
        ("-1234567", "-12,34,567"),
    ],
)
def test_sentences_group_by_lakh_and_crore(value: str, said: str) -> None:
    assert grouped(Decimal(value)) == said


@given(amounts)
def test_grouping_keeps_every_digit(amount: Decimal) -> None:
    said = grouped(amount)
    assert Decimal(said.replace(",", "")) == amount
    first, *others = said.partition(".")[0].lstrip("-").split(",")
    assert [len(group) for group in others] == [2] * (len(others) - 1) + [3] * bool(others)
    assert 1 <= len(first) <= (2 if others else 3)


def test_rupees_are_told_to_the_paisa() -> None:
    assert rupees(Decimal(10000000)) == "₹1,00,00,000.00"
    assert rupees(Decimal("-1234.5678")) == "-₹1,234.57"
