"""The OpenAPI document of the web app."""

from typing import Any

import pytest
from fastapi.openapi.models import OpenAPI

from openalgo.api.application import openapi_document
from openalgo.api.schemas.errors import ErrorReply
from openalgo.api.ui.document import ui_document
from tests.ui.site import Site
from tests.ui.test_admission import PUBLIC, ROUTES

DOCUMENT = ui_document("9.9.9")
OPERATIONS: list[tuple[str, str, dict[str, Any]]] = [
    (path, method.upper(), operation)
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
]


def references(node: Any) -> set[str]:
    if isinstance(node, dict):
        own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return own.union(*(references(value) for value in node.values()))
    if isinstance(node, list):
        return set().union(*(references(value) for value in node))
    return set()


def test_every_route_is_described_here_and_nowhere_else() -> None:
    described = {(method, path) for path, method, _ in OPERATIONS}
    served = {(method, route.path) for method, route in ROUTES}
    assert described == served - {("GET", "/ui/openapi.json"), ("GET", "/{broker}/callback")}
    assert not set(DOCUMENT["paths"]) & set(openapi_document("9.9.9")["paths"])


def test_operations_have_names_of_their_own() -> None:
    ids = [operation["operationId"] for _, _, operation in OPERATIONS]
    assert len(set(ids)) == len(ids)
    assert all(each.isidentifier() for each in ids)


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS)
def test_operations_say_who_may_and_what_can_go_wrong(
    path: str, method: str, operation: dict[str, Any]
) -> None:
    needs = [name for choice in operation["security"] for name in choice]
    if (method, path) in PUBLIC:
        assert needs == []
    else:
        assert needs == (["Session"] if method == "GET" else ["Session", "CsrfToken"])
    assert operation["tags"]
    assert operation["summary"]
    responses = operation["responses"]
    assert {"200", "401", "429", "500", "503"} <= set(responses)
    assert "422" not in responses
    for status, response in responses.items():
        if status == "200" and "text/csv" in response["content"]:
            assert set(response["content"]) == {"text/csv"} or path == "/ui/v1/instruments"
            assert "/export" in path or path == "/ui/v1/instruments"
            continue
        if status == "304":
            assert "content" not in response
            continue
        content = response["content"]["application/json"]
        if status == "200":
            assert content["schema"]["$ref"]
        else:
            assert content["schema"]["$ref"].endswith("/ErrorReply")
            ErrorReply.model_validate(content["example"])


def test_forms_are_described_as_json_is() -> None:
    content = DOCUMENT["paths"]["/auth/login"]["post"]["requestBody"]["content"]
    assert set(content) == {"application/json", "application/x-www-form-urlencoded"}
    content = DOCUMENT["paths"]["/ui/api-keys"]["post"]["requestBody"]["content"]
    assert set(content) == {"application/json"}


def test_every_schema_is_used_and_there() -> None:
    used = references(DOCUMENT)
    assert {
        f"#/components/schemas/{name}" for name in DOCUMENT["components"]["schemas"]
    } == used - {f"#/components/parameters/{name}" for name in ("Account", "Mode")}


def test_only_models_that_are_the_same_share_a_name() -> None:
    """The two halves of the document are put together by name."""
    public, own = openapi_document("9.9.9"), DOCUMENT
    both = public["components"]["schemas"].keys() & own["components"]["schemas"].keys()
    differing = {
        name
        for name in both - {"LimitsRow", "UsageRow"}  # of the risk limits, which is no shared path
        if {*public["components"]["schemas"][name].get("properties", {}), "apikey"}
        != {*own["components"]["schemas"][name].get("properties", {}), "apikey"}
    }
    assert differing == set()


def test_no_request_of_the_web_app_has_a_key() -> None:
    shared = [each for each in OPERATIONS if each[0].startswith("/ui/v1/")]
    assert len(shared) > 40
    bodies = [operation["requestBody"] for _, _, operation in shared if "requestBody" in operation]
    for name in {reference.rsplit("/", 1)[1] for reference in references(bodies)}:
        schema = DOCUMENT["components"]["schemas"][name]
        assert "apikey" not in schema.get("properties", {})
        assert "apikey" not in str(schema.get("examples", ""))
    by_path = {path: operation for path, _, operation in shared}
    assert "requestBody" not in by_path["/ui/v1/funds"]
    assert "requestBody" in by_path["/ui/v1/placeorder"]
    assert {"$ref": "#/components/parameters/Account"} in by_path["/ui/v1/funds"]["parameters"]
    public = openapi_document("9.9.9")["components"]["schemas"]["PlaceOrderRequest"]
    assert "apikey" in public["properties"]
    assert "apikey" in public["examples"][0]


def test_the_document_is_valid() -> None:
    assert OpenAPI.model_validate(DOCUMENT).model_extra == {}
    assert DOCUMENT["info"]["version"] == "9.9.9"


async def test_the_document_is_served_and_the_public_one_stays_as_it_is(site: Site) -> None:
    async with site.browser() as browser:
        served = (await browser.get("/ui/openapi.json")).json()
        public = (await browser.get("/api/v1/openapi.json")).json()
    assert served == ui_document("0.1.0")
    assert public == openapi_document("0.1.0")
    assert not any(
        path.startswith(("/auth", "/ui", "/setup", "/apikey")) for path in public["paths"]
    )
