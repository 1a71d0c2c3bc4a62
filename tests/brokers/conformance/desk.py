"""Calling an adapter through the real `BrokerHttp`, with the broker played by a script."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from itertools import count
from typing import Any, TypeVar

import httpx
from structlog.testing import capture_logs

from openalgo.brokers.adapter import Broker, Connection, Endpoints, Session
from openalgo.brokers.calls import CallRecord
from openalgo.brokers.http import BrokerHttp
from openalgo.domain.clock import ManualClock
from openalgo.domain.errors import BrokerError, OpenAlgoError
from openalgo.domain.instruments import Instrument
from openalgo.domain.market import InstrumentKey
from tests.brokers.conformance.fixtures import Folder
from tests.brokers.conformance.values import Json
from tests.brokers.kit.calls import scripted
from tests.brokers.kit.virtual import VirtualLoop

T = TypeVar("T")
Answer = Callable[[httpx.Request], httpx.Response]


def finish(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` on a loop where waiting takes no time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(work)


@dataclass
class Wire:
    """What left for the broker. `answer` plays the broker; it may raise as a transport does."""

    answer: Answer
    requests: list[httpx.Request] = field(default_factory=list)
    records: list[CallRecord] = field(default_factory=list)

    def handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self.answer(request)


def in_turn(folder: Folder, replies: Sequence[Json]) -> Answer:
    """One reply after the other, the last one over and over: reads are repeated. Raises
    `AbsentFile`."""
    for reply in replies:
        folder.reply(reply)
    asked = count()
    return lambda _: folder.reply(replies[min(next(asked), len(replies) - 1)])


class Listed:
    """The symbol master made of the broker's own instrument files."""

    def __init__(self, instruments: list[Instrument]) -> None:
        self.all = instruments
        self._by_key = {each.key: each for each in instruments}
        self._by_token = {each.token: each for each in instruments}
        self._by_symbol = {(e.broker_exchange, e.broker_symbol): e for e in instruments}

    def find(self, key: InstrumentKey) -> Instrument | None:
        return self._by_key.get(key)

    def by_token(self, token: str) -> Instrument | None:
        return self._by_token.get(token)

    def by_broker_symbol(self, broker_exchange: str, broker_symbol: str) -> Instrument | None:
        return self._by_symbol.get((broker_exchange, broker_symbol))


class Desk:
    """An account at one broker, logged in as its fixtures say."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self.broker: Broker = folder.broker
        self.app: Mapping[str, str] = folder.account["app"]
        self.answers: Mapping[str, str] = folder.account["answers"]
        self.now = datetime.fromisoformat(folder.account["now"])
        self.session: Session = finish(self._login())
        self.listing = Listed(finish(self._download()))

    @property
    def endpoints(self) -> Endpoints:
        return self.broker.endpoints

    def http(self, wire: Wire, *, logged_in: bool = True) -> BrokerHttp:
        http = BrokerHttp(
            self.broker.api,
            scripted(wire.handle),
            account=self.folder.id,
            record=wire.records.append,
            jitter=lambda: 0.0,
        )
        if logged_in:
            http.use(self.broker.auth.credentials(self.app, self.session))
        return http

    def connection(self, wire: Wire) -> Connection:
        return Connection(
            http=self.http(wire), instruments=self.listing, clock=ManualClock(self.now)
        )

    def instrument(self, key: InstrumentKey) -> Instrument:
        found = self.listing.find(key)
        assert found is not None, f"No instrument file of {self.folder.id} lists {key}"
        return found

    def finish(self, work: Coroutine[Any, Any, T]) -> T:
        """Run `work`, and see that no log tells a secret."""
        with capture_logs() as logs:
            try:
                return finish(work)
            finally:
                self.check_hidden(str(logs))

    def check_discretion(self, error: OpenAlgoError) -> None:
        """What users and logs are told of `error` holds no secret."""
        told = f"{error} {error!r} {dict(error.extra())}"
        if isinstance(error, BrokerError):
            told += str(error.broker_message)
        self.check_hidden(told)

    def check_hidden(self, text: str) -> None:
        shown = [name for name, value in self.folder.secrets.items() if value in text]
        assert not shown, f"The {shown} can be read in: {text}"

    def listing_answer(self, request: httpx.Request) -> httpx.Response:
        """The instrument files of the folder, by their paths."""
        files: Mapping[str, str] = self.folder.account["instruments"]
        return self.folder.reply({"own_file": files[request.url.path]})

    async def _login(self) -> Session:
        wire = Wire(in_turn(self.folder, self.folder.account["login"]))
        http = self.http(wire, logged_in=False)
        return await self.broker.auth.login(http, self.app, self.answers, self.now)

    async def _download(self) -> list[Instrument]:
        http = self.http(Wire(self.listing_answer))
        rows = self.broker.instruments.download(http, lambda _received, _total: None)
        return [row async for row in rows]


@cache
def desk_of(folder: Folder) -> Desk:
    return Desk(folder)
