"""The brokers there are, and coming back from their login pages."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Request
from fastapi.responses import RedirectResponse

from openalgo.api.ui.account_rows import broker_row, call_time
from openalgo.api.ui.account_schemas import (
    BrokenBroker,
    BrokersReply,
    CallTimesReply,
    Capabilities,
    CapabilitiesReply,
)
from openalgo.api.ui.deps import Guest, Visitor, address_of, session_of, ui_of
from openalgo.api.ui.errors import looking
from openalgo.brokers.adapters import UnknownBroker
from openalgo.brokers.base import AuthKind
from openalgo.domain.errors import InvalidRequest, OpenAlgoError

router = APIRouter(tags=["Accounts"])
callback_router = APIRouter(include_in_schema=False)

BrokerId = Annotated[str, Path(max_length=64)]

_LONGEST_QUERY = 8 * 1024
_LONGEST_ERROR = 500


@router.get("/ui/brokers", name="brokers", summary="The brokers there are", responses=looking())
async def brokers(_visit: Visitor, request: Request) -> BrokersReply:
    """With what each needs to know, and which cannot be used."""
    ui = ui_of(request)
    known = ui.broker_desk.brokers
    return BrokersReply(
        data=[broker_row(info, ui.browser.public_origin) for info in known.infos()],
        broken=[BrokenBroker(id=each.id, error=each.error) for each in known.broken()],
    )


@router.get(
    "/api/broker/capabilities",
    name="broker_capabilities",
    summary="What your broker can do",
    responses=looking(404),
)
async def capabilities(visit: Visitor, request: Request) -> CapabilitiesReply:
    ui = ui_of(request)
    info = ui.broker_desk.brokers.info(ui.accounts[visit.account_id].broker)
    return CapabilitiesReply(
        data=Capabilities(broker_name=info.id, supported_exchanges=sorted(info.exchanges))
    )


@router.get(
    "/ui/brokers/{broker}/calls",
    name="broker_calls",
    summary="How long a broker takes to answer",
    responses=looking(404),
)
async def calls(broker: BrokerId, _visit: Visitor, request: Request) -> CallTimesReply:
    """By what it was asked, since the server started, of all accounts there together."""
    ui = ui_of(request)
    known = ui.broker_desk.brokers.broker(broker)
    return CallTimesReply(data=[call_time(stats) for stats in ui.call_times.of(known.api.broker)])


@callback_router.get("/{broker}/callback")
async def broker_callback(broker: BrokerId, ui: Guest, request: Request) -> RedirectResponse:
    """Where a broker's page sends users back to. Goes on to the web app, with what came of it."""
    if ui.broker_desk.brokers.info(broker).auth is not AuthKind.OAUTH:
        raise UnknownBroker(broker)
    told: dict[str, str | int]
    try:
        told = {"connected": broker, "account": await _finish(broker, request)}
    except OpenAlgoError as error:
        told = {"error": error.message[:_LONGEST_ERROR], "code": error.code}
    return RedirectResponse(f"/?{urlencode(told)}", status_code=303)


async def _finish(broker: str, request: Request) -> int:
    """Log in with what came; the account."""
    ui = ui_of(request)
    session = session_of(request)
    if session is None:
        raise InvalidRequest("session", "Log in to OpenAlgo first, then connect the account again")
    ui.login_limit.take(address_of(request))
    if len(request.url.query) > _LONGEST_QUERY:
        raise InvalidRequest("query", "The broker sent more than can be right")
    return await ui.broker_desk.callback(broker, dict(request.query_params), session.id)
