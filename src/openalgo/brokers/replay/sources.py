"""What a user names on the command line: `[EXCHANGE:[SYMBOL]=]PATH`."""

import re
from dataclasses import dataclass
from pathlib import Path

from openalgo.brokers.replay.errors import ReplayError
from openalgo.domain.market import Exchange, InstrumentKey
from openalgo.instruments import symbols
from openalgo.instruments.indices import BSE_INDICES, index_exchange

_NAMED = re.compile(r"(?P<exchange>[A-Za-z_]{3,}):(?P<symbol>[^=/\\]*)=(?P<path>.+)")
_SYMBOL = re.compile(r"[A-Z0-9&.-]+")
_SUFFIXES = (".gz", ".csv", ".parquet", ".pq")
_EQUITY_SERIES = "-EQ"


@dataclass(frozen=True, slots=True)
class Source:
    """One file, and what to call what is in it where the file does not say so itself."""

    path: Path
    exchange: Exchange | None = None
    symbol: str | None = None

    @classmethod
    def from_argument(cls, argument: str) -> "Source":
        """Read `[EXCHANGE:[SYMBOL]=]PATH`. Raises `ReplayError` for an unknown exchange."""
        named = _NAMED.fullmatch(argument)
        if named is None:
            return cls(Path(argument))
        code = named["exchange"].upper()
        if code not in Exchange.__members__:
            raise ReplayError(
                f"'{named['exchange']}' in '{argument}' is not an exchange; use one of "
                f"{', '.join(Exchange)}."
            )
        return cls(Path(named["path"]), Exchange(code), plain_symbol(named["symbol"]) or None)

    def key(self, recorded: str | None) -> InstrumentKey:
        """The instrument of a row whose symbol column says `recorded` (`None`: no such column).

        Raises `ReplayError` when nothing tells the symbol.
        """
        symbol = self.symbol or plain_symbol(_name_in(self.path) if recorded is None else recorded)
        if not _SYMBOL.fullmatch(symbol):
            raise ReplayError(
                f"'{symbol}' is not a symbol; name the instrument of {self.path.name}, "
                f"for example NSE:SBIN={self.path.name}."
            )
        return InstrumentKey(self.exchange or _exchange_of(symbol), symbol)


def plain_symbol(text: str) -> str:
    """`text` in our spelling: upper case and without the equity series (`SBIN-EQ` is SBIN)."""
    return text.strip().upper().removesuffix(_EQUITY_SERIES)


def _name_in(path: Path) -> str:
    name = path.name
    for suffix in _SUFFIXES:
        if name.lower().endswith(suffix):
            name = name[: -len(suffix)]
    return name.partition("_")[0]


def _exchange_of(symbol: str) -> Exchange:
    """Where `symbol` is most likely listed, judged by its form."""
    contract = symbols.parse(symbol)
    if contract is not None:
        return Exchange.BFO if contract.base in BSE_INDICES else Exchange.NFO
    return index_exchange(symbol) or Exchange.NSE
