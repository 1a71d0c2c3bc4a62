"""The embedded market, which is there without a broker, and the place where markets are kept."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from openalgo.accounts.accounts import Accounts
from openalgo.app.foundation import Foundation
from openalgo.brokers import registry
from openalgo.brokers.base import DataBroker
from openalgo.brokers.registry import DataBrokerSettings
from openalgo.brokers.replay.broker import ReplayBroker
from openalgo.config import ServeOptions, Settings
from openalgo.instruments.current import CurrentMaster
from openalgo.instruments.snapshots import Snapshots
from openalgo.instruments.status import MasterStatus, StatusBoard
from openalgo.instruments.upkeep import Upkeep
from openalgo.marketplace import Marketplace, MarketSource
from openalgo.sandbox.exchanges import PaperExchanges
from openalgo.streaming.hub import Hub
from openalgo.supervisor import Restart
from openalgo.trading.paper.settings import PaperSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketRoom:
    """`broker` plays the embedded market, and `upkeep` keeps its instruments."""

    broker: DataBroker
    upkeep: Upkeep
    paper: PaperSettings
    place: Marketplace


async def make_market(
    base: Foundation,
    options: ServeOptions,
    accounts: Accounts,
    master_changed: Callable[[MasterStatus], None],
    carry: Callable[[Hub, str, int | None], None],
) -> MarketRoom:
    """The instruments of the embedded market are loaded, and nothing runs yet. `master_changed`
    hears of their downloads, `carry` of the markets that open."""
    broker = await asyncio.to_thread(_make_broker, base.settings, options)
    simulated = broker.info.simulated
    upkeep = Upkeep(
        broker.info.id,
        broker.instruments,
        broker.clock,
        listed_at=broker.info.listed_at,
        snapshots=None if simulated else snapshots_of(base.settings),
        board=StatusBoard(broker.info.id, broker.clock, master_changed),
    )
    await upkeep.start()
    paper = PaperSettings(base.stores.main, base.wall)
    await paper.load()
    exchanges = PaperExchanges(paper.rules)
    paper.follow(lambda rules, cause: exchanges.set_rules(rules, cause=cause))
    place = Marketplace(
        accounts=accounts,
        brokers={info.id for info in registry.brokers() if not info.trading},
        store=base.stores.sandbox,
        exchanges=exchanges,
        publish=base.bus.publish,
        is_heard=base.bus.is_heard,
        supervisor=base.supervisor,
        health=base.health,
        greeks_min_years=base.settings.greeks_min_years,
        embedded=_embedded_source(broker, upkeep.current),
        carry=carry,
    )
    base.closing.push_async_callback(place.close)
    return MarketRoom(broker=broker, upkeep=upkeep, paper=paper, place=place)


def run_market(base: Foundation, market: MarketRoom) -> None:
    market.place.start()
    if market.broker.info.listed_at is not None:
        base.supervisor.start("instruments", market.upkeep.run, Restart())


def snapshots_of(settings: Settings) -> Snapshots:
    """Where the instruments of the day are stored."""
    return Snapshots(settings.data_dir / "instruments")


def _make_broker(settings: Settings, options: ServeOptions) -> DataBroker:
    return registry.create(
        "replay" if options.replay else settings.broker,
        DataBrokerSettings(
            simulator_seed=settings.simulator_seed,
            simulator_speed=settings.simulator_speed,
            simulator_hours=settings.simulator_hours,
            replay_files=options.replay,
            replay_date=options.replay_date,
            replay_speed=options.speed,
        ),
    )


def _embedded_source(broker: DataBroker, master: CurrentMaster) -> MarketSource:
    replayed = broker if isinstance(broker, ReplayBroker) else None
    return MarketSource(
        info=broker.info,
        clock=broker.clock,
        calendar=broker.calendar,
        instruments=master,
        data=broker,
        set_demand=broker.set_demand,
        stream=broker.stream,
        replay=replayed,
        paced=None if replayed is None else replayed.on_step,
    )
