"""Values that many rows of a contract file have in common, kept once."""

from datetime import date
from decimal import Decimal, InvalidOperation

from openalgo.instruments.symbols import shortest


class Pool:
    """Gives equal values as one object, from the texts files carry.

    100,000 rows know some 60 expiries, 300 underlyings and a few thousand strikes. Lives as long
    as one file is read. Texts that mean nothing raise `ValueError`.
    """

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._numbers: dict[str, Decimal] = {}
        self._values: dict[Decimal, Decimal] = {}
        self._days: dict[str, date] = {}

    def text(self, text: str) -> str:
        return self._texts.setdefault(text, text)

    def number(self, text: str) -> Decimal:
        """A finite number in its shortest form: `292.50` is 292.5, `2.5E+4` is 25000."""
        known = self._numbers.get(text)
        if known is None:
            try:
                value = shortest(Decimal(text))
            except InvalidOperation:
                raise ValueError(f"'{text}' is not a number") from None
            known = self._numbers[text] = self._values.setdefault(value, value)
        return known

    def day(self, text: str) -> date:
        """A date written `YYYY-MM-DD`."""
        known = self._days.get(text)
        if known is None:
            known = self._days[text] = date.fromisoformat(text)
        return known
