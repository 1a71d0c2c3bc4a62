"""Keeping what must not be shown out of errors and logs."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from urllib.parse import parse_qsl, quote, quote_plus

import msgspec

from openalgo.brokers.calls import ApiRequest, Credentials, Kind, pairs
from openalgo.observability.redaction import MASK, is_secret_name, redact_text

SECRET_NAMES = frozenset(
    {
        *("checksum", "signature", "jkey", "x-privatekey", "appkey", "sid", "auth", "otp", "mpin"),
        *("code", "request_code", "auth_code", "vc", "factor2", "feedtoken", "enctoken"),
    }
)
"""Names of headers and fields whose values are secret, beside those every log record hides."""

_INSTRUMENT = re.compile(
    r"(instrument|symbol|exchange|scrip|script|security)_?tokens?", re.IGNORECASE
)
_SHORTEST = 4
_SHORTEST_NUMBER = 9


class Redactor:
    """Knows the secrets of one account's calls, by name and by value."""

    def __init__(self, names: Collection[str] = ()) -> None:
        """`names` are the broker's own, besides `SECRET_NAMES`."""
        self._names = SECRET_NAMES | {name.lower() for name in names}
        self._session: frozenset[str] = frozenset()

    def learn(self, credentials: Credentials) -> None:
        """From now on these are the session's secrets."""
        self._session = frozenset((*credentials.secrets, *_words(credentials.headers.values())))

    def scrub(self, text: str, request: ApiRequest, sent: Iterable[str] = ()) -> str:
        """`text` without any secret of the session, of `request` or among `sent`: the values of
        headers made for this call.

        Secrets are found as they are, percent-encoded, and within JSON.
        """
        hidden = {*self._session, *self._of(request), *_words(sent)}
        forms = {form for value in hidden if len(value) >= _SHORTEST for form in _forms(value)}
        for form in sorted(forms, key=len, reverse=True):
            text = text.replace(form, MASK)
        return redact_text(text)

    def _of(self, request: ApiRequest) -> Iterator[str]:
        login = request.kind is Kind.LOGIN
        yield from self._secret(request.headers.items(), everything=False)
        yield from self._secret(pairs(request.params), everything=login)
        if request.form is not None:
            yield from self._secret(pairs(request.form), everything=login)
        if request.json is not None:
            yield from self._secret(_members(msgspec.to_builtins(request.json)), everything=login)
        if request.content is not None:
            yield from self._secret(_fields(request.content), everything=login)

    def _secret(self, members: Iterable[tuple[str, str]], *, everything: bool) -> Iterator[str]:
        """The secret values. Of a login that is everything: its fields are called anything."""
        for name, value in members:
            inner = _members_of_text(value)
            if inner:
                yield from self._secret(inner, everything=everything)
            elif everything or self._is_secret(name, value):
                yield value

    def _is_secret(self, name: str, value: str) -> bool:
        if name.lower() in self._names:
            return True
        if _INSTRUMENT.fullmatch(name) or (value.isdigit() and len(value) < _SHORTEST_NUMBER):
            return False  # the token of an instrument
        return is_secret_name(name)


def _words(values: Iterable[str]) -> Iterator[str]:
    """Values, and what follows a scheme in them: `Bearer <token>`, `token <key>:<token>`."""
    for value in values:
        yield value
        for word in value.split()[1:]:
            yield word
            yield from word.split(":")


def _forms(value: str) -> tuple[str, ...]:
    """How a value may be written. Some JSON has its slashes escaped."""
    in_json = msgspec.json.encode(value).decode()[1:-1]
    return value, quote(value, safe=""), quote_plus(value), in_json, in_json.replace("/", "\\/")


def _fields(content: str | bytes) -> list[tuple[str, str]]:
    text = content if isinstance(content, str) else content.decode("utf-8", "replace")
    return _members_of_text(text) or parse_qsl(text)


def _members_of_text(text: str) -> list[tuple[str, str]]:
    """The members of JSON in a text, as the field `jData` of some brokers holds it."""
    if not text.startswith(("{", "[")):
        return []
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return []
    return list(_members(value))


def _members(value: object, name: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, member in value.items():
            yield from _members(member, str(key))
    elif isinstance(value, list):
        for member in value:
            yield from _members(member, name)
    elif isinstance(value, str):
        yield name, value
    elif value is not None and not isinstance(value, bool):
        yield name, str(value)
