import pytest

from openalgo.identity.networks import contains, parse_address, parse_network


@pytest.mark.parametrize(
    ("network", "inside", "outside"),
    [
        ("203.0.113.7", "203.0.113.7", "203.0.113.8"),
        ("10.1.2.3/16", "10.1.9.9", "10.2.0.1"),
        ("2001:db8::/32", "2001:db8:1::1", "2001:db9::1"),
        ("10.0.0.0/8", "::ffff:10.1.1.1", "::ffff:11.1.1.1"),
        ("::/0", "::1", "127.0.0.1"),
        ("0.0.0.0/0", "8.8.8.8", "unknown"),
    ],
)
def test_an_address_is_in_its_network(network: str, inside: str, outside: str) -> None:
    networks = (parse_network(network),)
    assert contains(networks, inside)
    assert not contains(networks, outside)
    assert not contains(networks, "")
    assert not contains((), inside)


@pytest.mark.parametrize("text", ["", "x", "10.0.0.1/33", "10.0.0", "10.0.0.1:80"])
def test_what_is_no_network_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"does not appear|octets|prefix|netmask|Netmask"):
        parse_network(text)
    assert parse_address(text) is None
