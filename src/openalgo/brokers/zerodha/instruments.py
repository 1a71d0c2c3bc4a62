"""Zerodha's instruments file: every exchange in one CSV, made anew each morning.

Columns by name: instrument_token, exchange_token, tradingsymbol, name, last_price, expiry
(YYYY-MM-DD), strike, tick_size, lot_size, instrument_type, segment, exchange. Prices are rupees.
"""

import codecs
import csv
from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from contextlib import aclosing
from datetime import date
from decimal import Decimal
from io import StringIO

import structlog

from openalgo.brokers.http import ApiRequest, BrokerHttp, Progress
from openalgo.brokers.zerodha.api import OTHER
from openalgo.brokers.zerodha.mapping import (
    EXCHANGES,
    INDEX_EXCHANGES,
    INDEX_NAMES,
    INDEX_SEGMENT,
    TYPES,
)
from openalgo.brokers.zerodha.tokens import SEPARATOR
from openalgo.domain.errors import BrokerUnavailable
from openalgo.domain.instruments import Instrument, InstrumentType
from openalgo.domain.market import Exchange
from openalgo.domain.numbers import Px, px
from openalgo.instruments.pool import Pool
from openalgo.instruments.skipped import SkippedRows
from openalgo.instruments.symbols import MONTHS, symbol_of

_COLUMNS = (
    *("instrument_token", "exchange_token", "tradingsymbol", "name", "expiry", "strike"),
    *("tick_size", "lot_size", "instrument_type", "segment", "exchange"),
)
_WEEKLY_MONTHS = "123456789OND"
_LONGEST_RECORD = 256 * 1024

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class ContractFileError(ValueError):
    """The file is not what its broker documents; the message says what is missing."""


class _Unusable(Exception):
    """A row that cannot become an instrument: why, and what in it."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


async def download(http: BrokerHttp, progress: Progress) -> AsyncGenerator[Instrument, None]:
    """Today's instruments of all exchanges, row by row while the file comes in."""
    request = ApiRequest(
        name="instruments", method="GET", url="/instruments", scopes=OTHER, json_reply=False
    )
    skipped = SkippedRows()
    table = _Table(skipped)
    text = codecs.getincrementaldecoder("utf-8-sig")()
    rest = ""
    try:
        async with aclosing(http.stream(request, progress=progress)) as pieces:
            async for piece in pieces:
                records, rest = _whole_records(rest + text.decode(piece))
                for instrument in table.instruments(StringIO(records, newline="")):
                    yield instrument
        rest += text.decode(b"", final=True)
        for instrument in table.instruments(StringIO(rest, newline="")):
            yield instrument
        table.check()
    except (ContractFileError, UnicodeDecodeError, csv.Error) as error:
        said = str(error) if isinstance(error, ContractFileError) else "It is no CSV in UTF-8."
        raise BrokerUnavailable(f"Zerodha sent something else than instruments. {said}") from error
    if skipped.total:
        _log.info("instruments skipped", broker="zerodha", rows=skipped.total, why=skipped.reasons)


def parse(lines: Iterable[str], skipped: SkippedRows | None = None) -> Iterator[Instrument]:
    """The instruments of a file, one by one as they are asked for.

    Rows that cannot be used are told to `skipped`. Raises `ContractFileError` for a file without
    one of the columns.
    """
    table = _Table(SkippedRows() if skipped is None else skipped)
    yield from table.instruments(lines)
    table.check()


class _Table:
    """A file whose lines come in portions, each of whole records."""

    def __init__(self, skipped: SkippedRows) -> None:
        self._skipped = skipped
        self._rows = _Rows()
        self._pick: list[int] | None = None
        self._line = 0

    def instruments(self, lines: Iterable[str]) -> Iterator[Instrument]:
        table = csv.reader(lines)
        before = self._line
        for cells in table:
            self._line = before + table.line_num
            if self._pick is None:
                self._pick = _columns(cells)
                continue
            if not cells:
                continue
            try:
                yield self._rows.instrument(*[cells[at] for at in self._pick])
            except IndexError:
                self._skipped.add(self._line, "too few columns", str(len(cells)))
            except _Unusable as error:
                self._skipped.add(self._line, error.reason, error.detail)

    def check(self) -> None:
        """Raises `ContractFileError` when not even a header came."""
        if self._pick is None:
            _columns([])


def _whole_records(text: str) -> tuple[str, str]:
    """`text` up to the end of its last whole record, and what is left. A line may end within
    quotes, where it does not end the record; but quotes that never close are only a sign."""
    end = last = text.rfind("\n") + 1
    while end and text.count('"', 0, end) % 2:
        end = text.rfind("\n", 0, text.rfind('"', 0, end)) + 1
    if len(text) - end > _LONGEST_RECORD:
        end = last
    if len(text) - end > _LONGEST_RECORD:
        raise ContractFileError("One of its lines does not end.")
    return text[:end], text[end:]


