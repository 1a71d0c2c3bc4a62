"""One WebSocket client: what it said, what it may hear."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Hashable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import ClassVar, NamedTuple, Protocol

import structlog

from openalgo.api.ports import KeyAuthenticator
from openalgo.api.ws import frames
from openalgo.api.ws.browsers import Browser, BrowserClient
from openalgo.api.ws.clients import Clients
from openalgo.api.ws.endings import (
    AUTH_TIMEOUT,
    LEFT,
    SHUTTING_DOWN,
    TOO_MANY_MESSAGES,
    TOO_MANY_OF_USER,
    TOO_SLOW,
    Ending,
    Life,
)
from openalgo.api.ws.feed_news import FeedNews, broker_info
from openalgo.api.ws.frames import Frame, ProtocolError
from openalgo.api.ws.market import MarketData
from openalgo.api.ws.order_stream import EventSource, OrderStream
from openalgo.api.ws.outbox import Flusher, Outbox, Sink
from openalgo.api.ws.pace import Pace, Pacer, Verdict
from openalgo.api.ws.turns import Turns
from openalgo.domain.errors import OpenAlgoError
from openalgo.identity.api_keys import AddressNotAllowed
from openalgo.identity.principal import Principal, Scope
from openalgo.trading.markets import Market, Markets

log = structlog.get_logger(__name__)

_numbers = itertools.count(1)
_TOO_FAST = frames.encode(
    frames.error("LIMIT_EXCEEDED", "Too many messages: this one was not carried out", {})
)


class Transport(Sink, Protocol):
    """The socket, whatever carries it."""

    async def receive(self) -> str | bytes | None:
        """The next message, or None when the client is gone."""
        ...

    async def close(self, code: int, reason: str) -> None:
        """End the connection, even if the client does not read. Safe when it has ended."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SocketServices:
    """What a session needs; `auth_grace` is in seconds, `max_queue` in frames. `max_views` is what
    one client may subscribe to, `pace` how fast it may talk."""

    keys: KeyAuthenticator
    markets: Markets
    events: EventSource
    brokers: tuple[str, ...]
    clients: Clients = field(default_factory=Clients)
    flusher: Flusher = field(default_factory=Flusher)
    turns: Turns = field(default_factory=Turns)
    auth_grace: float = 15.0
    max_queue: int = 1024
    max_views: int = 3_000
    pace: Pace = field(default_factory=Pace)


class _CutOff(Exception):
    """The client cannot be served."""

    def __init__(self, ending: Ending) -> None:
        self.ending = ending
        super().__init__(ending.reason)


class _Known(NamedTuple):
    """Whose client it is, and what it hears of their market."""

    principal: Principal
    market: MarketData
    feed: FeedNews
    orders: OrderStream

    async def close(self) -> None:
        """It hears nothing any more."""
        self.feed.close()
        self.orders.close()
        await self.market.close()


