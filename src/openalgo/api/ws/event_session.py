"""One browser that hears what happens to its user's accounts."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import structlog

from openalgo.accounts.accounts import Accounts
from openalgo.api.ws import frames
from openalgo.api.ws.browsers import Browser, BrowserClient
from openalgo.api.ws.clients import Clients
from openalgo.api.ws.endings import (
    LEFT,
    SESSION_OVER,
    SHUTTING_DOWN,
    TOO_MANY_MESSAGES,
    TOO_MANY_OF_USER,
    TOO_SLOW,
    Ending,
    Life,
)
from openalgo.api.ws.feeds import Entry, Feeds
from openalgo.api.ws.frames import Frame, ProtocolError
from openalgo.api.ws.notices import EVENTS, FORCE_LOGOUT
from openalgo.api.ws.outbox import Flusher, Outbox
from openalgo.api.ws.pace import Pace, Pacer, Verdict
from openalgo.api.ws.session import Transport
from openalgo.domain.errors import OpenAlgoError
from openalgo.identity.sessions import WebSession

log = structlog.get_logger(__name__)

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventServices:
    """What an event session needs; `max_queue` is in frames."""

    feeds: Feeds
    accounts: Accounts
    clients: Clients
    flusher: Flusher
    max_queue: int = 1024
    pace: Pace = field(default_factory=lambda: Pace(burst=100))


class EventSession:
    """Tells what happens, until the browser leaves, reads too slowly or is logged out."""

    def __init__(self, transport: Transport, services: EventServices, browser: Browser) -> None:
        self._transport = transport
        self._services = services
        self._browser = browser
        self._life = life = Life()
        self._outbox = Outbox(
            transport, services.flusher, services.max_queue, partial(life.end, TOO_SLOW)
        )
        self._pacer = Pacer(services.pace)
        self._name = f"browser-{next(_numbers)}"
        self._wanted: frozenset[str] = EVENTS
        self._began_at = 0

    async def run(self) -> None:
        """Serve the browser; return when it is gone or was cut off."""
        session = self._browser.session()
        if session is None:
            await self._transport.close(*SESSION_OVER)
            return
        clients = self._services.clients
        refusal = clients.enter(self._name, self._life.end)
        if refusal is not None:
            await self._transport.close(*refusal)
            return
        try:
            ending = TOO_MANY_OF_USER
            if clients.admit(self._name, BrowserClient(session.id), session.user_id):
                ending = await self._serve(session)
        finally:
            clients.leave(self._name)
        if ending is not LEFT:
            await self._transport.close(*ending)

    async def _serve(self, session: WebSession) -> Ending:
        stop = await self._begin(session)
        try:
            return await self._life.lived(self._read(session), self._say_goodbye)
        finally:
            stop()
            await self._outbox.close()

    async def _begin(self, session: WebSession) -> Callable[[], None]:
        """Say hello, and listen. Nothing that happens in between is missed."""
        try:
            account_id = (await self._browser.principal(session)).account_id
        except OpenAlgoError:
            # Put away, or never theirs: the events of their other accounts go on.
            account_id = None
        feeds, user_id = self._services.feeds, session.user_id
        stop = feeds.listen(user_id, session.username, self._hear)
        self._began_at = feeds.seq(user_id)
        accounts = self._services.accounts
        self._say(
            {
                "type": "hello",
                "seq": self._began_at,
                "user": session.username,
                "account": account_id,
                "analyze_mode": None if account_id is None else accounts[account_id].analyze_mode,
                "accounts": [
                    {
                        "id": each.id,
                        "name": each.name,
                        "broker": each.broker,
                        "analyze_mode": each.analyze_mode,
                    }
                    for each in accounts.of_user(user_id)
                ],
            }
        )
        return stop

    def _hear(self, entry: Entry) -> None:
        if entry.event in self._wanted and not self._life.is_over:
            self._outbox.put(entry.frame)

    def _say(self, frame: Frame) -> None:
        self._outbox.put(frames.encode(frame))

    async def _read(self, session: WebSession) -> Ending:
        while (text := await self._transport.receive()) is not None:
            verdict = self._pacer.message()
            if verdict is Verdict.ENOUGH:
                return TOO_MANY_MESSAGES
            message: Frame = {}
            try:
                if verdict is Verdict.REFUSED:
                    raise ProtocolError("LIMIT_EXCEEDED", "Too many messages")
                message = frames.decode(text)
                self._answer(message, session)
            except ProtocolError as problem:
                self._say(frames.error(problem.code, str(problem), message))
        return LEFT

    async def _say_goodbye(self, ending: Ending) -> None:
        """Where somebody else ends it, what waits is sent before, with the reason if the user was
        logged out."""
        if ending is SESSION_OVER:
            message = {"message": "Your session has ended. Please log in."}
            self._say(
                {
                    "type": "event",
                    "event": FORCE_LOGOUT,
                    "account": None,
                    "data": message,
                    "ts": frames.now_ms(),
                }
            )
        if ending in (SESSION_OVER, SHUTTING_DOWN):
            await self._outbox.say_farewell()

    def _answer(self, message: Frame, session: WebSession) -> None:
        """Raises `ProtocolError`."""
        match frames.action_of(message):
            case "ping":
                self._say(frames.pong(message))
            case "subscribe":
                self._subscribe(message)
            case "resume":
                self._resume(message, session)
            case action:
                raise ProtocolError("INVALID_ACTION", f"Invalid action: {action}")

    def _subscribe(self, message: Frame) -> None:
        wanted = message.get("events")
        if not isinstance(wanted, list) or not all(each in EVENTS for each in map(str, wanted)):
            names = ", ".join(sorted(EVENTS))
            raise ProtocolError("INVALID_PARAMETERS", f"events must be a list of some of: {names}")
        self._wanted = frozenset(map(str, wanted))
        self._say(
            {
                "type": "subscribe_events",
                "status": "success",
                "events": sorted(self._wanted),
                **frames.echo(message),
            }
        )

    def _resume(self, message: Frame, session: WebSession) -> None:
        """Tell what happened between the last number the browser saw and its coming back."""
        last = message.get("last_seq")
        if isinstance(last, bool) or not isinstance(last, int):
            raise ProtocolError("INVALID_PARAMETERS", "last_seq must be a number you were told")
        missed = self._services.feeds.since(session.user_id, last)
        entries = [
            entry
            for entry in missed or ()
            if entry.seq <= self._began_at and entry.event in self._wanted
        ]
        self._say(
            {
                "type": "resume",
                "status": "success",
                "complete": missed is not None,
                "events": len(entries),
                **frames.echo(message),
            }
        )
        for entry in entries:
            self._outbox.put(entry.frame)
