from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.sdk import Sdk, sdk
from tests.support.server import Server, serving

GENEROUS = {
    f"{what}_RATE_LIMIT": "100000 per second" for what in ("API", "ORDER", "SMART_ORDER", "GREEKS")
}


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server on the simulated market for all contract tests."""
    data_dir: Path = tmp_path_factory.mktemp("server")
    with serving(data_dir, env=GENEROUS) as running:
        yield running


@pytest.fixture
def client(server: Server, fresh_key: str) -> Iterator[Sdk]:
    """The published SDK, on an account of its own."""
    with sdk(fresh_key, server.url) as driven:
        yield driven


@pytest.fixture
def fresh_key(server: Server) -> str:
    """The key of an account nobody has traded on. The server finds it by itself."""
    return server.new_account()
