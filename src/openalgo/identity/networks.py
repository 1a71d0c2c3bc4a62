"""Network addresses: which ones an API key may be used from."""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


@lru_cache(maxsize=4096)
def parse_address(text: str) -> Address | None:
    """`text` as an address, an IPv4 one inside IPv6 as what it is; `None` when it is none."""
    try:
        ip = ip_address(text)
    except ValueError:
        return None
    return (ip.ipv4_mapped or ip) if isinstance(ip, IPv6Address) else ip


def parse_network(text: str) -> Network:
    """One address or one network such as 10.1.0.0/16. Raises `ValueError`."""
    return ip_network(text.strip(), strict=False)


def contains(networks: Iterable[Network], address: str) -> bool:
    """Whether `address` lies in one of `networks`; what is no address does not."""
    ip = parse_address(address)
    return ip is not None and any(ip in network for network in networks)
