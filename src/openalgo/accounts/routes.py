"""How an account's calls leave this machine, as its user says it."""

import socket
from ipaddress import ip_address
from urllib.parse import urlsplit

from openalgo.brokers.clients import Route
from openalgo.domain.errors import InvalidRequest


def route_of(source_ip: str | None, proxy: str | None) -> Route:
    """Neither is the usual way. Raises `InvalidRequest`, with nothing of the proxy in its text."""
    if source_ip and proxy:
        raise InvalidRequest(
            "route", "Calls leave from a source address or through a proxy, not both"
        )
    if source_ip:
        _check_is_ours(source_ip)
    if proxy and not _is_proxy(proxy):
        raise InvalidRequest("proxy", "A proxy is http://host:port or https://host:port")
    return Route(source_ip or None, proxy or None)


def shown_proxy(route: Route) -> str | None:
    """The address of its proxy without user and password."""
    if route.proxy is None:
        return None
    parts = urlsplit(route.proxy)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _check_is_ours(address: str) -> None:
    try:
        version = ip_address(address).version
    except ValueError:
        raise InvalidRequest("source_ip", f"'{address}' is not an IP address") from None
    family = socket.AF_INET if version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.bind((address, 0))
    except OSError:
        raise InvalidRequest(
            "source_ip", f"{address} is not an address of the machine this server runs on"
        ) from None


def _is_proxy(url: str) -> bool:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    return (
        parts.scheme in ("http", "https")
        and bool(parts.hostname)
        and port != 0
        and parts.path in ("", "/")
        and not (parts.query or parts.fragment)
        and url.isascii()
        and url.isprintable()
        and " " not in url
    )
