"""Planted secrets must not come out, whatever way they went in."""

import io
import json
import logging
import string
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal
from urllib.parse import quote

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from openalgo.observability.logging import LogSettings, configure
from openalgo.observability.redaction import MASK, redact, redact_text

NAMES = st.sampled_from(
    [
        "apikey",
        "api_key",
        "API-KEY",
        "password",
        "new_password",
        "access_token",
        "token",
        "API_SECRET",
        "client_secret",
        "pin",
        "user_pin",
        "mpin",
        "TOTP",
        "totp_code",
        "API_KEY_PEPPER",
        "pepper",
    ]
)
# Each starts with a mark that no template contains.
MARK = "Zq9"
SECRETS = st.text(string.ascii_letters + string.digits + "!@#$%^*_.-+/", min_size=8).map(
    MARK.__add__
)
QUOTABLE = st.text(string.printable, min_size=8).map(MARK.__add__)
HEX_KEYS = st.text("0123456789abcdef", min_size=64, max_size=64)
FORMATS: list[Literal["text", "json"]] = ["text", "json"]


@contextmanager
def logged(format: Literal["text", "json"]) -> Iterator[io.StringIO]:
    """Only our handler: the test runner's own refuse records that cannot be formatted."""
    output = io.StringIO()
    root = logging.getLogger()
    others = list(root.handlers)
    root.handlers.clear()
    configure(LogSettings(format=format, level="DEBUG"), stream=output)
    try:
        yield output
    finally:
        root.handlers[:] = others
        root.setLevel(logging.WARNING)
        logging.captureWarnings(False)
        structlog.reset_defaults()


def assert_absent(secret: str, output: str) -> None:
    assert output
    for form in (secret, json.dumps(secret)[1:-1], repr(secret)[1:-1], quote(secret)):
        assert form not in output


def sentences(name: str, secret: str) -> list[str]:
    return [
        f"{name}={secret}",
        f"{name}: {secret}",
        f"login with {name} = {secret} failed",
        f"GET /api/v1/orderbook?x=1&{name}={quote(secret, safe='')}&y=2 HTTP/1.1",
        f"callback%3F{name}%3D{secret}",
        f"Authorization: Bearer {secret}",
        f"authorization=bearer {secret}",
        f"{{'headers': {{'Authorization': 'Bearer {secret}'}}}}",
        f"X-Authorization: token {secret}",
        f"cannot connect to postgresql://algo:{quote(secret, safe='')}@db:5432/algo now",
    ]


