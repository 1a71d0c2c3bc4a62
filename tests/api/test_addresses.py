"""Where a request comes from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openalgo.api.addresses import ClientAddresses, is_loopback

PROXIES = ClientAddresses(["127.0.0.0/8", "10.0.0.0/8", "::1"])


def of(addresses: ClientAddresses, socket: str, *forwarded: str) -> str:
    headers = [(b"host", b"x"), *((b"x-forwarded-for", each.encode()) for each in forwarded)]
    return addresses.of({"type": "http", "client": (socket, 5), "headers": headers})


def test_nobody_is_believed_unless_configured() -> None:
    assert of(ClientAddresses(), "127.0.0.1", "203.0.113.9") == "127.0.0.1"
    assert ClientAddresses().of({"type": "http", "client": None, "headers": []}) == ""
    assert PROXIES.of({"type": "http", "headers": []}) == ""


@pytest.mark.parametrize(
    ("socket", "forwarded", "client"),
    [
        ("203.0.113.1", ("203.0.113.9",), "203.0.113.1"),
        ("127.0.0.1", (), "127.0.0.1"),
        ("127.0.0.1", ("203.0.113.9",), "203.0.113.9"),
        ("127.0.0.1", ("8.8.8.8, 203.0.113.9",), "203.0.113.9"),
        ("127.0.0.1", ("127.0.0.1, 203.0.113.9",), "203.0.113.9"),
        ("127.0.0.1", ("203.0.113.9, 10.1.1.1",), "203.0.113.9"),
        ("127.0.0.1", ("8.8.8.8", "203.0.113.9,10.1.1.1"), "203.0.113.9"),
        ("::1", ("2001:db8::9",), "2001:db8::9"),
        ("::ffff:127.0.0.1", ("::ffff:203.0.113.9",), "203.0.113.9"),
        ("127.0.0.1", ("203.0.113.9, unknown",), "127.0.0.1"),
        ("127.0.0.1", ("203.0.113.9, nonsense, 10.1.1.1",), "10.1.1.1"),
        ("127.0.0.1", ("10.1.1.1",), "10.1.1.1"),
        ("127.0.0.1", ("",), "127.0.0.1"),
    ],
)
def test_the_last_hop_nobody_could_make_up_is_the_client(
    socket: str, forwarded: tuple[str, ...], client: str
) -> None:
    assert of(PROXIES, socket, *forwarded) == client


@given(st.lists(st.ip_addresses(v=4).map(str), max_size=5))
def test_what_a_client_claims_changes_nothing(claimed: list[str]) -> None:
    hops = ", ".join([*claimed, "203.0.113.9"])
    assert of(PROXIES, "127.0.0.1", hops) == "203.0.113.9"


def test_loopback_is_this_machine_and_nothing_else() -> None:
    assert all(map(is_loopback, ("127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1")))
    assert not any(map(is_loopback, ("", "localhost", "10.0.0.1", "::2", "unix:")))
