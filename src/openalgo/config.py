"""Everything that can be set from outside: the environment and `.env`.

This is the only module that reads the environment. Names are those users already have in their
`.env` files; the real environment wins over `.env`, and options of the command line win over both.
"""

import json
import math
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

_PLACEHOLDER = re.compile(r"YOUR_|CHANGE_?ME|PLACEHOLDER|REPLACE_?(ME|WITH)", re.IGNORECASE)
_RATE = re.compile(r"\s*[1-9]\d*\s+per\s+(second|minute|hour|day)\s*", re.IGNORECASE)
_URL_PASSWORD = re.compile(r"(://[^:/@]*:)[^@]*(@)")
_FOR_TOOLS = frozenset(
    {
        *("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "XDG_CACHE_HOME"),
        *("USERPROFILE", "APPDATA", "LOCALAPPDATA", "SYSTEMROOT", "COMSPEC", "PATHEXT", "TEMP"),
        *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"),
    }
)
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_DATABASE = re.compile(
    r"sqlite(\+aiosqlite)?:///.+|postgres(ql(\+asyncpg)?)?://.+/.+", re.IGNORECASE
)


class ConfigError(Exception):
    """The configuration cannot be used. One sentence per problem, in `problems`."""

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


def _comma_list(value: object) -> object:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def _rate_limit(value: str) -> str:
    """`value` in the one spelling the limiter reads: `10 per second; 100 per hour`."""
    parts = value.split(";")
    if not all(_RATE.fullmatch(part) for part in parts):
        raise ValueError(value)
    return "; ".join(" ".join(part.lower().split()) for part in parts)


def _order_limit(value: object) -> object:
    """How many orders in each span: `{"minute": 400, "day": 5000}`. Of several the least counts."""
    if not isinstance(value, str):
        raise ValueError(value)
    limits: dict[str, int] = {}
    for part in _rate_limit(value).split("; "):
        calls, _, span = part.split()
        limits[span] = min(int(calls), limits.get(span, int(calls)))
    return limits


def _hhmm(value: object) -> object:
    if isinstance(value, str):
        if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
            raise ValueError(value)
        return time.fromisoformat(value)
    return value


def _log_level(value: object) -> object:
    """`value` in capitals if that makes it a level; otherwise as it is, to be shown."""
    return level if isinstance(value, str) and (level := value.upper()) in _LEVELS else value


def _networks(value: tuple[str, ...]) -> tuple[str, ...]:
    for network in value:
        ip_network(network, strict=False)
    return value


def _origin(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/"):
        raise ValueError(value)
    return value.rstrip("/")


def _database_url(value: SecretStr) -> SecretStr:
    if not _DATABASE.fullmatch(value.get_secret_value()):
        raise ValueError
    return value


def _long_enough(value: SecretStr | None) -> SecretStr | None:
    if value is not None and len(value) < 32:
        raise ValueError
    return value


def _hexadecimal(value: SecretStr | None) -> SecretStr | None:
    if value is not None:
        bytes.fromhex(value.get_secret_value())
    return _long_enough(value)


def _curve_secret(value: SecretStr | None) -> SecretStr | None:
    if value is not None:
        _curve_keys((value.get_secret_value(),))
    return value


def _curve_keys(value: tuple[str, ...]) -> tuple[str, ...]:
    if not all(len(bytes.fromhex(key)) == 32 for key in value):
        raise ValueError
    return value


class BrokerAddresses(BaseModel):
    """Where a broker is. `login` and `stream` are empty where nobody goes there."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    api: Annotated[str, Field(min_length=1)]
    login: str = ""
    stream: str = ""

    @model_validator(mode="after")
    def _safe(self) -> Self:
        for url, schemes in (
            (self.api, ("https", "http")),
            (self.login, ("https", "http")),
            (self.stream, ("wss", "ws")),
        ):
            if url and not _is_safe(url, *schemes):
                raise ValueError(url)
        return self


def _is_safe(url: str, encrypted: str, plain: str) -> bool:
    """Whether nobody on the way can read along."""
    parts = urlsplit(url)
    if not parts.hostname or parts.username is not None:
        return False
    return parts.scheme == encrypted or (parts.scheme == plain and _is_here(parts.hostname))


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _json(value: object) -> object:
    return json.loads(value) if isinstance(value, str) else value


# The description of each type ends the sentence "<NAME> is '<value>' but must be ...".
Port = Annotated[int, Field(ge=0, le=65535, description="a port number from 0 to 65535")]
Host = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9_.:-]+$", description="an address to listen on, such as 127.0.0.1"),
]
Flag = Annotated[bool, Field(description="true or false")]
Days = Annotated[int, Field(ge=1, description="a whole number of days, 1 or more")]
Seconds = Annotated[int, Field(ge=1, description="a whole number of seconds, 1 or more")]
Count = Annotated[int, Field(ge=1, description="a whole number, 1 or more")]
YearPart = Annotated[
    float, Field(ge=0, le=1, description="a part of a year from 0 to 1, such as 0.0001")
]
RateLimit = Annotated[
    str,
    AfterValidator(_rate_limit),
    Field(
        description="a limit such as '10 per second' (or minute, hour, day), several joined with ;"
    ),
]
OrderLimit = Annotated[
    dict[Literal["second", "minute", "hour", "day"], int], BeforeValidator(_order_limit)
]
CommaList = Annotated[
    tuple[str, ...],
    NoDecode,
    BeforeValidator(_comma_list),
    Field(description="a list separated by commas"),
]
Networks = Annotated[
    tuple[str, ...],
    NoDecode,
    BeforeValidator(_comma_list),
    AfterValidator(_networks),
    Field(description="addresses or networks such as 10.1.0.0/16, separated by commas"),
]
CookieName = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$",
        description="the name of a cookie: letters, digits, _ and -",
    ),
]
Origin = Annotated[
    str,
    AfterValidator(_origin),
    Field(description="an http or https address without a path, such as http://127.0.0.1:5000"),
]
TimeOfDay = Annotated[
    time,
    BeforeValidator(_hhmm),
    Field(description="a time of day in IST as HH:MM, such as 03:00"),
]
DatabaseUrl = Annotated[
    SecretStr,
    AfterValidator(_database_url),
    Field(
        description="sqlite:///path/to/file.db or postgresql://user:password@host:5432/name",
    ),
]
Secret = Annotated[
    SecretStr | None,
    AfterValidator(_long_enough),
    Field(
        description="32 characters or more, such as the output of `openssl rand -hex 32`; "
        "remove it to have one made at the first start",
    ),
]
AppValue = Annotated[
    SecretStr | None,
    Field(description="the key or the secret of your app at the broker"),
]
Salt = Annotated[
    SecretStr | None,
    AfterValidator(_hexadecimal),
    Field(
        description="32 hexadecimal digits or more, such as the output of `openssl rand -hex 32`; "
        "remove it to have one made at the first start",
    ),
]

CurveSecret = Annotated[
    SecretStr | None,
    AfterValidator(_curve_secret),
    Field(description="64 hexadecimal digits, such as the output of `openssl rand -hex 32`"),
]
CurveKeys = Annotated[
    tuple[str, ...],
    NoDecode,
    BeforeValidator(_comma_list),
    AfterValidator(_curve_keys),
    Field(description="public keys of 64 hexadecimal digits each, separated by commas"),
]


def _store_default(name: str) -> Any:
    def default(given: dict[str, Any]) -> SecretStr:
        main: SecretStr | None = given.get("database_url")
        if main is not None and main.get_secret_value().startswith("postgres"):
            return main
        return _sqlite_in(given["data_dir"], name)

    return default


def _sqlite_in(data_dir: Path, name: str) -> SecretStr:
    return SecretStr(f"sqlite:///{(data_dir / f'{name}.db').as_posix()}")


class Settings(BaseSettings):
    """What the environment says. Immutable; made by `load_settings`."""

    model_config = SettingsConfigDict(
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    data_dir: Annotated[
        Path,
        AfterValidator(lambda path: path.expanduser()),
        Field(validation_alias="OPENALGO_DATA_DIR", description="a directory"),
    ] = Path("data")
    broker: Annotated[
        str,
        Field(
            validation_alias="OPENALGO_BROKER",
            pattern=r"^[a-z][a-z0-9_]*$",
            description="the id of a broker in lower case, such as simulator",
        ),
    ] = "simulator"
    broker_endpoints: Annotated[
        dict[str, BrokerAddresses],
        NoDecode,
        BeforeValidator(_json),
        Field(
            description='JSON such as {"zerodha": {"api": "http://127.0.0.1:9100", "login": '
            '"http://127.0.0.1:9100/login", "stream": "ws://127.0.0.1:9101"}}; only addresses of '
            "this machine may do without encryption"
        ),
    ] = Field(default_factory=dict)
    broker_order_limits: Annotated[
        dict[str, OrderLimit],
        NoDecode,
        BeforeValidator(_json),
        Field(description='JSON such as {"zerodha": "400 per minute; 5000 per day"}'),
    ] = Field(default_factory=dict)
    broker_api_key: AppValue = None
    broker_api_secret: AppValue = None
    redirect_url: Annotated[
        str | None,
        Field(
            pattern=r"^https?://[^/]+/[a-z][a-z0-9_]*/callback$",
            description="the address a broker sends users back to, such as "
            "http://127.0.0.1:5000/zerodha/callback",
        ),
    ] = None
    simulator_seed: Annotated[
        int,
        Field(
            validation_alias="OPENALGO_SIMULATOR_SEED",
            ge=0,
            description="a whole number, 0 or more",
        ),
    ] = 1

    simulator_speed: Annotated[
        float,
        Field(
            validation_alias="OPENALGO_SIMULATOR_SPEED",
            gt=0,
            le=10_000,
            description="how many market seconds pass in one real second, above 0",
        ),
    ] = 1.0
    simulator_hours: Annotated[
        Literal["always_open", "exchange"],
        Field(validation_alias="OPENALGO_SIMULATOR_HOURS", description="always_open or exchange"),
    ] = "always_open"

    app_key: Secret = None
    api_key_pepper: Secret = None
    fernet_salt: Salt = None

    database_url: DatabaseUrl = Field(
        default_factory=lambda given: _sqlite_in(given["data_dir"], "openalgo")
    )
    sandbox_database_url: DatabaseUrl = Field(default_factory=_store_default("sandbox"))
    logs_database_url: DatabaseUrl = Field(default_factory=_store_default("logs"))
    latency_database_url: DatabaseUrl = Field(default_factory=_store_default("latency"))

    host: Annotated[Host, Field(validation_alias="FLASK_HOST_IP")] = "127.0.0.1"
    port: Annotated[Port, Field(validation_alias="FLASK_PORT")] = 5000
    websocket_host: Host = "127.0.0.1"
    websocket_port: Port = 8765
    ws_max_clients: Count = 200
    ws_max_clients_per_user: Count = 50
    ws_max_subscriptions: Count = 3000
    ws_max_messages_per_second: Count = 100
    ws_max_queue: Count = 1024
    ws_auth_grace_seconds: Seconds = 15
    ws_ping_interval: Seconds = 20
    ws_ping_timeout: Seconds = 20
    ws_stale_tick_warn_seconds: Annotated[
        int, Field(description="a whole number of seconds; 0 or less never warns")
    ] = 120
    zmq_bridge: Annotated[
        Literal["off", "pub"],
        Field(description="off or pub; prices of other programs are not taken in"),
    ] = "off"
    zmq_pub_endpoint: Annotated[
        str,
        Field(
            pattern=r"^(tcp://.+:(\d+|\*)|ipc://.+)$",
            description="an address to listen on, such as tcp://127.0.0.1:5556",
        ),
    ] = "tcp://127.0.0.1:5556"
    zmq_curve_secret_key: CurveSecret = None
    zmq_curve_client_keys: CurveKeys = ()
    host_server: Origin = Field(default_factory=lambda given: f"http://127.0.0.1:{given['port']}")
    trust_proxy_headers: Flag = False
    trusted_proxies: Networks = ("127.0.0.0/8", "::1")

    api_rate_limit: RateLimit = "50 per second"
    order_rate_limit: RateLimit = "10 per second"
    smart_order_rate_limit: RateLimit = "10 per second"
    greeks_rate_limit: RateLimit = "30 per minute"
    greeks_min_years: YearPart = 0.0001
    login_rate_limit_min: RateLimit = "5 per minute"
    login_rate_limit_hour: RateLimit = "25 per hour"

    cors_enabled: Flag = True
    cors_allowed_origins: CommaList = Field(default_factory=lambda given: (given["host_server"],))
    cors_allowed_methods: CommaList = ("GET", "POST", "DELETE", "PUT", "PATCH")
    cors_allowed_headers: CommaList = ("Content-Type", "Authorization", "X-Requested-With")
    cors_exposed_headers: CommaList = ()
    cors_allow_credentials: Flag = False
    cors_max_age: Annotated[
        int, Field(ge=0, description="a whole number of seconds, 0 or more")
    ] = 86_400

    web_dist: Annotated[
        Path | None,
        Field(
            validation_alias="OPENALGO_WEB_DIST",
            description="a directory with a built web app, which is then served as it is",
        ),
    ] = None
    web_build: Annotated[Flag, Field(validation_alias="OPENALGO_WEB_BUILD")] = True

    session_expiry_time: TimeOfDay = time(3)
    session_cookie_name: CookieName = "session"

    approval_market_ttl_seconds: Seconds = 300
    approval_limit_ttl_seconds: Seconds = 1800
    approval_drift_percent: Annotated[
        Decimal, Field(ge=0, le=100, description="a percentage from 0 to 100")
    ] = Decimal(2)

    log_level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"],
        BeforeValidator(_log_level),
        Field(description="DEBUG, INFO, WARNING, ERROR or CRITICAL"),
    ] = "INFO"
    log_format: Annotated[Literal["text", "json"], Field(description="text or json")] = "text"
    log_colors: Flag = True
    log_to_file: Flag = False
    log_dir: Annotated[Path, Field(description="a directory")] = Field(
        default_factory=lambda given: given["data_dir"] / "log"
    )
    log_retention: Days = 14
    traffic_log_retention_days: Days = 30

    @field_validator("*", mode="before")
    @classmethod
    def _unquoted(cls, value: object) -> object:
        """Some shells and container files hand the quotes of `.env` through."""
        if not isinstance(value, str):
            return value
        text = value.strip()
        if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
            text = text[1:-1]
        if _PLACEHOLDER.search(text):
            raise PydanticCustomError("placeholder", "placeholder")
        return text

    @model_validator(mode="after")
    def _two_listeners(self) -> Self:
        if self.port == self.websocket_port != 0 and self.host == self.websocket_host:
            raise PydanticCustomError(
                "same_port",
                "WEBSOCKET_PORT is {port}, the same as FLASK_PORT; give one of them another port.",
                {"port": self.port},
            )
        return self

    @model_validator(mode="after")
    def _known_listeners(self) -> Self:
        if self.zmq_curve_secret_key is not None and not self.zmq_curve_client_keys:
            raise PydanticCustomError(
                "no_clients",
                "ZMQ_CURVE_SECRET_KEY is set, so nobody may listen but who is named in "
                "ZMQ_CURVE_CLIENT_KEYS; name the public keys of the consumers there.",
            )
        return self

    @property
    def database_urls(self) -> dict[str, str]:
        """By store: main, sandbox, logs, latency. They may hold a password."""
        return {
            "main": self.database_url.get_secret_value(),
            "sandbox": self.sandbox_database_url.get_secret_value(),
            "logs": self.logs_database_url.get_secret_value(),
            "latency": self.latency_database_url.get_secret_value(),
        }

    @property
    def broker_app(self) -> tuple[str, dict[str, str]] | None:
        """The broker that `.env` files of before name in REDIRECT_URL, and what they know of the
        user's app there; `None` where something is missing."""
        given = {"api_key": self.broker_api_key, "api_secret": self.broker_api_secret}
        values = {name: value.get_secret_value() for name, value in given.items() if value}
        if self.redirect_url is None or not values:
            return None
        return self.redirect_url.split("/")[-2], values

    @property
    def secrets_dir(self) -> Path:
        return self.data_dir / "secrets"


ENVIRONMENT_NAMES = {
    name: str(field.validation_alias or name.upper())
    for name, field in Settings.model_fields.items()
}
_RULES = {
    ENVIRONMENT_NAMES[name]: field.description or "a valid value"
    for name, field in Settings.model_fields.items()
}
_NEVER_SHOWN = {
    *("APP_KEY", "API_KEY_PEPPER", "FERNET_SALT"),
    *("BROKER_API_KEY", "BROKER_API_SECRET", "ZMQ_CURVE_SECRET_KEY"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeOptions:
    """What the command line says about one run. `replay` holds files as the user named them,
    `speed` is how many recorded seconds pass in one real second; at 0 the market moves only when
    told to."""

    replay: tuple[str, ...] = ()
    replay_date: date | None = None
    speed: float = 1.0

    def __post_init__(self) -> None:
        if not (self.speed >= 0 and math.isfinite(self.speed)):
            raise ConfigError(f"The replay speed is {self.speed} but must be 0 or more.")


def load_settings(
    given: Mapping[str, object] | None = None, *, env_file: Path = Path(".env")
) -> Settings:
    """Read the environment and `env_file`; `given` (by environment name) wins over both.

    Raises `ConfigError` with a sentence for every bad value.
    """
    fields = {name: field for field, name in ENVIRONMENT_NAMES.items()}
    values: dict[str, Any] = {
        name if Settings.model_fields[fields[name]].validation_alias else fields[name]: value
        for name, value in (given or {}).items()
    }
    try:
        return Settings(_env_file=env_file, **values)
    except ValidationError as error:
        raise ConfigError(*_sentences(error)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{env_file} cannot be read ({error}); make it a readable text file in UTF-8."
        ) from None


def tool_environment() -> dict[str, str]:
    """What programs we start may know of the environment: where things are and how to get out, but
    no secret of ours."""
    return {
        name: value
        for name, value in os.environ.items()
        if name.upper() in _FOR_TOOLS or name.lower().startswith("npm_config_")
    }


def unknown_keys(env_file: Path = Path(".env")) -> list[str]:
    """Names in `env_file` that this server does not read: mistyped, or of another version."""
    known = set(ENVIRONMENT_NAMES.values())
    return sorted(key for key in dotenv_values(env_file) if key.upper() not in known)


def _sentences(error: ValidationError) -> Iterator[str]:
    for problem in error.errors(include_url=False):
        # A default made from other values is missing only because one of those is bad.
        if problem["type"] == "default_factory_not_called":
            continue
        yield _sentence(problem) if problem["loc"] else problem["msg"]


def _sentence(problem: ErrorDetails) -> str:
    name = str(problem["loc"][0]).upper()
    if problem["type"] == "placeholder":
        return f"{name} still holds a placeholder; give it a real value or remove it."
    rule = _RULES[name]
    if name in _NEVER_SHOWN:
        return f"{name} must be {rule}."
    shown = _URL_PASSWORD.sub(r"\1***\2", str(problem["input"]))
    return f"{name} is '{shown}' but must be {rule}."
