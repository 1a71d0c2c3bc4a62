"""A thousand clients at the feed of the whole product, for ten minutes."""

import time

import pytest

from benchmarks.feed_load import CLIENTS, EACH, SYMBOLS, TICKS
from benchmarks.feed_stage import stage

MINUTES = 10
MOST_AGE_MS = 250.0
MOST_MEGABYTES = 400.0
MOST_GROWTH_MEGABYTES = 20.0


@pytest.mark.soak
def test_a_thousand_clients_for_ten_minutes() -> None:
    """50,000 ticks a second arrive young, in bounded memory, and nobody is disconnected."""
    with stage() as at, at.crowd() as crowd:
        crowd.tell(f"open {CLIENTS} {EACH} {SYMBOLS}")
        at.feed(f"rate {TICKS}")
        time.sleep(5)
        minutes = [at.round(crowd, 60) for _ in range(MINUTES)]
        skipped = at.feed("state")["skipped"]
        at.feed("rate 0")
        crowd.tell("close")
    seen = "\n".join(map(str, minutes))
    assert minutes[-1].crowd["lost"] == 0, seen
    assert skipped == 0, seen
    for each in minutes:
        assert each.crowd["age_p99_ms"] < MOST_AGE_MS, seen
        assert each.crowd["per_second"] > 0.99 * TICKS * EACH * CLIENTS / SYMBOLS, seen
        assert each.megabytes < MOST_MEGABYTES, seen
    assert minutes[-1].megabytes - minutes[0].megabytes < MOST_GROWTH_MEGABYTES, seen
