"""Browsers at a WebSocket: who is logged in there, and on which page.

A browser sends its cookies with every WebSocket, also one that a page of somebody else opens, and
it always says which page that is. So a cookie counts only together with an origin of ours.
"""

from typing import NamedTuple

from fastapi import WebSocket

from openalgo.api.ui.browser import CsrfFailed
from openalgo.api.ui.deps import ACCOUNT_QUERY, UiServices, account_of
from openalgo.identity.principal import NO_KEY, Principal, Scope
from openalgo.identity.sessions import WebSession


class BrowserClient(NamedTuple):
    """Whose client it is, where that is no API key."""

    session_id: int


class Browser:
    """The browser that opened `socket`."""

    def __init__(self, socket: WebSocket, ui: UiServices) -> None:
        self._ui = ui
        self._cookie = ui.browser.cookie_of(socket)
        self._account = socket.query_params.get(ACCOUNT_QUERY)
        self.is_ours = True
        """Whether a page of ours opened the socket."""
        try:
            ui.browser.check_page(socket)
        except CsrfFailed:
            self.is_ours = False

    def session(self) -> WebSession | None:
        """Who is logged in now, on a page of ours."""
        if self._cookie is None or not self.is_ours:
            return None
        return self._ui.sessions.lookup(self._cookie)

    async def principal(self, session: WebSession) -> Principal:
        """The user in person, on the account the address names. Raises what `account_of` does."""
        return Principal(
            user_id=session.user_id,
            username=session.username,
            account_id=await account_of(self._ui.accounts, session.user_id, self._account),
            key_id=NO_KEY,
            scopes=frozenset(Scope),
        )
