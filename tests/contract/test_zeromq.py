"""The consumer of docs/zeromq.md, in a process of its own, beside a running server."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.conftest import GENEROUS
from tests.support.server import Server, free_port, run_cli, serving
from tests.support.ws_client import ws_client

DOCS = Path(__file__).parents[2] / "docs" / "zeromq.md"
ENDPOINT = f"tcp://127.0.0.1:{free_port()}"


@pytest.fixture(scope="module")
def bridged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    env = {**GENEROUS, "ZMQ_BRIDGE": "pub", "ZMQ_PUB_ENDPOINT": ENDPOINT}
    with serving(tmp_path_factory.mktemp("bridged"), env=env) as running:
        yield running


@pytest.fixture
def consumer(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    (program,) = re.findall(r"```python\n(import json\n.+?)```", DOCS.read_text(), re.DOTALL)
    path = tmp_path / "consumer.py"
    path.write_text(program)
    with subprocess.Popen(
        [sys.executable, "-I", str(path), ENDPOINT, "NSE_SBIN_LTP", "ANALYZE_"],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.kill()


def test_the_consumer_of_the_docs_hears_prices_and_orders(
    bridged: Server, consumer: "subprocess.Popen[str]"
) -> None:
    assert consumer.stdout is not None
    with ws_client(f"ws://127.0.0.1:{bridged.port}/ws", bridged.api_key) as client:
        client.subscribe(["NSE:SBIN", "NSE:INFY"], 3)
        topic, price = consumer.stdout.readline().split()
        assert (topic, float(price) > 0) == ("NSE_SBIN_LTP", True)
        bridged.ok(
            "placeorder",
            strategy="bridge", symbol="SBIN", exchange="NSE", action="BUY", quantity=1,
        )  # fmt: skip
        heard: list[str] = []
        while len(heard) < 2:
            topic, _, said = consumer.stdout.readline().strip().partition(" ")
            if topic != "NSE_SBIN_LTP":
                assert topic == "ANALYZE_trader_orders"
                heard.append(said)
    assert heard == ["open", "complete"]


def test_the_server_does_not_publish_in_the_open(tmp_path: Path) -> None:
    done = run_cli(
        *("serve", "--data-dir", str(tmp_path), "--port", "0", "--ws-port", "0"),
        env={"ZMQ_BRIDGE": "pub", "ZMQ_PUB_ENDPOINT": "tcp://0.0.0.0:5556"},
    )
    assert done.returncode != 0
    assert "ZMQ_CURVE_SECRET_KEY" in done.stderr
    assert "Traceback" not in done.stderr


def test_prices_of_others_are_refused_with_the_reason(tmp_path: Path) -> None:
    done = run_cli("serve", "--data-dir", str(tmp_path), env={"ZMQ_BRIDGE": "sub"})
    assert done.returncode != 0
    assert "prices of other programs are not taken in" in done.stderr
