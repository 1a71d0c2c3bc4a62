"""From the broker's spelling back to the instrument."""

from collections.abc import Iterator, Mapping

from openalgo.domain.instruments import Instrument
from openalgo.domain.market import QUOTE_ONLY_EXCHANGES, Exchange

Rows = Mapping[Exchange, Mapping[str, Instrument]]
"""All instruments, by our exchange and symbol."""


class BrokerSymbols:
    """Finds instruments by the broker's exchange and symbol.

    Only what the broker spells otherwise is kept here; the rest is found in the rows themselves.
    A broker may call an index like a share (BSE's POWER): the one that can be traded is meant.
    """

    def __init__(self) -> None:
        self._traded: dict[str, dict[str, Instrument]] = {}
        self._quoted: dict[str, dict[str, Instrument]] = {}
        self._homes: dict[str, dict[Exchange, None]] = {}

    def add(self, instrument: Instrument) -> None:
        """Of several with one spelling the first counts."""
        exchange, broker_exchange = instrument.exchange, instrument.broker_exchange
        if instrument.broker_symbol == instrument.symbol:
            homes = self._homes.get(broker_exchange)
            if homes is None:
                homes = self._homes[broker_exchange] = {}
            homes[exchange] = None
            return
        spelled = self._quoted if exchange in QUOTE_ONLY_EXCHANGES else self._traded
        symbols = spelled.get(broker_exchange)
        if symbols is None:
            symbols = spelled[broker_exchange] = {}
        symbols.setdefault(instrument.broker_symbol, instrument)

    def find(self, rows: Rows, broker_exchange: str, broker_symbol: str) -> Instrument | None:
        """Among `rows`, all of which were added."""
        found = self._traded.get(broker_exchange, {}).get(broker_symbol)
        if found is not None:
            return found
        alike = [
            row
            for exchange in self._homes.get(broker_exchange, ())
            if (row := rows[exchange].get(broker_symbol)) is not None
            and row.broker_symbol == broker_symbol
            and row.broker_exchange == broker_exchange
        ]
        quoted = self._quoted.get(broker_exchange, {}).get(broker_symbol)
        if quoted is not None:
            alike.append(quoted)
        return min(alike, key=_is_quoted_only, default=None)

    def pieces(self) -> Iterator[object]:
        """What it is made of; see `Master.pieces`."""
        yield from self._traded.values()
        yield from self._quoted.values()


def _is_quoted_only(instrument: Instrument) -> bool:
    return instrument.exchange in QUOTE_ONLY_EXCHANGES