class Session:
    """Reads and answers messages until either side ends it."""

    def __init__(
        self,
        transport: Transport,
        services: SocketServices,
        address: str = "",
        browser: Browser | None = None,
    ) -> None:
        """`address` is the client's. A client in a `browser` needs no API key while its user is
        logged in there."""
        self._browser = browser
        self._transport = transport
        self._services = services
        self._address = address
        self._life = life = Life()
        self._outbox = Outbox(
            transport, services.flusher, services.max_queue, partial(life.end, TOO_SLOW)
        )
        self._pacer = Pacer(services.pace)
        self._name = f"client-{next(_numbers)}"
        self._known: _Known | None = None
        self._silent: asyncio.TimerHandle | None = None

    async def run(self) -> None:
        """Serve the client; return when it is gone or was cut off."""
        life, services = self._life, self._services
        refusal = services.clients.enter(self._name, life.end)
        if refusal is not None:
            await self._transport.close(*refusal)
            return
        # Nobody may hold a socket without saying who they are.
        self._silent = asyncio.get_running_loop().call_later(
            services.auth_grace, life.end, AUTH_TIMEOUT
        )
        try:
            ending = await life.lived(self._read(), self._say_goodbye)
        finally:
            self._silent.cancel()
            services.clients.leave(self._name)
            if self._known is not None:
                await services.turns.mine()
                await self._known.close()
            await self._outbox.close()
            log.debug(
                "websocket client left",
                client=self._name,
                ticks_sent=self._outbox.sent,
                ticks_conflated=self._outbox.conflated,
            )
        if ending is not LEFT:
            await self._transport.close(*ending)

    async def _read(self) -> Ending:
        turns = self._services.turns
        while (text := await self._transport.receive()) is not None:
            match self._pacer.message():
                case Verdict.ENOUGH:
                    return TOO_MANY_MESSAGES
                case Verdict.REFUSED:
                    self._outbox.put(_TOO_FAST)
                    continue
            await turns.mine()
            try:
                self._outbox.put(frames.encode(await self._answer(text)))
            except _CutOff as cut:
                return cut.ending
            if self._known is not None:
                self._known.feed.begin()
                await self._known.market.begin()
        return LEFT

    async def _say_goodbye(self, ending: Ending) -> None:
        """Where the server ends, what waits is sent before."""
        if ending is SHUTTING_DOWN:
            if self._known is not None:
                await self._known.market.close()
            await self._outbox.say_farewell()

    async def _answer(self, text: str | bytes) -> Frame:
        message: Frame = {}
        try:
            message = frames.decode(text)
            match frames.action_of(message):
                case "authenticate" | "auth":
                    return await self._authenticate(message)
                case "ping":
                    return frames.pong(message)
                case "get_supported_brokers":
                    return self._supported_brokers()
                case action if (handle := self._ACTIONS.get(action)) is not None:
                    if self._known is None:
                        raise ProtocolError("NOT_AUTHENTICATED", "You must authenticate first")
                    return {**await handle(self, self._known, message), **frames.echo(message)}
                case action:
                    raise ProtocolError("INVALID_ACTION", f"Invalid action: {action}")
        except ProtocolError as problem:
            return frames.error(problem.code, str(problem), message)
        except OpenAlgoError as error:
            return frames.error("BROKER_ERROR", error.message, message)
        except _CutOff:
            raise
        except Exception:
            log.exception("websocket message failed", client=self._name)
            return frames.error("PROCESSING_ERROR", "The message could not be processed", message)

    async def _authenticate(self, message: Frame) -> Frame:
        key = message.get("api_key") or message.get("apikey")
        if key is None and self._browser is not None and (session := self._browser.session()):
            try:
                principal = await self._browser.principal(session)
            except OpenAlgoError as error:
                return _refused("AUTHENTICATION_ERROR", error.message, message)
            return await self._admit(principal, BrowserClient(session.id), message)
        if not isinstance(key, str):
            return _refused("AUTHENTICATION_ERROR", "API key is required", message)
        return await self._authenticate_key(key, message)

    async def _authenticate_key(self, key: str, message: Frame) -> Frame:
        keys = self._services.keys
        try:
            principal = keys.lookup(key, self._address) or await keys.authenticate(
                key, self._address
            )
        except AddressNotAllowed as error:
            return _refused("AUTHENTICATION_ERROR", error.message, message)
        if principal is None or Scope.READ not in principal.scopes:
            return _refused("AUTHENTICATION_ERROR", "Invalid API key", message)
        return await self._admit(principal, principal.key_id, message)

    async def _admit(self, principal: Principal, owner: Hashable, message: Frame) -> Frame:
        """Let in a client of `principal`, counted as one of `owner`. Raises `_CutOff`."""
        try:
            broker = self._services.markets.broker_of(principal.account_id)
            market = self._services.markets.of(principal.account_id)
        except OpenAlgoError as error:
            return _refused("BROKER_ERROR", error.message, message)
        if not self._services.clients.admit(self._name, owner, principal.user_id):
            raise _CutOff(TOO_MANY_OF_USER)
        known = self._known
        if known is not None and known.principal.account_id == principal.account_id:
            self._known = known._replace(principal=principal)
        else:
            if known is not None:
                await known.close()
            self._known = self._hearing(principal, market)
        if self._silent is not None:
            self._silent.cancel()
        return {
            "type": "auth",
            "status": "success",
            "message": "Authentication successful",
            "broker": broker.id,
            "user_id": principal.username,
            "supported_features": {"ltp": True, "quote": True, "depth": True},
        }

    def _hearing(self, principal: Principal, market: Market) -> _Known:
        services, outbox = self._services, self._outbox
        return _Known(
            principal=principal,
            market=MarketData(market, outbox, self._name, services.max_views, services.turns),
            feed=FeedNews(market, outbox),
            orders=OrderStream(services.events, principal, market.info.id, outbox),
        )

    async def _subscribe(self, known: _Known, message: Frame) -> Frame:
        return await known.market.subscribe(message, self._broker_id(known.principal))

    async def _unsubscribe(self, known: _Known, message: Frame) -> Frame:
        return await known.market.unsubscribe(message, self._broker_id(known.principal))

    async def _unsubscribe_all(self, known: _Known, _: Frame) -> Frame:
        return await known.market.unsubscribe_all(self._broker_id(known.principal))

    async def _subscribe_orders(self, known: _Known, _: Frame) -> Frame:
        known.orders.open()
        return _done("subscribe_orders", "Subscribed to order updates")

    async def _unsubscribe_orders(self, known: _Known, _: Frame) -> Frame:
        known.orders.close()
        return _done("unsubscribe_orders", "Unsubscribed from order updates")

    def _broker_id(self, principal: Principal) -> str:
        return self._services.markets.of(principal.account_id).info.id

    async def _broker_info(self, known: _Known, _: Frame) -> Frame:
        principal = known.principal
        market = self._services.markets.of(principal.account_id)
        return broker_info(market, principal.username)

    def _supported_brokers(self) -> Frame:
        brokers = list(self._services.brokers)
        return {
            "type": "supported_brokers",
            "status": "success",
            "brokers": brokers,
            "count": len(brokers),
        }

    # Not methods bound to the session: those would keep it until the garbage collector comes.
    _ACTIONS: ClassVar[Mapping[str, Callable[["Session", _Known, Frame], Awaitable[Frame]]]] = {
        "subscribe": _subscribe,
        "unsubscribe": _unsubscribe,
        "unsubscribe_all": _unsubscribe_all,
        "subscribe_orders": _subscribe_orders,
        "unsubscribe_orders": _unsubscribe_orders,
        "get_broker_info": _broker_info,
    }


def _done(type_: str, text: str) -> Frame:
    return {"type": type_, "status": "success", "message": text}


def _refused(code: str, text: str, message: Mapping[str, object]) -> Frame:
    return {**frames.error(code, text, message), "type": "auth"}
