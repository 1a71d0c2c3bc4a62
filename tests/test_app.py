"""The whole server in one process: what only its composition decides."""

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from openalgo.persistence.main.tables import plans
from openalgo.persistence.stores import Store, StoreUrls
from tests.support.two_markets import two_markets


async def test_plans_are_kept_by_the_time_of_clients_not_of_the_market(tmp_path: Path) -> None:
    """At this speed a market's two days, after which plans are forgotten, pass in 17 s."""
    async with two_markets(tmp_path, OPENALGO_SIMULATOR_SPEED="10000") as house:
        order = {
            "symbol": "SBIN",
            "exchange": "NSE",
            "action": "BUY",
            "quantity": 1,
            "pricetype": "MARKET",
            "product": "MIS",
        }
        placed = await house.asha.http.post(
            "/api/v1/basketorder",
            json={"apikey": house.asha.key, "strategy": "t", "orders": [order]},
            headers={"Idempotency-Key": "once"},
        )
        assert placed.status_code == 200, placed.text
        assert house.asha.market.clock.now() > datetime.now(UTC)
    main = Store("main", StoreUrls.default(tmp_path).main)
    async with main.read() as tx:
        created_at = (await tx.execute(select(plans.c.created_at))).scalar_one()
    await main.close()
    assert created_at <= datetime.now(UTC)
