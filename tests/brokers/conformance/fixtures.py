"""What lies in the folder of a broker.

`account.json` says which package the adapter is, what its user enters, what a login answers and
how the broker words its refusals; `requests.json` and `responses.json` hold cases, `frames/` what
the feed sends, `instruments.json` what the rows of the instrument files are. In all of them
`<name>` stands for a word or a secret of `account.json`, `<sha256 a b>` for the hash of several.
"""

import base64
import gzip
import hashlib
import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path

import httpx

from openalgo.brokers.adapter import Broker
from tests.brokers.conformance.values import Json, read_json, write_json
from tests.instruments.contract_files import DATA

BROKERS = Path(__file__).parents[1]

_PLACEHOLDER = re.compile(r"<(sha256 )?([a-z_]+(?: [a-z_]+)*)>")


class AbsentFile(Exception):
    """A real file this case reads is not on this machine."""


@dataclass(frozen=True, slots=True)
class Case:
    """One call with what it sends, gets or gives. `real` is true where a reply was not written by
    us but comes from the broker."""

    name: str
    source: str
    call: str
    members: Mapping[str, Json]

    @property
    def arguments(self) -> Mapping[str, Json]:
        found: Mapping[str, Json] = self.members.get("with", {})
        return found

    @property
    def replies(self) -> list[Json]:
        return list(self.members.get("replies", ()))

    @property
    def real(self) -> bool:
        return any("file" in str(part) for part in self.members.get("frame", ())) or any(
            "file" in reply for reply in self.replies
        )


class Folder:
    """The fixtures of one broker, read when they are first asked for."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.id = path.name
        account = read_json((path / "account.json").read_text("utf-8"))
        self.secrets: Mapping[str, str] = account.get("secrets", {})
        self._words: Mapping[str, str] = {**account.get("words", {}), **self.secrets}
        self.account: Json = self._filled(account)

    @property
    def broker(self) -> Broker:
        found = import_module(self.account["adapter"]).BROKER
        assert isinstance(found, Broker)
        return found

    def json(self, name: str) -> Json:
        """The file `name` with its placeholders filled in, empty where there is none."""
        path = self.path / name
        return self._filled(read_json(path.read_text("utf-8"))) if path.exists() else {}

    def cases(self, name: str) -> Iterator[Case]:
        for members in self.json(name).get("cases", ()):
            yield Case(members["name"], members["source"], members.get("call", ""), members)

    def frame_files(self) -> list[str]:
        return sorted(f"frames/{path.name}" for path in self.path.glob("frames/*.json"))

    def reply(self, reply: Json) -> httpx.Response:
        """A reply as the transport hands it on. Raises `AbsentFile`."""
        headers = dict(reply.get("headers", {}))
        if "json" in reply:
            body = write_json(reply["json"])
            headers.setdefault("content-type", "application/json")
        elif "file" in reply:
            body = real_file(reply["file"])
        elif "own_file" in reply:
            body = (self.path / reply["own_file"]).read_bytes()
        else:
            body = reply.get("text", "").encode()
        if headers.get("content-encoding") == "gzip":
            body = gzip.compress(body)
        return httpx.Response(reply.get("status", 200), headers=headers, content=body)

    def _filled(self, value: Json) -> Json:
        if isinstance(value, str):
            return _PLACEHOLDER.sub(self._word, value)
        if isinstance(value, list):
            return [self._filled(each) for each in value]
        if isinstance(value, dict):
            return {name: self._filled(each) for name, each in value.items()}
        return value

    def _word(self, found: re.Match[str]) -> str:
        names = found[2].split()
        if any(name not in self._words for name in names):
            return found[0]
        joined = "".join(self._words[name] for name in names)
        return hashlib.sha256(joined.encode()).hexdigest() if found[1] else joined


def frame(parts: list[Json]) -> str | bytes:
    """What a feed sends, put together from its parts; a text when the first part is one. Raises
    `AbsentFile`."""
    pieces = b"".join(_piece(part) for part in parts)
    return pieces.decode() if "text" in parts[0] or "json" in parts[0] else pieces


def _piece(part: Json) -> bytes:
    if "text" in part:
        return str(part["text"]).encode()
    if "json" in part:
        return write_json(part["json"])
    if "hex" in part:
        return bytes.fromhex(part["hex"])
    if "values" in part:
        return struct.pack(part["struct"], *part["values"])
    body = real_file(part["file"])
    return base64.b64decode(body) if part.get("base64") else body


def real_file(path: str) -> bytes:
    if not (DATA / path).is_file():
        raise AbsentFile(f"{path} is not among the shared files of this machine")
    return (DATA / path).read_bytes()


@cache
def folders() -> tuple[Folder, ...]:
    """Every broker that has fixtures."""
    return tuple(Folder(path.parent) for path in sorted(BROKERS.glob("*/account.json")))
