"""Logging in and out."""

from typing import Annotated

from fastapi import APIRouter, Header, Request, Response

from openalgo.api.deps import services_of
from openalgo.api.ui.deps import (
    Acting,
    Guest,
    UiServices,
    account_named_by,
    account_of,
    address_of,
    session_of,
    ui_of,
)
from openalgo.api.ui.errors import changing, looking
from openalgo.api.ui.forms import FormRoute
from openalgo.api.ui.schemas import (
    AppInfo,
    ChangePasswordRequest,
    CsrfToken,
    EndedReply,
    LoginReply,
    LoginRequest,
    Said,
    SessionStatus,
)
from openalgo.domain.errors import BrokerSessionExpired, InvalidRequest, OpenAlgoError
from openalgo.identity.sessions import Device

router = APIRouter(prefix="/auth", tags=["Login"], route_class=FormRoute)


class SetupNeeded(OpenAlgoError):
    code = "setup_needed"
    status = 409
    default = "There is no user yet; POST /setup makes the first one"

    def extra(self) -> dict[str, object]:
        return {"redirect": "/setup"}


@router.post("/login", summary="Log in", responses=changing(409))
async def login(
    wanted: LoginRequest,
    ui: Guest,
    request: Request,
    response: Response,
    user_agent: Annotated[str, Header(include_in_schema=False)] = "",
) -> LoginReply:
    """Opens a session for this browser and hands it a cookie; a session it had before ends."""
    address = address_of(request)
    ui.login_limit.take(address)
    if await ui.setup.needed():
        raise SetupNeeded
    before = session_of(request)
    device = Device(info=user_agent, address=address)
    opened = await ui.logins.log_in(wanted.username, wanted.password, device)
    if before is not None:
        await ui.sessions.end(before.user_id, before.id)
    ui.browser.set_cookie(response, opened.cookie, opened.session.lasts_seconds)
    return LoginReply(csrf_token=ui.browser.token_for(opened.cookie))


@router.post("/logout", summary="Log this device out", responses=changing())
async def logout(visit: Acting, request: Request, response: Response) -> Said:
    """Other devices stay logged in, and trading goes on."""
    ui = ui_of(request)
    await ui.sessions.end(visit.user_id, visit.session_id)
    ui.browser.drop_cookie(response)
    return Said(message="Logged out")


@router.post("/logout-everywhere", summary="Log all devices out", responses=changing())
async def logout_everywhere(visit: Acting, request: Request, response: Response) -> EndedReply:
    """This one included. API keys go on."""
    ui = ui_of(request)
    ended = await ui.sessions.end_all(visit.user_id)
    ui.browser.drop_cookie(response)
    return EndedReply(message="Logged out on every device", ended=ended)


@router.get("/session-status", summary="Who is logged in here?", responses=looking())
async def session_status(ui: Guest, request: Request) -> SessionStatus:
    """Answers everybody."""
    session = session_of(request)
    if session is None:
        return SessionStatus(authenticated=False, logged_in=False)
    account_id = await account_of(ui.accounts, session.user_id, account_named_by(request))
    try:
        broker = services_of(request).markets.broker_of(account_id).id
    except BrokerSessionExpired:
        broker = None
    return SessionStatus(
        authenticated=True,
        logged_in=broker is not None,
        user=session.username,
        broker=broker,
        broker_session_expired=broker is None,
        active_sessions=len(ui.sessions.of_user(session.user_id)),
    )


@router.get("/csrf-token", summary="What proves that a page of ours asks", responses=looking())
async def csrf_token(ui: Guest, request: Request) -> CsrfToken:
    """To be sent in the header X-CSRFToken with whatever changes something, until the next login.
    Logging in itself needs none."""
    return CsrfToken(csrf_token=ui.browser.token_for(ui.browser.cookie_of(request) or ""))


@router.get("/app-info", summary="What runs here?", responses=looking())
async def app_info(ui: Guest, request: Request) -> AppInfo:
    return AppInfo(version=request.app.version, build=ui.web_build())


@router.post("/change-password", summary="Change your password", responses=changing())
async def change_password(
    wanted: ChangePasswordRequest, visit: Acting, request: Request, response: Response
) -> Said:
    """Logs out every device, this one included. API keys go on."""
    ui: UiServices = ui_of(request)
    for field in ("old_password", "new_password", "confirm_password"):
        if not getattr(wanted, field):
            raise InvalidRequest(field, "All fields are required")
    if wanted.new_password != wanted.confirm_password:
        raise InvalidRequest("confirm_password", "New passwords do not match")
    await ui.logins.change_password(visit.user_id, wanted.old_password, wanted.new_password)
    ui.browser.drop_cookie(response)
    return Said(message="Password changed. Please log in again.")
