"""What every room stands on: the data directory, its stores and secrets, the running of tasks."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from openalgo.config import Settings
from openalgo.domain.clock import Clock, SystemClock
from openalgo.identity.secrets import Secrets, load_secrets
from openalgo.memory import Memory
from openalgo.observability.health import Health, HealthChecks
from openalgo.persistence.migrate import migrate
from openalgo.persistence.owner import owned
from openalgo.persistence.stores import Stores, StoreUrls
from openalgo.streaming.events import EventBus
from openalgo.supervisor import Supervisor


@dataclass(frozen=True, slots=True, kw_only=True)
class Foundation:
    """Lent to the functions that make the rooms.

    `wall` is the time people go by, whatever a market's clock shows. What is put on `closing` is
    given back, the youngest first, when all tasks have ended.
    """

    settings: Settings
    secrets: Secrets = field(repr=False)
    stores: Stores
    wall: Clock
    memory: Memory
    bus: EventBus
    health: HealthChecks
    supervisor: Supervisor
    closing: AsyncExitStack


@asynccontextmanager
async def founded(settings: Settings) -> AsyncIterator[Foundation]:
    """The data directory owned, its stores open and migrated; at the end everything is stopped,
    then closed."""
    urls = StoreUrls(**settings.database_urls)
    secrets = load_secrets(
        settings.secrets_dir,
        app_key=settings.app_key,
        api_key_pepper=settings.api_key_pepper,
        fernet_salt=settings.fernet_salt,
    )
    wall, health, supervisor = SystemClock(), HealthChecks(), Supervisor()
    async with owned(settings.data_dir, urls), AsyncExitStack() as closing:
        memory = Memory(wall)
        closing.callback(memory.close)
        stores = Stores.open(urls)
        closing.push_async_callback(stores.close)
        try:
            await migrate(stores)
            health.register("tasks", lambda: _tasks_health(supervisor))
            yield Foundation(
                settings=settings,
                secrets=secrets,
                stores=stores,
                wall=wall,
                memory=memory,
                bus=EventBus(),
                health=health,
                supervisor=supervisor,
                closing=closing,
            )
        finally:
            await supervisor.stop()


def _tasks_health(supervisor: Supervisor) -> Health:
    ill = [task for task in supervisor.status() if not task.healthy]
    if not ill:
        return Health("pass")
    return Health("fail", ", ".join(f"{task.name} {task.state}" for task in ill))
