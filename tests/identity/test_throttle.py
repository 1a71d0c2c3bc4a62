from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openalgo.domain.errors import RateLimitExceeded
from openalgo.identity.throttle import FREE_FAILURES, LONGEST_DELAY, PasswordThrottle


class Seconds:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def throttle(seconds: Seconds) -> PasswordThrottle:
    return PasswordThrottle(size=3, monotonic=seconds)


def wait(throttle: PasswordThrottle, name: str = "ravi") -> int:
    """Seconds that the next attempt has to wait; 0 if it was let through."""
    try:
        throttle.attempt(name)
    except RateLimitExceeded as refused:
        return refused.retry_after
    return 0


def test_the_wait_doubles_up_to_five_minutes(throttle: PasswordThrottle, seconds: Seconds) -> None:
    waits = []
    for _ in range(100):
        while (left := wait(throttle)) > 0:
            waits.append(left)
            seconds.now += left
    assert waits[:10] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300]
    assert set(waits[9:]) == {int(LONGEST_DELAY)}


def test_success_makes_good_for_all_failures(throttle: PasswordThrottle) -> None:
    for _ in range(FREE_FAILURES):
        throttle.attempt("ravi")
    assert wait(throttle, "RAVI") == 1
    throttle.succeeded("Ravi")
    assert wait(throttle) == 0


def test_one_name_does_not_delay_another(throttle: PasswordThrottle) -> None:
    for _ in range(20):
        wait(throttle)
    assert wait(throttle, "meera") == 0


def test_a_day_of_peace_is_enough(throttle: PasswordThrottle, seconds: Seconds) -> None:
    for _ in range(FREE_FAILURES):
        throttle.attempt("ravi")
    seconds.now += 24 * 3600
    assert [wait(throttle) for _ in range(FREE_FAILURES + 1)] == [0] * FREE_FAILURES + [1]


def test_only_so_many_names_are_remembered(throttle: PasswordThrottle) -> None:
    for name in "abcdefg":
        throttle.attempt(name)
    assert len(throttle) == 3


@given(st.lists(st.floats(0, 400), max_size=80))
def test_nobody_guesses_faster_than_the_delays_allow(pauses: list[float]) -> None:
    seconds = Seconds()
    throttle = PasswordThrottle(monotonic=seconds)
    tried: list[float] = []
    for pause in pauses:
        seconds.now += pause
        if wait(throttle) == 0:
            tried.append(seconds.now)
    for number, (before, after) in enumerate(pairwise(tried), start=1):
        if number >= FREE_FAILURES:
            assert after - before >= min(LONGEST_DELAY, 2 ** (number - FREE_FAILURES)) - 1e-9
