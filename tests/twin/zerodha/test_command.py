import json
import signal
import subprocess
import sys

import httpx


def test_the_command_says_how_it_is_used() -> None:
    with subprocess.Popen(
        [*(sys.executable, "-m", "openalgo", "twin", "zerodha"), *("--delay-ms", "1")],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line.rstrip())
            if line.startswith("BROKER_ENDPOINTS="):
                break
        addresses = json.loads(lines[-1].partition("=")[2])["zerodha"]
        assert set(addresses) == {"api", "login", "stream"}
        state = httpx.get(f"{addresses['api']}/twin").json()["data"]
        faults = httpx.get(f"{addresses['api']}/twin/faults").json()["data"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
    shown = "\n".join(lines)
    for value in (state["app"]["key"], state["app"]["callback"], "twinsecret", addresses["stream"]):
        assert value in shown
    assert [(rule["kind"], rule["delay_ms"]) for rule in faults] == [("delay", 1)]
