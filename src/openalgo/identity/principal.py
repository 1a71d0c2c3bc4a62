"""The caller of a request, once proven."""

from dataclasses import dataclass

from openalgo.domain.words import Word


class Scope(Word):
    """What an API key may be used for."""

    READ = "read"
    TRADE = "trade"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """An authenticated user acting on one of their accounts through one API key."""

    user_id: int
    username: str
    account_id: int
    key_id: int
    scopes: frozenset[Scope]
