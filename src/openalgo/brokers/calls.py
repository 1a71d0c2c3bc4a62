"""What is sent to a broker and what comes back, as values."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

import msgspec

from openalgo.domain.errors import BrokerOutcomeUnknown, BrokerUnavailable

T = TypeVar("T")

_EMPTY: Mapping[str, str] = {}
_UNREAD = object()
_JSON = msgspec.json.Encoder(decimal_format="number")
_NO_CONTENT = 204

Fields = Mapping[str, str] | Sequence[tuple[str, str]]
"""Names and values; as pairs where a name comes more than once."""


class Kind(StrEnum):
    """What a call does, which decides how it is sent.

    READ changes nothing and may be sent again, whatever its HTTP method. ORDER may make or enlarge
    a risk; EXIT only lessens one (cancel, square-off), so it goes first and even where the broker
    seems to be down. LOGIN may use up a code. Only READ is ever sent twice.
    """

    READ = "read"
    ORDER = "order"
    EXIT = "exit"
    LOGIN = "login"

    @property
    def orders(self) -> bool:
        """Whether it may leave something at the broker that must not be there twice."""
        return self in (Kind.ORDER, Kind.EXIT)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiRequest:
    """One call of a broker's API.

    `name` is ours, for logs and records: `place_order`. `url` is a path below the base address of
    the API, or a whole address; its path is already percent-encoded. At most one of `form`
    (URL-encoded), `json` and `content` (as it is) is the body. `scopes` are the rate limits it
    counts against, `weight` times each. `authorised` adds the session's headers; unless said, only
    to paths below the base address, so that no token goes to a file server. With `json_reply` off
    any body is an answer. `timeout` is how many seconds the broker may take to answer, where that
    is more or less than it usually needs.
    """

    name: str
    method: str
    url: str
    kind: Kind = Kind.READ
    scopes: tuple[str, ...] = ()
    weight: int = 1
    params: Fields = field(default_factory=dict, repr=False)
    form: Fields | None = field(default=None, repr=False)
    json: object = field(default=None, repr=False)
    content: str | bytes | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    authorised: bool | None = None
    json_reply: bool = True
    timeout: float | None = None

    def __post_init__(self) -> None:
        if sum(body is not None for body in (self.form, self.json, self.content)) > 1:
            raise ValueError(f"{self.name} has more than one body")

    @property
    def with_session(self) -> bool:
        return self.url.startswith("/") if self.authorised is None else self.authorised

    def json_body(self) -> bytes:
        """`json` as it is sent: compact, with Decimals as numbers."""
        return _JSON.encode(self.json)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request exactly as it leaves, for signing: `path` and `query` are percent-encoded, `query`
    is without its question mark."""

    method: str
    path: str
    query: str
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What makes calls those of a broker session.

    `headers` go with every authorised call. `sign` makes those that depend on the call; it runs
    right before each sending, because some signatures last seconds. `secrets` are values that must
    never be shown, wherever they appear; those of `headers` are among them.
    """

    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    sign: Callable[[Outgoing], Mapping[str, str]] | None = field(default=None, repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)


class Reply:
    """What a broker answered: complete, unpacked, of any status.

    `is_json` says whether the body is JSON throughout. Nothing of the body is in the `repr`.
    """

    __slots__ = ("_data", "body", "broker", "headers", "is_json", "request", "status")

    def __init__(
        self,
        request: ApiRequest,
        status: int,
        body: bytes = b"",
        headers: Mapping[str, str] = _EMPTY,
        *,
        broker: str = "The broker",
    ) -> None:
        """`headers` are found whatever their case when it is a mapping that does so."""
        self.request = request
        self.status = status
        self.body = body
        self.headers = headers
        self.broker = broker
        self.is_json = _is_json(body)
        self._data: object = _UNREAD

    def __repr__(self) -> str:
        return f"<Reply {self.status} to {self.request.name}, {len(self.body)} bytes>"

    @property
    def ok(self) -> bool:
        """Whether the status says so: 200 to 299."""
        return 200 <= self.status < 300

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to read, and the status says that is right."""
        return self.status == _NO_CONTENT and not self.body

    @property
    def data(self) -> object:
        """The whole body read as JSON into dicts and lists, `None` where it is not JSON.

        Of a long reply (10 ms for 1.5 MB) take only what is needed, with `decode`. Raises as
        `decode` does when a string in it is not UTF-8.
        """
        if self._data is _UNREAD:
            self._data = self.decode(object) if self.is_json else None
        return self._data

    def decode(self, type: type[T]) -> T:
        """The body read as JSON into `type`, best a `msgspec.Struct` with the fields needed.

        Members it does not name are passed over quickly. Raises `unusable` when the reply is not
        of that shape.
        """
        problem: str
        try:
            return msgspec.json.decode(self.body, type=type)
        except msgspec.ValidationError as error:
            # Says which member has which type, and nothing of its value.
            problem = str(error)
        except (msgspec.DecodeError, UnicodeDecodeError):
            problem = "it is not JSON"
        raise self.unusable(problem)

    @property
    def text(self) -> str:
        """The body as text, whatever it is."""
        return self.body.decode("utf-8", "replace")

    def unusable(self, why: str) -> BrokerOutcomeUnknown | BrokerUnavailable:
        """The error to raise when the reply lacks what it must hold, such as an order number.

        After an order call its outcome is then unknown.
        """
        said = f"{self.broker} answered {self.request.name} with something unexpected: {why}"
        if self.request.kind.orders:
            return BrokerOutcomeUnknown(
                f"{said}. {BrokerOutcomeUnknown.default}", broker_status=self.status
            )
        return BrokerUnavailable(said, broker_status=self.status)


class CallRecord(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One sending, for statistics. `queued_ms` passed in the queue of a rate limit, `ms` from then
    to the end of the answer. `status` is 0 where none came. `problem` is one word for why there is
    no whole answer. `bytes` of its body came; a reply's count unpacked, a file's as they came."""

    broker: str
    account: str
    name: str
    kind: Kind
    attempt: int
    queued_ms: float
    ms: float
    status: int
    bytes: int
    problem: str | None = None


def _is_json(body: bytes) -> bool:
    """Checks the grammar without making objects: a tenth of what reading costs."""
    try:
        msgspec.json.decode(body, type=msgspec.Raw)
    except msgspec.DecodeError:
        return False
    return True


def pairs(fields: Fields) -> list[tuple[str, str]]:
    if isinstance(fields, Mapping):
        return list(fields.items())
    return list(fields)
