"""The caller of a request, once proven."""

from dataclasses import dataclass

from openalgo.domain.words import Word


class Scope(Word):
    """What an API key may be used for."""

    READ = "read"
    TRADE = "trade"
    ADMIN = "admin"


NO_KEY = 0
"""The `key_id` of a user who is there in person. Keys are numbered from 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """An authenticated user acting on one of their accounts: through an API key, or in person
    (logged in to the web app), which `key_id` tells."""

    user_id: int
    username: str
    account_id: int
    key_id: int
    scopes: frozenset[Scope]

    @property
    def in_person(self) -> bool:
        return self.key_id == NO_KEY
