"""Values come back as they went in, or are refused."""

import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import Column, MetaData, Table, insert, select
from sqlalchemy.engine import make_url
from sqlalchemy.types import TypeDecorator

from openalgo.domain.numbers import Px, px
from openalgo.domain.orders import PriceType
from openalgo.persistence.columns import (
    BIGINT_MAX,
    BIGINT_MIN,
    EnumCol,
    ExactCol,
    MoneyCol,
    PriceCol,
    QuantityCol,
    RowId,
    UtcCol,
)
from openalgo.persistence.stores import Stores

bigints = st.integers(BIGINT_MIN, BIGINT_MAX)
instants = st.datetimes(
    timezones=st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m))),
    min_value=datetime(1, 1, 3),  # noqa: DTZ001 - bounds have no time zone by definition
    max_value=datetime(9999, 12, 29),  # noqa: DTZ001
)


SQLITE, POSTGRESQL = (
    make_url(f"{driver}://").get_dialect()()
    for driver in ("sqlite+aiosqlite", "postgresql+asyncpg")
)


class Colour(StrEnum):
    RED = "red"


def stored(column: TypeDecorator[Any], value: object) -> object:
    """What the database receives, the same on both."""
    seen = [
        processor(value)
        for dialect in (SQLITE, POSTGRESQL)
        if (processor := column.bind_processor(dialect)) is not None
    ]
    assert seen[0] == seen[1]
    return seen[0]


def through(column: TypeDecorator[Any], value: object) -> object:
    processor = column.result_processor(SQLITE, None)
    assert processor is not None
    return processor(stored(column, value))


@given(bigints)
def test_prices_return_exactly(micro: int) -> None:
    assert through(PriceCol(), micro) == micro


def test_a_price_is_kept_in_millionths_of_a_rupee() -> None:
    assert stored(PriceCol(), px("100.05")) == 100_050_000


@pytest.mark.parametrize("price", [BIGINT_MAX + 1, BIGINT_MIN - 1, 100.05, Decimal(1), True, "1"])
def test_a_price_that_is_no_64_bit_integer_is_refused(price: object) -> None:
    with pytest.raises(ValueError, match="1e-6 rupee"):
        stored(PriceCol(), price)


@given(bigints)
def test_money_returns_exactly(steps: int) -> None:
    amount = Decimal(steps).scaleb(-4)
    back = through(MoneyCol(), amount)
    assert isinstance(back, Decimal)
    assert back == amount
    assert str(back) == str(amount)


@given(bigints)
def test_quantities_return_exactly_and_whole_ones_look_whole(steps: int) -> None:
    quantity = Decimal(steps).scaleb(-8)
    back = through(QuantityCol(), quantity)
    assert back == quantity
    if quantity == int(quantity):
        assert str(back) == str(int(quantity))


@pytest.mark.parametrize("column", [MoneyCol(), QuantityCol()])
@pytest.mark.parametrize(
    "value",
    [
        Decimal("0.000000001"),
        Decimal("1.00000000000000000000000000001"),
        Decimal("1e15"),
        Decimal("-1e15"),
        Decimal("1e999999"),
        Decimal("NaN"),
        Decimal("Infinity"),
    ],
)
def test_a_number_that_does_not_fit_is_refused_by_name(
    column: TypeDecorator[Any], value: Decimal
) -> None:
    with pytest.raises(ValueError, match=re.escape(str(value))):
        stored(column, value)


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_exact_numbers_return_digit_by_digit(value: Decimal) -> None:
    assert str(through(ExactCol(), value)) == str(value)


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("sNaN"), Decimal("-Infinity")])
def test_an_exact_number_is_finite(value: Decimal) -> None:
    with pytest.raises(ValueError, match="not a number that can be stored"):
        stored(ExactCol(), value)


@given(instants)
@example(datetime(2026, 7, 15, 9, 15, 0, 1, tzinfo=UTC))
def test_instants_return_to_the_microsecond_in_utc(at: datetime) -> None:
    back = through(UtcCol(), at)
    assert isinstance(back, datetime)
    assert back == at
    assert back.tzinfo is UTC


@given(instants, instants)
def test_stored_instants_are_ordered_like_instants(one: datetime, other: datetime) -> None:
    first, second = stored(UtcCol(), one), stored(UtcCol(), other)
    assert isinstance(first, int)
    assert isinstance(second, int)
    assert (first < second) == (one < other)


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="2026-07-15 09:15:00 has no time zone"):
        stored(UtcCol(), datetime(2026, 7, 15, 9, 15))  # noqa: DTZ001


@pytest.mark.parametrize("word", list(PriceType))
def test_words_are_kept_as_their_text(word: PriceType) -> None:
    column = EnumCol(PriceType)
    assert stored(column, word) == word.value
    assert type(stored(column, word)) is str
    assert through(column, word) is word


@pytest.mark.parametrize("word", ["SL-M", Colour.RED])
def test_a_word_of_another_kind_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match=f"{word!s}.* is not one of PriceType"):
        stored(EnumCol(PriceType), word)


def test_an_unknown_word_in_the_database_is_an_error() -> None:
    processor = EnumCol(PriceType).result_processor(SQLITE, None)
    assert processor is not None
    with pytest.raises(ValueError, match="'ICEBERG' is not one of PriceType"):
        processor("ICEBERG")


@pytest.mark.parametrize(
    "column", [PriceCol(), MoneyCol(), QuantityCol(), ExactCol(), UtcCol(), EnumCol(PriceType)]
)
def test_nothing_stays_nothing(column: TypeDecorator[Any]) -> None:
    assert through(column, None) is None


metadata = MetaData()
samples = Table(
    "samples",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("price", PriceCol),
    Column("money", MoneyCol),
    Column("quantity", QuantityCol),
    Column("exact", ExactCol),
    Column("at", UtcCol),
    Column("kind", EnumCol(PriceType)),
)

SMALLEST = {
    "id": 1,
    "price": Px(BIGINT_MIN),
    "money": Decimal(BIGINT_MIN).scaleb(-4),
    "quantity": Decimal(BIGINT_MIN).scaleb(-8),
    "exact": Decimal("-1E-14"),
    "at": datetime(1, 1, 1, tzinfo=UTC),
    "kind": PriceType.SL_M,
}
LARGEST = {
    "id": 2,
    "price": Px(BIGINT_MAX),
    "money": Decimal(BIGINT_MAX).scaleb(-4),
    "quantity": Decimal(BIGINT_MAX).scaleb(-8),
    "exact": Decimal("123456789012345678901234567890.12345678901234"),
    "at": datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    "kind": PriceType.MARKET,
}
NOTHING = dict.fromkeys(SMALLEST) | {"id": 3}


async def test_databases_keep_the_extremes_and_compare_them(stores: Stores) -> None:
    async with stores.main.write() as tx:
        await tx.run_sync(metadata.create_all)
        await tx.execute(insert(samples), [SMALLEST, LARGEST, NOTHING])
    async with stores.main.read() as tx:
        rows = (await tx.execute(select(samples).order_by(samples.c.id))).mappings().all()
        assert [dict(row) for row in rows] == [SMALLEST, LARGEST, NOTHING]
        for column in ("price", "money", "quantity", "at"):
            above = select(samples.c.id).where(samples.c[column] > SMALLEST[column])
            assert (await tx.execute(above)).scalars().all() == [2], column
