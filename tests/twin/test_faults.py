import pytest

from openalgo.twin.faults import Faults, Kind, Rule


def kinds(faults: Faults, route: str) -> list[Kind]:
    return [rule.kind for rule in faults.drawn(route)]


def test_the_next_few_of_a_route() -> None:
    faults = Faults()
    rule = faults.add(Rule(kind=Kind.STATUS, route="orders.*", count=2))
    assert kinds(faults, "quote") == []
    assert [kinds(faults, "orders.place") for _ in range(3)] == [[Kind.STATUS], [Kind.STATUS], []]
    assert rule.applied == 2


def test_one_fault_of_the_connection_and_one_of_the_order() -> None:
    faults = Faults()
    for kind in (Kind.DELAY, Kind.STATUS, Kind.REJECT, Kind.RESET_AFTER, Kind.PARTIAL, Kind.DELAY):
        faults.add(Rule(kind=kind))
    assert kinds(faults, "orders.place") == [Kind.DELAY, Kind.STATUS, Kind.REJECT, Kind.DELAY]


def test_a_seed_repeats_itself() -> None:
    def run(seed: int) -> list[bool]:
        faults = Faults(seed)
        faults.add(Rule(kind=Kind.RESET_AFTER, probability=0.05))
        return [bool(faults.drawn("orders.place")) for _ in range(10_000)]

    first = run(1)
    assert first == run(1)
    assert first != run(2)
    assert 400 < sum(first) < 600


def test_rules_end() -> None:
    faults = Faults()
    rule = faults.add(Rule(kind=Kind.STATUS))
    assert faults.remove(rule.id)
    assert not faults.remove(rule.id)
    assert kinds(faults, "quote") == []


def test_a_delay_in_a_range() -> None:
    faults = Faults()
    found = [faults.seconds(Rule(kind=Kind.DELAY, delay_ms=(10.0, 20.0))) for _ in range(100)]
    assert 0.010 <= min(found) < max(found) <= 0.020
    assert faults.seconds(Rule(kind=Kind.DELAY, delay_ms=5)) == pytest.approx(0.005)
