from collections.abc import Iterator

import pytest

from tests.contract.conftest import GENEROUS
from tests.support.server import Server, serving


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server on the simulated market for all generated clients."""
    with serving(tmp_path_factory.mktemp("server"), env=GENEROUS) as running:
        yield running


@pytest.fixture
def fresh_key(server: Server) -> str:
    """The key of an account nobody has traded on."""
    return server.new_account()
