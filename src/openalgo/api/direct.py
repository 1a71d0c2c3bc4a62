"""The short way from a POST or a WebSocket to its endpoint.

FastAPI solves dependencies, opens exit stacks and walks its routers for every request; on the order
path that costs more than the order. Our POST routes all have one shape (a body model, a caller and
perhaps the request), so they are served straight from a table. FastAPI still declares them: the
OpenAPI document, wrong methods and unknown paths are its. Sockets go the same short way, because
clients come back all at once when a network was down for a moment. See docs/adr/0003.
"""

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, cast

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.routing import BaseRoute, WebSocketRoute
from starlette.types import Receive, Scope, Send

from openalgo.api.deps import Call
from openalgo.api.envelope import answer
from openalgo.domain.errors import OpenAlgoError

Serve = Callable[[Request], Awaitable[Response]]


class DirectRoute(APIRoute):
    """A POST whose endpoint takes a body model, a `caller(...)` dependency and, if it wants, the
    request, and returns a reply model, or the whole response where a model would be too much at
    once. Dependencies that come before the caller take the request alone."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        return self.serve

    async def serve(self, request: Request) -> Response:
        """Answer `request`, errors included. What nobody foresaw is raised."""
        try:
            return await self._carry_out(request)
        except (OpenAlgoError, RequestValidationError) as error:
            return answer(request, error)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        *checks, caller = self.dependant.dependencies
        (body,) = self.dependant.body_params
        self._checks = [cast(Callable[[Request], Awaitable[object]], each.call) for each in checks]
        self._admit = cast(Callable[[Request], Awaitable[Call]], caller.call)
        self._call_name = cast(str, caller.name)
        self._body_name = body.name
        self._validate: Callable[[object], object] = TypeAdapter(
            body.field_info.annotation
        ).validate_python
        self._request_name = self.dependant.request_param_name

    async def _carry_out(self, request: Request) -> Response:
        request.scope["endpoint"] = self.endpoint
        for check in self._checks:
            await check(request)
        call = await self._admit(request)
        try:
            body = self._validate(call.members)
        except ValidationError as error:
            problems = error.errors(include_url=False)
            raise RequestValidationError(
                [{**problem, "loc": ("body", *problem["loc"])} for problem in problems]
            ) from None
        arguments: dict[str, Any] = {self._body_name: body, self._call_name: call}
        if self._request_name is not None:
            arguments[self._request_name] = request
        reply: BaseModel | Response = await self.endpoint(**arguments)
        if isinstance(reply, Response):
            return reply
        content = reply.__pydantic_serializer__.to_json(reply, by_alias=True)
        return Response(content, media_type="application/json")


class Dispatcher:
    """Serves the direct routes of `app` from a table, and everything else through `app`."""

    def __init__(self, app: FastAPI, routes: Sequence[BaseRoute]) -> None:
        self._app = app
        self._table = {
            route.path: route.serve for route in routes if isinstance(route, DirectRoute)
        }
        self._sockets = {
            route.path: route.app for route in routes if isinstance(route, WebSocketRoute)
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            scope["app"] = self._app
            await self._sockets.get(scope["path"], self._app)(scope, receive, send)
            return
        serve = (
            self._table.get(scope["path"])
            if scope["type"] == "http" and scope["method"] == "POST"
            else None
        )
        if serve is None:
            await self._app(scope, receive, send)
            return
        scope["app"] = self._app
        request = Request(scope, receive)
        try:
            response = await serve(request)
        except Exception as error:
            # The client gets an answer; whoever wraps us gets to know, and to log.
            await answer(request, error)(scope, receive, send)
            raise
        await response(scope, receive, send)
