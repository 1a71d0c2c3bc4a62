"""The operations of the public API, for a user in the web app.

What `/api/v1/placeorder` does for an API key, `/ui/v1/placeorder` does for a session: the same
endpoints, models, errors and records. Who may come in differs: every route here depends on
`visitor` or `acting` first, and then nobody asks for a key (`api.deps.caller`). It acts on the
account of the request, as its owner, whose orders wait for nobody's approval.

Operations of which the web app has a fuller one of its own are left out: the analyzer switch, the
risk limits, orders that wait for approval, and the ping.
"""

from typing import Any

from fastapi import APIRouter, Depends
from fastapi.routing import APIRoute

from openalgo.api.ui.browser import SAFE_METHODS
from openalgo.api.ui.deps import acting, as_shown, visitor
from openalgo.api.ui.errors import changing, looking
from openalgo.api.v1 import PREFIX, routers

UI_PREFIX = "/ui/v1"


def _in_person(shared: APIRouter) -> APIRouter:
    """The routes of `shared` below `UI_PREFIX`, for sessions."""
    router = APIRouter()
    trades = [Depends(as_shown)] if shared in routers.TRADING else []
    for route in shared.routes:
        if not isinstance(route, APIRoute):
            raise TypeError(f"{route} cannot be served to sessions")
        looks = SAFE_METHODS.issuperset(route.methods or ())
        router.add_api_route(
            UI_PREFIX + route.path.removeprefix(PREFIX),
            route.endpoint,
            methods=route.methods,
            name=route.name,
            operation_id=route.operation_id,
            tags=route.tags,
            summary=route.summary,
            response_model=route.response_model,
            responses=_responses(route.responses, looks=looks, trades=bool(trades)),
            openapi_extra=route.openapi_extra,
            dependencies=[Depends(visitor if looks else acting), *trades],
            route_class_override=type(route),
        )
    return router


def _responses(
    shared: dict[int | str, dict[str, Any]], *, looks: bool, trades: bool
) -> dict[int | str, dict[str, Any]]:
    """The errors of a session in place of those of a key, and the operation's own."""
    conflict = changing(409) if trades and 409 not in shared else changing()
    return {**shared, **conflict, **(looking() if looks else {})}


ROUTERS = tuple(_in_person(each) for each in (*routers.TRADING, *routers.FIXED, *routers.MATCHED))
