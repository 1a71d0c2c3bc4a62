"""Which column of a recording holds what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from openalgo.brokers.replay.errors import ReplayError
from openalgo.brokers.replay.table import Table

_STAMP = ("timestamp", "datetime", "date_time", "exchange_timestamp")
_SYMBOL = ("symbol", "instrument", "tradingsymbol")
_LTP = ("ltp", "last_price", "price")
_OHLC = ("open", "high", "low", "close")
_OI = ("oi", "open_interest")


@dataclass(frozen=True, slots=True)
class CandleColumns:
    open: int
    high: int
    low: int
    close: int
    volume: int | None
    oi: int | None


@dataclass(frozen=True, slots=True)
class TickColumns:
    ltp: int
    volume: int | None
    last_quantity: int | None
    oi: int | None
    bid: int | None
    bid_quantity: int | None
    ask: int | None
    ask_quantity: int | None
    total_buy_quantity: int | None
    total_sell_quantity: int | None


@dataclass(frozen=True, slots=True)
class Layout:
    """`when` is the column of the time, or those of date and time."""

    when: Sequence[int]
    symbol: int | None
    prices: CandleColumns | TickColumns


def sniff(table: Table) -> Layout:
    """The layout of `table`, by the names of its columns. Raises `ReplayError`."""
    columns = {name: number for number, name in enumerate(table.header)}
    return Layout(
        when=_when(table, columns),
        symbol=_first_of(_SYMBOL, columns),
        prices=_prices(table, columns),
    )


def _first_of(names: Sequence[str], columns: Mapping[str, int]) -> int | None:
    return next((columns[name] for name in names if name in columns), None)


def _when(table: Table, columns: Mapping[str, int]) -> Sequence[int]:
    stamp = _first_of(_STAMP, columns)
    if stamp is not None:
        return (stamp,)
    when = tuple(columns[name] for name in ("date", "time") if name in columns)
    if not when:
        raise ReplayError(
            f"{table.file}, line 1: no column tells the time; name one timestamp, date, datetime, "
            "exchange_timestamp or time."
        )
    return when


def _prices(table: Table, columns: Mapping[str, int]) -> CandleColumns | TickColumns:
    missing = [name for name in _OHLC if name not in columns]
    oi = _first_of(_OI, columns)
    if not missing:
        return CandleColumns(
            open=columns["open"],
            high=columns["high"],
            low=columns["low"],
            close=columns["close"],
            volume=columns.get("volume"),
            oi=oi,
        )
    ltp = _first_of(_LTP, columns)
    if ltp is None:
        raise ReplayError(
            f"{table.file}, line 1: there is no column {' and no column '.join(missing)}; name "
            "the columns of candles open, high, low and close, that of ticks ltp."
        )
    return TickColumns(
        ltp=ltp,
        volume=columns.get("volume_traded"),
        last_quantity=columns.get("last_traded_quantity"),
        oi=oi,
        bid=columns.get("best_bid"),
        bid_quantity=columns.get("best_bid_qty"),
        ask=columns.get("best_ask"),
        ask_quantity=columns.get("best_ask_qty"),
        total_buy_quantity=columns.get("total_buy_qty"),
        total_sell_quantity=columns.get("total_sell_qty"),
    )
