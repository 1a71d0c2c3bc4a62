from datetime import date, time
from pathlib import Path

import pytest

from openalgo.config import (
    ENVIRONMENT_NAMES,
    ConfigError,
    ServeOptions,
    load_settings,
    unknown_keys,
)


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An empty working directory, and none of our names in the environment."""
    monkeypatch.chdir(tmp_path)
    for name in ENVIRONMENT_NAMES.values():
        monkeypatch.delenv(name, raising=False)


def problems(**environment: str) -> tuple[str, ...]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        with pytest.raises(ConfigError) as refused:
            load_settings()
    return refused.value.problems


def test_everything_has_a_default() -> None:
    settings = load_settings()

    assert settings.data_dir == Path("data")
    assert (settings.host, settings.port) == ("127.0.0.1", 5000)
    assert (settings.websocket_host, settings.websocket_port) == ("127.0.0.1", 8765)
    assert settings.broker == "simulator"
    assert settings.api_rate_limit == "50 per second"
    assert settings.order_rate_limit == "10 per second"
    assert settings.session_expiry_time == time(3)
    assert settings.app_key is None
    assert settings.secrets_dir == Path("data/secrets")
    assert settings.log_dir == Path("data/log")


def test_databases_are_files_in_the_data_directory() -> None:
    assert load_settings({"OPENALGO_DATA_DIR": "/srv/algo"}).database_urls == {
        "main": "sqlite:////srv/algo/openalgo.db",
        "sandbox": "sqlite:////srv/algo/sandbox.db",
        "logs": "sqlite:////srv/algo/logs.db",
        "latency": "sqlite:////srv/algo/latency.db",
    }


def test_one_postgresql_serves_all_stores_unless_told_otherwise() -> None:
    one = "postgresql://algo:pw@db/openalgo"
    settings = load_settings({"DATABASE_URL": one, "LOGS_DATABASE_URL": "sqlite:///logs.db"})

    assert settings.database_urls == {
        "main": one,
        "sandbox": one,
        "logs": "sqlite:///logs.db",
        "latency": one,
    }


def test_another_main_database_file_leaves_the_others_where_they_are() -> None:
    urls = load_settings({"DATABASE_URL": "sqlite:///elsewhere.db"}).database_urls

    assert urls["main"] == "sqlite:///elsewhere.db"
    assert urls["sandbox"] == "sqlite:///data/sandbox.db"


def test_the_command_line_wins_over_the_environment_and_that_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("FLASK_PORT=1\nWEBSOCKET_PORT=2\nLOG_LEVEL=ERROR\n")
    monkeypatch.setenv("FLASK_PORT", "3")
    monkeypatch.setenv("WEBSOCKET_PORT", "4")

    settings = load_settings({"FLASK_PORT": 5})

    assert (settings.port, settings.websocket_port, settings.log_level) == (5, 4, "ERROR")


def test_values_may_carry_quotes_and_blanks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text(
        "FLASK_HOST_IP = '10.0.0.1'\nAPI_RATE_LIMIT=\"5 Per  minute;100 per hour\"\nLOG_COLORS=''\n"
    )
    # Some container tools hand the quotes of their file through.
    monkeypatch.setenv("FLASK_PORT", "'5001'")
    monkeypatch.setenv("CORS_ALLOWED_ORIGINS", "'https://a.example, https://b.example'")

    settings = load_settings()

    assert (settings.host, settings.port) == ("10.0.0.1", 5001)
    assert settings.api_rate_limit == "5 per minute; 100 per hour"
    assert settings.cors_allowed_origins == ("https://a.example", "https://b.example")
    assert settings.log_colors is True


def test_the_log_level_may_be_written_small() -> None:
    assert load_settings({"LOG_LEVEL": "debug"}).log_level == "DEBUG"


@pytest.mark.parametrize("name", ["HOST", "PORT", "BROKER", "DATA_DIR"])
def test_names_of_other_programs_are_not_read(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "1234")

    assert load_settings() == load_settings({"FLASK_PORT": 5000})


def test_what_follows_from_other_settings() -> None:
    settings = load_settings({"FLASK_PORT": 5001})

    assert settings.host_server == "http://127.0.0.1:5001"
    assert settings.cors_allowed_origins == ("http://127.0.0.1:5001",)


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("FLASK_PORT", "abc", "a port number from 0 to 65535"),
        ("WEBSOCKET_PORT", "65536", "a port number from 0 to 65535"),
        ("FLASK_HOST_IP", "two words", "an address to listen on, such as 127.0.0.1"),
        ("HOST_SERVER", "openalgo.example", "an http or https address without a path"),
        ("HOST_SERVER", "https://openalgo.example/app", "an http or https address"),
        ("API_RATE_LIMIT", "ten per second", "a limit such as '10 per second'"),
        ("API_RATE_LIMIT", "0 per second", "a limit such as '10 per second'"),
        ("ORDER_RATE_LIMIT", "10 per second;", "several joined with ;"),
        ("SMART_ORDER_RATE_LIMIT", "10/second", "a limit such as '10 per second'"),
        ("TRUSTED_PROXIES", "10.0.0.0/8, nginx", "addresses or networks such as 10.1.0.0/16"),
        ("SESSION_COOKIE_NAME", "my session", "the name of a cookie"),
        ("LOGIN_RATE_LIMIT_MIN", "5/min", "a limit such as '10 per second'"),
        ("SESSION_EXPIRY_TIME", "24:00", "a time of day in IST as HH:MM"),
        ("SESSION_EXPIRY_TIME", "3", "a time of day in IST as HH:MM"),
        ("CORS_ENABLED", "maybe", "true or false"),
        ("CORS_MAX_AGE", "-1", "a whole number of seconds"),
        ("LOG_LEVEL", "loud", "DEBUG, INFO, WARNING, ERROR or CRITICAL"),
        ("LOG_FORMAT", "xml", "text or json"),
        ("LOG_RETENTION", "0", "a whole number of days, 1 or more"),
        ("TRAFFIC_LOG_RETENTION_DAYS", "soon", "a whole number of days, 1 or more"),
        ("OPENALGO_SIMULATOR_SEED", "x", "a whole number, 0 or more"),
        ("OPENALGO_BROKER", "My Broker", "the id of a broker in lower case"),
        ("DATABASE_URL", "mysql://db/algo", "sqlite:///path/to/file.db or postgresql://"),
        ("SANDBOX_DATABASE_URL", "sqlite://", "sqlite:///path/to/file.db or postgresql://"),
        ("LOGS_DATABASE_URL", "postgresql://db", "sqlite:///path/to/file.db or postgresql://"),
    ],
)
def test_a_bad_value_is_one_sentence_with_name_value_and_rule(
    name: str, value: str, rule: str
) -> None:
    (sentence,) = problems(**{name: value})

    assert sentence.startswith(f"{name} is '{value}' but must be ")
    assert rule in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence


def test_several_bad_values_are_a_line_each() -> None:
    found = problems(FLASK_PORT="x", LOG_LEVEL="LOUD", OPENALGO_DATA_DIR="ok")

    assert [sentence.split()[0] for sentence in found] == ["FLASK_PORT", "LOG_LEVEL"]


@pytest.mark.parametrize("name", ["APP_KEY", "API_KEY_PEPPER", "FERNET_SALT"])
@pytest.mark.parametrize("value", ["hunter2", "hunter2-" + "x" * 23])
def test_a_short_secret_is_refused_without_showing_it(name: str, value: str) -> None:
    (sentence,) = problems(**{name: value})

    assert sentence.startswith(f"{name} must be 32 ")
    assert "openssl rand -hex 32" in sentence
    assert "hunter2" not in sentence


def test_a_salt_must_be_hexadecimal() -> None:
    (sentence,) = problems(FERNET_SALT="g" * 40)

    assert "hexadecimal" in sentence


def test_a_password_in_an_address_is_not_shown() -> None:
    (sentence,) = problems(DATABASE_URL="mysql://algo:hunter2@db/algo")

    assert "hunter2" not in sentence
    assert "mysql://algo:***@db/algo" in sentence


def test_secrets_do_not_show_in_the_settings() -> None:
    settings = load_settings(
        {
            "APP_KEY": "hunter2-" * 4,
            "API_KEY_PEPPER": "hunter2-" * 4,
            "DATABASE_URL": "postgresql://algo:hunter2@db/algo",
        }
    )

    assert "hunter2" not in repr(settings)
    assert "hunter2" not in str(settings.model_dump())


@pytest.mark.parametrize(
    "value", ["YOUR_APP_KEY_WHICH_IS_LONG_ENOUGH_HERE", "change_me_change_me_change_me_change_me"]
)
def test_placeholders_of_sample_files_are_refused(value: str) -> None:
    assert problems(APP_KEY=value) == (
        "APP_KEY still holds a placeholder; give it a real value or remove it.",
    )


def test_two_listeners_on_one_port_are_refused() -> None:
    (sentence,) = problems(FLASK_PORT="8765")

    assert sentence.startswith("WEBSOCKET_PORT is 8765, the same as FLASK_PORT")


def test_two_free_ports_may_be_asked_for() -> None:
    settings = load_settings({"FLASK_PORT": 0, "WEBSOCKET_PORT": 0})

    assert (settings.port, settings.websocket_port) == (0, 0)


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"APP_KEY=\xff\xfe")

    with pytest.raises(ConfigError, match=r"\.env cannot be read"):
        load_settings()


def test_names_nobody_reads_are_listed(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("FLASK_PROT=1\nflask_port=5000\nBROKER_APIKEY=x\n")

    assert unknown_keys() == ["BROKER_APIKEY", "FLASK_PROT"]
    assert load_settings().port == 5000


def test_without_a_file_nothing_is_unknown() -> None:
    assert unknown_keys() == []


@pytest.mark.parametrize("speed", [-0.5, -1.0, float("inf"), float("nan")])
def test_a_replay_needs_a_speed(speed: float) -> None:
    with pytest.raises(ConfigError, match="speed"):
        ServeOptions(replay=("ticks.csv",), replay_date=date(2026, 3, 2), speed=speed)


def test_brokers_can_be_elsewhere() -> None:
    twin = '{"zerodha": {"api": "http://127.0.0.1:9100", "stream": "ws://localhost:9101/feed"}}'
    addresses = load_settings({"BROKER_ENDPOINTS": twin}).broker_endpoints["zerodha"]
    assert (addresses.api, addresses.login) == ("http://127.0.0.1:9100", "")
    assert addresses.stream == "ws://localhost:9101/feed"
    assert load_settings().broker_endpoints == {}


@pytest.mark.parametrize(
    "value",
    [
        "zerodha",
        "[]",
        '{"zerodha": "http://127.0.0.1"}',
        '{"zerodha": {}}',
        '{"zerodha": {"api": ""}}',
        '{"zerodha": {"api": "http://broker.example"}}',
        '{"zerodha": {"api": "http://127.0.0.1.broker.example"}}',
        '{"zerodha": {"api": "ws://127.0.0.1"}}',
        '{"zerodha": {"api": "https://user:hunter2@broker.example"}}',
        '{"zerodha": {"api": "http://[bad"}}',
        '{"zerodha": {"api": "https://broker.example", "login": "http://broker.example"}}',
        '{"zerodha": {"api": "https://broker.example", "login": "javascript:alert(1)"}}',
        '{"zerodha": {"api": "https://broker.example", "stream": "ws://broker.example"}}',
        '{"zerodha": {"api": "https://broker.example", "more": "https://broker.example"}}',
    ],
)
def test_tokens_do_not_go_anywhere_unencrypted(value: str) -> None:
    sentences = problems(BROKER_ENDPOINTS=value)
    assert sentences
    for sentence in sentences:
        assert sentence.startswith("BROKER_ENDPOINTS is '")
        assert "only addresses of this machine may do without encryption" in sentence
        assert "hunter2" not in sentence


def test_a_broker_may_take_another_number_of_orders() -> None:
    wanted = '{"zerodha": "400 per Minute; 9000 per day; 5000 per day"}'
    limits = load_settings({"BROKER_ORDER_LIMITS": wanted}).broker_order_limits
    assert limits == {"zerodha": {"minute": 400, "day": 5000}}
    assert load_settings().broker_order_limits == {}


@pytest.mark.parametrize(
    "value",
    [
        "zerodha",
        '"400 per minute"',
        '{"zerodha": 400}',
        '{"zerodha": "400 a minute"}',
        '{"zerodha": "0 per day"}',
        '{"zerodha": {"minute": 400}}',
        '{"zerodha": ""}',
    ],
)
def test_a_number_of_orders_that_cannot_be_read_is_refused(value: str) -> None:
    (sentence, *_) = problems(BROKER_ORDER_LIMITS=value)
    assert sentence.startswith("BROKER_ORDER_LIMITS is '")
    assert "400 per minute; 5000 per day" in sentence


def test_env_files_of_before_name_the_broker_in_the_redirect_url() -> None:
    given = {
        "BROKER_API_KEY": "hunter2",
        "BROKER_API_SECRET": "hunter3",
        "REDIRECT_URL": "http://127.0.0.1:5000/zerodha/callback",
    }
    settings = load_settings(given)
    assert settings.broker_app == ("zerodha", {"api_key": "hunter2", "api_secret": "hunter3"})
    assert "hunter" not in repr(settings)
    for missing in ("REDIRECT_URL", "BROKER_API_KEY", "BROKER_API_SECRET"):
        rest = {name: value for name, value in given.items() if name != missing}
        app = load_settings(rest).broker_app
        assert (app is None) == (missing == "REDIRECT_URL")
    assert load_settings({"REDIRECT_URL": given["REDIRECT_URL"]}).broker_app is None
    (sentence,) = problems(REDIRECT_URL="http://127.0.0.1:5000/<broker>/callback")
    assert sentence.startswith("REDIRECT_URL is ")
