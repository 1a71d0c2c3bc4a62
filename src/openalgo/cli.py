"""The front door: `openalgo serve`, `init`, `explain`, `openapi`, `doctor`, `twin`.

What a command needs is imported when it runs, so that `--help` answers at once.
"""

import argparse
import atexit
import gc
import os
import sys
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

from openalgo import __version__

if TYPE_CHECKING:
    from openalgo.config import Settings
    from openalgo.identity.users import FirstUser
    from openalgo.persistence.stores import Store

T = TypeVar("T")

OK, PROBLEM, USAGE = 0, 1, 2

_READY_CHECKS = 100  # ten a second

_EPILOG = """\
first steps:
  openalgo serve                                 start on http://127.0.0.1:5000, trading on paper
  openalgo init --username ravi                  make your user and get your API key
  openalgo explain 25112100000001                find out why an order is as it is
  openalgo doctor                                find out why something does not work

Settings come from the environment and from .env in the working directory.
`openalgo <command> --help` explains each command. Exit codes: 0 ok, 1 problem, 2 usage.
"""
_SERVE_EPILOG = """\
examples:
  openalgo serve
  openalgo serve --port 8080 --data-dir /srv/openalgo
  openalgo serve --replay day.parquet --speed 60
  openalgo serve --replay NSE:SBIN=sbin.csv NSE:INFY=infy.csv --speed 0
"""
_INIT_EPILOG = """\
examples:
  openalgo init --username ravi                  asks for the password
  openalgo init --username ravi --password-stdin < password.txt
  KEY=$(openalgo init --username ravi --password-stdin --json < password.txt | jq -r .api_key)

The API key is shown this once. The server may be running or not; the last line of the output is
{"username": ..., "api_key": ...}.
"""
_EXPLAIN_EPILOG = """\
examples:
  openalgo explain 25112100000001
  openalgo explain 25112100000001 --json | jq '.steps[].text'

The server may be running or not.
"""
_OPENAPI_EPILOG = """\
examples:
  openalgo openapi | jq .paths
  openalgo openapi --output openapi.json
  openalgo openapi --ui --output web-app.json
"""
_DOCTOR_EPILOG = """\
examples:
  openalgo doctor
  openalgo doctor --json | jq '.checks[] | select(.verdict != "ok")'
"""
_TWIN_EPILOG = """\
examples:
  openalgo twin zerodha
  openalgo twin zerodha --port 8900 --delay-ms 20 --limits
  openalgo twin zerodha --instruments instruments.csv.gz --callback http://127.0.0.1:8080/zerodha/callback

Put the line of settings it prints into .env, start the server, and connect the account with the key
and the secret. See docs/brokers/twin.md.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        code = command(options)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        return PROBLEM
    except BrokenPipeError:
        # Whoever read our output has seen enough; keep the interpreter from trying once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except Exception as error:
        if getattr(options, "log_level", None) == "DEBUG":
            raise
        for sentence in _sentences(error):
            print(f"openalgo: {sentence}", file=sys.stderr)
        return PROBLEM


def _serve(options: argparse.Namespace) -> int:
    import logging

    from openalgo.config import ServeOptions, load_settings, unknown_keys

    settings = load_settings(_given(options))
    run = ServeOptions(
        replay=tuple(options.replay), replay_date=options.replay_date, speed=options.speed
    )
    _configure_logging(settings)
    unknown = unknown_keys()
    if unknown:
        logging.getLogger(__name__).warning(
            ".env has names that this version does not read: %s", ", ".join(unknown)
        )
    # What a program is made of is no garbage: a fifth of its start would go into looking for some.
    gc.disable()
    from openalgo.app import serve

    gc.enable()
    # Nor when it ends: that would take longer than all the rest of its end.
    atexit.register(gc.freeze)
    _run(serve(settings, run))
    return OK


def _init(options: argparse.Namespace) -> int:
    import json

    from openalgo.config import load_settings

    settings = load_settings(_given(options))
    _configure_logging(settings, level="WARNING")
    password = _password(from_stdin=options.password_stdin)
    created = _run(_first_user(settings, options.username, password, options.email))
    if not options.json:
        print(f"User {created.username} is ready, with an account that trades on paper.")
        print("Keep this API key; it is not shown again:")
    print(json.dumps({"username": created.username, "api_key": created.api_key}))
    return OK


async def _first_user(
    settings: "Settings", username: str, password: str, email: str | None
) -> "FirstUser":
    """Works with the server running or not: whoever owns the data brings it up to date."""
    from openalgo.domain.clock import SystemClock
    from openalgo.identity.api_keys import KeyRing
    from openalgo.identity.passwords import Passwords
    from openalgo.identity.secrets import load_secrets
    from openalgo.identity.users import create_first_user
    from openalgo.persistence.migrate import migrate
    from openalgo.persistence.owner import AlreadyOwned, owned
    from openalgo.persistence.stores import Stores, StoreUrls

    secrets = load_secrets(
        settings.secrets_dir,
        app_key=settings.app_key,
        api_key_pepper=settings.api_key_pepper,
        fernet_salt=settings.fernet_salt,
    )
    urls = StoreUrls(**settings.database_urls)
    stores = Stores.open(urls)
    try:
        async with AsyncExitStack() as ownership:
            try:
                await ownership.enter_async_context(owned(settings.data_dir, urls))
                await migrate(stores)
            except AlreadyOwned:
                await _until_migrated(stores.main)
            return await create_first_user(
                stores.main,
                Passwords(secrets.api_key_pepper),
                KeyRing(secrets.api_key_pepper, secrets.fernet_salt),
                username=username,
                password=password,
                email=email,
                broker=settings.broker,
                now=SystemClock().now(),
            )
    finally:
        await stores.close()


async def _until_migrated(store: "Store") -> None:
    """Wait for a server that is just starting to bring its database up to date."""
    import asyncio

    from openalgo.persistence.migrate import revisions, stored_revision

    for _ in range(_READY_CHECKS):
        if await stored_revision(store) == revisions(store.name)[-1]:
            return
        await asyncio.sleep(0.1)
    raise TimeoutError("The server that uses this data is not ready. Try again once it is.")


def _explain(options: argparse.Namespace) -> int:
    from openalgo.api.v1.explain import explained
    from openalgo.app import explain
    from openalgo.config import load_settings

    settings = load_settings(_given(options))
    _configure_logging(settings, level="WARNING")
    found = explained(_run(explain(settings, options.order_id)))
    if options.json:
        print(found.model_dump_json(indent=2))
        return OK
    for step in found.steps:
        print(f"{step.at}  {step.stage:<8}  {step.text}")
    return OK


def _openapi(options: argparse.Namespace) -> int:
    import json
    from pathlib import Path

    from openalgo.api.application import openapi_document
    from openalgo.api.ui.document import ui_document

    document = ui_document(__version__) if options.ui else openapi_document(__version__)
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    if options.output is None:
        sys.stdout.write(text)
    else:
        Path(options.output).write_text(text, encoding="utf-8")
    return OK


def _doctor(options: argparse.Namespace) -> int:
    import json
    from dataclasses import asdict

    from openalgo.doctor import examine

    findings = _run(examine(_given(options)))
    if options.json:
        print(json.dumps({"checks": [asdict(finding) for finding in findings]}, indent=2))
    else:
        for finding in findings:
            print(f"{finding.verdict:<5} {finding.check:<17} {finding.detail}")
            if finding.remedy:
                print(f"{'':<23} -> {finding.remedy}")
    return PROBLEM if any(finding.verdict == "fail" for finding in findings) else OK


def _twin(options: argparse.Namespace) -> int:
    from datetime import timedelta
    from pathlib import Path

    from openalgo.twin.zerodha import dump
    from openalgo.twin.zerodha.served import serve_until_stopped
    from openalgo.twin.zerodha.sessions import App
    from openalgo.twin.zerodha.twin import Setup

    setup = Setup(
        app=App(callback=options.callback),
        seed=options.seed,
        listing=dump.read(Path(options.instruments)) if options.instruments else None,
        latency=timedelta(milliseconds=options.latency_ms),
        walking=options.speed > 0,
        speed=options.speed,
        limited=options.limits,
    )
    _run(
        serve_until_stopped(
            setup,
            port=options.port,
            delay_ms=options.delay_ms,
            say=lambda line: print(line, flush=True),
        )
    )
    return OK


def _run(work: Coroutine[Any, Any, T]) -> T:
    import asyncio

    if sys.platform == "win32":
        return asyncio.run(work)
    import uvloop

    return uvloop.run(work)


def _configure_logging(settings: "Settings", level: str | None = None) -> None:
    from openalgo.observability.logging import LogSettings, configure

    configure(
        LogSettings(
            level=level or settings.log_level,
            format=settings.log_format,
            colors=settings.log_colors,
            directory=settings.log_dir if settings.log_to_file else None,
            retention_days=settings.log_retention,
        )
    )


def _given(options: argparse.Namespace) -> dict[str, object]:
    """The options that stand for a setting, by its environment name."""
    names = {
        "host": "FLASK_HOST_IP",
        "port": "FLASK_PORT",
        "ws_port": "WEBSOCKET_PORT",
        "data_dir": "OPENALGO_DATA_DIR",
        "log_level": "LOG_LEVEL",
    }
    given = {name: getattr(options, option, None) for option, name in names.items()}
    return {name: value for name, value in given.items() if value is not None}


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise ValueError("There is no terminal to ask for the password; use --password-stdin.")
    from getpass import getpass

    password = getpass("Password: ")
    if getpass("Again: ") != password:
        raise ValueError("The two passwords are not the same.")
    return password


def _sentences(error: Exception) -> list[str]:
    """`error` in words that make sense alone: ours are written so, of others the first line."""
    from openalgo.observability.redaction import redact_text

    lines = redact_text(str(error)).splitlines() or [""]
    if type(error).__module__.startswith("openalgo."):
        return lines
    if isinstance(error, ValueError | OSError) and lines[0]:
        return lines[:1]
    return [": ".join(filter(None, (type(error).__name__, lines[0])))]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="openalgo",
        description="OpenAlgo, the self-hosted trading platform for Indian markets.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"openalgo {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="<command>", required=True)

    def command(
        name: str, run: Callable[[argparse.Namespace], int], text: str, epilog: str
    ) -> argparse.ArgumentParser:
        sub = commands.add_parser(
            name,
            help=text,
            description=text[0].upper() + text[1:] + ".",
            epilog=epilog,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        sub.set_defaults(command=run)
        return sub

    serve = command("serve", _serve, "start the server", _SERVE_EPILOG)
    serve.add_argument("--host", help="interface to listen on (127.0.0.1)")
    serve.add_argument("--port", type=_port, help="port of the web app and the API (5000)")
    serve.add_argument("--ws-port", type=_port, metavar="PORT", help="WebSocket port (8765)")
    _add_data_dir(serve)
    serve.add_argument(
        "--log-level",
        type=str.upper,
        choices=("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"),
        help="least important log messages to show (INFO)",
    )
    replay = serve.add_argument_group("playing recorded days instead of the simulator")
    replay.add_argument(
        "--replay",
        nargs="+",
        action="extend",
        default=[],
        metavar="FILE",
        help="ticks or one-minute candles, CSV or Parquet",
    )
    replay.add_argument(
        "--speed",
        type=_speed,
        default=1.0,
        metavar="N",
        help="recorded seconds per second (1); 0 to step",
    )
    replay.add_argument(
        "--replay-date",
        type=_date,
        metavar="YYYY-MM-DD",
        help="the date of files that carry times only",
    )

    init = command("init", _init, "create the first user and print their API key", _INIT_EPILOG)
    init.add_argument("--username", required=True, help="name to log in with")
    init.add_argument(
        "--password-stdin", action="store_true", help="read the password from standard input"
    )
    init.add_argument("--email", help="for password resets")
    init.add_argument("--json", action="store_true", help="print nothing but the JSON line")
    _add_data_dir(init)

    explain = command("explain", _explain, "show what led to an order", _EXPLAIN_EPILOG)
    explain.add_argument("order_id", metavar="ORDERID")
    explain.add_argument("--json", action="store_true", help="for programs")
    _add_data_dir(explain)

    openapi = command(
        "openapi", _openapi, "print the OpenAPI document of the public API", _OPENAPI_EPILOG
    )
    openapi.add_argument("--ui", action="store_true", help="of what the web app calls, instead")
    openapi.add_argument("--output", metavar="FILE", help="write it there instead")

    doctor = command(
        "doctor", _doctor, "check the installation and say what to mend", _DOCTOR_EPILOG
    )
    doctor.add_argument("--json", action="store_true", help="for programs")
    _add_data_dir(doctor)

    _add_twin(
        command("twin", _twin, "serve the twin of a broker, to try live trading", _TWIN_EPILOG)
    )
    return parser


def _add_twin(twin: argparse.ArgumentParser) -> None:
    twin.add_argument("broker", choices=("zerodha",), help="whose wire format it speaks")
    twin.add_argument("--port", type=_port, default=0, help="where to listen (any free port)")
    twin.add_argument("--seed", type=int, default=0, metavar="N", help="of prices and faults (0)")
    twin.add_argument(
        "--delay-ms", type=_speed, default=0.0, metavar="MS", help="what every answer takes (0)"
    )
    twin.add_argument(
        "--latency-ms", type=_speed, default=0.0, metavar="MS", help="from us to the exchange (0)"
    )
    twin.add_argument(
        "--speed", type=_speed, default=1.0, metavar="N", help="how fast prices move (1); 0 for not"
    )
    twin.add_argument("--limits", action="store_true", help="answer 429 beyond the real limits")
    twin.add_argument("--instruments", metavar="PATH", help="an instruments file to list instead")
    twin.add_argument(
        "--callback",
        default="http://127.0.0.1:5000/zerodha/callback",
        metavar="URL",
        help="where a login sends the browser (http://127.0.0.1:5000/zerodha/callback)",
    )


def _add_data_dir(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data-dir", metavar="DIR", help="where everything is kept (OPENALGO_DATA_DIR, ./data)"
    )


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text} is not a port number from 0 to 65535")
    return int(text)


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        speed = -1.0
    if not 0 <= speed < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not 0 or a number above it")
    return speed


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is not a date like 2026-03-02") from None
