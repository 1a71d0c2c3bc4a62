"""Where a request comes from: the one place that knows about reverse proxies.

Whatever counts, refuses or records by client address uses what `ClientAddresses` says.
"""

from collections.abc import Iterable

from starlette.types import Scope

from openalgo.identity.networks import contains, parse_address, parse_network

_FORWARDED = b"x-forwarded-for"


class ClientAddresses:
    """The address of the client: the socket's, unless that is a proxy we trust.

    Every proxy appends to X-Forwarded-For whom it heard from, so the right-most entry that is not
    a trusted proxy is the last one nobody could make up.
    """

    def __init__(self, trusted_proxies: Iterable[str] = ()) -> None:
        """`trusted_proxies` are addresses and networks. Raises `ValueError`."""
        self._trusted = tuple(parse_network(text) for text in trusted_proxies)

    def of(self, scope: Scope) -> str:
        """The client's address; empty where the socket has none."""
        address = str(scope["client"][0]) if scope.get("client") else ""
        if not self._trusted or not contains(self._trusted, address):
            return address
        headers: list[tuple[bytes, bytes]] = scope["headers"]
        hops = b",".join(value for name, value in headers if name == _FORWARDED).decode("latin-1")
        for hop in reversed(hops.split(",")):
            ip = parse_address(hop.strip())
            if ip is None:
                break
            address = str(ip)
            if not contains(self._trusted, address):
                break
        return address


def is_loopback(address: str) -> bool:
    """Whether this is the machine itself."""
    ip = parse_address(address)
    return ip is not None and ip.is_loopback
