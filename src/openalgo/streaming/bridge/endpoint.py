"""Where the bridge is, and who may listen there."""

from dataclasses import dataclass, field
from ipaddress import ip_address


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """The keys of CURVE, 32 bytes each: our secret one, and the public ones of who may listen."""

    secret_key: bytes = field(repr=False)
    clients: frozenset[bytes]


def is_local(endpoint: str) -> bool:
    """Whether nobody reaches `endpoint` from another machine: only then CURVE may be left out."""
    scheme, _, where = endpoint.partition("://")
    if scheme == "ipc":
        return True
    host = where.rpartition(":")[0].strip("[]")
    try:
        return scheme == "tcp" and ip_address(host).is_loopback
    except ValueError:
        return False