def quoted_sentences(name: str, secret: str) -> list[str]:
    body = json.dumps({"a": 1, name: secret, "z": [1]})
    return [
        body,
        json.dumps({"request": body}),
        json.dumps({"outer": json.dumps({"request": body})}),
        repr({"a": 1, name: secret}),
        repr({name: secret.encode()}),
        f"{name}={secret!r}",
        body[: body.index(MARK) + len(secret) // 2],
    ]


@given(NAMES, SECRETS)
def test_every_plain_form_is_redacted(name: str, secret: str) -> None:
    for text in sentences(name, secret):
        assert_absent(secret, redact_text(text))


@given(NAMES, QUOTABLE)
def test_every_quoted_form_is_redacted_whatever_it_contains(name: str, secret: str) -> None:
    for text in quoted_sentences(name, secret):
        # Not even a part of it: the mark stands at its start.
        assert MARK not in redact_text(text)
        assert secret[4:] not in redact_text(text)


@given(HEX_KEYS, st.sampled_from(["{}", "key {} used", '{{"k": "{}"}}', "/x/{}/y", "apikey={}"]))
def test_of_an_api_key_only_six_characters_stay(key: str, template: str) -> None:
    clean = redact_text(template.format(key))

    assert clean == template.format(key[:6] + MASK)


@pytest.mark.parametrize("format", FORMATS)
@given(name=NAMES, secret=SECRETS)
def test_no_secret_reaches_the_output(
    format: Literal["text", "json"], name: str, secret: str
) -> None:
    logger = logging.getLogger("tests.redaction")
    with logged(format) as output:
        for text in sentences(name, secret):
            logger.info(text)
            logger.info("request: %s", text)
        logger.info("%s=%s", name, secret)
        logger.info("%(why)s: %(" + name + ")s", {"why": "refused", name: secret})
        logger.info("body %s at %d", {name: secret, "nested": [{name: secret}]}, 4)
        logger.info("with extra", extra={name: secret, "body": {"inner": {name: secret}}})
        logger.info("objects", extra={"headers": [("Authorization", f"Bearer {secret}")]})
        structlog.get_logger("tests.redaction").info("event", **{name: secret})
        structlog.get_logger("tests.redaction").info("event", body=f'{{"{name}": "{secret}"}}')
        try:
            try:
                raise ValueError(f"{name}={secret}")
            except ValueError as cause:
                raise RuntimeError(f'{{"{name}": "{secret}"}}') from cause
        except RuntimeError as error:
            error.add_note(f"Authorization: Bearer {secret}")
            logger.exception("failed")
            structlog.get_logger("tests.redaction").exception("failed")
        logging.getLogger("uvicorn.access").info(
            '%s - "%s %s HTTP/%s" %d', "1.2.3.4:5", "GET", f"/x?{name}={secret}", "1.1", 200
        )
        logging.getLogger("uvicorn.error").error("%s: %s", name, secret)

    assert_absent(secret, output.getvalue())


def test_an_argument_is_hidden_by_its_name_however_it_is_shown() -> None:
    secret = f"{MARK} 'two'\n\"lines\""
    with logged("text") as output:
        logging.getLogger("tests.redaction").info("%(why)s: %(pin)r", {"why": "no", "pin": secret})
        logging.getLogger("tests.redaction").info("%(why)s: %(pin)s", {"why": "no", "pin": secret})

    assert output.getvalue().count(f"no: {MASK}") == 2
    assert MARK not in output.getvalue()


@given(key=HEX_KEYS)
def test_no_api_key_reaches_the_output(key: str) -> None:
    logger = logging.getLogger("tests.redaction")
    with logged("json") as output:
        logger.info("looked up %s", key)
        logger.info("looked up", extra={"who": key, "list": [key], "tuple": {"k": (key,)}})
        try:
            raise KeyError(key)
        except KeyError:
            logger.exception("unknown")

    assert_absent(key, output.getvalue())
    assert key[:6] + MASK in output.getvalue()


def test_a_record_that_cannot_be_formatted_does_not_show_its_arguments(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with logged("text") as output:
        arguments = ("Zq9-hidden-value", "one too many")
        logging.getLogger("tests.redaction").info("apikey=%s", *arguments)

    shown = output.getvalue() + capsys.readouterr().err
    assert "tests.redaction" in shown
    assert "Zq9-hidden-value" not in shown


@pytest.mark.parametrize(
    "text",
    [
        "Order 250101000001 accepted: BUY 10 RELIANCE on NSE at 2500.50",
        "shipping=fast, opinion: good, spin=3",
        "Symbol NIFTY28MAR2420800CE not found on NFO",
        "The API key has no scope 'trade'",
    ],
)
def test_what_is_not_secret_stays(text: str) -> None:
    assert redact_text(text) == text


def test_structures_keep_their_shape() -> None:
    value = {"apikey": "x", "orders": [{"symbol": "SBIN", "quantity": 5, "pin": 1234}], "ok": None}

    assert redact(value) == {
        "apikey": MASK,
        "orders": [{"symbol": "SBIN", "quantity": 5, "pin": MASK}],
        "ok": None,
    }


def test_long_text_is_redacted_in_reasonable_work() -> None:
    # Quadratic matching would not come back within the test's time limit.
    for text in (
        "token" * 40_000,
        "://a:" * 40_000,
        "pin" * 70_000,
        "a" * 200_000,
        'password="' * 20_000,
    ):
        redact_text(text)
