"""What charts remember of each user."""

import asyncio
from datetime import UTC, datetime

import pytest

from openalgo.accounts import preferences
from openalgo.accounts.preferences import ChartPreferences
from openalgo.domain.errors import InvalidRequest
from openalgo.persistence.main import users
from openalgo.persistence.stores import Stores


async def new_user(stores: Stores, username: str) -> int:
    async with stores.main.write() as tx:
        user = await users.create(
            tx,
            username=username,
            email=None,
            password_hash="hash",
            is_admin=False,
            created_at=datetime(2026, 7, 15, tzinfo=UTC),
        )
    return user.id


async def test_values_are_merged_key_by_key_and_each_user_has_their_own(stores: Stores) -> None:
    asha, ravi = await new_user(stores, "Asha"), await new_user(stores, "Ravi")
    chart = ChartPreferences(stores.main)
    assert await chart.of_user(asha) == {}
    await chart.update(asha, {"theme": '"dark"', "pine": '"\\\\x"'})
    await chart.update(ravi, {"theme": '"light"'})
    await chart.update(asha, {"theme": '{"name":"₹ \\u0000"}', "grid": "null"})
    assert await chart.of_user(asha) == {
        "grid": "null",
        "pine": '"\\\\x"',
        "theme": '{"name":"₹ \\u0000"}',
    }
    assert await chart.of_user(ravi) == {"theme": '"light"'}


async def test_what_is_too_much_changes_nothing(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = await new_user(stores, "Asha")
    chart = ChartPreferences(stores.main)
    monkeypatch.setattr(preferences, "MAX_TOTAL_BYTES", 20)
    await chart.update(user, {"a": "1" * 18})
    with pytest.raises(InvalidRequest) as refused:
        await chart.update(user, {"b": "₹"})
    assert refused.value.message == "Preferences too large in all: 23 bytes (max 20)"
    await chart.update(user, {"a": "1"})
    monkeypatch.setattr(preferences, "MAX_TOTAL_KEYS", 2)
    with pytest.raises(InvalidRequest) as refused:
        await chart.update(user, {"b": "1", "c": "1"})
    assert refused.value.message == "Too many preferences in all: 3 (max 2)"
    assert await chart.of_user(user) == {"a": "1"}


async def test_changes_at_the_same_time_all_count(stores: Stores) -> None:
    user = await new_user(stores, "Asha")
    chart = ChartPreferences(stores.main)
    both = [chart.update(user, {"same": str(n), f"own-{n}": "1"}) for n in range(8)]
    await asyncio.gather(*both)
    kept = await chart.of_user(user)
    assert sorted(kept) == [*(f"own-{n}" for n in range(8)), "same"]
    assert int(kept["same"]) in range(8)
