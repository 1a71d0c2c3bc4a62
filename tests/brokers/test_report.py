"""The pages about brokers say what is so."""

import pytest

from tests.brokers.conformance.fixtures import folders
from tests.brokers.report import LEVELS, PAGES, Proof, pages, proofs


def test_the_committed_pages_are_those_of_the_adapters() -> None:
    found = proofs()
    if any(proof.absent for proof in found):
        pytest.skip("real files the pages rest on are not on this machine")
    for name, text in pages(found).items():
        committed = PAGES / name
        assert committed.exists(), f"docs/brokers/{name} is missing; run `make broker-report`"
        assert committed.read_text("utf-8") == text, (
            f"docs/brokers/{name} is not up to date; run `make broker-report` and read the change"
        )


def test_a_level_takes_all_levels_below() -> None:
    """The example has refusals of few calls and nothing a real broker wrote."""
    (folder,) = (each for each in folders() if each.id == "example")
    proof = Proof(folder)
    bronze, silver, gold = proof.missing
    assert not bronze
    assert "a refusal of `orders.cancel`" in silver
    assert "a real answer to `portfolio.funds`" in gold
    assert proof.level is LEVELS[1]


def test_what_fails_is_unproven() -> None:
    (folder,) = (each for each in folders() if each.id == "example")
    proof = Proof(folder)
    proof.failed.append(proof.passed.pop())
    assert proof.level is LEVELS[0]
