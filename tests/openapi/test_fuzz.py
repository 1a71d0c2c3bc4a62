"""What the document promises holds for whatever is sent, as long as the key is valid."""

import os

import pytest

from openalgo import __version__
from openalgo.api.application import openapi_document
from tests.openapi.calls import NEEDS_APPROVAL, REPLAY_ONLY
from tests.openapi.fuzz import Fuzzer
from tests.support.server import Server

SECONDS = 60 if os.environ.get("CI") else 15
SOAK_SECONDS = 600


def hold(server: Server, key: str, seconds: float) -> None:
    findings = Fuzzer(openapi_document(__version__), server, key).run(seconds)
    for name, counted in findings.statuses.items():
        print(f"{name:24}", dict(sorted(counted.items())))  # noqa: T201 - shown when it fails
    print(findings.requests, "requests")  # noqa: T201
    assert not findings.problems, f"\n{findings}"
    assert findings.unreached <= REPLAY_ONLY | NEEDS_APPROVAL
    assert len(findings.unreached) <= 0.2 * len(findings.statuses)


@pytest.mark.timeout(SECONDS + 120)
def test_the_document_is_kept_to(server: Server, fresh_key: str) -> None:
    hold(server, fresh_key, SECONDS)


@pytest.mark.soak
def test_the_document_is_kept_to_for_ten_minutes(server: Server, fresh_key: str) -> None:
    hold(server, fresh_key, SOAK_SECONDS)
