"""A program with an API key, which asks what the public document offers."""

from typing import Any

import requests
from schemathesis import Case
from schemathesis.core.transport import Response

from tests.openapi.calls import PATH_PARAMETERS, Calls
from tests.openapi.fuzz import Known
from tests.support.server import Server


class Program:
    """The key is a member of bodies that are objects, else a header."""

    def __init__(self, server: Server, key: str) -> None:
        self._server = server
        self._key = key
        self._calls = Calls(server, key)
        self._session = requests.Session()

    def known(self, operation: str) -> Known:
        body, query = self._calls.body(operation) or {}, self._calls.query(operation)
        return Known(body, query, PATH_PARAMETERS.get(operation, {}))

    def send(self, case: Case[Any], operation: str) -> Response:
        headers = {}
        if isinstance(case.body, dict):
            case.body["apikey"] = self._key
        else:
            headers["X-API-KEY"] = self._key
        return case.call(base_url=self._server.url, session=self._session, headers=headers)

    def hidden(self, text: str) -> str:
        return text.replace(self._key, "KEY")
