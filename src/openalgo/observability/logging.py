"""Log output: one format and one redaction for our records and those of every library."""

import logging
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from logging.handlers import TimedRotatingFileHandler
from pathlib import Path
from typing import Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from openalgo.domain.clock import IST
from openalgo.observability.redaction import redact_event

FILE_NAME = "openalgo.log"

_UVICORN = ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi")
# What other formatters and uvicorn hang onto a record beside its real extra values.
_LEFTOVERS = ("message", "asctime", "color_message")
# At INFO or below these write one line or more for every call they serve.
_TALKATIVE = (
    "alembic.runtime.migration",
    "aiosqlite",
    "alembic.runtime.plugins",
    "asyncio",
    "httpcore",
    "httpx",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSettings:
    """`directory` set means: also write files there, one a day, kept for `retention_days`.
    `colors` applies to a terminal only."""

    level: str = "INFO"
    format: Literal["text", "json"] = "text"
    colors: bool = True
    directory: Path | None = None
    retention_days: int = 14


def configure(settings: LogSettings, *, stream: TextIO | None = None) -> None:
    """Send all log records to `stream` (standard error), and to files when wanted.

    Replaces whatever was configured before, uvicorn's own handlers included. Raises `OSError`
    when the log directory cannot be used.
    """
    target = stream or sys.stderr
    console = _Console(target)
    console.setFormatter(_formatter(settings, colors=settings.colors and target.isatty()))
    handlers: list[logging.Handler] = [console]
    if settings.directory is not None:
        settings.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = _DailyFile(
            settings.directory / FILE_NAME,
            when="midnight",
            backupCount=settings.retention_days,
            encoding="utf-8",
        )
        file.setFormatter(_formatter(settings, colors=False))
        handlers.append(file)

    root = logging.getLogger()
    for old in list(root.handlers):
        if isinstance(old, _Console | _DailyFile):
            root.removeHandler(old)
            old.close()
    for handler in handlers:
        root.addHandler(handler)
    root.setLevel(settings.level)
    for name in _UVICORN:
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
        library.setLevel(logging.NOTSET)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(True)
    structlog.configure(
        processors=[*_context(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


class _Quiet(logging.Handler):
    """A handler that, where the standard ones print the arguments of a record they could not
    format, says only where it came from: the arguments may hold a secret."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the library's name
        error = sys.exc_info()[0]
        sys.stderr.write(
            f"A log record of {record.name} ({record.filename}:{record.lineno}) could not be "
            f"written: {error.__name__ if error else 'unknown error'}\n"
        )


class _Console(_Quiet, logging.StreamHandler[TextIO]):
    pass


class _DailyFile(_Quiet, TimedRotatingFileHandler):
    pass


def _context() -> Sequence[Processor]:
    return (
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
    )


def _formatter(settings: LogSettings, *, colors: bool) -> logging.Formatter:
    renderers: Sequence[Processor]
    if settings.format == "json":
        renderers = (_public_names, structlog.processors.JSONRenderer(ensure_ascii=False))
    else:
        renderers = (
            structlog.dev.ConsoleRenderer(
                colors=colors,
                # The traceback arrives as redacted text; a prettier one would show variables.
                exception_formatter=structlog.dev.plain_traceback,
                pad_event_to=0,
            ),
        )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=(*_context(), structlog.stdlib.ExtraAdder()),
        pass_foreign_args=True,
        processors=(
            _timestamp,
            structlog.processors.StackInfoRenderer(),
            structlog.processors.format_exc_info,
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            redact_event,
            *renderers,
        ),
    )


def _timestamp(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    record: logging.LogRecord = event["_record"]
    at = datetime.fromtimestamp(record.created, IST)
    event["timestamp"] = at.isoformat(timespec="milliseconds")
    if not event["_from_structlog"]:
        for name in _LEFTOVERS:
            event.pop(name, None)
    return event


def _public_names(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    names = {"timestamp": "ts", "event": "message", "exception": "traceback"}
    first = ("timestamp", "level", "logger", "event")
    ordered = {name: event[name] for name in first if name in event} | dict(event)
    return {names.get(name, name): value for name, value in ordered.items()}
