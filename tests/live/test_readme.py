"""What README.md says under "Trade live" works as it stands there."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.live_server import LiveServer
from tests.support.server import PASSWORD

README = Path(__file__).parents[2] / "README.md"
TOOLS = ("bash", "curl", "jq")


@pytest.mark.skipif(
    not all(shutil.which(tool) for tool in TOOLS), reason=f"needs {', '.join(TOOLS)}"
)
def test_the_steps_lead_to_an_order_at_the_broker(live: LiveServer, tmp_path: Path) -> None:
    section = README.read_text().partition("## Trade live")[2].partition("\n## ")[0]
    _, connect, trade = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    script = connect + trade
    for said, here in (
        ("http://127.0.0.1:5000", live.url),
        ("username=you", "username=trader"),
        ("password=...", f"password={PASSWORD}"),
        ('"Kite"', '"Readme"'),
        ('"live"', '"readme"'),
    ):
        assert said in script
        script = script.replace(said, here)
    before = len(live.twin.ask("/book"))
    try:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    finally:
        # The twin knows one session at a time.
        live.log_in()
    assert done.returncode == 0, done.stderr
    assert "?connected=zerodha" in done.stdout
    placed = [row["tradingsymbol"] for row in live.twin.ask("/book")[before:]]
    assert placed == ["SBIN"], done.stdout
