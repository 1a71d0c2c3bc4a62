"""Secrets taken out of whatever is about to be written down."""

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any

from structlog.typing import EventDict, WrappedLogger

MASK = "***"

_NAME = (
    r"(?:api[_-]?key|api[_-]?secret|passw(?:or)?d|passphrase|token|secret|totp|pepper"
    r"|authorization|cookie|(?:(?<![a-z])|(?<=%3f)|(?<=%26))[mt]?pin(?![a-z]))"
)
_SECRET_NAME = re.compile(_NAME, re.IGNORECASE)

# Name, separator, value. The value is a quoted string (JSON, a repr, or JSON inside JSON with its
# backslashes), a bracketed list, or everything up to the next blank or `&`. An unfinished string
# reaches to the end: cut-off text must not cut off the protection.
_ASSIGNMENT = re.compile(
    rf"""
    ({_NAME}[\w-]{{0,32}} \\*["']? \s* (?: [=:] | %3d ) \s*)
    (?:
        b? (?P<quote>\\*["']) (?P<quoted>.*?) (?: (?<!\\)(?P=quote) | \Z )
      | (?P<listed>[\[({{] [^\])}}]*)
      | (?P<plain>(?:(?:bearer|basic|token)\s+)? [^\s&]+)
    )
    """,
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_SCHEME = re.compile(r"""\b(bearer|basic)(\s+|%20|\+)([^\s"'\\&]+)""", re.IGNORECASE)
_IN_ADDRESS = re.compile(r"(://[^\s:/@]{0,64}:)[^\s@]{1,256}(?=@)")
_LONG_HEX = re.compile(r"[0-9a-f]{64,}", re.IGNORECASE)

_CONTROL = {code: f"\\x{code:02x}" for code in (*range(32), 127) if chr(code) not in "\t\n\r"}
_ONE_LINE = {**_CONTROL, 9: "\\t", 10: "\\n", 13: "\\r"}
_MANY_LINES = ("exception", "stack")


def is_secret_name(name: str) -> bool:
    """Whether a value under this name is one that must not be shown."""
    return _SECRET_NAME.search(name) is not None


def redact_text(text: str) -> str:
    """`text` without the secrets that can be told by their form or by the name before them.

    Of an API key (64 hexadecimal digits) the first six stay, so that its owner can tell which.
    """
    text = _IN_ADDRESS.sub(rf"\1{MASK}", text)
    text = _SCHEME.sub(rf"\1\2{MASK}", text)
    text = _ASSIGNMENT.sub(_masked_assignment, text)
    return _LONG_HEX.sub(_masked_key, text)


def redact(value: object) -> object:
    """`value` as plain JSON types, without secrets. Objects become their redacted `repr`."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, Mapping):
        return {
            redact_text(str(name)): MASK if is_secret_name(str(name)) else redact(member)
            for name, member in value.items()
        }
    if isinstance(value, Sequence | Set) and not isinstance(value, bytes | bytearray):
        return [redact(member) for member in value]
    return redact_text(repr(value))


def redact_event(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """The one processor every log record passes before it is rendered."""
    hidden = sorted(_secret_values(event.pop("positional_args", ())), key=len, reverse=True)
    clean: EventDict = {}
    for name, value in event.items():
        if name != "event" and is_secret_name(name):
            clean[name] = MASK
            continue
        shown = redact(_without(value, hidden) if name == "event" else value)
        if isinstance(shown, str):
            # One record is one line: text from outside must not be able to forge another.
            shown = shown.translate(_CONTROL if name in _MANY_LINES else _ONE_LINE)
        clean[name] = shown
    return clean


def _masked_assignment(match: re.Match[str]) -> str:
    quote = match["quote"] or ""
    value = match["quoted"] if match["quoted"] is not None else match["plain"]
    if value is not None and _LONG_HEX.fullmatch(value):
        return f"{match[1]}{quote}{value[:6]}{MASK}{quote}"
    return f"{match[1]}{quote}{MASK}{quote}"


def _masked_key(match: re.Match[str]) -> str:
    return f"{match[0][:6]}{MASK}"


def _without(value: object, hidden: Sequence[str]) -> object:
    text = str(value)
    for secret in hidden:
        text = text.replace(secret, MASK)
    return text


def _secret_values(arguments: Any) -> Iterator[str]:
    """What log arguments hold under secret names. Once formatted into a message, the name may be
    far away from the value."""
    if isinstance(arguments, Mapping):
        for name, value in arguments.items():
            if not is_secret_name(str(name)):
                yield from _secret_values(value)
            elif len(str(value)) >= 4:
                yield str(value)
                yield repr(value)
    elif isinstance(arguments, list | tuple):
        for value in arguments:
            yield from _secret_values(value)
