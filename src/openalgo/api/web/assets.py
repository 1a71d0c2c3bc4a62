"""The files of the built web app, in memory with their compressed forms."""

import gzip
import mimetypes
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

INDEX = "/index.html"

_PRECOMPRESSED = {".br": "br", ".gz": "gzip"}
_WORTHWHILE = 1024
_TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".map": "application/json"}
_TEXTS = ("text/", "application/json", "application/manifest+json", "image/svg+xml")
# What a bundler names after its content never changes under that name.
_HASHED = re.compile(r"/assets/(.+/)?[^/]+-[A-Za-z0-9_-]{8,}(\.[a-z0-9]+)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """`encoded` holds the compressed forms that are smaller, by content coding."""

    body: bytes
    encoded: Mapping[str, bytes]
    media_type: str
    etag: str
    immutable: bool


class NoWebApp(Exception):
    """The folder holds no web app. The text says why."""


def load(folder: Path) -> dict[str, Asset]:
    """The files below `folder` by their path in addresses. Blocks: it reads and compresses.

    A link that leads out of the folder is left out. Raises `NoWebApp`.
    """
    assets = load_files(folder)
    if INDEX not in assets:
        raise NoWebApp(f"There is no index.html in {folder}")
    return assets


def load_files(folder: Path) -> dict[str, Asset]:
    """The same of any folder. Blocks."""
    root = folder.resolve()
    files = {
        path: path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.resolve().is_relative_to(root)
    }
    return {
        f"/{path.relative_to(root).as_posix()}": _asset(path, body, root, files)
        for path, body in files.items()
        if not _is_compressed(path, files)
    }


def _asset(path: Path, body: bytes, root: Path, files: Mapping[Path, bytes]) -> Asset:
    media_type = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0]
    media_type = media_type or "application/octet-stream"
    encoded = {
        coding: files[compressed]
        for suffix, coding in _PRECOMPRESSED.items()
        if (compressed := path.with_name(path.name + suffix)) in files
    }
    is_text = media_type.startswith(_TEXTS)
    if is_text and "gzip" not in encoded and len(body) >= _WORTHWHILE:
        encoded["gzip"] = gzip.compress(body, mtime=0)
    return Asset(
        body=body,
        encoded={coding: each for coding, each in encoded.items() if len(each) < len(body)},
        media_type=f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type,
        etag=f'"{blake2b(body, digest_size=12).hexdigest()}"',
        immutable=_HASHED.fullmatch(f"/{path.relative_to(root).as_posix()}") is not None,
    )


def _is_compressed(path: Path, files: Mapping[Path, bytes]) -> bool:
    return path.suffix in _PRECOMPRESSED and path.with_suffix("") in files
