"""Browsers get the web app, programs the API, and nobody a file that is not the app's."""

import gzip
from pathlib import Path

import httpx
import pytest

from openalgo.api.application import ApiSettings, create_api
from openalgo.api.web.assets import NoWebApp, load
from openalgo.api.web.building import BuildState
from openalgo.api.web.front import WebApp
from tests.api.fakes import World

PAGE = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
SCRIPT = b"console.log('hello');" * 200
INDEX = b"<!doctype html><title>OpenAlgo</title>"


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_bytes(INDEX)
    (folder / "assets" / "index-B4k_9fQz.js").write_bytes(SCRIPT)
    (folder / "assets" / "index-B4k_9fQz.js.br").write_bytes(b"brotli")
    (folder / "favicon.svg").write_bytes(b"<svg/>")
    (tmp_path / "secret.txt").write_bytes(b"secret")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    return folder


@pytest.fixture
def web() -> WebApp:
    return WebApp()


@pytest.fixture
def browser(web: WebApp) -> httpx.AsyncClient:
    app = create_api(World().services, ApiSettings(version="0.1.0"), web=web)
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:5000", headers={}
    )


async def test_the_page_is_asked_for_each_time_and_allows_nothing_inline(
    browser: httpx.AsyncClient, web: WebApp, dist: Path
) -> None:
    web.serve(load(dist))
    reply = await browser.get("/")
    assert (reply.status_code, reply.content) == (200, INDEX)
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert reply.headers["cache-control"] == "no-cache"
    policy = reply.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "style-src 'self';" in policy
    assert "connect-src 'self' ws://127.0.0.1:5000 wss://127.0.0.1:5000;" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["x-frame-options"] == "DENY"
    again = await browser.get("/", headers={"If-None-Match": reply.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["content-security-policy"] == policy


async def test_the_policy_takes_no_host_that_is_none(
    browser: httpx.AsyncClient, web: WebApp, dist: Path
) -> None:
    web.serve(load(dist))
    reply = await browser.get("/", headers={"Host": "x; script-src *"})
    assert "script-src *" not in reply.headers["content-security-policy"]


async def test_files_named_after_their_content_are_kept_for_ever(
    browser: httpx.AsyncClient, web: WebApp, dist: Path
) -> None:
    web.serve(load(dist))
    url = "/assets/index-B4k_9fQz.js"
    reply = await browser.get(url, headers={"Accept-Encoding": "identity"})
    assert reply.content == SCRIPT
    assert reply.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert reply.headers["content-type"] == "text/javascript; charset=utf-8"
    assert reply.headers["vary"] == "Accept-Encoding"
    reply = await browser.get("/favicon.svg")
    assert reply.headers["cache-control"] == "no-cache"
    head = await browser.head(url, headers={"Accept-Encoding": "identity"})
    assert (head.status_code, head.headers["content-length"]) == (200, str(len(SCRIPT)))


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("gzip;q=0.0", None),
        ("identity", None),
    ],
)
async def test_the_smallest_form_the_browser_takes_is_sent(
    browser: httpx.AsyncClient, web: WebApp, dist: Path, accepted: str, coding: str | None
) -> None:
    web.serve(load(dist))
    async with browser.stream(
        "GET", "/assets/index-B4k_9fQz.js", headers={"Accept-Encoding": accepted}
    ) as reply:
        sent = b"".join([chunk async for chunk in reply.aiter_raw()])
    assert reply.headers.get("content-encoding") == coding
    plain = {"br": b"brotli", "gzip": gzip.compress(SCRIPT, mtime=0), None: SCRIPT}
    assert sent == plain[coding]


@pytest.mark.parametrize(
    "path", ["/positions", "/tools/maxpain", "/apikey", "/broker/zerodha/totp"]
)
async def test_addresses_of_pages_lead_to_the_app(
    browser: httpx.AsyncClient, web: WebApp, dist: Path, path: str
) -> None:
    web.serve(load(dist))
    reply = await browser.get(path, headers=PAGE)
    assert (reply.status_code, reply.content) == (200, INDEX)
    assert "content-security-policy" in reply.headers


@pytest.mark.parametrize(
    "path", ["/api/v1/nothing", "/ui/nothing", "/auth/nothing", "/health/nothing", "/ws"]
)
async def test_those_of_the_server_do_not(
    browser: httpx.AsyncClient, web: WebApp, dist: Path, path: str
) -> None:
    web.serve(load(dist))
    reply = await browser.get(path, headers=PAGE)
    assert (reply.status_code, reply.json()["code"]) == (404, "not_found")


async def test_programs_are_told_that_nothing_is_there(
    browser: httpx.AsyncClient, web: WebApp, dist: Path
) -> None:
    web.serve(load(dist))
    for path in ("/positions", "/assets/gone-12345678.js", "/index.htm"):
        reply = await browser.get(path)
        assert (reply.status_code, reply.json()["code"]) == (404, "not_found"), path
    assert (await browser.post("/positions", headers=PAGE)).status_code == 404
    assert (await browser.get("/api/v1/placeorder", headers=PAGE)).status_code == 405
    assert (await browser.get("/api/docs", headers=PAGE)).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/assets/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "//secret.txt",
        "/link.txt",
        "/assets/..%5c..%5csecret.txt",
    ],
)
async def test_no_way_leads_out_of_the_folder(
    browser: httpx.AsyncClient, web: WebApp, dist: Path, path: str
) -> None:
    web.serve(load(dist))
    reply = await browser.get(httpx.URL("http://127.0.0.1:5000", raw_path=path.encode()))
    assert reply.status_code == 404
    assert b"secret" not in reply.content.replace(path.encode(), b"").replace(b"secret.txt", b"")


async def test_while_it_is_built_a_page_says_so(browser: httpx.AsyncClient, web: WebApp) -> None:
    web.build.says(BuildState.BUILDING, "Building it …")
    web.build.lines.append("<script>alert(1)</script>")
    for path in ("/", "/positions"):
        reply = await browser.get(path, headers=PAGE)
        assert reply.status_code == 200
        assert "is being built" in reply.text
        assert "/api/docs" in reply.text
        assert "<script" not in reply.text
        assert reply.headers["refresh"] == "3"
        assert reply.headers["cache-control"] == "no-store"
    web.build.says(BuildState.FAILED, "Building it failed")
    reply = await browser.get("/", headers=PAGE)
    assert "could not be built" in reply.text
    assert "refresh" not in reply.headers


def test_a_folder_without_a_page_is_no_web_app(tmp_path: Path) -> None:
    with pytest.raises(NoWebApp):
        load(tmp_path)
    with pytest.raises(NoWebApp):
        load(tmp_path / "missing")
