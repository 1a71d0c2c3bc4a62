import pytest

from openalgo.observability.health import Health, HealthChecks, HealthWord


def test_nothing_to_check_is_fine() -> None:
    assert HealthChecks().ready().status == "pass"


@pytest.mark.parametrize(
    ("answers", "overall"),
    [
        (["pass", "pass"], "pass"),
        (["pass", "warn"], "warn"),
        (["warn", "fail", "pass"], "fail"),
    ],
)
def test_the_worst_answer_decides(answers: list[HealthWord], overall: str) -> None:
    checks = HealthChecks()
    left = iter(answers)
    for number in range(len(answers)):
        checks.register(f"check {number}", lambda: Health(next(left)))

    assert checks.ready().status == overall


def test_answers_come_by_name_in_order() -> None:
    checks = HealthChecks()
    checks.register("engine", lambda: Health("pass"))
    checks.register("feed", lambda: Health("warn", "3 s behind"))

    engine, feed = checks.ready().checks

    assert (engine.name, engine.status, engine.detail) == ("engine", "pass", "")
    assert (feed.name, feed.status, feed.detail) == ("feed", "warn", "3 s behind")


def test_a_check_that_raises_has_failed_without_telling_the_client_why() -> None:
    def raises() -> Health:
        raise OSError("postgresql://user:hunter2@host is gone")

    checks = HealthChecks()
    checks.register("database", raises)

    report = checks.ready()

    assert report.status == "fail"
    assert report.checks[0].detail == "check failed: OSError"


def test_a_name_is_taken_once() -> None:
    checks = HealthChecks()
    checks.register("engine", lambda: Health("pass"))
    with pytest.raises(ValueError, match="engine"):
        checks.register("engine", lambda: Health("pass"))
