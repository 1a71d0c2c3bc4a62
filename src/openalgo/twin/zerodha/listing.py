"""What the twin of Zerodha lists: a few hundred instruments in its spelling, or a file of them.

Shares, indices and the terms of contracts come from the tables of the simulated market. Tokens of
well-known instruments are the real ones; the others follow from the symbol, so they stay the same
from day to day.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from zlib import crc32

from openalgo.brokers.simulator import tables
from openalgo.brokers.simulator.contracts import ChainTerms, Contracts, FutureTerms
from openalgo.brokers.simulator.expiries import Expiries
from openalgo.brokers.simulator.underlyings import Underlying, underlyings
from openalgo.domain.instruments import InstrumentType
from openalgo.domain.numbers import px
from openalgo.instruments.symbols import MONTHS
from openalgo.twin.contracts import Contract

SEGMENT_IDS: Mapping[str, int] = {
    "NSE": 1,
    "NFO": 2,
    "CDS": 3,
    "BSE": 4,
    "BFO": 5,
    "BCD": 6,
    "MCX": 7,
    "INDICES": 9,
    "NCO": 12,
}
"""The last byte of an instrument token."""

IN_LOTS = frozenset({"MCX", "CDS", "BCD", "NCO"})
"""Where quantities are lots."""

INDEX_BASES: Mapping[str, str] = {
    "NIFTY 50": "NIFTY",
    "NIFTY BANK": "BANKNIFTY",
    "NIFTY FIN SERVICE": "FINNIFTY",
    "NIFTY MID SELECT": "MIDCPNIFTY",
    "NIFTY NEXT 50": "NIFTYNXT50",
    "INDIA VIX": "INDIAVIX",
    "NIFTY IT": "NIFTYIT",
    "SENSEX": "SENSEX",
    "BANKEX": "BANKEX",
}
"""Index symbols and the names their contracts carry."""

_INDEX_SYMBOLS = {base: symbol for symbol, base in INDEX_BASES.items()}
_EXCHANGE_TOKENS = {
    "NSE:INFY": 1594,
    "NSE:SBIN": 3045,
    "NSE:RELIANCE": 2885,
    "NSE:TCS": 11536,
    "NSE:HDFCBANK": 1333,
    "NSE:ICICIBANK": 4963,
    "NSE:NIFTY 50": 1001,
    "NSE:NIFTY BANK": 1016,
    "NSE:INDIA VIX": 1035,
    "BSE:SENSEX": 1,
}
_OTHER_TOKENS_FROM, _OTHER_TOKENS = 50_000, 1_000_000

_WEEKLY_MONTHS = "123456789OND"
_FUTURES, _WEEKLIES, _MONTHLIES, _STRIKES_EACH_WAY = 3, 2, 2, 10
_LARGEST_LOTS = 27
"""As of NIFTY: of lots of 65, 1,800 units."""


@dataclass(frozen=True, slots=True)
class Listing:
    """`bases` are what the prices start from, in rupees."""

    contracts: tuple[Contract, ...]
    bases: Mapping[str, float]


def listing(today: date) -> Listing:
    """What is listed on `today`."""
    rows = _Rows()
    return Listing(tuple(rows.all(today)), rows.bases)


class _Rows:
    def __init__(self) -> None:
        self.bases = {name: float(row.price) for name, row in underlyings().items()}
        self._tokens = Tokens()

    def all(self, today: date) -> Iterator[Contract]:
        terms = Contracts()
        with_bse = {row.symbol for row in tables.equities()[:60]} | set(terms.futures)
        for row in underlyings().values():
            if row.is_index:
                yield self._cash(row, str(row.exchange).removesuffix("_INDEX"))
            elif row.is_share:
                yield self._cash(row, "NSE")
                if row.symbol in with_bse:
                    yield self._cash(row, "BSE")
        for future in terms.futures.values():
            for expiry in future.expiries.monthlies(today, _FUTURES):
                yield self._contract(future, expiry)
        for chain in terms.chains.values():
            for expiry in _chain_expiries(chain, today):
                for strike in self._strikes(chain):
                    yield self._contract(chain, expiry, strike, InstrumentType.CALL)
                    yield self._contract(chain, expiry, strike, InstrumentType.PUT)

    def _cash(self, row: Underlying, exchange: str) -> Contract:
        symbol = _INDEX_SYMBOLS.get(row.symbol, row.symbol) if row.is_index else row.symbol
        segment = "INDICES" if row.is_index else exchange
        number = self._tokens.exchange_token(exchange, segment, symbol)
        return Contract(
            token=number << 8 | SEGMENT_IDS[segment],
            exchange_token=number,
            exchange=exchange,
            segment=segment,
            symbol=symbol,
            name=symbol if row.is_index else row.name.upper(),
            type=InstrumentType.INDEX if row.is_index else InstrumentType.EQUITY,
            base=row.symbol,
            tick=row.tick,
        )

    def _contract(
        self,
        terms: FutureTerms | ChainTerms,
        expiry: date,
        strike: Decimal | None = None,
        type: InstrumentType = InstrumentType.FUTURE,
    ) -> Contract:
        exchange, base = str(terms.exchange), terms.underlying.symbol
        symbol = f"{base}{_date(terms.expiries, expiry)}{type if strike is None else ''}"
        if strike is not None:
            symbol += f"{strike.normalize():f}{type}"
        number = self._tokens.exchange_token(exchange, exchange, symbol)
        in_lots = exchange in IN_LOTS
        lot = 1 if in_lots else terms.row.lot
        return Contract(
            token=number << 8 | SEGMENT_IDS[exchange],
            exchange_token=number,
            exchange=exchange,
            segment=f"{exchange}-{'FUT' if strike is None else 'OPT'}",
            symbol=symbol,
            name=base,
            type=type,
            base=base,
            tick=px(terms.row.tick),
            lot=lot,
            multiplier=terms.row.lot if in_lots else 1,
            largest=lot * _LARGEST_LOTS,
            expiry=expiry,
            strike=strike,
        )

    def _strikes(self, terms: ChainTerms) -> Iterator[Decimal]:
        money = round(self.bases[terms.underlying.symbol] / float(terms.row.step))
        for number in range(money - _STRIKES_EACH_WAY, money + _STRIKES_EACH_WAY + 1):
            yield number * terms.row.step


class Tokens:
    """Gives out the numbers of an exchange, each once."""

    def __init__(self) -> None:
        self._taken: set[tuple[str, int]] = {
            ("INDICES" if " " in name or name == "BSE:SENSEX" else name[:3], number)
            for name, number in _EXCHANGE_TOKENS.items()
        }

    def exchange_token(self, exchange: str, segment: str, symbol: str) -> int:
        name = f"{exchange}:{symbol}"
        if name in _EXCHANGE_TOKENS:
            return _EXCHANGE_TOKENS[name]
        place = crc32(name.encode())
        while (segment, number := _OTHER_TOKENS_FROM + place % _OTHER_TOKENS) in self._taken:
            place += 1
        self._taken.add((segment, number))
        return number


def _chain_expiries(terms: ChainTerms, today: date) -> Iterable[date]:
    weeklies = terms.expiries.weeklies(today, min(terms.row.weeklies, _WEEKLIES))
    monthlies = terms.expiries.monthlies(today, min(terms.row.monthlies, _MONTHLIES))
    return sorted({*weeklies, *monthlies})


def _date(expiries: Expiries, expiry: date) -> str:
    """How a symbol spells an expiry: `26NOV` of a month's contract, `26N24` of a week's."""
    if expiries.is_monthly(expiry):
        return f"{expiry:%y}{MONTHS[expiry.month - 1]}"
    return f"{expiry:%y}{_WEEKLY_MONTHS[expiry.month - 1]}{expiry:%d}"
