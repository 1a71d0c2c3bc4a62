"""The list of instruments: a text file with a bar between its columns.

market|token|scrip|name|type|tick|lot|expiry (YYYY-MM-DD)|strike
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import date
from decimal import Decimal

from openalgo.brokers.http import ApiRequest, BrokerHttp, Progress
from openalgo.domain.errors import BrokerUnavailable
from openalgo.domain.instruments import Instrument
from openalgo.domain.numbers import px
from openalgo.instruments.symbols import symbol_of
from tests.brokers.example.adapter.mapping import MARKETS, TYPES

_HEADER = "market|token|scrip|name|type|tick|lot|expiry|strike"


async def download(http: BrokerHttp, progress: Progress) -> AsyncGenerator[Instrument, None]:
    request = ApiRequest(
        name="instruments", method="GET", url="/instruments.txt", scopes=("all",), json_reply=False
    )
    rest, header = b"", ""
    async with aclosing(http.stream(request, progress=progress)) as pieces:
        async for piece in pieces:
            *lines, rest = (rest + piece).split(b"\n")
            for line in lines:
                if header:
                    yield _row(line.decode("utf-8", "replace"))
                else:
                    header = line.decode("utf-8", "replace")
                    if header != _HEADER:
                        raise BrokerUnavailable("The list of instruments has other columns")
    if not header or rest:
        raise BrokerUnavailable("The list of instruments is not whole")


def _row(line: str) -> Instrument:
    try:
        market, token, scrip, name, kind, tick, lot, expiry, strike = line.split("|")
        day = date.fromisoformat(expiry) if expiry else None
        rupees = Decimal(strike) if strike else None
        type = TYPES[kind]
        return Instrument(
            exchange=MARKETS[market],
            symbol=scrip if day is None else symbol_of(name, type, day, rupees),
            name=name,
            type=type,
            broker_symbol=scrip,
            broker_exchange=market,
            token=token,
            tick_size=px(tick),
            lot_size=int(lot),
            expiry=day,
            strike=rupees,
        )
    except (ValueError, KeyError, ArithmeticError):
        raise BrokerUnavailable("The list of instruments has a row that cannot be read") from None
