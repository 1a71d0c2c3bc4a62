"""What a route needs before it runs: whose call it is, whether it may, and the services."""

import json
import math
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

import msgspec
from fastapi import Request

from openalgo.api.limits import CallLimits, RateClass, Standing
from openalgo.api.ports import (
    Analyzer,
    HealthSource,
    Journal,
    KeyAuthenticator,
    OrderExplainer,
    Preferences,
)
from openalgo.domain.calendar import ExchangeCalendar
from openalgo.domain.clock import IST
from openalgo.domain.errors import (
    InsufficientScope,
    InvalidApiKey,
    InvalidBody,
    OpenAlgoError,
    RateLimitExceeded,
    ValidationFailed,
)
from openalgo.domain.intents import Intent
from openalgo.identity.principal import Principal, Scope
from openalgo.instruments.freeze import FreezeQuantities
from openalgo.trading.approvals.assembly import ActionCenter
from openalgo.trading.markets import Market, Markets
from openalgo.trading.paper.calls import PaperCalls
from openalgo.trading.paper.desk import PaperDesk
from openalgo.trading.receipts import Receipt
from openalgo.trading.risk_desk import RiskDesk
from openalgo.trading.submit import Origin, Trading
from openalgo.trading.venues import Venue

MAX_KEY_LENGTH = 256
MISSING = "Missing data for required field."

PERSON = "person"
"""Under this name the state of a request holds its `Person`, if it is from one."""

_decode = msgspec.json.Decoder().decode


class Person(Protocol):
    """A user in the web app, whose session and, where something changes, token have been checked.

    Only what checks them (`api.ui.deps`) may say that a request is from one.
    """

    @property
    def principal(self) -> Principal:
        """Raises `OpenAlgoError` when there is no account to act on."""
        ...

    @property
    def session_id(self) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything routers may use; made by `app`."""

    keys: KeyAuthenticator
    trading: Trading
    action_center: ActionCenter
    markets: Markets
    analyzer: Analyzer
    journal: Journal
    health: HealthSource
    calendar: ExchangeCalendar
    freeze: FreezeQuantities
    risk: RiskDesk
    paper: PaperDesk
    paper_calls: PaperCalls
    preferences: Preferences
    explainer: OrderExplainer


@dataclass(frozen=True, slots=True)
class Call:
    """A request whose caller is proven and may do this.

    `members` is the JSON body as it came, the key included. `by_venue` marks calls that the
    account's venue answers: their errors say `mode` when that venue is the paper exchange.
    """

    principal: Principal
    services: Services
    request_id: str
    members: Mapping[str, object]
    by_venue: bool
    address: str

    @property
    def account_id(self) -> int:
        return self.principal.account_id

    @property
    def market(self) -> Market:
        """That of the account. Raises what `Markets.of` raises."""
        return self.services.markets.of(self.principal.account_id)

    @property
    def venue(self) -> Venue:
        return self.services.markets.resolve(self.principal.account_id)

    async def submit(self, intent: Intent) -> Receipt:
        """Have `intent` carried out, or queued. Raises whatever refuses it."""
        origin = Origin(address=self.address, by_owner=self.principal.in_person)
        return await self.services.trading.submit(
            self.principal, intent, cause=self.request_id, origin=origin
        )

    @property
    def today(self) -> date:
        """The date in IST, by the clock of the market."""
        return self.market.clock.now().astimezone(IST).date()

    def check_session(self) -> None:
        """Raises `BrokerSessionExpired` where the account's broker would not answer."""
        self.services.markets.broker_of(self.account_id)


