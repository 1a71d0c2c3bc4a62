"""What clients may write for a number, a word or a switch, and what we make of it.

The rules take everything existing clients send: numbers as text, words in any case, `75.0` for
75. Refusals are worded for the person who reads them in a strategy's log.
"""

import math
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, LiteralString, TypeVar

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from openalgo.domain.clock import IST
from openalgo.domain.intervals import INTERVALS
from openalgo.domain.market import Exchange
from openalgo.domain.orders import ORDER_PRODUCTS, Action, PriceType, Product

Word = TypeVar("Word", bound=StrEnum)

LARGEST = Decimal(10) ** 12
"""Prices are stored as 64-bit integers of 1e-6 rupee; this bound keeps them inside."""
SMALLEST = Decimal("1e-12")

MAX_CLIENT_ORDER_ID = 64
_RESERVED = {"ac-": "approved orders have such ids", "smart-": "smart orders have such ids"}

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,2})?", re.ASCII)
_SPECIAL = re.compile(r"[+-]?s?(nan|inf(inity)?)", re.IGNORECASE)
_LONGEST_NUMBER = 40
_DAY = re.compile(r"\d{4}-\d{1,2}-\d{1,2}", re.ASCII)
# NUL and lone surrogates: text no database stores.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_TRUE = frozenset({"true", "t", "yes", "y", "on", "1"})
_FALSE = frozenset({"false", "f", "no", "n", "off", "0"})


# In the order error messages list them.
DERIVATIVE_EXCHANGES = (
    *(Exchange.NFO, Exchange.BFO, Exchange.MCX, Exchange.CDS),
    *(Exchange.NCO, Exchange.BCD, Exchange.NCDEX, Exchange.CRYPTO),
)


def refuse(text: LiteralString, **values: object) -> PydanticCustomError:
    """The error whose message is `text`, with `values` in its `{places}`."""
    return PydanticCustomError("refused", text, values)


def is_storable(text: str) -> bool:
    """Whether databases take `text`."""
    return _UNSTORABLE.search(text) is None


def read_number(value: object) -> Decimal:
    """A finite number from a JSON number or its text; booleans are none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise refuse("Not a valid number.")
    text = value.strip() if isinstance(value, str) else repr(value)
    if _SPECIAL.fullmatch(text):
        raise refuse("Special numeric values (nan or infinity) are not permitted.")
    if len(text) > _LONGEST_NUMBER or not _NUMBER.fullmatch(text):
        raise refuse("Not a valid number.")
    number = Decimal(text)
    if abs(number) >= LARGEST or 0 < abs(number) < SMALLEST:
        raise refuse("Number is out of range.")
    return number or Decimal(0)


def read_text(value: object) -> str:
    """Text, trimmed; a JSON number is written out in full."""
    if isinstance(value, str):
        text = value.strip()
        if not is_storable(text):
            raise refuse("Not a valid string.")
        return text
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise refuse("Not a valid string.")
    if not math.isfinite(value):
        raise refuse("Special numeric values (nan or infinity) are not permitted.")
    text = format(Decimal(repr(value)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def read_switch(value: object) -> bool:
    """A boolean from `true`, `1`, `"yes"`, `"on"` and their opposites."""
    if isinstance(value, bool | int | str):
        word = str(value).strip().lower()
        if word in _TRUE:
            return True
        if word in _FALSE:
            return False
    raise refuse("Not a valid boolean.")


def number_where(
    holds: Callable[[Decimal], bool], otherwise: LiteralString
) -> Callable[[object], Decimal]:
    def read(value: object) -> Decimal:
        number = read_number(value)
        if not holds(number):
            raise refuse(otherwise)
        return number

    return read


def text_of(longest: int, *, shortest: int = 1, upper: bool = False) -> Callable[[object], str]:
    def read(value: object) -> str:
        text = read_text(value)
        if not shortest <= len(text) <= longest:
            raise refuse(
                "Length must be between {shortest} and {longest}.",
                shortest=shortest,
                longest=longest,
            )
        return text.upper() if upper else text

    return read


_read_client_text = text_of(MAX_CLIENT_ORDER_ID)


def one_of(
    words: Iterable[Word], otherwise: LiteralString = "Must be one of: {names}."
) -> Callable[[object], Word]:
    by_name = {str(word): word for word in words}
    names = ", ".join(by_name)

    def read(value: object) -> Word:
        word = by_name.get(value.strip().upper()) if isinstance(value, str) else None
        if word is None:
            raise refuse(otherwise, names=names)
        return word

    return read


def one_word(*words: str) -> Callable[[object], str]:
    """Reads one of `words`, which are in lower case, from text in any case."""
    names = ", ".join(words)

    def read(value: object) -> str:
        word = value.strip().lower() if isinstance(value, str) else ""
        if word not in words:
            raise refuse("Must be one of: {names}.", names=names)
        return word

    return read


def read_client_order_id(value: object) -> str:
    """An id of the caller's own; those our own orders go by are refused."""
    name = _read_client_text(value)
    if ":" in name:
        raise refuse("Must not contain ':', which numbers the orders of one request.")
    for prefix, owner in _RESERVED.items():
        if name.startswith(prefix):
            raise refuse("Must not begin with '{prefix}': {owner}.", prefix=prefix, owner=owner)
    return name


