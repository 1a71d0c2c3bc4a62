"""The first run."""

from fastapi import APIRouter, Request

from openalgo.api.ui.deps import Guest, address_of
from openalgo.api.ui.errors import changing, looking
from openalgo.api.ui.forms import FormRoute
from openalgo.api.ui.schemas import SetupReply, SetupRequest, SetupState
from openalgo.domain.errors import OpenAlgoError
from openalgo.identity.users import UserExists

router = APIRouter(tags=["Setup"], route_class=FormRoute)


class SetupNotAllowed(OpenAlgoError):
    """Otherwise the first visitor of an exposed host would own it."""

    code = "setup_not_allowed"
    status = 403
    default = (
        "Set up from the machine the server runs on, or send the setup token it printed at its "
        "start as setup_token"
    )


@router.get("/auth/check-setup", summary="Is there no user yet?", responses=looking())
async def check_setup(ui: Guest) -> SetupState:
    return SetupState(needs_setup=await ui.setup.needed())


@router.post("/setup", summary="Make the first user", responses=changing(409))
async def setup(wanted: SetupRequest, ui: Guest, request: Request) -> SetupReply:
    """Makes the administrator, their account that trades on paper, and their API key."""
    address = address_of(request)
    ui.login_limit.take(address)
    if not await ui.setup.needed():
        raise UserExists
    if wanted.setup_token is not None:
        allowed = ui.setup.opens(wanted.setup_token)
    else:
        allowed = ui.browser.is_local(request, address)
    if not allowed:
        raise SetupNotAllowed
    made = await ui.setup.create(
        username=wanted.username, password=wanted.password, email=wanted.email or None
    )
    return SetupReply(
        message="User created. Please log in.", username=made.username, api_key=made.api_key
    )
