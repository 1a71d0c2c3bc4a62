"""Connections: certificates, versions of HTTP, source addresses, proxies."""

import asyncio
import ssl
import sys
from base64 import b64encode
from pathlib import Path

import httpx
import pytest

from openalgo.brokers.http import ApiRequest, Clients, Kind, Route
from openalgo.domain.errors import BrokerNotReached, BrokerUnavailable
from tests.brokers.kit.calls import EXIT, LOGIN, ORDER, QUICK, READ, account, api, authorities
from tests.brokers.kit.certificates import Certificate
from tests.brokers.kit.h2_server import both_versions
from tests.brokers.kit.wire import Connection, Wire, always, serve

pytestmark = pytest.mark.asyncio(loop_factories=["asyncio", "uvloop"])


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return Certificate(tmp_path_factory.mktemp("tls"))


async def answer(connection: Connection) -> None:
    if await connection.request():
        await connection.answer()
    else:
        raise asyncio.CancelledError


async def test_a_certificate_nobody_vouches_for_is_refused(certificate: Certificate) -> None:
    async with (
        serve(always(answer), certificate.server()) as wire,
        account(api(wire.url)) as http,
    ):
        for request in (ORDER, READ):
            with pytest.raises(BrokerNotReached, match="CERTIFICATE_VERIFY_FAILED"):
                await http.call(request)
    assert wire.requests == []


async def test_a_certificate_for_another_host_is_refused(tmp_path: Path) -> None:
    other = Certificate(tmp_path, host="127.0.0.9")
    async with (
        serve(always(answer), other.server()) as wire,
        account(api(wire.url), Clients(tls=other.trusted())) as http,
    ):
        with pytest.raises(BrokerNotReached, match="CERTIFICATE_VERIFY_FAILED"):
            await http.call(ORDER)
    assert wire.requests == []


async def test_checking_certificates_cannot_be_switched_off() -> None:
    unchecked = ssl.create_default_context()
    unchecked.check_hostname = False
    with pytest.raises(ValueError, match="must be checked"):
        Clients(tls=unchecked)
    unchecked.verify_mode = ssl.CERT_NONE
    with pytest.raises(ValueError, match="must be checked"):
        Clients(tls=unchecked)


async def test_reads_use_http2_and_whatever_must_happen_once_http1(
    certificate: Certificate,
) -> None:
    told: list[str] = []
    async with (
        serve(both_versions(told), certificate.server(["h2", "http/1.1"])) as wire,
        account(api(wire.url), Clients(tls=certificate.trusted())) as http,
    ):
        for request in (READ, ORDER, EXIT, LOGIN, READ):
            await http.call(request)
    assert told == [
        "HTTP/2 /orders",
        "HTTP/1.1 /orders/regular",
        "HTTP/1.1 /orders/regular/1",
        "HTTP/1.1 /session/token",
        "HTTP/2 /orders",
    ]
    assert wire.connections == 2


async def test_a_read_that_times_out_takes_no_order_with_it(certificate: Certificate) -> None:
    """On one HTTP/2 connection, httpcore fails every call when one of them times out."""
    told: list[str] = []
    silent = ApiRequest(name="history", method="GET", url="/silent")
    async with (
        serve(both_versions(told), certificate.server(["h2", "http/1.1"])) as wire,
        account(api(wire.url, timeouts=QUICK), Clients(tls=certificate.trusted())) as http,
    ):
        read = asyncio.create_task(http.call(silent))
        await wire.arrived.wait()
        await http.call(ORDER)
        with pytest.raises(BrokerUnavailable, match="did not answer in time") as caught:
            await read
        await http.call(READ)
    assert caught.value.status == 504
    assert [line for line in told if line.startswith("HTTP/1.1")] == ["HTTP/1.1 /orders/regular"]


async def test_connections_are_kept_and_shared_by_accounts() -> None:
    clients = Clients(tls=authorities())
    async with (
        serve(always(answer)) as wire,
        account(api(wire.url), clients) as one,
        account(api(wire.url), clients) as other,
    ):
        for http in (one, other, one):
            await http.call(ORDER)
            await http.call(READ)
    assert len(wire.requests) == 6
    assert wire.connections == 2


async def test_reads_cannot_take_the_last_connection_of_an_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("openalgo.brokers.clients._CONNECTIONS", 1)

    async def silent_to_reads(connection: Connection) -> None:
        if (await connection.request()).startswith(b"GET"):
            await asyncio.Event().wait()
        await connection.answer()

    async with serve(always(silent_to_reads)) as wire, account(api(wire.url)) as http:
        read = asyncio.create_task(http.call(READ))
        await wire.arrived.wait()
        await http.call(ORDER)
        read.cancel()
        await asyncio.gather(read, return_exceptions=True)


