"""What a market data frame says of an instrument, as JSON."""

import msgspec

from openalgo.domain.market import Level, Mode, Tick

_encode = msgspec.json.Encoder().encode

# (name on the wire, field of the tick). Clients of single brokers read the second names.
_QUOTE_FIELDS = (
    ("open", "open"),
    ("high", "high"),
    ("low", "low"),
    ("close", "prev_close"),
    ("last_trade_quantity", "last_quantity"),
    ("last_quantity", "last_quantity"),
    ("avg_trade_price", "average_price"),
    ("average_price", "average_price"),
    ("total_buy_quantity", "total_buy_quantity"),
    ("total_sell_quantity", "total_sell_quantity"),
    ("bid_price", "bid"),
    ("bid_size", "bid_quantity"),
    ("ask_price", "ask"),
    ("ask_size", "ask_quantity"),
    ("oi", "oi"),
    ("upper_circuit", "upper_circuit"),
    ("lower_circuit", "lower_circuit"),
)
_PRICE_PLACES = 4  # currency futures move by 0.0025
_PERCENT_PLACES = 2


def encode_data(tick: Tick, mode: Mode, levels: int) -> bytes:
    """The `data` object of `tick` for `mode`, with at most `levels` prices a side in a book.

    What the feed does not carry is left out; nothing is ever null.
    """
    data: dict[str, object] = {
        "symbol": tick.symbol,
        "exchange": tick.exchange,
        "ltp": tick.ltp,
        "timestamp": tick.received_ms,
    }
    if tick.exchange_ms is not None:
        data["ltt"] = tick.exchange_ms
    if tick.volume is not None:
        data["volume"] = tick.volume
    if mode is not Mode.LTP:
        _add_quote(data, tick)
    if mode is Mode.DEPTH:
        data["depth"] = {
            "buy": _book_side(tick.buy_levels, tick.bid, tick.bid_quantity)[:levels],
            "sell": _book_side(tick.sell_levels, tick.ask, tick.ask_quantity)[:levels],
        }
        data["depth_level"] = levels
    return _encode(data)


def _add_quote(data: dict[str, object], tick: Tick) -> None:
    for name, field in _QUOTE_FIELDS:
        value = getattr(tick, field)
        if value is not None:
            data[name] = value
    if tick.prev_close:
        change = tick.ltp - tick.prev_close
        data["change"] = round(change, _PRICE_PLACES)
        data["change_percent"] = round(change / tick.prev_close * 100, _PERCENT_PLACES)


def _book_side(
    levels: tuple[Level, ...], price: float | None, quantity: int | None
) -> tuple[Level, ...]:
    """The levels a feed sent, or its best price where it sends no others."""
    if not levels and price and quantity:
        return (Level(price, quantity),)
    return levels
