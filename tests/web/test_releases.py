"""A page that was opened before an update finds its files for one release more."""

import os
from pathlib import Path

import httpx
import pytest

from openalgo.api.application import ApiSettings, create_api
from openalgo.api.web.building import BuildState
from openalgo.api.web.front import WebApp
from openalgo.api.web.releases import FOLDER
from openalgo.frontend import Frontend
from tests.api.fakes import World


def release(tmp_path: Path, number: int) -> Path:
    """A build whose chunks are its own, with one that did not change and one without a hash."""
    folder = tmp_path / f"dist-{number}"
    (folder / "assets").mkdir(parents=True)
    entry = f"/assets/index-{number:08}.js"
    (folder / "index.html").write_text(
        f'<!doctype html><script src="/theme.js"></script>'
        f'<script type="module" crossorigin src="{entry}"></script>'
    )
    (folder / entry.removeprefix("/")).write_text(f"release {number}")
    (folder / f"assets/page-{number:08}.js").write_text("x" * 2000)
    (folder / f"assets/page-{number:08}.js.br").write_bytes(b"brotli %d" % number)
    (folder / "assets/shared-deadbeef.js").write_text("shared")
    (folder / "theme.js").write_text(f"theme {number}")
    return folder


async def served(tmp_path: Path, dist: Path) -> WebApp:
    """As after a start of the server with this build."""
    web = WebApp()
    await Frontend(web, tmp_path / "cache", dist=dist, source=None, environment={}).run()
    assert web.build.state is BuildState.READY
    # The next start is later.
    for number, each in enumerate(sorted((tmp_path / "cache" / FOLDER).iterdir())):
        before = each.stat().st_mtime - 100
        os.utime(each, (before, before + number / 1000))
    return web


def browser(web: WebApp) -> httpx.AsyncClient:
    app = create_api(World().services, ApiSettings(version="0.1.0"), web=web)
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:5000", headers={}
    )


async def test_files_of_the_release_before_are_served_and_older_ones_are_not(
    tmp_path: Path,
) -> None:
    for number in (1, 2):
        await served(tmp_path, release(tmp_path, number))
    web = await served(tmp_path, release(tmp_path, 3))
    async with browser(web) as page:
        found = {
            number: (await page.get(f"/assets/index-{number:08}.js")).status_code
            for number in (1, 2, 3)
        }
        assert found == {1: 404, 2: 200, 3: 200}
        old = await page.get("/assets/index-00000002.js")
        assert (old.text, old.headers["cache-control"].split(", ")[-1]) == (
            "release 2",
            "immutable",
        )
        assert (await page.get("/theme.js")).text == "theme 3"
        assert (await page.get("/assets/shared-deadbeef.js")).text == "shared"
        small = await page.get(
            "/assets/page-00000002.js", headers={"accept-encoding": "br"}, follow_redirects=False
        )
        assert small.headers["content-encoding"] == "br"
        assert "index-00000003" in (await page.get("/")).text
    assert len(list((tmp_path / "cache" / FOLDER).iterdir())) == 2


async def test_starting_again_with_the_same_build_keeps_the_one_before(tmp_path: Path) -> None:
    await served(tmp_path, release(tmp_path, 1))
    second = release(tmp_path, 2)
    for _ in range(3):
        web = await served(tmp_path, second)
    assert web.assets["/assets/index-00000001.js"].body == b"release 1"


async def test_without_room_for_them_the_app_is_served_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / FOLDER).write_text("a file in the way")
    web = WebApp()
    dist = release(tmp_path, 1)
    await Frontend(web, tmp_path / "cache", dist=dist, source=None, environment={}).run()
    assert web.build.state is BuildState.READY
    assert "/assets/index-00000001.js" in web.assets


@pytest.mark.parametrize(
    ("page", "entry"),
    [
        (b'<script type="module" src="/assets/index-AbC.js"></script>', "/assets/index-AbC.js"),
        (b"<!doctype html>", None),
    ],
)
async def test_a_build_is_told_by_its_first_script(
    tmp_path: Path, page: bytes, entry: str | None
) -> None:
    assert WebApp().entry is None
    dist = release(tmp_path, 1)
    (dist / "index.html").write_bytes(page)
    assert (await served(tmp_path, dist)).entry == entry