def _columns(header: Sequence[str]) -> list[int]:
    names = [name.strip() for name in header]
    missing = [name for name in _COLUMNS if name not in names]
    if missing:
        raise ContractFileError(f"The instruments file has no column {', '.join(missing)}.")
    return [names.index(name) for name in _COLUMNS]


class _Rows:
    """Makes instruments of rows, sharing what rows have in common."""

    def __init__(self) -> None:
        self._pool = Pool()
        self._ticks: dict[str, Px] = {}

    def instrument(
        self,
        instrument_token: str,
        exchange_token: str,
        trading_symbol: str,
        name: str,
        expiry: str,
        strike: str,
        tick_size: str,
        lot_size: str,
        type_word: str,
        segment: str,
        exchange_word: str,
    ) -> Instrument:
        if not (instrument_token and trading_symbol):
            raise _Unusable("no token or symbol", f"{instrument_token},{trading_symbol}")
        type = TYPES.get(type_word)
        if type is None:
            raise _Unusable("unknown instrument type", type_word)
        exchange = EXCHANGES.get(exchange_word)
        if exchange is None:
            raise _Unusable("unknown exchange", exchange_word)
        name = self._pool.text(name)
        symbol, day, rupees = trading_symbol.upper(), None, None
        if segment == INDEX_SEGMENT or exchange is Exchange.GLOBAL_INDEX:
            exchange, symbol = _index(exchange_word, type, symbol)
            type = InstrumentType.INDEX
        elif type is not InstrumentType.EQUITY:
            day = self._day(expiry)
            rupees = None if type is InstrumentType.FUTURE else self._strike(strike)
            name = self._pool.text(_base(name, symbol, type, day, rupees))
            symbol = symbol_of(name, type, day, rupees)
        return Instrument(
            exchange=exchange,
            symbol=symbol,
            name=name,
            type=type,
            broker_symbol=symbol if symbol == trading_symbol else trading_symbol,
            broker_exchange=self._pool.text(exchange_word),
            token=f"{instrument_token}{SEPARATOR}{exchange_token}",
            tick_size=self._tick(tick_size),
            lot_size=self._lot(lot_size, type),
            expiry=day,
            strike=rupees,
        )

    def _day(self, text: str) -> date:
        try:
            return self._pool.day(text)
        except ValueError:
            raise _Unusable("no valid expiry", text) from None

    def _strike(self, text: str) -> Decimal:
        try:
            strike = self._pool.number(text)
        except ValueError:
            strike = Decimal(0)
        if strike <= 0:
            raise _Unusable("no valid strike", text)
        return strike

    def _tick(self, text: str) -> Px:
        tick = self._ticks.get(text)
        if tick is None:
            try:
                value = self._pool.number(text)
            except ValueError:
                value = Decimal(-1)
            if value < 0:
                raise _Unusable("no valid tick size", text)
            tick = self._ticks[text] = px(value)
        return tick

    def _lot(self, text: str, type: InstrumentType) -> int:
        try:
            lot = int(text)
        except ValueError:
            lot = -1
        if lot == 0 and type in (InstrumentType.INDEX, InstrumentType.EQUITY):
            return 1
        if lot < 1:
            raise _Unusable("no valid lot size", text)
        return lot


def _index(exchange_word: str, type: InstrumentType, name: str) -> tuple[Exchange, str]:
    """Where we list the index that the broker calls `name`, and as what."""
    exchange = INDEX_EXCHANGES.get(exchange_word)
    if exchange is None or type is not InstrumentType.EQUITY:
        raise _Unusable("no exchange code for it", f"{exchange_word} {name}")
    return exchange, INDEX_NAMES.get(exchange, {}).get(name) or name.replace(" ", "")


def _base(
    name: str, symbol: str, type: InstrumentType, expiry: date, strike: Decimal | None
) -> str:
    """The underlying of a contract: its name, or what its symbol has before the date.

    Symbols are spelled with the month (`INFY26AUG1500CE`) or, of weekly options, with one sign
    for the month and the day (`NIFTY2681824500PE`).
    """
    if name:
        return name.upper().replace(" ", "")
    month = expiry.month - 1
    right = "FUT" if strike is None else f"{strike}{type}"
    for written in (MONTHS[month], f"{_WEEKLY_MONTHS[month]}{expiry.day:02}"):
        ending = f"{expiry.year % 100:02}{written}{right}"
        if len(symbol) > len(ending) and symbol.endswith(ending):
            return symbol.removesuffix(ending)
    raise _Unusable("no underlying", symbol)
