"""The one way out to a broker.

For an adapter, this is all there is to know. It describes its API once:

    API = BrokerApi(
        broker="Zerodha",
        base_url="https://api.kite.trade",
        headers={"X-Kite-Version": "3"},
        limits=(
            RateLimit("quote", ((1, 1.05),)),
            RateLimit("orders", ((10, 1.05), (200, 60.0)), reserve=1),
        ),
        faults=faults,
    )

gets a `BrokerHttp` of one account, tells it the session with `http.use(Credentials(...))`, and
calls:

    reply = await http.call(
        ApiRequest(
            name="place_order",
            method="POST",
            url="/orders/regular",
            kind=Kind.ORDER,
            scopes=("orders",),
            form={"tradingsymbol": "INFY", ...},
        )
    )
    placed = reply.decode(Placed)

`faults(reply)` is a pure function: the error the broker's body tells of (`BrokerRejected`,
`BrokerAuthExpired`, `BrokerRateLimited`, `BrokerUnavailable`, or one more precise, with the
broker's words as `broker_message`), `None` for an answer. What it leaves open is decided by the
status: it need not look at anything but bodies the broker itself wrote.

`call` returns an answer or raises. Of ORDER and EXIT calls, `BrokerOutcomeUnknown` alone means that
something may be at the broker; after any other error nothing is, and after a `NotSent` the same
call may be made again. When the reply to an accepted order lacks its number, raise
`reply.unusable(...)`, with none of its values in the text. Reads are repeated here, so never repeat
them yourself; nothing else ever is. A call that is cancelled says nothing about its order: shield
it.

Messages of errors, logs and records are free of the session's secrets and of those in the request.
"""

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import TypeVar

from openalgo.brokers.api import BrokerApi
from openalgo.brokers.attempts import Attempts, Failed, Opened
from openalgo.brokers.bodies import unpacked
from openalgo.brokers.calls import ApiRequest, CallRecord, Credentials, Kind, Outgoing, Reply
from openalgo.brokers.circuit import CircuitState
from openalgo.brokers.clients import Clients, Route
from openalgo.brokers.faults import Faults
from openalgo.brokers.limits import Limiter, RateLimit
from openalgo.brokers.sending import Chunks, Lost, Progress, Timeouts, lost_in_body
from openalgo.domain.errors import BrokerAuthExpired, BrokerRateLimited

__all__ = [
    "ApiRequest",
    "BrokerApi",
    "BrokerHttp",
    "CallRecord",
    "CircuitState",
    "Clients",
    "Credentials",
    "Faults",
    "Kind",
    "Limiter",
    "Outgoing",
    "Progress",
    "RateLimit",
    "Reply",
    "Route",
    "Timeouts",
]

T = TypeVar("T", Reply, Opened)

_RETRIES = 2
_FIRST_PAUSE = 0.25
_LARGEST_FILE = 512 * 1024 * 1024


class BrokerHttp:
    """Calls of one broker account."""

    def __init__(
        self,
        api: BrokerApi,
        clients: Clients,
        *,
        account: str = "",
        route: Route | None = None,
        limiter: Limiter | None = None,
        record: Callable[[CallRecord], None] = lambda _: None,
        on_auth_expired: Callable[[BrokerAuthExpired], None] = lambda _: None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """`account` is for logs. `limiter` is shared by accounts whose calls the broker counts
        together. `record` hears of every sending and must not raise. Nor must `on_auth_expired`,
        which hears, before the caller does, that the broker refused the session in use; never of
        one that `use` has replaced meanwhile. `jitter` is in [0, 1)."""
        self._timeouts = api.timeouts
        self._jitter = jitter
        self._attempts = Attempts(
            api,
            clients,
            route or Route(),
            limiter or Limiter(api.limits),
            account,
            record,
            on_auth_expired,
        )

    def use(self, credentials: Credentials) -> None:
        """Make further calls, those waiting for a rate limit included, in this session."""
        self._attempts.use(credentials)

    @property
    def circuits(self) -> Mapping[str, CircuitState]:
        """By host, whether calls go through."""
        return self._attempts.circuits()

    def room_in(self, scopes: tuple[str, ...]) -> float:
        """Seconds until a READ that counts against the rate limits `scopes` would be sent at once;
        0 for now. Who can ask for more in one call gathers until then."""
        return self._attempts.room_in(scopes)

    async def call(self, request: ApiRequest) -> Reply:
        """The broker's answer to `request`; the top of this module says what is raised."""
        return await self._repeated(request, self._attempts.reply)

    async def stream(
        self,
        request: ApiRequest,
        *,
        largest: int = _LARGEST_FILE,
        within: float = 600.0,
        progress: Progress = lambda _received, _total: None,
    ) -> AsyncGenerator[bytes, None]:
        """A large file, unpacked if it is gzip, in small pieces. `request` is a READ.

        Raises as `call` does, and `BrokerUnavailable` when the file breaks off, takes longer than
        `within` seconds or is larger than `largest` bytes. Close it (`contextlib.aclosing`) where
        it may not be read to its end.
        """
        opened = await self._repeated(request, self._attempts.file)
        sending, response = opened.sending, opened.response
        chunks = Chunks(response, sending.started + within, progress)
        pieces = unpacked(chunks, response.headers.get("content-encoding", ""), largest, file=True)
        lost: Lost | None = None
        whole = False
        try:
            async for piece in pieces:
                yield piece
            whole = True
        except Exception as error:
            lost = lost_in_body(error)
        finally:
            await pieces.aclose()
            await response.aclose()
            if whole:
                self._attempts.ended(sending, response.status_code, chunks.received)
            elif lost is None:
                self._attempts.abandoned(sending)
        if lost is not None:
            failed = self._attempts.lost(
                sending, lost, status=response.status_code, received=chunks.received
            )
            raise failed.error

    async def _repeated(
        self,
        request: ApiRequest,
        once: Callable[[ApiRequest, int, float], Awaitable[T | Failed]],
    ) -> T:
        longer = max(0.0, (request.timeout or 0.0) - self._timeouts.read)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._timeouts.total + longer
        attempt = 1
        while isinstance(outcome := await once(request, attempt, deadline), Failed):
            pause = self._pause(outcome, attempt)
            left = min(deadline - loop.time(), self._timeouts.queue)
            if request.kind is not Kind.READ or pause is None or pause > left:
                raise outcome.error
            await asyncio.sleep(pause)
            attempt += 1
        return outcome

    def _pause(self, failed: Failed, attempt: int) -> float | None:
        """Seconds until a read may be repeated, `None` when it may not."""
        if not failed.again or attempt > _RETRIES:
            return None
        pause = _FIRST_PAUSE * 2.0 ** (attempt - 1) * (1 - self._jitter() / 2)
        if isinstance(failed.error, BrokerRateLimited) and failed.error.retry_after is not None:
            return max(pause, failed.error.retry_after)
        return pause
