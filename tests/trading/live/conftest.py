import pytest

from openalgo.persistence.stores import Store
from tests.support.live import LiveDesk


@pytest.fixture
async def live(main: Store) -> LiveDesk:
    """Asha's account at a broker that returns tags and tells of orders."""
    return await LiveDesk(main, 1).start()