# --- routes


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all of 127.0.0.0/8")
async def test_calls_leave_from_the_address_of_the_account() -> None:
    clients = Clients(tls=authorities())
    async with (
        serve(always(answer)) as wire,
        account(api(wire.url), clients, route=Route("127.0.0.2")) as one,
        account(api(wire.url), clients, route=Route("127.0.0.3")) as other,
    ):
        await one.call(ORDER)
        await other.call(ORDER)
        await one.call(ORDER)
    assert wire.peers == ["127.0.0.2", "127.0.0.3"]


async def test_an_address_this_machine_does_not_have_sends_nothing() -> None:
    route = Route("203.0.113.7")
    async with serve(always(answer)) as wire, account(api(wire.url), route=route) as http:
        with pytest.raises(BrokerNotReached):
            await http.call(ORDER)
    assert wire.connections == 0


async def tunnel(connection: Connection) -> None:
    """A proxy: opens a tunnel to wherever it is asked."""
    request = await connection.request()
    host, port = request.split()[1].decode().split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    await connection.send(b"HTTP/1.1 200 Connection established\r\n\r\n")

    async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            sink.write(data)
        sink.close()

    try:
        await asyncio.gather(pump(connection.reader, writer), pump(reader, connection.writer))
    finally:
        writer.close()


def through(proxy: Wire) -> Route:
    return Route(proxy=f"http://someone:s3cr3t@127.0.0.1:{proxy.port}")


async def test_calls_go_through_a_proxy_which_sees_none_of_them(certificate: Certificate) -> None:
    async with (
        serve(always(answer), certificate.server()) as wire,
        serve(tunnel) as proxy,
        account(api(wire.url), Clients(tls=certificate.trusted()), route=through(proxy)) as http,
    ):
        await http.call(ORDER)
        await http.call(ORDER)
    assert len(wire.requests) == 2
    [asked] = proxy.requests
    assert asked.startswith(f"CONNECT 127.0.0.1:{wire.port} HTTP/1.1\r\n".encode())
    assert b64encode(b"someone:s3cr3t") in asked


async def test_a_proxy_that_refuses_sent_nothing(certificate: Certificate) -> None:
    async def refuse(connection: Connection) -> None:
        await connection.request()
        await connection.answer(b"", "407 Proxy Authentication Required")

    async with (
        serve(refuse) as proxy,
        account(
            api("https://127.0.0.1:9"), Clients(tls=certificate.trusted()), route=through(proxy)
        ) as http,
    ):
        with pytest.raises(BrokerNotReached, match="by the proxy: 407") as caught:
            await http.call(ORDER)
    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize("resets", [True, False])
async def test_a_proxy_that_fails_while_opening_the_tunnel_sent_nothing(resets: bool) -> None:
    """What was written then was for the proxy, not for the broker."""

    async def fail(connection: Connection) -> None:
        await connection.request()
        if resets:
            connection.reset()
        await asyncio.Event().wait()

    async with (
        serve(fail) as proxy,
        account(api("https://127.0.0.1:9", timeouts=QUICK), route=through(proxy)) as http,
    ):
        with pytest.raises(BrokerNotReached):
            await http.call(ORDER)
    assert len(proxy.requests) == 1


@pytest.mark.parametrize(
    ("source", "proxy"),
    [("10.0.0.1", "http://proxy:3128"), (None, "socks5://proxy:1080"), (None, "proxy:3128")],
)
async def test_routes_that_cannot_be_taken_are_refused(source: str | None, proxy: str) -> None:
    with pytest.raises(ValueError, match="proxy"):
        Route(source, proxy)


async def test_a_route_does_not_show_the_password_of_its_proxy() -> None:
    assert "s3cr3t" not in repr(Route(proxy="http://someone:s3cr3t@proxy:3128"))


async def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with serve(always(answer)) as wire, account(api(wire.url)) as http:
        await http.call(ORDER)
    assert len(wire.requests) == 1


async def test_every_transport_is_closed() -> None:
    closed: list[str] = []

    class Transport(httpx.MockTransport):
        async def aclose(self) -> None:
            closed.append("one")

    clients = Clients(
        tls=authorities(), make=lambda _r, _h: Transport(lambda _: httpx.Response(200))
    )
    for kind in (Kind.READ, Kind.ORDER, Kind.EXIT):
        clients.transport(Route(), kind)
    clients.transport(Route("127.0.0.2"), Kind.READ)
    await clients.aclose()
    assert closed == ["one"] * 3