def bounded_list(name: LiteralString, longest: int) -> BeforeValidator:
    """Refuses what is no list of 1 to `longest` items."""

    def check(value: object) -> object:
        if not isinstance(value, list):
            raise refuse("Not a valid list.")
        if not 1 <= len(value) <= longest:
            raise refuse("{name} must contain 1 to {longest} items.", name=name, longest=longest)
        return value

    return BeforeValidator(check)


def _read_disclosed(value: object) -> Decimal:
    number = read_number(value)
    if number < 0 or number != int(number):
        raise refuse("Disclosed quantity must be a non-negative integer.")
    return number


def _read_count(value: object) -> int:
    number = read_number(value)
    if number < 1 or number != int(number):
        raise refuse("Must be a positive integer.")
    return int(number)


def _read_row_number(value: object) -> int:
    number = read_number(value)
    if not 1 <= number < 2**63 or number != int(number):
        raise refuse("Must be a positive integer.")
    return int(number)


def _read_ist(value: object) -> datetime:
    if isinstance(value, str):
        with suppress(ValueError):
            return datetime.strptime(value.strip(), "%Y-%m-%d %H:%M:%S").replace(tzinfo=IST)
    raise refuse("Not a valid time; use YYYY-MM-DD HH:MM:SS in IST.")


def read_day(value: object) -> date:
    """A date from `2025-11-21` or `2025-11-3`."""
    if isinstance(value, str) and _DAY.fullmatch(text := value.strip()):
        with suppress(ValueError):
            return date(*map(int, text.split("-")))
    raise refuse("Not a valid date; use YYYY-MM-DD.")


def if_any(description: str) -> object:
    """A member of a reply that is left out where it would be `None`."""
    return Field(exclude_if=lambda value: value is None, description=description)


def number_schema(**rules: float) -> WithJsonSchema:
    return WithJsonSchema(
        {"anyOf": [{"type": "number", **rules}, {"type": "string", "format": "decimal"}]}
    )


def text_schema(longest: int, shortest: int = 1) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "minLength": shortest, "maxLength": longest})


def word_schema(words: Iterable[StrEnum]) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "enum": [str(word) for word in words]})


Quantity = Annotated[
    Decimal,
    PlainValidator(number_where(lambda n: n > 0, "Quantity must be a positive number.")),
    number_schema(exclusiveMinimum=0),
]
Price = Annotated[
    Decimal,
    PlainValidator(number_where(lambda n: n >= 0, "Price must be a non-negative number.")),
    number_schema(minimum=0),
]
TriggerPrice = Annotated[
    Decimal,
    PlainValidator(number_where(lambda n: n >= 0, "Trigger price must be a non-negative number.")),
    number_schema(minimum=0),
]
DisclosedQuantity = Annotated[Decimal, PlainValidator(_read_disclosed), number_schema(minimum=0)]
TickCount = Annotated[int, PlainValidator(_read_count), number_schema(minimum=1)]
RowNumber = Annotated[int, PlainValidator(_read_row_number), number_schema(minimum=1)]
Switch = Annotated[bool, PlainValidator(read_switch), WithJsonSchema({"type": "boolean"})]

ExchangeCode = Annotated[Exchange, PlainValidator(one_of(Exchange)), word_schema(Exchange)]
NamedExchangeCode = Annotated[
    Exchange,
    PlainValidator(one_of(Exchange, "Exchange must be one of: {names}.")),
    word_schema(Exchange),
]
DerivativeExchangeCode = Annotated[
    Exchange,
    PlainValidator(one_of(DERIVATIVE_EXCHANGES)),
    word_schema(DERIVATIVE_EXCHANGES),
]
ActionWord = Annotated[Action, PlainValidator(one_of(Action)), word_schema(Action)]
ProductCode = Annotated[
    Product, PlainValidator(one_of(ORDER_PRODUCTS)), word_schema(ORDER_PRODUCTS)
]
PriceTypeWord = Annotated[PriceType, PlainValidator(one_of(PriceType)), word_schema(PriceType)]

Day = Annotated[
    date, PlainValidator(read_day), WithJsonSchema({"type": "string", "format": "date"})
]
Interval = Annotated[
    str,
    PlainValidator(text_of(8)),
    WithJsonSchema({"type": "string", "examples": list(INTERVALS)}),
]
Symbol = Annotated[str, PlainValidator(text_of(64, upper=True)), text_schema(64)]
StrategyTag = Annotated[str, PlainValidator(text_of(255, shortest=0)), text_schema(255, 0)]
OrderId = Annotated[str, PlainValidator(text_of(64)), text_schema(64)]
ClientOrderId = Annotated[
    str, PlainValidator(read_client_order_id), text_schema(MAX_CLIENT_ORDER_ID)
]
IstTime = Annotated[
    datetime,
    PlainValidator(_read_ist),
    WithJsonSchema({"type": "string", "examples": ["2025-11-21 10:30:00"]}),
]

PaperMode = Annotated[
    Literal["analyze"] | None,
    Field(
        default=None,
        exclude_if=lambda mode: mode is None,
        description="Present when the paper exchange answered.",
    ),
    WithJsonSchema({"type": "string", "const": "analyze"}),
]
