"""The instruments of a recording, judged by their symbols and prices."""

from collections.abc import Iterable, Sequence

from openalgo.brokers.replay.errors import ReplayError
from openalgo.brokers.replay.records import Record
from openalgo.brokers.replay.sources import Source
from openalgo.domain.instruments import Instrument, InstrumentType
from openalgo.domain.market import (
    DERIVATIVE_EXCHANGES,
    QUOTE_ONLY_EXCHANGES,
    Exchange,
    InstrumentKey,
)
from openalgo.domain.numbers import Px, px
from openalgo.instruments import symbols

_FIVE_PAISE = px("0.05")
_PAISA = px("0.01")
_CURRENCY_TICK = px("0.0025")
_CURRENCY_EXCHANGES = frozenset({Exchange.CDS, Exchange.BCD})
_PERPETUAL_SUFFIX = "FUT"


class Listings:
    """Collects what is recorded, file by file."""

    def __init__(self) -> None:
        self._in_five_paise: dict[InstrumentKey, bool] = {}

    def add(self, source: Source, records: Iterable[Record]) -> None:
        """Take note of the instruments of `records`. Raises `ReplayError` for a symbol that its
        exchange does not list."""
        for record in records:
            if record.key not in self._in_five_paise:
                _check(record.key, source)
            so_far = self._in_five_paise.get(record.key, True)
            self._in_five_paise[record.key] = so_far and _is_in_five_paise(record.price)

    def instruments(self) -> Sequence[Instrument]:
        """One row per instrument, in order of first appearance."""
        return tuple(
            _instrument(key, _tick_size(key.exchange, in_five_paise))
            for key, in_five_paise in self._in_five_paise.items()
        )


def _is_in_five_paise(price: float) -> bool:
    return px(price) % _FIVE_PAISE == 0


def _tick_size(exchange: Exchange, in_five_paise: bool) -> Px:
    if exchange in _CURRENCY_EXCHANGES:
        return _CURRENCY_TICK
    return _FIVE_PAISE if in_five_paise else _PAISA


def _check(key: InstrumentKey, source: Source) -> None:
    contracts_only = DERIVATIVE_EXCHANGES - {Exchange.CRYPTO}
    if key.exchange in contracts_only and symbols.parse(key.symbol) is None:
        raise ReplayError(
            f"{source.path.name}: {key.symbol} is not a contract of {key.exchange}; name it like "
            f"{key.exchange}:NIFTY25JAN24FUT={source.path.name}."
        )


def _instrument(key: InstrumentKey, tick_size: Px) -> Instrument:
    contract = None if key.exchange in QUOTE_ONLY_EXCHANGES else symbols.parse(key.symbol)
    return Instrument(
        exchange=key.exchange,
        symbol=key.symbol,
        name=contract.base if contract else key.symbol,
        type=contract.type if contract else _type_of(key),
        broker_symbol=key.symbol,
        broker_exchange=key.exchange,
        token=str(key),
        tick_size=tick_size,
        expiry=contract.expiry if contract else None,
        strike=contract.strike if contract else None,
    )


def _type_of(key: InstrumentKey) -> InstrumentType:
    """The type of an instrument whose symbol is not a dated contract."""
    if key.exchange in QUOTE_ONLY_EXCHANGES:
        return InstrumentType.INDEX
    if key.exchange is not Exchange.CRYPTO:
        return InstrumentType.EQUITY
    perpetual = key.symbol.endswith(_PERPETUAL_SUFFIX)
    return InstrumentType.PERPETUAL if perpetual else InstrumentType.SPOT
