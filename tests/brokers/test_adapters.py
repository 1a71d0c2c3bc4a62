"""Finding the adapters there are."""

import subprocess
import sys
from pathlib import Path

import pytest

from openalgo.brokers import registry
from openalgo.brokers.adapter import Endpoints
from openalgo.brokers.adapters import Adapters, BrokerUnusable, UnknownBroker

GOOD = "from tests.support.live_broker import make_broker\nBROKER = make_broker('{}')\n"
SIMULATOR = {"simulator": registry.info("simulator")}


def package(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, **adapters: str) -> Adapters:
    """A package of adapters, each the text of its module."""
    for adapter, text in {"": "", **adapters}.items():
        path = folder / name / adapter
        path.mkdir(exist_ok=True, parents=True)
        (path / "__init__.py").write_text(text)
    monkeypatch.syspath_prepend(folder)
    return Adapters(name, embedded=SIMULATOR)


def test_what_has_a_broker_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    adapters = package(
        tmp_path,
        monkeypatch,
        "some_brokers",
        acme=GOOD.format("acme"),
        family="SHARED = 1\n",
        simulator="1 / 0\n",
    )
    assert [info.id for info in adapters.infos()] == ["simulator", "acme"]
    assert adapters.broken() == ()
    assert adapters.info("acme") is adapters.broker("acme").info
    assert adapters.info("simulator") is SIMULATOR["simulator"]
    for unknown in ("family", "nobody", "simulator"):
        with pytest.raises(UnknownBroker, match=f"no broker '{unknown}'"):
            adapters.broker(unknown)


def test_one_that_is_broken_leaves_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    adapters = package(
        tmp_path,
        monkeypatch,
        "ill_brokers",
        acme=GOOD.format("acme"),
        ill="1 / 0\n",
        lost="import nowhere_to_be_found\n",
        other=GOOD.format("acme"),
        wrong="BROKER = 'acme'\n",
    )
    assert [info.id for info in adapters.infos()] == ["simulator", "acme"]
    assert {each.id: each.error for each in adapters.broken()} == {
        "ill": "ZeroDivisionError: division by zero",
        "lost": "ModuleNotFoundError: No module named 'nowhere_to_be_found'",
        "other": "ValueError: its BROKER has the id 'acme'",
        "wrong": "TypeError: its BROKER is a str, not a Broker",
    }
    with pytest.raises(BrokerUnusable, match="adapter of 'ill' cannot be loaded: ZeroDivision"):
        adapters.broker("ill")
    with pytest.raises(BrokerUnusable):
        adapters.info("ill")


def test_a_broker_can_be_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = Endpoints(api="http://127.0.0.1:9", login="http://127.0.0.1:9/login")
    adapters = package(
        tmp_path, monkeypatch, "moved_brokers", acme=GOOD.format("acme"), acne=GOOD.format("acne")
    )
    moved = adapters.at({"acme": here})
    assert moved.broker("acme").endpoints == here
    assert moved.broker("acme").api.base_url == here.api
    assert moved.broker("acne").endpoints == adapters.broker("acne").endpoints != here
    assert moved.infos() == adapters.infos()


def test_the_brokers_of_this_installation_load() -> None:
    assert registry.broken() == ()
    for info in registry.brokers():
        assert registry.info(info.id) is info


def test_listing_brokers_imports_nothing_heavy() -> None:
    code = (
        "import sys; from openalgo.brokers import registry; registry.brokers(); "
        "print([each for each in ('numpy', 'duckdb', 'pandas') if each in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
