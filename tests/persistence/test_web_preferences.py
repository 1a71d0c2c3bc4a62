"""What the web app remembers of each user."""

import asyncio
from datetime import UTC, datetime

import pytest

from openalgo.accounts import web_preferences
from openalgo.accounts.web_preferences import WebPreferences
from openalgo.domain.clock import ManualClock
from openalgo.domain.errors import InvalidRequest, PreferenceChanged
from openalgo.persistence.stores import Stores
from tests.persistence.test_chart_preferences import new_user

NOON = datetime(2026, 7, 15, 6, 30, tzinfo=UTC)


def preferences(stores: Stores) -> WebPreferences:
    return WebPreferences(stores.main, ManualClock(NOON))


async def values(kept: WebPreferences, user_id: int) -> dict[str, tuple[str, int]]:
    return {
        name: (each.value, each.version) for name, each in (await kept.of_user(user_id)).items()
    }


async def test_each_user_has_their_own_and_versions_rise(stores: Stores) -> None:
    asha, ravi = await new_user(stores, "Asha"), await new_user(stores, "Ravi")
    kept = preferences(stores)
    first = await kept.put(asha, "watch-lists", '["₹ \\u0000"]', since=0)
    assert (first.version, first.updated_at) == (1, NOON)
    await kept.put(ravi, "watch-lists", "[]", since=0)
    await kept.put(asha, "watch-lists", '["A"]', since=1)
    await kept.put(asha, "appearance", "null", since=None)
    assert await values(kept, asha) == {"appearance": ("null", 1), "watch-lists": ('["A"]', 2)}
    assert await values(kept, ravi) == {"watch-lists": ("[]", 1)}


async def test_a_change_of_what_is_not_there_any_more_is_refused(stores: Stores) -> None:
    user = await new_user(stores, "Asha")
    kept = preferences(stores)
    await kept.put(user, "a", "1", since=None)
    for stale in (0, 2):
        with pytest.raises(PreferenceChanged) as refused:
            await kept.put(user, "a", "2", since=stale)
        assert refused.value.extra() == {"version": 1}
    with pytest.raises(PreferenceChanged):
        await kept.put(user, "b", "1", since=1)
    assert await values(kept, user) == {"a": ("1", 1)}
    await kept.put(user, "a", "2", since=None)
    assert await values(kept, user) == {"a": ("2", 2)}


async def test_of_two_windows_at_the_same_time_one_is_told(stores: Stores) -> None:
    user = await new_user(stores, "Asha")
    kept = preferences(stores)
    both = [kept.put(user, "a", str(n), since=0) for n in range(6)]
    outcomes = await asyncio.gather(*both, return_exceptions=True)
    assert sum(isinstance(each, PreferenceChanged) for each in outcomes) == 5
    assert [version for _, version in (await values(kept, user)).values()] == [1]


async def test_what_is_too_much_changes_nothing(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = await new_user(stores, "Asha")
    kept = preferences(stores)
    monkeypatch.setattr(web_preferences, "MAX_VALUE_BYTES", 12)
    monkeypatch.setattr(web_preferences, "MAX_TOTAL_BYTES", 20)
    with pytest.raises(InvalidRequest) as refused:
        await kept.put(user, "a", "1" * 13, since=None)
    assert refused.value.message == "a is 13 bytes (max 12)"
    await kept.put(user, "a", "1" * 12, since=None)
    with pytest.raises(InvalidRequest) as refused:
        await kept.put(user, "b", '"₹₹"', since=None)
    assert refused.value.message == "Preferences too large in all: 22 bytes (max 20)"
    await kept.put(user, "a", "1", since=None)
    monkeypatch.setattr(web_preferences, "MAX_NAMES", 2)
    await kept.put(user, "b", "1", since=None)
    with pytest.raises(InvalidRequest) as refused:
        await kept.put(user, "c", "1", since=None)
    assert refused.value.message == "Too many preferences: 3 (max 2)"
    assert set(await values(kept, user)) == {"a", "b"}
