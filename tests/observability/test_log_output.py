import io
import json
import logging
import stat
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from openalgo.observability.logging import FILE_NAME, LogSettings, configure

logger = logging.getLogger("tests.output")


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    before = list(root.handlers)
    yield
    for handler in set(root.handlers) - set(before):
        root.removeHandler(handler)
        handler.close()
    root.setLevel(logging.WARNING)
    logging.captureWarnings(False)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def test_text_is_one_readable_line() -> None:
    output = io.StringIO()
    configure(LogSettings(), stream=output)

    logger.warning("Feed %s is silent", "simulator", extra={"account_id": 3})

    line = output.getvalue()
    assert line.count("\n") == 1
    assert "Feed simulator is silent" in line
    assert "warning" in line
    assert "tests.output" in line
    assert "account_id=3" in line
    assert "+05:30" in line
    assert "\x1b" not in line


def test_json_has_the_documented_fields() -> None:
    output = io.StringIO()
    configure(LogSettings(format="json"), stream=output)

    with structlog.contextvars.bound_contextvars(request_id="r-1"):
        logger.error("Sent ₹%d", 5)
    try:
        raise LookupError("nothing there")
    except LookupError:
        logger.exception("Lookup")

    first, second = (json.loads(line) for line in output.getvalue().splitlines())
    assert list(first)[:4] == ["ts", "level", "logger", "message"]
    assert first["message"] == "Sent ₹5"
    assert first["level"] == "error"
    assert first["request_id"] == "r-1"
    assert second["traceback"].endswith("LookupError: nothing there")
    assert "\n" in second["traceback"]


def test_below_the_level_nothing_is_written() -> None:
    output = io.StringIO()
    configure(LogSettings(level="ERROR"), stream=output)

    logger.warning("quiet")
    structlog.get_logger("tests.output").warning("quiet")
    logging.getLogger("uvicorn.access").info("quiet")

    assert output.getvalue() == ""


def test_text_from_outside_cannot_forge_a_line() -> None:
    output = io.StringIO()
    configure(LogSettings(), stream=output)

    logger.info("Strategy %s", "x\n2026-01-01 [info] Order accepted\x1b[2J")

    assert output.getvalue().count("\n") == 1
    assert "\x1b" not in output.getvalue()
    assert "x\\n2026" in output.getvalue()


def test_configuring_again_replaces_what_was_there() -> None:
    before, after = io.StringIO(), io.StringIO()
    configure(LogSettings(), stream=before)
    configure(LogSettings(), stream=after)

    logger.info("once")

    assert before.getvalue() == ""
    assert after.getvalue().count("once") == 1


def test_uvicorn_keeps_no_handlers_of_its_own() -> None:
    output, own = io.StringIO(), io.StringIO()
    logging.getLogger("uvicorn.access").addHandler(logging.StreamHandler(own))
    configure(LogSettings(), stream=output)

    logging.getLogger("uvicorn.access").info(
        "served", extra={"color_message": "served \x1b[1mwith colour\x1b[0m"}
    )

    assert own.getvalue() == ""
    assert "served" in output.getvalue()
    assert "colour" not in output.getvalue()


def test_warnings_go_to_the_log() -> None:
    output = io.StringIO()
    configure(LogSettings(), stream=output)

    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old spelling", DeprecationWarning, stacklevel=1)

    assert "old spelling" in output.getvalue()


def test_the_file_says_the_same_and_is_kept_from_others(tmp_path: Path) -> None:
    configure(
        LogSettings(format="json", directory=tmp_path / "log", retention_days=3),
        stream=io.StringIO(),
    )

    logger.info("to the file")

    file = tmp_path / "log" / FILE_NAME
    assert json.loads(file.read_text("utf-8"))["message"] == "to the file"
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_old_files_go_after_the_retention(tmp_path: Path) -> None:
    for day in range(1, 10):
        (tmp_path / f"{FILE_NAME}.2026-01-{day:02}").write_text("old")
    configure(LogSettings(directory=tmp_path, retention_days=3), stream=io.StringIO())
    (handler,) = (
        h
        for h in logging.getLogger().handlers
        if getattr(h, "baseFilename", "").endswith(FILE_NAME)
    )
    assert isinstance(handler, logging.handlers.TimedRotatingFileHandler)

    logger.info("yesterday")
    handler.doRollover()

    kept = sorted(path.name for path in tmp_path.iterdir())
    assert len(kept) == 1 + 3
    assert f"{FILE_NAME}.2026-01-09" in kept
    assert f"{FILE_NAME}.2026-01-07" not in kept
