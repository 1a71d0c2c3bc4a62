"""Whoever reads a document sees each request, reply and error, as it would be sent."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from jsonschema import Draft202012Validator

from openalgo import __version__
from openalgo.api.application import openapi_document
from openalgo.api.openapi_schemas import references
from openalgo.api.ui.document import ui_document

Document = dict[str, Any]
DOCUMENTS = {"public": openapi_document(__version__), "web app": ui_document(__version__)}
EMPTY = frozenset({"304"})
"""Replies that have no body."""


class Shown(NamedTuple):
    """Where something with a body is described, and how."""

    document: str
    operation: str
    what: str
    content: Document

    def examples(self) -> list[Any]:
        """Those given here, else those of every schema this may be."""
        if "example" in self.content:
            return [self.content["example"]]
        schemas = DOCUMENTS[self.document]["components"]["schemas"]
        (name,) = references(self.content["schema"])
        kinds = references(schemas[name].get("anyOf")) or {name}
        assert all(schemas[kind].get("examples") for kind in kinds), kinds
        return [example for kind in kinds for example in schemas[kind]["examples"]]


def shown() -> Iterator[Shown]:
    for document, described in DOCUMENTS.items():
        for operations in described["paths"].values():
            for operation in operations.values():
                name = operation["operationId"]
                for kind, content in operation.get("requestBody", {}).get("content", {}).items():
                    yield Shown(document, name, f"request {kind}", content)
                for status, response in operation["responses"].items():
                    assert ("content" in response) != (status in EMPTY), (name, status)
                    for kind, content in response.get("content", {}).items():
                        yield Shown(document, name, f"{status} {kind}", content)


SHOWN = list(shown())


@pytest.mark.parametrize("each", SHOWN, ids=lambda each: f"{each.operation} {each.what}")
def test_there_is_an_example_that_fits(each: Shown) -> None:
    examples = each.examples()
    assert examples
    components = DOCUMENTS[each.document]["components"]
    if not each.content.get("schema"):
        # Text in the place of JSON, which FastAPI describes no further.
        assert isinstance(examples[0], str)
        return
    validator = Draft202012Validator({**each.content["schema"], "components": components})
    for example in examples:
        validator.validate(example)


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_operations_keep_their_names_apart_and_have_tags_that_are_told(name: str) -> None:
    document = DOCUMENTS[name]
    operations = [each for path in document["paths"].values() for each in path.values()]
    ids = [operation["operationId"] for operation in operations]
    assert len(set(ids)) == len(ids)
    assert all(each.isidentifier() for each in ids)
    told = {tag["name"] for tag in document["tags"]}
    used = {tag for operation in operations for tag in operation["tags"]}
    assert used == told
    schemes = document["components"]["securitySchemes"]
    for operation in operations:
        assert {scheme for choice in operation["security"] for scheme in choice} <= set(schemes)
        errors = set(operation["responses"]) - {"200"} - EMPTY
        if operation.get("parameters") or "requestBody" in operation:
            assert "400" in errors, operation["operationId"]
        assert {"429", "500"} <= errors or operation["tags"] == ["Health"], operation["operationId"]
