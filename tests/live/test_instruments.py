"""The instruments of the account's broker: downloaded when told to, and kept when that fails."""

from typing import Any

from tests.support.live_server import LiveServer, soon

STATUS = "/api/master-contract/status"


def search(live: LiveServer) -> Any:
    return live.ok("search", query="SBIN", exchange="NSE")["data"][0]


def test_a_forced_download_tells_how_it_goes(live: LiveServer) -> None:
    before = live.browser.get(STATUS)
    assert (before["broker"], before["status"]) == ("zerodha", "success")
    assert live.browser.send("/api/master-contract/download")["status"] == "skipped"
    live.twin.fault("delay", "instruments", delay_ms=300, count=1)
    began = live.browser.send("/api/master-contract/download", force=True)
    assert began["status"] == "success"

    def under_way() -> bool:
        return bool(live.browser.get(STATUS)["status"] == "downloading")

    def done() -> Any:
        now = live.browser.get(STATUS)
        return now["last_download_time"] != before["last_download_time"] and now

    soon(under_way, "the download")
    assert search(live)["symbol"] == "SBIN"
    after = soon(done, "the new instruments")
    assert (after["status"], after["total_symbols"]) == ("success", before["total_symbols"])


def test_a_broken_download_keeps_what_there_was(live: LiveServer) -> None:
    before, found = live.browser.get(STATUS), search(live)
    for kind in ("truncated", "garbled"):
        live.twin.fault(kind, "instruments", count=1)
        live.browser.send("/api/master-contract/download", force=True)
        told = soon(
            lambda: (now := live.browser.get(STATUS))["status"] == "error" and now, f"{kind} told"
        )
        assert told["message"]
        assert (told["is_ready"], told["total_symbols"]) == (True, before["total_symbols"])
        assert search(live) == found
        live.browser.send("/api/master-contract/download", force=True)
        soon(lambda: live.browser.get(STATUS)["status"] == "success", "mended")
