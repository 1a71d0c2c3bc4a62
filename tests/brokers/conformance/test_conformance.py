"""Every adapter against the fixtures of its broker, and against what all have to survive."""

import pytest

from tests.brokers.conformance.checks import Check, outcome
from tests.brokers.conformance.fixtures import Folder, folders
from tests.brokers.conformance.protocol import calls_of
from tests.brokers.conformance.suite import checks_of

CHECKS = [check for folder in folders() for check in checks_of(folder)]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_adapter(check: Check) -> None:
    found = outcome(check)
    if found.absent is not None:
        pytest.skip(found.absent)
    if found.problem is not None:
        raise found.problem


@pytest.mark.parametrize("folder", folders(), ids=lambda folder: folder.id)
def test_every_call_of_an_adapter_has_a_case(folder: Folder) -> None:
    tried = {check.call for check in checks_of(folder)}
    assert set(calls_of(folder.broker)) <= tried
