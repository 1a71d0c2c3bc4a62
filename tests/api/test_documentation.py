"""The OpenAPI document, the page that shows it, and who may read from where."""

import re
from typing import Any

import pytest
from fastapi.openapi.models import OpenAPI
from pydantic import BaseModel

from openalgo.api.application import ApiSettings, CorsSettings, openapi_document
from openalgo.api.schemas import baskets, closing, gtt, option_replies, options, orders, portfolio
from openalgo.api.schemas.errors import ErrorReply
from tests.api.fakes import KEY, World

DOCUMENT = openapi_document("9.9.9")
OPERATIONS: list[tuple[str, str, dict[str, Any]]] = [
    (path, method, operation)
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
]
MANY = {
    f"/api/v1/{name}"
    for name in (
        "basketorder",
        "splitorder",
        "cancelallorder",
        "optionsorder",
        "optionsmultiorder",
        "multioptiongreeks",
    )
}
PUBLIC = [each for each in OPERATIONS if each[0].startswith("/api/v1/")]


def resolve(node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        found: Any = DOCUMENT
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        node = found
    return node


def references(node: Any) -> set[str]:
    if isinstance(node, dict):
        own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return own.union(*(references(value) for value in node.values()))
    if isinstance(node, list):
        return set().union(*(references(value) for value in node))
    return set()


# --- the document


def test_every_endpoint_is_described() -> None:
    assert {(method, path) for path, method, _ in OPERATIONS} == {
        ("post", "/api/v1/placeorder"),
        ("post", "/api/v1/placesmartorder"),
        ("post", "/api/v1/modifyorder"),
        ("post", "/api/v1/cancelorder"),
        ("post", "/api/v1/optionsorder"),
        ("post", "/api/v1/optionsmultiorder"),
        ("post", "/api/v1/cancelallorder"),
        ("post", "/api/v1/closeposition"),
        ("post", "/api/v1/basketorder"),
        ("post", "/api/v1/splitorder"),
        ("post", "/api/v1/placegttorder"),
        ("post", "/api/v1/modifygttorder"),
        ("post", "/api/v1/cancelgttorder"),
        ("post", "/api/v1/gttorderbook"),
        ("post", "/api/v1/orderstatus"),
        ("post", "/api/v1/explain"),
        ("post", "/api/v1/pendingorder"),
        ("post", "/api/v1/pendingorder/withdraw"),
        ("post", "/api/v1/orderbook"),
        ("post", "/api/v1/tradebook"),
        ("post", "/api/v1/positionbook"),
        ("post", "/api/v1/openposition"),
        ("post", "/api/v1/holdings"),
        ("post", "/api/v1/pnl/symbols"),
        ("post", "/api/v1/funds"),
        ("post", "/api/v1/quotes"),
        ("post", "/api/v1/multiquotes"),
        ("post", "/api/v1/depth"),
        ("post", "/api/v1/optionsymbol"),
        ("post", "/api/v1/optionchain"),
        ("post", "/api/v1/syntheticfuture"),
        ("post", "/api/v1/optiongreeks"),
        ("post", "/api/v1/multioptiongreeks"),
        ("post", "/api/v1/margin"),
        ("post", "/api/v1/history"),
        ("post", "/api/v1/intervals"),
        ("get", "/api/v1/ticker/{symbol}"),
        ("post", "/api/v1/symbol"),
        ("post", "/api/v1/search"),
        ("post", "/api/v1/expiry"),
        ("get", "/api/v1/instruments"),
        ("post", "/api/v1/market/holidays"),
        ("post", "/api/v1/market/timings"),
        ("post", "/api/v1/market/checkholiday"),
        ("post", "/api/v1/checkholiday"),
        ("get", "/api/v1/chart"),
        ("post", "/api/v1/chart"),
        ("post", "/api/v1/ping"),
        ("post", "/api/v1/analyzer"),
        ("post", "/api/v1/analyzer/toggle"),
        ("post", "/api/v1/risk"),
        ("get", "/api/v1/replay"),
        ("post", "/api/v1/replay"),
        ("post", "/api/v1/replay/advance"),
        ("get", "/health/live"),
        ("get", "/health/ready"),
        ("get", "/health/status"),
    }


def test_operation_ids_are_the_names_of_the_endpoints() -> None:
    ids = {operation["operationId"] for _, _, operation in OPERATIONS}
    assert len(ids) == len(OPERATIONS)
    for path, method, operation in PUBLIC:
        name = path.removeprefix("/api/v1/").partition("/{")[0].replace("/", "_")
        names = (name, f"{name}_status", f"{name}_update")
        assert operation["operationId"] in names, (method, path)


def test_every_reference_leads_somewhere() -> None:
    for reference in references(DOCUMENT):
        assert resolve({"$ref": reference}), reference


def test_no_schema_is_left_over() -> None:
    used = {
        reference.rsplit("/", 1)[1]
        for reference in references(DOCUMENT)
        if "/schemas/" in reference
    }
    assert set(DOCUMENT["components"]["schemas"]) == used


@pytest.mark.parametrize(("path", "method", "operation"), PUBLIC)
def test_operations_tell_what_can_go_wrong(
    path: str, method: str, operation: dict[str, Any]
) -> None:
    responses = operation["responses"]
    assert {"200", "400", "403", "413", "429", "500", "503"} <= set(responses)
    assert "422" not in responses
    for status, response in responses.items():
        assert "X-Request-ID" in response["headers"]
        if status == "304":
            assert "content" not in response
        elif status != "200":
            content = response["content"]["application/json"]
            assert content["schema"]["$ref"].endswith("/ErrorReply")
            ErrorReply.model_validate(content["example"])
    assert "Retry-After" in responses["429"]["headers"]


@pytest.mark.parametrize(("path", "method", "operation"), PUBLIC)
def test_operations_say_how_to_send_the_key_and_show_an_example(
    path: str, method: str, operation: dict[str, Any]
) -> None:
    schemes = DOCUMENT["components"]["securitySchemes"]
    named = [name for choice in operation["security"] for name in choice]
    assert named == ["ApiKeyHeader", "Bearer"]
    assert set(named) == set(schemes)
    assert operation["tags"]
    assert operation["summary"]
    if method == "post":
        schema = resolve(operation["requestBody"]["content"]["application/json"]["schema"])
        assert "apikey" in schema["properties"]
        assert schema["examples"]
    reply = resolve(operation["responses"]["200"]["content"]["application/json"]["schema"])
    choices = list(map(resolve, reply.get("anyOf", [reply])))
    words = [choice["properties"]["status"]["const"] for choice in choices]
    assert words[0] == "success"
    # HTTP 200 is an error only where not one of many was possible.
    assert words.count("error") == (path in MANY)


@pytest.mark.parametrize(
    "request_body",
    [
        orders.PlaceOrderRequest,
        orders.SmartOrderRequest,
        orders.ModifyOrderRequest,
        orders.OrderIdRequest,
        closing.CancelAllRequest,
        closing.ClosePositionRequest,
        baskets.BasketOrderRequest,
        baskets.SplitOrderRequest,
        options.OptionsOrderRequest,
        options.OptionsMultiOrderRequest,
        gtt.PlaceGttRequest,
        gtt.ModifyGttRequest,
        gtt.CancelGttRequest,
        gtt.GttBookRequest,
        portfolio.OpenPositionRequest,
    ],
)
def test_examples_are_valid(request_body: type[BaseModel]) -> None:
    for example in DOCUMENT["components"]["schemas"][request_body.__name__]["examples"]:
        body = request_body.model_validate(example)
        if isinstance(body, gtt.GttFields):
            body.terms()


@pytest.mark.parametrize(
    "reply",
    [
        orders.PlaceOrderReply,
        orders.NoActionReply,
        orders.ModifyOrderReply,
        orders.CancelOrderReply,
        closing.CancelAllReply,
        closing.ClosePositionReply,
        baskets.BasketOrderReply,
        baskets.SplitOrderReply,
        option_replies.OptionsOrderReply,
        option_replies.SplitOptionsOrderReply,
        option_replies.OptionsMultiOrderReply,
        gtt.GttReply,
        gtt.GttRow,
        portfolio.HoldingRow,
        portfolio.OpenPositionReply,
        portfolio.ProfitReply,
        portfolio.FundsRow,
        portfolio.LiveFundsRow,
    ],
)
def test_examples_are_what_is_sent(reply: type[BaseModel]) -> None:
    for example in DOCUMENT["components"]["schemas"][reply.__name__]["examples"]:
        assert reply.model_validate(example).model_dump(mode="json") == example


def test_orders_that_may_be_repeated_say_how() -> None:
    named = {
        path.removeprefix("/api/v1/")
        for path, _, operation in PUBLIC
        for parameter in operation.get("parameters", [])
        if parameter["name"] == "Idempotency-Key"
    }
    assert named >= {
        "placeorder",
        "placesmartorder",
        "basketorder",
        "splitorder",
        "optionsorder",
        "optionsmultiorder",
        "closeposition",
        "placegttorder",
    }


def test_a_basket_has_a_size_and_describes_its_orders() -> None:
    field = DOCUMENT["components"]["schemas"]["BasketOrderRequest"]["properties"]["orders"]
    assert (field["minItems"], field["maxItems"]) == (1, 100)
    assert "symbol" in resolve(field["items"])["properties"]


def test_numbers_may_be_text_and_words_are_listed() -> None:
    fields = DOCUMENT["components"]["schemas"]["PlaceOrderRequest"]["properties"]
    assert [form["type"] for form in fields["quantity"]["anyOf"]] == ["number", "string"]
    assert resolve(fields["action"])["enum"] == ["BUY", "SELL"]
    assert resolve(fields["pricetype"])["enum"] == ["MARKET", "LIMIT", "SL", "SL-M"]


def test_the_document_is_valid() -> None:
    assert OpenAPI.model_validate(DOCUMENT).model_extra == {}


def test_the_document_carries_the_version() -> None:
    assert DOCUMENT["info"]["version"] == "9.9.9"
    assert DOCUMENT["openapi"].startswith("3.1")


# --- the page


async def test_the_document_and_its_page_are_open(world: World) -> None:
    async with world.client() as client:
        document = await client.get("/api/v1/openapi.json")
        page = await client.get("/api/docs/")
        home = await client.get("/")
    assert document.json()["info"]["title"] == "OpenAlgo"
    assert page.status_code == 200
    assert (home.status_code, home.headers["location"]) == (307, "/api/docs")


async def test_the_page_loads_everything_from_here(world: World) -> None:
    async with world.client() as client:
        page = await client.get("/api/docs")
        loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
        replies = [await client.get(address) for address in loaded]
        start = await client.get("/api/docs/start.js")
    assert len(loaded) == 4
    assert all(address.startswith("/api/docs/") for address in loaded)
    assert [reply.status_code for reply in replies] == [200] * 4
    assert [reply.headers["content-type"].split(";")[0] for reply in replies] == [
        "image/png",
        "text/css",
        "text/javascript",
        "text/javascript",
    ]
    assert 'url: "/api/v1/openapi.json"' in start.text
    assert "http" not in page.text + start.text


async def test_the_page_forbids_scripts_from_elsewhere_and_in_line(world: World) -> None:
    async with world.client() as client:
        page = await client.get("/api/docs")
    policy = page.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "script-src" not in policy
    assert not re.search(r"<script(?![^>]*\bsrc=)", page.text)
    assert not re.search(r"\son\w+=", page.text)


# --- CORS

ORIGIN = "https://charts.example"


async def preflight(world: World, path: str) -> dict[str, str]:
    async with world.client() as client:
        reply = await client.options(
            path, headers={"Origin": ORIGIN, "Access-Control-Request-Method": "POST"}
        )
    return dict(reply.headers)


async def test_other_pages_may_call_only_where_it_is_allowed() -> None:
    cors = CorsSettings(allowed_origins=(ORIGIN,), exposed_headers=("X-Request-ID",), max_age=60)
    world = World(settings=ApiSettings(version="0", cors=cors))
    allowed = await preflight(world, "/api/v1/funds")
    assert allowed["access-control-allow-origin"] == ORIGIN
    assert allowed["access-control-max-age"] == "60"
    assert "access-control-allow-origin" not in await preflight(world, "/health/live")
    async with world.client() as client:
        good = await client.post("/api/v1/funds", json={"apikey": KEY}, headers={"Origin": ORIGIN})
        bad = await client.post("/api/v1/funds", json={}, headers={"Origin": ORIGIN})
        other = await client.post("/api/v1/funds", json={}, headers={"Origin": "https://evil"})
    for reply in (good, bad):
        assert reply.headers["access-control-allow-origin"] == ORIGIN
        assert reply.headers["access-control-expose-headers"] == "X-Request-ID"
    assert "access-control-allow-origin" not in other.headers


async def test_no_other_page_may_call_unless_configured(world: World) -> None:
    assert "access-control-allow-origin" not in await preflight(world, "/api/v1/funds")
