"""The committed documents: reviewed, and such that a generated SDK is good to use."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from openalgo import __version__
from openalgo.api.application import openapi_document
from openalgo.api.openapi_schemas import references
from openalgo.api.ui.document import ui_document

DOCS = Path(__file__).parents[2] / "docs"
DOCUMENT = openapi_document(__version__)
SCHEMAS: dict[str, dict[str, Any]] = DOCUMENT["components"]["schemas"]
OPERATIONS: list[dict[str, Any]] = [
    operation for operations in DOCUMENT["paths"].values() for operation in operations.values()
]


def nodes(node: object) -> Iterator[dict[str, Any]]:
    if isinstance(node, list):
        for item in node:
            yield from nodes(item)
    elif isinstance(node, dict):
        yield node
        for value in node.values():
            yield from nodes(value)


def told() -> set[str]:
    """The schemas replies are made of."""
    found: set[str] = set()
    names = references([operation["responses"] for operation in OPERATIONS])
    while names := names - found:
        found |= names
        names = references([SCHEMAS[name] for name in names])
    return found


@pytest.mark.parametrize(
    ("name", "document"),
    [("openapi.json", DOCUMENT), ("ui-openapi.json", ui_document(__version__))],
)
def test_the_committed_document_is_what_is_served(name: str, document: dict[str, Any]) -> None:
    committed = json.loads((DOCS / name).read_text(encoding="utf-8"))
    assert committed == document, (
        f"The API has changed, docs/{name} has not: run `make openapi`, "
        "look at the difference as the author of a client, and commit it."
    )


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_examples_fit_their_schema(name: str) -> None:
    schema = {"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]}
    validator = Draft202012Validator(schema)
    for example in SCHEMAS[name].get("examples", ()):
        validator.validate(example)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation["operationId"])
def test_replies_are_named_and_shown(operation: dict[str, Any]) -> None:
    for media_type, content in operation["responses"]["200"]["content"].items():
        if media_type.startswith("text/"):
            assert content["schema"] == {"type": "string"}
            assert content["example"]
            continue
        (name,) = references(content["schema"])
        for kind in references(SCHEMAS[name].get("anyOf")) or {name}:
            assert SCHEMAS[kind]["examples"], kind


def test_members_of_replies_are_there_or_not_but_not_null_by_default() -> None:
    for name in told():
        schema = SCHEMAS[name]
        for field, form in schema.get("properties", {}).items():
            if field not in schema.get("required", ()):
                assert {"type": "null"} not in form.get("anyOf", ()), (name, field)
                assert "default" not in form, (name, field)


def test_a_status_is_always_there() -> None:
    for name in told():
        if "status" in SCHEMAS[name].get("properties", {}):
            assert "status" in SCHEMAS[name]["required"], name


def test_words_that_models_share_have_one_name() -> None:
    listed: list[frozenset[str]] = [
        frozenset(node["enum"]) for node in nodes(DOCUMENT) if isinstance(node.get("enum"), list)
    ]
    assert len(listed) == len(set(listed))


def test_no_two_models_had_to_share_a_name() -> None:
    assert not [name for name in SCHEMAS if re.search(r"\d|__|-|_", name)]


def test_everything_has_a_type() -> None:
    for name, schema in SCHEMAS.items():
        for field, form in schema.get("properties", {}).items():
            assert {"type", "$ref", "anyOf", "const"} & form.keys(), (name, field)
