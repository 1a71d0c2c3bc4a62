"""Whose browser it is: what every route of the web app depends on.

A router takes `visit: Visitor` to look and `visit: Acting` to change something. Both refuse a
browser without a valid session (401 `session_expired`); `Acting` also wants the CSRF token and
refuses what another web page sent (403 `csrf_failed`). A route for everybody, such as the login,
takes `Depends(guest)`. A test walks all routes and fails where one of the three is missing.

A user may have several accounts: which one a request is about, its header `X-Account` says.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from openalgo.accounts.accounts import Accounts
from openalgo.accounts.broker_desk import BrokerDesk
from openalgo.accounts.web_preferences import WebPreferences
from openalgo.api.deps import PERSON, Services, request_id_of, services_of
from openalgo.api.limits import AddressWindows
from openalgo.api.ports import MasterKeeper
from openalgo.api.ui.browser import BrowserPolicy
from openalgo.domain.errors import InvalidRequest, OpenAlgoError
from openalgo.identity.key_desk import KeyDesk
from openalgo.identity.logins import Logins
from openalgo.identity.principal import NO_KEY, Principal, Scope
from openalgo.identity.sessions import WebSession, WebSessions
from openalgo.identity.setup import Setup
from openalgo.observability.call_times import CallTimes
from openalgo.trading.live.unresolved import UnresolvedOrders
from openalgo.trading.markets import Market
from openalgo.trading.profit.desk import ProfitDesk
from openalgo.trading.venues import VenueMode

ACCOUNT_HEADER = "X-Account"
"""The id of the account a request is about; the user's default account where it is missing."""

ACCOUNT_QUERY = "account"
"""The same in an address, where nobody can send headers: WebSockets and downloads."""

MODE_HEADER = "X-Mode"
"""How the page that sends an order shows its account: `analyze` for paper, else `live`."""

_NO_STORE = (b"cache-control", b"no-store")
_LONGEST_ID = 19


class SessionExpired(OpenAlgoError):
    """No session, or none any more. `error` is what the web app looks for."""

    code = "session_expired"
    status = 401
    default = "Your session has ended. Please log in."

    def extra(self) -> dict[str, object]:
        return {"error": self.code}


class ModeChanged(OpenAlgoError):
    """The account trades otherwise than the page showed when its user pressed the button."""

    code = "mode_changed"
    status = 409

    def __init__(self, mode: VenueMode) -> None:
        money = "on paper" if mode is VenueMode.ANALYZE else "with real money"
        super().__init__(
            f"Nothing was done: this account trades {money} now, and the page did not show that"
        )


class AdministratorsOnly(OpenAlgoError):
    code = "administrators_only"
    status = 403
    default = "This holds for the whole installation: only an administrator may change it"


