"""Letting in consumers whose key is known."""

from typing import NoReturn

import structlog
import zmq
import zmq.asyncio

log = structlog.get_logger(__name__)

ENDPOINT = "inproc://zeromq.zap.01"
"""Where libzmq asks: RFC 27, the ZeroMQ Authentication Protocol."""


class Gate:
    """Answers for every connection whether its public key is one of `clients`."""

    def __init__(self, context: zmq.asyncio.Context, clients: frozenset[bytes]) -> None:
        self._clients = clients
        self._socket = context.socket(zmq.REP)
        self._socket.linger = 0
        self._socket.bind(ENDPOINT)

    async def run(self) -> NoReturn:
        """Answer until cancelled."""
        while True:
            asked = await self._socket.recv_multipart()
            await self._socket.send_multipart(self._answer(asked))

    def close(self) -> None:
        self._socket.close()

    def _answer(self, asked: list[bytes]) -> list[bytes]:
        version, request_id, _, address, _, mechanism, *credentials = asked
        if mechanism == b"CURVE" and credentials and credentials[0] in self._clients:
            return [version, request_id, b"200", b"OK", b"", b""]
        log.warning("a consumer of the bridge was refused", address=address.decode())
        return [version, request_id, b"400", b"unknown key", b"", b""]
