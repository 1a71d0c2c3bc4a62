"""One attempt at a call: its turn at the limits, the circuit, the sending, the verdict."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite
from urllib.parse import urlsplit

import httpx
import structlog

from openalgo.brokers.api import BrokerApi
from openalgo.brokers.calls import ApiRequest, CallRecord, Credentials, Kind, Reply
from openalgo.brokers.circuit import Circuit, CircuitState
from openalgo.brokers.clients import Clients, Route
from openalgo.brokers.faults import verdict
from openalgo.brokers.limits import Lane, Limiter, LimitReached
from openalgo.brokers.secrets import Redactor
from openalgo.brokers.sending import (
    Lost,
    UnfitRequest,
    add_headers,
    as_outgoing,
    build,
    receive,
    send,
)
from openalgo.domain.errors import (
    BrokerAuthExpired,
    BrokerError,
    BrokerNotReached,
    BrokerOutcomeUnknown,
    BrokerRateLimited,
    BrokerUnavailable,
    OpenAlgoError,
)

_LANES = {
    Kind.EXIT: Lane.EXIT,
    Kind.ORDER: Lane.ORDER,
    Kind.LOGIN: Lane.ORDER,
    Kind.READ: Lane.READ,
}
_TRY_ANYWAY = (Kind.EXIT, Kind.LOGIN)
_ERROR_BODY = 64 * 1024

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Failed:
    """`again` says whether the same request may fare better."""

    error: OpenAlgoError
    again: bool = False


@dataclass(frozen=True, slots=True)
class Sending:
    """A request that is on its way. `queued` and `started` are in seconds, the latter loop time;
    `made` are the headers of the session, `credentials` what they were made from, `None` for a call
    that goes without."""

    request: ApiRequest
    attempt: int
    queued: float
    started: float
    circuit: Circuit
    made: Mapping[str, str]
    credentials: Credentials | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """The head of an answer is there."""

    sending: Sending
    response: httpx.Response


class Attempts:
    """Makes the attempts of one account."""

    def __init__(
        self,
        api: BrokerApi,
        clients: Clients,
        route: Route,
        limiter: Limiter,
        account: str,
        record: Callable[[CallRecord], None],
        refused: Callable[[BrokerAuthExpired], None] = lambda _: None,
    ) -> None:
        self._api = api
        self._clients = clients
        self._route = route
        self._limiter = limiter
        self._account = account
        self._record = record
        self._refused = refused
        self._credentials = Credentials()
        self._redactor = Redactor(api.secret_names)
        self._circuits: dict[str, Circuit] = {}

    def use(self, credentials: Credentials) -> None:
        self._credentials = credentials
        self._redactor.learn(credentials)

    def circuits(self) -> Mapping[str, CircuitState]:
        now = asyncio.get_running_loop().time()
        return {host: circuit.state(now) for host, circuit in self._circuits.items()}

    def room_in(self, scopes: tuple[str, ...]) -> float:
        """Seconds until a read that counts against `scopes` could go."""
        return self._limiter.room_in(scopes, Lane.READ)

    async def reply(self, request: ApiRequest, attempt: int, deadline: float) -> Reply | Failed:
        """The whole answer. `deadline` is loop time."""
        opened = await self._open(request, attempt, deadline)
        if isinstance(opened, Failed):
            return opened
        return await self._judged(opened, self._api.largest, deadline)

    async def file(self, request: ApiRequest, attempt: int, deadline: float) -> Opened | Failed:
        """The beginning of a file, or the error that came in its place. Whoever reads the file then
        calls `ended` or `abandoned`."""
        opened = await self._open(request, attempt, deadline)
        if isinstance(opened, Failed) or opened.response.is_success:
            return opened
        judged = await self._judged(opened, _ERROR_BODY, deadline)
        return judged if isinstance(judged, Failed) else Failed(judged.unusable("it is no file"))

    def ended(self, sending: Sending, status: int, received: int) -> None:
        """The answer came, `received` bytes of it."""
        self._note(sending, status, received, None)
        if sending.circuit.succeeded():
            _log.info("broker answers again", broker=self._api.broker, account=self._account)

    def abandoned(self, sending: Sending) -> None:
        """Nobody waits for the answer any more."""
        sending.circuit.left()

    def lost(self, sending: Sending, lost: Lost, *, status: int = 0, received: int = 0) -> Failed:
        """The answer did not come, or not to its end."""
        self._note(sending, status, received, lost.problem)
        if not lost.silent:
            sending.circuit.left()
        elif sending.circuit.failed(asyncio.get_running_loop().time()):
            _log.warning("broker does not answer", broker=self._api.broker, account=self._account)
        request = sending.request
        said = f"{self._api.broker} {lost.text} ({request.name})"
        error: OpenAlgoError
        if not lost.sent:
            error = BrokerNotReached(said, timed_out=lost.timed_out)
        elif request.kind.orders:
            error = BrokerOutcomeUnknown(f"{said}. {BrokerOutcomeUnknown.default}")
        else:
            error = BrokerUnavailable(said, timed_out=lost.timed_out)
        return self._failed(sending, error)

    async def _open(self, request: ApiRequest, attempt: int, deadline: float) -> Opened | Failed:
        """Send the request when it is its turn, and wait for the head of the answer."""
        loop = asyncio.get_running_loop()
        anyway = request.kind in _TRY_ANYWAY
        url = self._api.url(request)
        circuit = self._circuit(url)
        if not anyway and circuit.refuses(loop.time()):
            return self._resting(request, circuit)
        queued = await self._turn(request, deadline)
        if isinstance(queued, Failed):
            return queued
        built = self._built(request, url)
        if isinstance(built, Failed):
            return built
        if not circuit.enter(loop.time(), always=anyway):
            return self._resting(request, circuit)
        sending = Sending(
            request, attempt, queued, loop.time(), circuit, built.made, built.credentials
        )
        transport = self._clients.transport(self._route, request.kind)
        try:
            answer = await send(transport, built.request, deadline)
        except BaseException:
            circuit.left()
            raise
        return self.lost(sending, answer) if isinstance(answer, Lost) else Opened(sending, answer)

    async def _judged(self, opened: Opened, largest: int, deadline: float) -> Reply | Failed:
        """Read the answer and see what it means."""
        sending, response = opened.sending, opened.response
        request, status = sending.request, response.status_code
        try:
            body = await receive(response, largest, deadline)
        except BaseException:
            sending.circuit.left()
            raise
        if isinstance(body, Lost):
            return self.lost(sending, body, status=status)
        self.ended(sending, status, len(body))
        reply = Reply(request, status, body, response.headers, broker=self._api.broker)
        error = verdict(reply, self._api.faults)
        if error is None:
            self._limiter.accepted(request.scopes)
            return reply
        if isinstance(error, BrokerRateLimited) and request.scopes:
            error.retry_after = self._limiter.pause(
                request.scopes, _LANES[request.kind], error.retry_after
            )
        return self._failed(sending, error, status)

    async def _turn(self, request: ApiRequest, deadline: float) -> float | Failed:
        """Wait for the rate limits; the seconds that took."""
        left = deadline - asyncio.get_running_loop().time()
        within = max(0.0, min(self._api.timeouts.queue, left))
        wait = 0.0
        try:
            return await self._limiter.acquire(
                request.scopes, _LANES[request.kind], weight=request.weight, within=within
            )
        except LimitReached as reached:
            wait = reached.retry_after
        when = (
            f"the next {request.name} in {wait:.1f} s" if isfinite(wait) else f"no {request.name}"
        )
        return Failed(
            BrokerRateLimited(
                f"{self._api.broker} allows {when}. Nothing was sent.",
                retry_after=wait if isfinite(wait) else None,
            )
        )

    def _built(self, request: ApiRequest, url: str) -> "_Built | Failed":
        unfit: str
        credentials = self._credentials if request.with_session else None
        made = {} if credentials is None else dict(credentials.headers)
        try:
            built = build(
                request, url, self._api.timeouts, self._api.headers, request.headers, made
            )
            if credentials is not None and credentials.sign is not None:
                signed = credentials.sign(as_outgoing(built))
                made.update(signed)
                add_headers(built, signed)
            return _Built(built, made, credentials)
        except UnfitRequest as error:
            unfit = str(error)
        return Failed(
            BrokerNotReached(f"{request.name} cannot be sent to {self._api.broker}: {unfit}")
        )

    def _resting(self, request: ApiRequest, circuit: Circuit) -> Failed:
        wait = circuit.retry_after(asyncio.get_running_loop().time())
        return Failed(
            BrokerNotReached(
                f"{self._api.broker} has not answered several times in a row, so {request.name} "
                f"was not sent. The next try is in {wait:.0f} s."
            )
        )

    def _circuit(self, url: str) -> Circuit:
        host = urlsplit(url).netloc
        circuit = self._circuits.get(host)
        if circuit is None:
            circuit = self._circuits[host] = Circuit()
        return circuit

    def _failed(self, sending: Sending, error: OpenAlgoError, status: int | None = None) -> Failed:
        """`error`, made fit to be shown."""
        request = sending.request
        made = sending.made.values()
        error.args = (self._redactor.scrub(error.message, request, made),)
        if isinstance(error, BrokerError) and error.broker_message is not None:
            error.broker_message = self._redactor.scrub(error.broker_message, request, made)
        # Of an old session nobody needs to hear: another is in use.
        if isinstance(error, BrokerAuthExpired) and sending.credentials is self._credentials:
            self._refused(error)
        again = isinstance(error, BrokerUnavailable | BrokerRateLimited)
        if again or isinstance(error, BrokerOutcomeUnknown):
            _log.warning(
                "broker call failed",
                broker=self._api.broker,
                account=self._account,
                call=request.name,
                attempt=sending.attempt,
                http_status=status,
                error=error.message,
            )
        return Failed(error, again)

    def _note(self, sending: Sending, status: int, received: int, problem: str | None) -> None:
        took = asyncio.get_running_loop().time() - sending.started
        self._record(
            CallRecord(
                broker=self._api.broker,
                account=self._account,
                name=sending.request.name,
                kind=sending.request.kind,
                attempt=sending.attempt,
                queued_ms=sending.queued * 1000,
                ms=took * 1000,
                status=status,
                bytes=received,
                problem=problem,
            )
        )


@dataclass(frozen=True, slots=True)
class _Built:
    request: httpx.Request
    made: Mapping[str, str]
    credentials: Credentials | None
