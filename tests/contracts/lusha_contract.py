"""Lusha's OpenAPI file, and what of an exchange disagrees with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from tests import beside
from tests.contracts.openapi import Finding, as_json_schema, pattern_of, told

FILE = beside.SHARED / "contracts" / "lusha" / "openapi-v3.yaml"
KNOWN = Path(__file__).with_name("lusha_known_errors.yaml")
BAD_REQUEST = 400
_UNIQUE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Exchange:
    """One request as it was sent and the answer as it came."""

    method: str
    path: str
    query: dict[str, Any]
    json: Any
    status: int
    answer: Any


class Contract:
    """The vendor's file, and what is known to be wrong in it."""

    def __init__(self) -> None:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        self.document = yaml.load(FILE.read_bytes(), loader)
        self.known = {
            Finding(operation, one["where"], at, one["rule"]): one["evidence"]
            for one in yaml.safe_load(KNOWN.read_text())
            for operation in one["operations"]
            for at in one.get("at", [""])
        }

    @cached_property
    def operations(self) -> list[tuple[str, str]]:
        """Method and template, words before placeholders."""
        found = [
            (method.upper(), template) for template, many in self.document["paths"].items() for method in many
        ]
        return sorted(found, key=lambda one: one[1].count("{"))

    @cached_property
    def _registry(self) -> Registry[Any]:
        return Registry().with_resources(
            (f"https://{mode}.example/", DRAFT202012.create_resource(as_json_schema(self.document, strict)))
            for mode, strict in (("strict", True), ("loose", False))
        )

    def operation_of(self, exchange: Exchange) -> tuple[str, str] | None:
        fits = (
            one
            for one in self.operations
            if one[0] == exchange.method and pattern_of(one[1]).fullmatch(exchange.path)
        )
        return next(fits, None)

    def findings(self, exchange: Exchange) -> Iterator[Finding]:
        """Every disagreement of one exchange."""
        found = self.operation_of(exchange)
        if found is None:
            path = _UNIQUE.sub("{}", exchange.path)
            yield Finding(f"{exchange.method} {path}", "path", "", "undeclared")
            return
        operation, pointer = " ".join(found), ["paths", found[1], found[0].lower()]
        declared = self._at(pointer)
        if exchange.status != BAD_REQUEST:
            asked = self._request(declared, pointer, exchange)
            yield from (Finding(operation, "request", *one) for one in asked)
        where, status = f"response {exchange.status}", str(exchange.status)
        if status not in declared["responses"]:
            yield Finding(operation, where, "", "undeclared")
            return
        pointer = [*pointer, "responses", status]
        reference = declared["responses"][status].get("$ref")
        pointer = reference.removeprefix("#/").split("/") if reference else pointer
        yield from (
            Finding(operation, where, *one) for one in self._invalid("loose", pointer, exchange.answer)
        )

    def _request(
        self, declared: dict[str, Any], pointer: list[str], exchange: Exchange
    ) -> Iterator[tuple[str, str]]:
        references = (
            one.get("$ref", "").removeprefix("#/").split("/") for one in declared.get("parameters", [])
        )
        parameters = [
            self._at(reference) if len(reference) > 1 else one
            for reference, one in zip(references, declared.get("parameters", []), strict=True)
        ]
        queries = {one["name"]: one for one in parameters if one["in"] == "query"}
        yield from ((f"query {name}", "undeclared") for name in exchange.query if name not in queries)
        if exchange.json is None:
            if "requestBody" in declared:
                yield "", "declared body missing"
        elif "requestBody" not in declared:
            yield "", "body without a declaration"
        else:
            yield from self._invalid("strict", [*pointer, "requestBody"], exchange.json)

    def _at(self, pointer: list[str]) -> Any:
        found = self.document
        for step in pointer:
            found = found[step]
        return found

    def _invalid(self, mode: str, pointer: list[str], value: Any) -> Iterator[tuple[str, str]]:
        steps = [*pointer, "content", "application/json", "schema"]
        if "schema" not in self._at(steps[:-1]):
            return
        place = "/".join(step.replace("~", "~0").replace("/", "~1") for step in steps)
        place = place.replace("{", "%7B").replace("}", "%7D")
        schema = {"$ref": f"https://{mode}.example/#/{place}"}
        for error in Draft202012Validator(schema, registry=self._registry).iter_errors(value):
            yield from told(error)
