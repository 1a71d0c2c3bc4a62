"""Requests and answers, as the handlers of routes see them."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import msgspec

from openalgo.twin.zerodha.errors import KiteError, bad_input

if TYPE_CHECKING:
    from openalgo.twin.zerodha.twin import ZerodhaTwin


@dataclass(slots=True)
class Call:
    """`parts` are the variable parts of the path. Of a parameter that is given more than once the
    last one counts, except where `every` asks for all."""

    parts: Mapping[str, str]
    query: Mapping[str, Sequence[str]]
    headers: Mapping[str, str]
    body: bytes

    def asked(self, name: str, default: str = "") -> str:
        """A parameter of the query."""
        found = self.query.get(name)
        return found[-1] if found else default

    def every(self, name: str) -> Sequence[str]:
        return self.query.get(name, ())

    def form(self) -> dict[str, str]:
        """The body of a form. Raises `KiteError` where it is none."""
        kind = self.headers.get("content-type", "application/x-www-form-urlencoded")
        if not kind.startswith("application/x-www-form-urlencoded"):
            raise bad_input(f"The body must be a form, not {kind}.")
        try:
            found = parse_qs(self.body.decode(), keep_blank_values=True)
        except UnicodeDecodeError:
            raise bad_input("The form is not UTF-8.") from None
        return {name: values[-1] for name, values in found.items()}

    def json(self) -> Any:
        """The body as JSON. Raises `KiteError` where it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            raise bad_input("The body is not valid JSON.") from None


@dataclass(frozen=True, slots=True)
class Answer:
    body: bytes
    status: int = 200
    kind: str = "application/json"
    headers: Sequence[tuple[str, str]] = ()


Handler = Callable[["ZerodhaTwin", Call], Answer]


@dataclass(frozen=True, slots=True)
class Route:
    """`path` with its variable parts in braces. `name` is what faults call it, `limit` the kind of
    request it counts as. Without `session` it needs no access token."""

    method: str
    path: str
    name: str
    handler: Handler
    limit: str = "other"
    session: bool = True


@dataclass(slots=True)
class Routes:
    rows: Sequence[Route]
    _by_shape: dict[tuple[str, int], list[tuple[tuple[str, ...], Route]]] = field(
        default_factory=dict
    )

    def __post_init__(self) -> None:
        for row in self.rows:
            parts = tuple(row.path.strip("/").split("/"))
            self._by_shape.setdefault((row.method, len(parts)), []).append((parts, row))

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        """Raises `KiteError` where there is no such route."""
        wanted = path.strip("/").split("/")
        for parts, row in self._by_shape.get((method, len(wanted)), ()):
            found = _bound(parts, wanted)
            if found is not None:
                return row, found
        for (_, length), rows in self._by_shape.items():
            if length == len(wanted) and any(
                _bound(parts, wanted) is not None for parts, _ in rows
            ):
                raise KiteError(405, "GeneralException", "The method is not allowed.")
        raise KiteError(404, "GeneralException", "Route not found")


def success(data: Any) -> Answer:
    return Answer(msgspec.json.encode({"status": "success", "data": data}))


def failure(error: KiteError) -> Answer:
    return Answer(
        msgspec.json.encode(
            {
                "status": "error",
                "message": error.message,
                "error_type": error.error_type,
                "data": None,
            }
        ),
        error.status,
    )


def _bound(parts: Sequence[str], wanted: Sequence[str]) -> dict[str, str] | None:
    found: dict[str, str] = {}
    for part, word in zip(parts, wanted, strict=True):
        if part[:1] == "{":
            found[part[1:-1]] = word
        elif part != word:
            return None
    return found
