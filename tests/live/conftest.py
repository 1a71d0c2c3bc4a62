from collections.abc import Iterator

import pytest

from tests.support.live_server import LiveServer, live_server
from tests.support.sdk import Sdk, sdk
from tests.support.ws_client import WsClient, ws_client


@pytest.fixture(scope="session")
def one_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """One server at one twin for all tests; each keeps to symbols of its own."""
    with live_server(tmp_path_factory.mktemp("live"), "--speed", "20") as running:
        # All tests trade on one account, and a quick machine runs several a second.
        running.browser.send("/ui/risk", "PUT", orders_per_second=1000)
        yield running


@pytest.fixture
def live(one_server: LiveServer) -> Iterator[LiveServer]:
    """The server, live, at a twin that does as it should."""
    one_server.twin.calm()
    yield one_server
    one_server.twin.calm()


@pytest.fixture
def updates(live: LiveServer) -> Iterator[WsClient]:
    """A client that hears of orders."""
    with ws_client(live.stream, live.server.api_key, orders=True) as client:
        yield client


@pytest.fixture
def client(live: LiveServer) -> Iterator[Sdk]:
    """The published SDK, on the live account."""
    with sdk(live.server.api_key, live.url, live.server.ws_port) as driven:
        yield driven
