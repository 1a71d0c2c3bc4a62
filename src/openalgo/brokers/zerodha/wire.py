"""How Kite writes numbers, times and quantities, and how its answers are read."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Generic, TypeVar

import msgspec

from openalgo.brokers.calls import Reply
from openalgo.brokers.zerodha.mapping import COUNTED_IN_LOTS
from openalgo.domain.clock import IST
from openalgo.domain.errors import InvalidOrder
from openalgo.domain.instruments import Instrument
from openalgo.domain.numbers import Px, px_decimal
from openalgo.instruments.slices import Slices

T = TypeVar("T")
R = TypeVar("R")


class Answer(msgspec.Struct, Generic[T]):
    """The envelope of everything Kite answers."""

    data: T


class Unreadable(ValueError):
    """A row says something we have no word for; the text names the member, not its value."""


async def each(
    reply: Reply, rows: Sequence[msgspec.Raw], type: type[R], make: Callable[[R], T | None]
) -> list[T]:
    """What `make` makes of `rows`, without those it makes nothing of: in slices, for a book of a
    few thousand orders takes longer to read than anything may hold the loop.

    Raises `reply.unusable` when a row is not of `type`, or `make` raises `Unreadable`.
    """
    decoder = msgspec.json.Decoder(type)
    slices = Slices()
    made: list[T] = []
    problem = ""
    await slices.pause()  # the reply was looked through twice already
    for row in rows:
        try:
            one = make(decoder.decode(row))
        except UnicodeDecodeError:
            problem = "it is not UTF-8"
            break
        except (msgspec.DecodeError, Unreadable) as error:
            problem = str(error)
            break
        if one is not None:
            made.append(one)
        if slices.over:
            await slices.pause()
    else:
        return made
    raise reply.unusable(problem)


def instant(text: str | None, member: str) -> datetime:
    """A time written `YYYY-MM-DD HH:MM:SS` in IST. Raises `Unreadable`."""
    try:
        return datetime.fromisoformat(text or "").replace(tzinfo=IST).astimezone(UTC)
    except ValueError:
        raise Unreadable(f"{member} is no time") from None


def instant_or_none(text: str | None) -> datetime | None:
    """The same, `None` where there is none."""
    try:
        return instant(text, "")
    except Unreadable:
        return None


def price_text(price: Px) -> str:
    return number_text(px_decimal(price))


def number_text(number: Decimal) -> str:
    """Without exponent and needless zeros: `0`, `75`, `100.05`."""
    return f"{number.normalize():f}" if number else "0"


def lot_of(instrument: Instrument | None) -> int:
    """How many of our units Kite's 1 is.

    Kite counts MCX and currency contracts in lots, and its file says `lot_size` 1 of them: then
    our unit is a lot too, as the file says no more. Should it begin to say how much a lot holds,
    our quantities become units and Kite's stay lots. If Kite changed both at once, an order would
    come out too small or be refused, but never too large.
    """
    if instrument is None or instrument.broker_exchange not in COUNTED_IN_LOTS:
        return 1
    return instrument.lot_size


def kite_quantity(quantity: Decimal, instrument: Instrument, field: str = "quantity") -> int:
    """`quantity` (units) as Kite counts it. Raises `InvalidOrder` for parts of a lot."""
    lots = quantity / lot_of(instrument)
    whole = int(lots)
    if whole != lots:
        raise InvalidOrder(
            field, f"Quantity {quantity} is not a multiple of the lot size {instrument.lot_size}"
        )
    return whole
