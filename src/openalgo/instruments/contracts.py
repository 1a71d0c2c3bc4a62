"""Derivatives by underlying: futures, expiries, strikes and option chains."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple

from openalgo.domain.instruments import Instrument, InstrumentType
from openalgo.domain.market import Exchange
from openalgo.domain.numbers import ZERO
from openalgo.instruments.slices import Steps

ContractKind = Literal["futures", "options"]

_DATED = frozenset({InstrumentType.FUTURE, InstrumentType.CALL, InstrumentType.PUT})


class ChainRow(NamedTuple):
    """One strike (rupees) of an option chain; a side that is not listed is `None`."""

    strike: Decimal
    call: Instrument | None
    put: Instrument | None


class Series(NamedTuple):
    """The options of one underlying and expiry, by ascending strike."""

    calls: Sequence[Instrument] = ()
    puts: Sequence[Instrument] = ()

    def of(self, type: InstrumentType) -> Sequence[Instrument]:
        return self.calls if type is InstrumentType.CALL else self.puts


class Underlying(NamedTuple):
    """Everything dated that is listed on one base at one exchange, nearest expiry first."""

    futures: Sequence[Instrument]
    series: Mapping[date, Series]


_NOTHING = Underlying((), {})
_NO_SERIES = Series()


class Contracts:
    """The dated contracts of a master, by base and derivative exchange.

    A base is what `Instrument.name` says of a contract (`NIFTY`, `M&M`). Unknown bases,
    exchanges and expiries give empty answers. Perpetual futures have no expiry and are not here.
    """

    def __init__(self) -> None:
        self._gathered: dict[Exchange, dict[str, list[Instrument]]] = {}
        self._underlyings: dict[Exchange, dict[str, Underlying]] = {}
        self._sizes: defaultdict[str, int] = defaultdict(int)

    def add(self, instrument: Instrument) -> bool:
        """Take `instrument` if it is a dated contract. Nothing is found before `arrange`."""
        if instrument.expiry is None or instrument.type not in _DATED:
            return False
        by_base = self._gathered.get(instrument.exchange)
        if by_base is None:
            by_base = self._gathered[instrument.exchange] = {}
        rows = by_base.get(instrument.name)
        if rows is None:
            rows = by_base[instrument.name] = []
        rows.append(instrument)
        self._sizes[instrument.name] += 1
        return True

    def arrange(self) -> Steps[None]:
        """Put all that was added in order."""
        for exchange, by_base in self._gathered.items():
            arranged = self._underlyings[exchange] = {}
            for base, rows in by_base.items():
                arranged[base] = yield from _arranged(rows)
        self._gathered = {}

    def each(self) -> Iterator[tuple[Exchange, str, Underlying]]:
        for exchange, by_base in self._underlyings.items():
            for base, underlying in by_base.items():
                yield exchange, base, underlying

    def pieces(self) -> Iterator[object]:
        """What it is made of; see `Master.pieces`."""
        for _, _, underlying in self.each():
            yield underlying.futures
            yield from underlying.series.values()

    def size(self, base: str) -> int:
        """How many contracts are listed on `base`, at all exchanges together."""
        return self._sizes.get(base, 0)

    def underlyings(self, exchange: Exchange) -> list[str]:
        """The bases with contracts at `exchange`, in alphabetical order."""
        return sorted(self._underlyings.get(exchange, ()))

    def expiries(
        self, base: str, exchange: Exchange, kind: ContractKind, today: date
    ) -> list[date]:
        """Ascending, without those before `today` (a trading date, so in IST)."""
        underlying = self._find(base, exchange)
        if kind == "futures":
            days = dict.fromkeys(_expiry(future) for future in underlying.futures)
        else:
            days = dict.fromkeys(underlying.series)
        return [day for day in days if day >= today]

    def futures(self, base: str, exchange: Exchange, today: date) -> list[Instrument]:
        """Those that have not expired before `today`, nearest first."""
        futures = self._find(base, exchange).futures
        return [future for future in futures if _expiry(future) >= today]

    def options(
        self, base: str, exchange: Exchange, expiry: date, type: InstrumentType
    ) -> dict[Decimal, Instrument]:
        """The calls or the puts by ascending strike (rupees)."""
        listed: dict[Decimal, Instrument] = {}
        for option in self._find(base, exchange).series.get(expiry, _NO_SERIES).of(type):
            listed.setdefault(_strike(option), option)
        return listed

    def strikes(
        self, base: str, exchange: Exchange, expiry: date, type: InstrumentType
    ) -> list[Decimal]:
        """The strikes (rupees) of the calls or the puts, ascending."""
        return list(self.options(base, exchange, expiry, type))

    def chain(self, base: str, exchange: Exchange, expiry: date) -> list[ChainRow]:
        """Every strike by ascending strike, with its call and its put."""
        series = self._find(base, exchange).series.get(expiry, _NO_SERIES)
        calls = {_strike(call): call for call in reversed(series.calls)}
        puts = {_strike(put): put for put in reversed(series.puts)}
        return [
            ChainRow(strike, calls.get(strike), puts.get(strike))
            for strike in sorted(calls.keys() | puts.keys())
        ]

    def _find(self, base: str, exchange: Exchange) -> Underlying:
        return self._underlyings.get(exchange, {}).get(base, _NOTHING)


def _arranged(rows: Sequence[Instrument]) -> Steps[Underlying]:
    groups: defaultdict[tuple[date, InstrumentType], list[Instrument]] = defaultdict(list)
    for row in rows:
        groups[_expiry(row), row.type].append(row)
        yield
    futures: list[Instrument] = []
    series: dict[date, Series] = {}
    for (day, type), group in sorted(groups.items(), key=_day):
        if type is InstrumentType.FUTURE:
            futures += group
            continue
        # Tuples, because the garbage collector forgets those of values it need not visit.
        options = tuple(sorted(group, key=_strike))
        known = series.get(day, _NO_SERIES)
        is_call = type is InstrumentType.CALL
        series[day] = known._replace(calls=options) if is_call else known._replace(puts=options)
        yield
    return Underlying(tuple(futures), series)


def _expiry(contract: Instrument) -> date:
    return contract.expiry or date.max


def _strike(option: Instrument) -> Decimal:
    return option.strike or ZERO


def _day(item: tuple[tuple[date, InstrumentType], list[Instrument]]) -> date:
    return item[0][0]
