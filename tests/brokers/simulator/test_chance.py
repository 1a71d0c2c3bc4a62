import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openalgo.brokers.simulator import chance

keys = st.integers(0, 2**64 - 1).map(chance.Key)


@given(key=keys, positions=st.lists(st.integers(0, 2**40), min_size=1, max_size=20))
def test_one_by_one_or_all_at_once_the_numbers_are_the_same(
    key: chance.Key, positions: list[int]
) -> None:
    together = chance.many_bits(key, np.array(positions, np.int64)).tolist()
    assert together == [chance.bits(key, position) for position in positions]
    uniforms = chance.uniforms(key, np.array(positions, np.int64)).tolist()
    assert uniforms == [chance.uniform(key, position) for position in positions]


def test_keys_differ_with_seed_and_every_name() -> None:
    names: list[tuple[str | int, ...]] = [("a", "b"), ("ab",), ("a", "b", 1), ("b", "a")]
    keys = [chance.key_of(seed, *name) for seed in (1, 2) for name in names]
    assert len(set(keys)) == len(keys)


def test_shocks_are_close_to_standard_normal_and_independent_of_where_reading_starts() -> None:
    key = chance.key_of(1, "noise")
    shocks = chance.shocks(key, 0, 100_000)
    assert shocks.mean() == pytest.approx(0, abs=0.02)
    assert shocks.std() == pytest.approx(1, abs=0.02)
    assert np.abs(shocks).max() < 3.47
    assert np.mean(np.abs(shocks) < 1) == pytest.approx(0.683, abs=0.02)
    assert np.corrcoef(shocks[1:], shocks[:-1])[0, 1] == pytest.approx(0, abs=0.02)
    assert np.array_equal(shocks[500:600], chance.shocks(key, 500, 100))


def test_uniforms_fill_the_unit_interval() -> None:
    numbers = chance.uniforms(chance.key_of(1, "noise"), np.arange(20_000))
    assert 0 <= numbers.min() < 0.001
    assert 0.999 < numbers.max() < 1
    assert np.histogram(numbers, bins=10, range=(0, 1))[0].min() > 1_800
