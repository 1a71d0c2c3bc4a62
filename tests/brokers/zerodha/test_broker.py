"""The adapter as a whole."""

import subprocess
import sys

from openalgo.brokers.adapter import Endpoints
from openalgo.brokers.zerodha import BROKER

_LISTING = """
import sys
import openalgo.brokers.zerodha.info as info
assert info.INFO.id == "zerodha"
print(" ".join(sorted(name for name in sys.modules if name.startswith("openalgo.brokers."))))
"""


def test_lists_of_brokers_load_nothing_but_its_info() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", _LISTING], capture_output=True, text=True, check=True
    ).stdout.split()
    assert loaded == [
        "openalgo.brokers.base",
        "openalgo.brokers.zerodha",
        "openalgo.brokers.zerodha.info",
    ]


def test_it_can_be_elsewhere() -> None:
    twin = BROKER.at(Endpoints(api="http://127.0.0.1:9", login="http://127.0.0.1:9/connect"))
    assert twin.api.base_url == "http://127.0.0.1:9"
    assert twin.api.limits == BROKER.api.limits
    assert BROKER.api.base_url == "https://api.kite.trade"


def test_what_it_promises_it_has() -> None:
    info = BROKER.info
    assert info.order_updates
    assert BROKER.stream is not None
    assert BROKER.gtt is not None
    assert BROKER.margin is not None
    assert {field.name for field in info.app_fields if field.secret} == {"api_secret"}
