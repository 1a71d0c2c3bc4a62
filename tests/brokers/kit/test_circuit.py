from openalgo.brokers.circuit import Circuit, CircuitState

OPEN, CLOSED, HALF_OPEN = CircuitState.OPEN, CircuitState.CLOSED, CircuitState.HALF_OPEN


def opened(at: float = 0.0) -> Circuit:
    circuit = Circuit(threshold=3, pause=5.0, longest=12.0)
    for _ in range(3):
        assert circuit.enter(at)
        circuit.failed(at)
    return circuit


def test_it_opens_after_failures_in_a_row() -> None:
    circuit = Circuit(threshold=3)
    told = []
    for _ in range(3):
        assert circuit.state(0) is CLOSED
        assert circuit.enter(0)
        told.append(circuit.failed(0))
    assert told == [False, False, True]
    assert circuit.state(0) is OPEN
    assert circuit.refuses(0)
    assert not circuit.enter(0)


def test_an_answer_between_starts_the_count_anew() -> None:
    circuit = Circuit(threshold=3)
    for _ in range(10):
        circuit.failed(0)
        circuit.failed(0)
        assert not circuit.succeeded()
    assert circuit.state(0) is CLOSED


def test_after_the_pause_one_call_may_try() -> None:
    circuit = opened()
    assert circuit.retry_after(1) == 4
    assert circuit.refuses(4.9)
    assert circuit.state(5) is HALF_OPEN
    assert circuit.enter(5)
    assert circuit.refuses(5)
    assert not circuit.enter(5)


def test_a_try_that_succeeds_closes_it() -> None:
    circuit = opened()
    assert circuit.enter(5)
    assert circuit.succeeded()
    assert circuit.state(5) is CLOSED
    assert circuit.enter(5)
    assert circuit.enter(5)


def test_a_try_that_fails_makes_the_next_pause_longer_up_to_a_limit() -> None:
    circuit = opened()
    at, pauses = 0.0, []
    for _ in range(4):
        pauses.append(circuit.retry_after(at))
        at += circuit.retry_after(at)
        assert circuit.enter(at)
        assert circuit.failed(at)
    assert pauses == [5, 10, 12, 12]
    circuit.succeeded()
    for _ in range(3):
        circuit.failed(at)
    assert circuit.retry_after(at) == 5


def test_a_try_that_says_nothing_leaves_the_place_to_another() -> None:
    circuit = opened()
    assert circuit.enter(5)
    circuit.left()
    assert circuit.enter(5)


def test_who_may_always_try_is_never_refused_and_can_close_it() -> None:
    circuit = opened()
    assert circuit.enter(1, always=True)
    assert not circuit.failed(1)
    assert circuit.retry_after(1) == 4
    assert circuit.enter(2, always=True)
    assert circuit.succeeded()
    assert circuit.state(2) is CLOSED
