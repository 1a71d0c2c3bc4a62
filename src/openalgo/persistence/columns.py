"""Column types of our own: exact numbers, instants and words, alike on SQLite and PostgreSQL.

SQLite has neither decimals nor instants, so both are kept as scaled 64-bit integers. A value that
does not fit exactly raises `ValueError`; nothing is ever rounded on the way to disk.
"""
# ruff: noqa: ARG002 - SQLAlchemy passes the dialect, and ours are the same in all of them

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar, TypeVar

from sqlalchemy import BigInteger, Dialect, Integer, Text
from sqlalchemy.types import TypeDecorator

from openalgo.domain.numbers import Px

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

BIGINT_MAX = 2**63 - 1
BIGINT_MIN = -(2**63)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_US = 86_400_000_000
_SECOND_US = 1_000_000

# SQLite numbers rows by itself only in a column declared INTEGER, which holds 64 bits there.
RowId = BigInteger().with_variant(Integer(), "sqlite")


class OwnColumn(TypeDecorator[T]):
    """Values are encoded the same way for every database."""

    __abstract__ = True
    cache_ok = True

    def encode(self, value: T | None) -> object:
        """`value` as the driver takes it. Raises `ValueError` when it does not fit."""
        raise NotImplementedError

    def process_bind_param(self, value: T | None, dialect: Dialect) -> object:
        return self.encode(value)


class PriceCol(OwnColumn[Px]):
    """A price: BIGINT of 1e-6 rupee, a `Px` in Python."""

    impl = BigInteger
    cache_ok = True

    def encode(self, value: Px | None) -> int | None:
        if value is None:
            return None
        if type(value) is not int or not BIGINT_MIN <= value <= BIGINT_MAX:
            raise ValueError(f"{value!r} is not a 64-bit price in 1e-6 rupee")
        return value

    def process_result_value(self, value: int | None, dialect: Dialect) -> Px | None:
        return None if value is None else Px(value)


class _Scaled(OwnColumn[Decimal]):
    """A `Decimal` kept as a BIGINT count of `step`."""

    impl = BigInteger
    cache_ok = True

    step: ClassVar[Decimal]
    per_unit: ClassVar[int]

    def encode(self, value: Decimal | None) -> int | None:
        if not value:
            return None if value is None else 0
        try:
            above, below = value.as_integer_ratio()
        except (ArithmeticError, ValueError) as error:
            raise ValueError(f"{value} is not a number that can be stored") from error
        steps, lost = divmod(above * self.per_unit, below)
        if lost or not BIGINT_MIN <= steps <= BIGINT_MAX:
            raise ValueError(f"{value} is not a 64-bit multiple of {self.step}")
        return steps


class MoneyCol(_Scaled):
    """Rupees: BIGINT of 1e-4 rupee, a `Decimal` with four decimal places in Python."""

    cache_ok = True
    step = Decimal("0.0001")
    per_unit = 10_000

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else value * self.step


class QuantityCol(_Scaled):
    """Units: BIGINT of 1e-8 unit, a `Decimal` without trailing zeros in Python."""

    cache_ok = True
    step = Decimal("0.00000001")
    per_unit = 100_000_000

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        if value is None:
            return None
        units, fraction = divmod(value, 100_000_000)
        return (value * self.step).normalize() if fraction else Decimal(units)


class ExactCol(OwnColumn[Decimal]):
    """Any finite `Decimal`, as text: for sums of price times quantity, which may have 14 decimal
    places. The database can neither compare nor add it."""

    impl = Text
    cache_ok = True

    def encode(self, value: Decimal | None) -> str | None:
        if value is None:
            return None
        if not value.is_finite():
            raise ValueError(f"{value} is not a number that can be stored")
        return str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


class UtcCol(OwnColumn[datetime]):
    """An instant: BIGINT microseconds since 1970-01-01 UTC, an aware UTC `datetime` in Python."""

    impl = BigInteger
    cache_ok = True

    def encode(self, value: datetime | None) -> int | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone, so it is not an instant")
        since = value - _EPOCH
        return since.days * _DAY_US + since.seconds * _SECOND_US + since.microseconds

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else _EPOCH + timedelta(microseconds=value)


class EnumCol(OwnColumn[E]):
    """A member of `words`, kept as its text."""

    impl = Text
    cache_ok = True

    def __init__(self, words: type[E]) -> None:
        super().__init__()
        self.words = words
        self._member = {member.value: member for member in words}

    def encode(self, value: E | None) -> str | None:
        if value is None:
            return None
        if not isinstance(value, self.words):
            raise ValueError(f"{value!r} is not one of {self.words.__name__}")
        # A plain str: drivers treat its subclasses as strangers, which is slow.
        return str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> E | None:
        if value is None:
            return None
        member = self._member.get(value)
        if member is None:
            raise ValueError(f"{value!r} is not one of {self.words.__name__}")
        return member
