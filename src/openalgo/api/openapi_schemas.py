"""Schemas as an SDK generator wants them, from what Pydantic writes."""

from collections.abc import Iterator, Mapping
from typing import Any

from openalgo.api.schemas.fields import DERIVATIVE_EXCHANGES
from openalgo.domain.market import Exchange
from openalgo.domain.orders import ORDER_PRODUCTS, Action, PriceType, Product

Document = dict[str, Any]

# Words that several models list; each becomes one type instead of one per model.
_WORDS: dict[str, tuple[str, ...]] = {
    "Exchange": tuple(Exchange),
    "DerivativeExchange": DERIVATIVE_EXCHANGES,
    "Action": tuple(Action),
    "PriceType": tuple(PriceType),
    "Product": tuple(Product),
    "OrderProduct": ORDER_PRODUCTS,
    "CarryProduct": ("NRML", "CNC"),
    "DerivativeProduct": ("MIS", "NRML"),
    "GttPriceType": ("LIMIT", "MARKET"),
    "TriggerType": ("SINGLE", "OCO"),
    "OptionType": ("CE", "PE"),
    "Outcome": ("success", "error"),
    "TotalFailure": ("all_orders_failed", "order_outcome_unknown"),
    "VenueMode": ("live", "analyze"),
    "Verdict": ("pass", "warn", "fail"),
}
_NAMES = {frozenset(words): name for name, words in _WORDS.items()}
_ROOT = "#/components/schemas/"


def refine(document: Document) -> Document:
    """Change `document` in place: shared words and unions of replies get names, members a reply
    always has are required, and those it leaves out instead of sending `null` cannot be `null`.

    Every optional member of a reply is left out: `tests/openapi` holds the schemas to it.
    """
    schemas = document["components"]["schemas"]
    asked, told = _used(document)
    for name in told - asked:
        _as_sent(schemas[name])
    for node in list(_nodes(document)):
        _one_number(node)
        _name_words(node, schemas)
    for operations in document["paths"].values():
        for operation in operations.values():
            _name_union(operation, schemas)
    return document


def reference(name: str) -> dict[str, str]:
    return {"$ref": _ROOT + name}


def references(node: object) -> set[str]:
    """The names of the schemas that `node` refers to."""
    return {
        target.removeprefix(_ROOT)
        for each in _nodes(node)
        if isinstance(target := each.get("$ref"), str) and target.startswith(_ROOT)
    }


def _nodes(node: object) -> Iterator[Document]:
    """Every object in `node`, itself included."""
    if isinstance(node, list):
        for item in node:
            yield from _nodes(item)
    elif isinstance(node, dict):
        yield node
        for value in node.values():
            yield from _nodes(value)


def _used(document: Document) -> tuple[set[str], set[str]]:
    """The schemas that requests are made of, and those that replies are made of."""
    asked: set[str] = set()
    told: set[str] = set()
    for operations in document["paths"].values():
        for operation in operations.values():
            asked |= references(operation.get("requestBody")) | references(
                operation.get("parameters")
            )
            told |= references(operation["responses"])
    schemas = document["components"]["schemas"]
    return _with_parts(asked, schemas), _with_parts(told, schemas)


def _with_parts(names: set[str], schemas: Mapping[str, object]) -> set[str]:
    found: set[str] = set()
    while names := names - found:
        found |= names
        names = set().union(*(references(schemas[name]) for name in names))
    return found


def _as_sent(schema: Document) -> None:
    required = set(schema.get("required", ()))
    for name, field in schema.get("properties", {}).items():
        if name in required:
            continue
        if "default" in field and field["default"] is not None:
            required.add(name)
        field.pop("default", None)
        if "anyOf" in field:
            field["anyOf"] = [form for form in field["anyOf"] if form != {"type": "null"}]
            _unwrap(field)
    if required:
        schema["required"] = [name for name in schema["properties"] if name in required]


def _unwrap(field: Document) -> None:
    """A choice of one is none."""
    if len(field["anyOf"]) == 1:
        field.update(field.pop("anyOf")[0])


def _one_number(node: Document) -> None:
    """An integer is a number already."""
    choices = node.get("anyOf")
    if isinstance(choices, list) and {"type": "number"} in choices:
        node["anyOf"] = [form for form in choices if form != {"type": "integer"}]
        _unwrap(node)


def _name_words(node: Document, schemas: Document) -> None:
    words = node.get("enum")
    if not isinstance(words, list) or (name := _NAMES.get(frozenset(words))) is None:
        return
    if schemas.get(name) is node:
        return
    schemas.setdefault(name, {"type": "string", "enum": list(_WORDS[name]), "title": name})
    for key in ("enum", "type", "title"):
        node.pop(key, None)
    node.update(reference(name))


def _name_union(operation: Document, schemas: Document) -> None:
    """A reply of several kinds is named after the request."""
    content = operation["responses"]["200"].get("content", {}).get("application/json")
    if content is None or "anyOf" not in content["schema"]:
        return
    asked = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    name = asked.removeprefix(_ROOT).removesuffix("Request") + "Result"
    schemas[name] = {**content["schema"], "title": name}
    content["schema"] = reference(name)