def services_of(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


def request_id_of(request: Request) -> str:
    """The id the edge gave this request."""
    return str(request.scope["state"]["request_id"])


def call_of(request: Request) -> Call | None:
    """The call, if its caller has been let in."""
    call: Call | None = request.scope["state"].get("call")
    return call


def _key_missing() -> OpenAlgoError:
    return ValidationFailed({"apikey": [MISSING]})


def may_be_kept(request: Request) -> None:
    """Let the client keep the answer, and ask each time whether it still holds."""
    headers: list[tuple[bytes, bytes]] = request.scope["state"]["response_headers"]
    others = [pair for pair in headers if pair[0] != b"cache-control"]
    headers[:] = [*others, (b"cache-control", b"private, no-cache")]


def caller(
    scope: Scope,
    rate: RateClass,
    *,
    by_venue: bool = False,
    without_key: Callable[[], OpenAlgoError] = _key_missing,
    wrong_key: Callable[[], OpenAlgoError] = InvalidApiKey,
) -> Callable[[Request], Awaitable[Call]]:
    """What a route depends on: API key, then scope, then rate limit. Where the route is one of the
    web app's, `api.ui.in_person`, the user is there in person and needs no key.

    It runs before the body is validated, so a wrong key is refused as such whatever else is wrong;
    a call that carries no key at all is refused with what `without_key` makes, one whose key is
    nobody's with what `wrong_key` makes. Raises `ValidationFailed`, `InvalidApiKey`,
    `InsufficientScope`, `RateLimitExceeded`, `InvalidBody`.
    """

    async def admit(request: Request) -> Call:
        state = request.scope["state"]
        person: Person | None = state.get(PERSON)
        if person is not None:
            return await _admit_in_person(request, person, rate, by_venue=by_venue)
        services = services_of(request)
        members = await _members(request)
        key = _find_key(members, request)
        if key is None:
            raise without_key()
        address = state["address"]
        keys = services.keys
        principal = keys.lookup(key, address) or await keys.authenticate(key, address)
        if principal is None:
            raise wrong_key()
        if scope not in principal.scopes:
            raise InsufficientScope(scope)
        limits: CallLimits = request.app.state.limits
        _count(request, limits, principal.key_id, rate)
        call = Call(principal, services, state["request_id"], members, by_venue, address)
        state["call"] = call
        state["user_id"] = principal.user_id
        return call

    return admit


async def _admit_in_person(
    request: Request, person: Person, rate: RateClass, *, by_venue: bool
) -> Call:
    """Admits to what the account's owner may do, which is everything. Raises `RateLimitExceeded`,
    `InvalidBody` and what `Person.principal` raises."""
    state = request.scope["state"]
    limits: CallLimits = request.app.state.session_limits
    _count(request, limits, person.session_id, rate)
    call = Call(
        principal=person.principal,
        services=services_of(request),
        request_id=state["request_id"],
        members=await _members(request) if await request.body() else {},
        by_venue=by_venue,
        address=state["address"],
    )
    state["call"] = call
    return call


def _count(request: Request, limits: CallLimits, caller_id: int, rate: RateClass) -> None:
    """Raises `RateLimitExceeded`."""
    standing, allowed = limits.take(caller_id, request.scope["endpoint"].__name__, rate)
    request.scope["state"]["response_headers"] += _limit_headers(standing)
    if not allowed:
        raise RateLimitExceeded(max(1, math.ceil(standing.reset_after)))


async def _members(request: Request) -> Mapping[str, object]:
    """The members of the JSON body; a GET may come without one."""
    body = await request.body()
    if request.method == "GET" and not body:
        return {}
    try:
        members = _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        members = _decode_leniently(body)
    if not isinstance(members, dict):
        raise InvalidBody
    return members


def _decode_leniently(body: bytes) -> object:
    """What other decoders let through (NaN, a byte order mark, half a surrogate pair) gets an
    answer that names the field. Raises `InvalidBody`."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise InvalidBody from None


def _find_key(members: Mapping[str, object], request: Request) -> str | None:
    """The first API key found in body, headers or query."""
    given = members.get("apikey")
    if given is None or given == "":
        headers = request.headers
        given = headers.get("x-api-key") or _bearer(headers.get("authorization", ""))
        given = given or request.query_params.get("apikey")
    if not given:
        return None
    if not isinstance(given, str):
        raise ValidationFailed({"apikey": ["Not a valid string."]})
    if len(given) > MAX_KEY_LENGTH:
        raise ValidationFailed({"apikey": [f"Length must be between 1 and {MAX_KEY_LENGTH}."]})
    if not given.isascii():
        raise InvalidApiKey
    return given.strip()


def _bearer(authorization: str) -> str:
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _limit_headers(standing: Standing) -> tuple[tuple[bytes, bytes], ...]:
    reset = math.ceil(time.time() + standing.reset_after)
    return (
        (b"x-ratelimit-limit", b"%d" % standing.limit),
        (b"x-ratelimit-remaining", b"%d" % standing.remaining),
        (b"x-ratelimit-reset", b"%d" % reset),
    )