@dataclass(frozen=True, slots=True, kw_only=True)
class UiServices:
    """What the routes of this room use besides `Services`; made by `app`.

    `masters` tells who keeps the instruments of an account's broker, `web_build` which build of the
    web app is served."""

    accounts: Accounts
    sessions: WebSessions
    logins: Logins
    setup: Setup
    keys: KeyDesk
    browser: BrowserPolicy
    login_limit: AddressWindows
    masters: Callable[[int], MasterKeeper]
    broker_desk: BrokerDesk
    unresolved: UnresolvedOrders
    call_times: CallTimes
    preferences: WebPreferences
    profit: ProfitDesk
    web_build: Callable[[], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A request from a browser whose user is logged in.

    `account` is the id of the account it is about, or why there is none: that stops only what
    needs an account, so that a user whose app still names one that was put away gets out of it.
    `session_id` names the device, and is no secret. `address` is the client's, as the edge made it
    out.
    """

    user_id: int
    username: str
    is_admin: bool
    account: int | OpenAlgoError
    session_id: int
    request_id: str
    address: str
    services: Services

    @property
    def account_id(self) -> int:
        """Raises `AccountNotFound`, also for one that is somebody else's or put away, `NotFound`
        for a user without any, `InvalidRequest` for what cannot be an id, `StorageUnavailable`."""
        if isinstance(self.account, OpenAlgoError):
            raise self.account
        return self.account

    @property
    def market(self) -> Market:
        """That of the account. Raises what `Markets.of` raises."""
        return self.services.markets.of(self.account_id)

    @property
    def principal(self) -> Principal:
        """The user in person: no key (`key_id` is `NO_KEY`), and so every scope, since scopes limit
        what a key may do for its user. What only administrators may do, `is_admin` tells."""
        return Principal(
            user_id=self.user_id,
            username=self.username,
            account_id=self.account_id,
            key_id=NO_KEY,
            scopes=frozenset(Scope),
        )

    def check_admin(self) -> None:
        """Raises `AdministratorsOnly`."""
        if not self.is_admin:
            raise AdministratorsOnly


def ui_of(request: Request) -> UiServices:
    ui: UiServices = request.app.state.ui
    return ui


def address_of(request: Request) -> str:
    """The client's address, as the edge made it out."""
    return str(request.scope["state"]["address"])


async def guest(request: Request) -> UiServices:
    """For routes that need no session. Raises `CsrfFailed` for what another web page sent."""
    ui = ui_of(request)
    request.scope["state"]["response_headers"].append(_NO_STORE)
    ui.browser.check_origin(request)
    return ui


async def visitor(request: Request) -> Visit:
    """Any valid session. Raises `SessionExpired`."""
    ui = await guest(request)
    session = session_of(request)
    if session is None:
        raise SessionExpired
    state = request.scope["state"]
    state["user_id"] = session.user_id
    state[PERSON] = visit = Visit(
        user_id=session.user_id,
        username=session.username,
        is_admin=session.is_admin,
        account=await _account(ui.accounts, session.user_id, account_named_by(request)),
        session_id=session.id,
        request_id=request_id_of(request),
        address=address_of(request),
        services=services_of(request),
    )
    return visit


async def acting(request: Request) -> Visit:
    """A valid session and its CSRF token. Raises `SessionExpired`, `CsrfFailed`."""
    visit = await visitor(request)
    ui_of(request).browser.check_token(request)
    return visit


async def as_shown(request: Request) -> None:
    """For what trades: the account is in the mode that the page shows, if it says which.

    Comes after `acting`. Raises `ModeChanged`, `InvalidRequest`, and as `Visit.account_id` does."""
    shown = request.headers.get(MODE_HEADER)
    if shown is None:
        return
    if shown not in tuple(VenueMode):
        raise InvalidRequest(MODE_HEADER, f"{MODE_HEADER} must be analyze or live")
    visit: Visit = request.scope["state"][PERSON]
    in_analyze_mode = ui_of(request).accounts[visit.account_id].analyze_mode
    mode = VenueMode.ANALYZE if in_analyze_mode else VenueMode.LIVE
    if shown != mode:
        raise ModeChanged(mode)


def account_named_by(request: Request) -> str | None:
    """What the request says of its account; a download cannot send headers."""
    return request.headers.get(ACCOUNT_HEADER) or request.query_params.get(ACCOUNT_QUERY)


async def account_of(accounts: Accounts, user_id: int, named: str | None) -> int:
    """The id of the account `named`, else of the user's default one. Raises what
    `Visit.account_id` does."""
    if not named:
        return (await accounts.default_for(user_id)).id
    is_id = named.isascii() and named.isdigit() and len(named) <= _LONGEST_ID
    if not is_id or int(named) < 1:
        raise InvalidRequest(ACCOUNT_QUERY, "An account is named by its number")
    return (await accounts.owned(user_id, int(named))).id


async def _account(accounts: Accounts, user_id: int, named: str | None) -> int | OpenAlgoError:
    try:
        return await account_of(accounts, user_id, named)
    except OpenAlgoError as error:
        return error


def session_of(request: Request) -> WebSession | None:
    """The session of the request's cookie, if it is still good."""
    ui = ui_of(request)
    cookie = ui.browser.cookie_of(request)
    return None if cookie is None else ui.sessions.lookup(cookie)


Guest = Annotated[UiServices, Depends(guest)]
Visitor = Annotated[Visit, Depends(visitor)]
Acting = Annotated[Visit, Depends(acting)]
