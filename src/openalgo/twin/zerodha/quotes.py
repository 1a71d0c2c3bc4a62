"""Instruments, quotes and candles."""

import gzip
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from openalgo.domain.clock import IST, ist_text
from openalgo.domain.numbers import px_float
from openalgo.twin.contracts import Contract
from openalgo.twin.market import DEPTH_LEVELS, Mark, Offer
from openalgo.twin.zerodha import dump
from openalgo.twin.zerodha.calls import Answer, Call, Route, success
from openalgo.twin.zerodha.errors import bad_input
from openalgo.twin.zerodha.history import INTERVALS, LONGEST_DAYS
from openalgo.twin.zerodha.rows import Row
from openalgo.twin.zerodha.twin import ZerodhaTwin

MOST_QUOTES = 500
MOST_PRICES = 1000


def instruments(twin: ZerodhaTwin, call: Call) -> Answer:
    exchange = call.parts.get("exchange")
    listed = [row for row in twin.contracts if exchange in (None, row.exchange)]
    body, headers = dump.written(listed), [("vary", "accept-encoding")]
    if "gzip" in call.headers.get("accept-encoding", ""):
        body = gzip.compress(body, 1)
        headers.append(("content-encoding", "gzip"))
    return Answer(body, kind="text/csv", headers=headers)


def quote(twin: ZerodhaTwin, call: Call) -> Answer:
    return success(_asked(twin, call, MOST_QUOTES, _quote))


def ohlc(twin: ZerodhaTwin, call: Call) -> Answer:
    return success(
        _asked(twin, call, MOST_PRICES, lambda twin, of: _price(twin, of) | _ohlc(twin, of))
    )


def ltp(twin: ZerodhaTwin, call: Call) -> Answer:
    return success(_asked(twin, call, MOST_PRICES, _price))


def historical(twin: ZerodhaTwin, call: Call) -> Answer:
    number, interval = call.parts["instrument_token"], call.parts["interval"]
    contract = twin.contracts.numbered(int(number)) if number.isdecimal() else None
    if contract is None:
        raise bad_input("Invalid instrument token.")
    if interval not in INTERVALS:
        raise bad_input("Invalid interval.")
    since, until = _instant(call, "from"), _instant(call, "to")
    if until < since:
        raise bad_input("The start of the span is after its end.")
    most = LONGEST_DAYS[interval]
    if until - since > timedelta(days=most):
        raise bad_input(f"The span of {interval} candles is {most} days at most.")
    mark = twin.market.mark(contract)
    interest = [mark.open_interest] if call.asked("oi") == "1" else []
    now = twin.market.clock.now()
    candles = twin.history.candles(contract, mark.start, interval, since, until, now)
    return success(
        {
            "candles": [
                [
                    f"{candle.at:%Y-%m-%dT%H:%M:%S}+0530",
                    *map(px_float, candle[1:5]),
                    candle.volume,
                    *interest,
                ]
                for candle in candles
            ]
        }
    )


def _asked(
    twin: ZerodhaTwin, call: Call, most: int, row: Callable[[ZerodhaTwin, Contract], Row]
) -> Row:
    """The rows of what is listed; what is not is missing from the answer."""
    names: Sequence[str] = call.every("i")
    if not names:
        raise bad_input("No instruments are given.")
    if len(names) > most:
        raise bad_input(f"{len(names)} instruments are asked for; {most} are the most.")
    found: Row = {}
    for name in names:
        contract = twin.contracts.named(name) or _numbered(twin, name)
        if contract is not None:
            found[name] = row(twin, contract)
    return found


def _numbered(twin: ZerodhaTwin, name: str) -> Contract | None:
    return twin.contracts.numbered(int(name)) if name.isdecimal() else None


def _price(twin: ZerodhaTwin, contract: Contract) -> Row:
    last = px_float(twin.market.last(contract))
    return {"instrument_token": contract.token, "last_price": last}


def _ohlc(twin: ZerodhaTwin, contract: Contract) -> Row:
    mark = twin.market.mark(contract)
    prices = {name: px_float(getattr(mark, name)) for name in ("open", "high", "low", "close")}
    return {"ohlc": prices}


def _quote(twin: ZerodhaTwin, contract: Contract) -> Row:
    mark = twin.market.mark(contract)
    row = {
        "instrument_token": contract.token,
        "timestamp": ist_text(mark.at),
        "last_price": px_float(mark.last),
        "net_change": 0,
        **_ohlc(twin, contract),
    }
    return row if contract.is_index else row | _traded(twin, contract, mark)


def _traded(twin: ZerodhaTwin, contract: Contract, mark: Mark) -> Row:
    buys, sells = twin.market.depth(contract)
    lowest, highest = twin.market.circuits(contract)
    return {
        "last_trade_time": ist_text(mark.traded_at),
        "last_quantity": mark.last_quantity,
        "buy_quantity": sum(offer.quantity for offer in buys),
        "sell_quantity": sum(offer.quantity for offer in sells),
        "volume": mark.volume,
        "average_price": round(mark.average, 4),
        "oi": mark.open_interest,
        "oi_day_high": mark.open_interest,
        "oi_day_low": mark.open_interest,
        "lower_circuit_limit": px_float(lowest),
        "upper_circuit_limit": px_float(highest),
        "depth": {"buy": [*_side(buys)], "sell": [*_side(sells)]},
    }


def _side(offers: Sequence[Offer]) -> Iterator[Row]:
    for offer in offers:
        yield {"price": px_float(offer.price), "quantity": offer.quantity, "orders": offer.orders}
    for _ in range(DEPTH_LEVELS - len(offers)):
        yield {"price": 0, "quantity": 0, "orders": 0}


def _instant(call: Call, name: str) -> datetime:
    text = call.asked(name)
    for form in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=IST)
        except ValueError:
            continue
    raise bad_input(f"Invalid `{name}`.")


ROUTES = (
    Route("GET", "/quote", "quote", quote, limit="quote"),
    Route("GET", "/quote/ohlc", "quote.ohlc", ohlc, limit="quote"),
    Route("GET", "/quote/ltp", "quote.ltp", ltp, limit="quote"),
    Route("GET", "/instruments", "instruments", instruments),
    Route("GET", "/instruments/{exchange}", "instruments", instruments),
    Route(
        "GET",
        "/instruments/historical/{instrument_token}/{interval}",
        "historical",
        historical,
        limit="historical",
    ),
)
