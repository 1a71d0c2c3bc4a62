"""What the documents promise holds for whatever is sent by somebody who may send it."""

import os
from collections.abc import Iterator, Set

import pytest

from openalgo import __version__
from openalgo.api.application import openapi_document
from openalgo.api.ui.document import ui_document
from openalgo.api.ui.in_person import UI_PREFIX
from tests.contract.conftest import GENEROUS
from tests.openapi.calls import NEEDS_APPROVAL, REPLAY_ONLY
from tests.openapi.fuzz import Findings, Fuzzer
from tests.openapi.pages import NEEDS_BROKER, NEEDS_DAYS, PAST, Visitor
from tests.openapi.programs import Program
from tests.support.server import Server, serving

SECONDS = 60 if os.environ.get("CI") else 15
"""For both documents together."""
SOAK_SECONDS = 600
REACHED = 0.8
"""The part of the operations that must have carried something out."""


@pytest.fixture
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of its own, since its settings are changed; one may log in as often as wanted."""
    logins = {f"LOGIN_RATE_LIMIT_{per}": "100000 per second" for per in ("MIN", "HOUR")}
    with serving(tmp_path_factory.mktemp("site"), env={**GENEROUS, **logins}) as running:
        yield running


def hold(findings: Findings, out_of_reach: Set[str]) -> None:
    for name, counted in findings.statuses.items():
        print(f"{name:24}", dict(sorted(counted.items())))  # noqa: T201 - shown when it fails
    print(findings.requests, "requests")  # noqa: T201
    assert not findings.problems, f"\n{findings}"
    assert findings.unreached <= out_of_reach
    assert len(findings.unreached) <= (1 - REACHED) * len(findings.statuses)


def programs(server: Server, key: str, seconds: float) -> None:
    fuzzer = Fuzzer(openapi_document(__version__), Program(server, key))
    hold(fuzzer.run(seconds), REPLAY_ONLY | NEEDS_APPROVAL)


def pages(site: Server, seconds: float) -> None:
    # What is shared with programs is tried as theirs.
    document = ui_document(__version__)
    own = {path: each for path, each in document["paths"].items() if not path.startswith(UI_PREFIX)}
    fuzzer = Fuzzer({**document, "paths": own}, Visitor(site))
    hold(fuzzer.run(seconds), PAST | NEEDS_BROKER | NEEDS_DAYS)


@pytest.mark.timeout(SECONDS + 120)
def test_the_public_document_is_kept_to(server: Server, fresh_key: str) -> None:
    programs(server, fresh_key, SECONDS * 2 / 3)


@pytest.mark.timeout(SECONDS + 120)
def test_the_document_of_the_web_app_is_kept_to(site: Server) -> None:
    pages(site, SECONDS / 3)


@pytest.mark.soak
def test_the_public_document_is_kept_to_for_ten_minutes(server: Server, fresh_key: str) -> None:
    programs(server, fresh_key, SOAK_SECONDS)


@pytest.mark.soak
def test_the_document_of_the_web_app_is_kept_to_for_ten_minutes(site: Server) -> None:
    pages(site, SOAK_SECONDS)
