"""A Kite that answers as a test says, and what is listed there."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

import httpx
import msgspec

from openalgo.brokers.adapter import Connection, Session
from openalgo.brokers.api import BrokerApi
from openalgo.brokers.limits import RateLimit
from openalgo.brokers.zerodha.api import API
from openalgo.brokers.zerodha.auth import credentials
from openalgo.domain.clock import ManualClock
from openalgo.domain.instruments import Instrument, InstrumentType
from openalgo.domain.market import Exchange, InstrumentKey
from openalgo.domain.numbers import px
from tests.brokers.kit.calls import account, scripted

NOW = datetime(2026, 8, 20, 4, 30, tzinfo=UTC)
APP = {"api_key": "kitekey12", "api_secret": "kitesecret34"}
SESSION = Session(client_id="AB1234", tokens={"access_token": "kitetoken56"}, issued_at=NOW)
UNLIMITED: BrokerApi = replace(
    API, limits=tuple(RateLimit(limit.scope, ()) for limit in API.limits)
)


def instrument(
    symbol: str = "INFY",
    exchange: Exchange = Exchange.NSE,
    *,
    broker_symbol: str = "",
    broker_exchange: str = "",
    token: int = 408065,
    type: InstrumentType = InstrumentType.EQUITY,
    lot_size: int = 1,
    tick: str = "0.05",
    expiry: date | None = None,
    strike: Decimal | None = None,
) -> Instrument:
    return Instrument(
        exchange=exchange,
        symbol=symbol,
        name=symbol,
        type=type,
        broker_symbol=broker_symbol or symbol,
        broker_exchange=broker_exchange or str(exchange),
        token=f"{token}::::{token >> 8}",
        tick_size=px(tick),
        lot_size=lot_size,
        expiry=expiry,
        strike=strike,
    )


INFY = instrument()
M_AND_M = instrument("M&M", token=519937)
NIFTY = instrument(
    "NIFTY",
    Exchange.NSE_INDEX,
    broker_symbol="NIFTY 50",
    broker_exchange="NSE",
    token=256265,
    type=InstrumentType.INDEX,
    tick="0",
)
CALL = instrument(
    "NIFTY25AUG2624500CE",
    Exchange.NFO,
    broker_symbol="NIFTY26AUG24500CE",
    token=(60_000 << 8) | 2,
    type=InstrumentType.CALL,
    lot_size=75,
    expiry=date(2026, 8, 25),
    strike=Decimal(24500),
)
CRUDE = instrument(
    "CRUDEOIL19AUG26FUT",
    Exchange.MCX,
    broker_symbol="CRUDEOIL26AUGFUT",
    token=(61_000 << 8) | 7,
    type=InstrumentType.FUTURE,
    tick="1",
    expiry=date(2026, 8, 19),
)
CRUDE_IN_BARRELS = msgspec.structs.replace(CRUDE, lot_size=100)
"""As it would be if the file said what a lot holds."""


class Listed:
    """A symbol master of a few rows."""

    def __init__(self, rows: Iterable[Instrument]) -> None:
        self._rows = list(rows)

    def find(self, key: InstrumentKey) -> Instrument | None:
        return next((row for row in self._rows if row.key == key), None)

    def by_token(self, token: str) -> Instrument | None:
        return next((row for row in self._rows if row.token == token), None)

    def by_broker_symbol(self, broker_exchange: str, broker_symbol: str) -> Instrument | None:
        named = (broker_exchange, broker_symbol)
        return next(
            (row for row in self._rows if (row.broker_exchange, row.broker_symbol) == named), None
        )


LISTED = Listed([INFY, M_AND_M, NIFTY, CALL, CRUDE])


@dataclass
class Kite:
    """Answers everything with `body` and `status`, or each call with the next of `bodies`."""

    body: object = None
    status: int = 200
    bodies: Sequence[object] = ()
    asked: list[httpx.Request] = field(default_factory=list)

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        body = self.bodies[len(self.asked) - 1] if self.bodies else self.body
        content = body if isinstance(body, bytes) else msgspec.json.encode(body)
        return httpx.Response(self.status, content=content)

    @property
    def line(self) -> str:
        """Method and address of the one call there was."""
        assert len(self.asked) == 1
        return f"{self.asked[0].method} {self.asked[0].url}"

    @property
    def form(self) -> dict[str, str]:
        request = self.asked[0]
        assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
        return dict(parse_qsl(request.content.decode(), keep_blank_values=True))

    @property
    def json(self) -> Any:
        request = self.asked[0]
        assert request.headers["Content-Type"] == "application/json"
        return msgspec.json.decode(request.content)

    @asynccontextmanager
    async def connected(
        self, listed: Listed = LISTED, api: BrokerApi = UNLIMITED
    ) -> AsyncIterator[Connection]:
        async with account(api, scripted(self.answer)) as http:
            http.use(credentials(APP, SESSION))
            yield Connection(http=http, instruments=listed, clock=ManualClock(NOW))


def said(data: object) -> dict[str, object]:
    return {"status": "success", "data": data}


def refused(kind: str, words: str = "Not today.") -> dict[str, object]:
    return {"status": "error", "message": words, "error_type": kind, "data": None}
