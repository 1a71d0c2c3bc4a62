"""The files of the release before, for pages that were opened then and are still open."""

import os
import shutil
import tempfile
from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path

from openalgo.api.web.assets import Asset, load_files

FOLDER = "released"
"""Where they are, below the folder of the web app."""


def older_files(cache: Path, folder: Path, served: Mapping[str, Asset]) -> dict[str, Asset]:
    """The files of the release served before the one in `folder`, and remember the latter for the
    next time. Only files that are named after their content: their address means one file for ever.
    Blocks. Raises `OSError`.
    """
    immutable = {address: asset for address, asset in served.items() if asset.immutable}
    if not immutable:
        return {}
    released = cache / FOLDER
    released.mkdir(parents=True, exist_ok=True)
    current = released / _name(immutable)
    if not current.is_dir():
        _copy(folder, immutable, current)
    os.utime(current)
    others = sorted(
        (each for each in released.iterdir() if each != current),
        key=lambda each: each.stat().st_mtime,
    )
    for gone in others[:-1]:
        shutil.rmtree(gone, ignore_errors=True)
    return load_files(others[-1]) if others else {}


def _name(immutable: Mapping[str, Asset]) -> str:
    addresses = "\n".join(sorted(immutable))
    return blake2b(addresses.encode(), digest_size=12).hexdigest()


def _copy(folder: Path, immutable: Mapping[str, Asset], current: Path) -> None:
    """Whole or not at all, with the compressed forms that lie beside the files."""
    with tempfile.TemporaryDirectory(dir=current.parent.parent) as made:
        for address in immutable:
            source = folder / address.removeprefix("/")
            target = Path(made) / "files" / address.removeprefix("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            for suffix in ("", ".br", ".gz"):
                if (form := source.with_name(source.name + suffix)).is_file():
                    shutil.copyfile(form, target.with_name(target.name + suffix))
        (Path(made) / "files").rename(current)
