"""The vendor's own OpenAPI files, where they are there, and what is held against them.

They are no part of this project: they are looked for in ``shared/contracts`` beside its folder, and the
tests that need them are skipped where they are not, which the summary says; where ``CI`` is set they fail.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from tasks.vendors.transport import Answer, Transport
from tests import beside
from tests.contracts.openapi import Finding, as_json_schema, pattern_of, told

FOLDER = beside.SHARED / "contracts" / "highlevel"
KNOWN = Path(__file__).with_name("highlevel_known_errors.yaml")
FOLDERS = {"2021-07-28": "v2", "v3": "v3"}


@dataclass(frozen=True)
class Exchange:
    """One request as it was sent and the answer as it came."""

    method: str
    path: str
    version: str
    query: Mapping[str, str]
    json: Any
    status: int
    body: bytes


class Recording(Transport):
    """The real transport, with a memory."""

    kept: list[Exchange]

    async def send(self, method: str, path: str, **request: Any) -> Answer:
        answer = await super().send(method, path, **request)
        version, query = request["headers"]["version"], dict(request.get("query") or {})
        self.kept.append(
            Exchange(method, path, version, query, request.get("json"), answer.status, answer.body)
        )
        return answer


class Contract:
    """All operations of one API version.

    Attributes:
        known: The listed errors of its files, with the evidence.
    """

    def __init__(self, version: str) -> None:
        self.version = version
        self.known = {
            Finding(operation, one["where"], at, one["rule"]): one["evidence"]
            for one in yaml.safe_load(KNOWN.read_text())
            for operation in one["operations"]
            for at in one.get("at", [""])
            if version in one.get("versions", list(FOLDERS))
        }
        folder = FOLDERS[version]
        self._documents = {
            f"{path.parent.relative_to(FOLDER).as_posix()}/{path.name}": json.loads(path.read_text())
            for part in (folder, "common")
            for path in sorted((FOLDER / part).glob("*.json"))
        }

    @cached_property
    def _operations(self) -> list[tuple[str, str, re.Pattern[str], dict[str, Any], str]]:
        found = [
            (method.upper(), template, pattern_of(template), operation, name)
            for name, document in self._documents.items()
            for template, methods in document.get("paths", {}).items()
            for method, operation in methods.items()
        ]
        return sorted(found, key=lambda one: one[1].count("{"))  # a word before a placeholder

    @cached_property
    def _registry(self) -> Registry[Any]:
        resources = (
            (
                f"https://{mode}.example/{name}",
                DRAFT202012.create_resource(as_json_schema(document, mode == "strict")),
            )
            for mode in ("strict", "loose")
            for name, document in self._documents.items()
        )
        return Registry().with_resources(resources)

    @staticmethod
    def anonymous(template: str) -> str:
        """A path template without the names of its placeholders, which differ."""
        return re.sub(r"{\w+}", "{}", template)

    def template_of(self, exchange: Exchange) -> str:
        """The declared template of a request, anonymous; its path where there is none."""
        fits = (
            one[1]
            for one in self._operations
            if one[0] == exchange.method and one[2].fullmatch(exchange.path)
        )
        return self.anonymous(next(fits, exchange.path))

    def findings(self, exchange: Exchange) -> Iterator[Finding]:
        """Every disagreement of one exchange."""
        for method, template, pattern, operation, name in self._operations:
            if method == exchange.method and pattern.fullmatch(exchange.path):
                yield from self._compare(f"{method} {template}", operation, name, exchange)
                return
        yield Finding(f"{exchange.method} {exchange.path}", "path", "", "undeclared")

    def _compare(
        self, operation: str, declared: dict[str, Any], file: str, exchange: Exchange
    ) -> Iterator[Finding]:
        for at, rule in self._request(declared, file, exchange):
            yield Finding(operation, "request", at, rule)
        responses = declared.get("responses", {})
        where = f"response {exchange.status}"
        if str(exchange.status) not in responses:
            yield Finding(operation, where, "", "undeclared")
            return
        content = responses[str(exchange.status)].get("content", {})
        if not content:
            yield Finding(operation, where, "", "undeclared body")
            return
        place = ("responses", str(exchange.status), "content", "application/json", "schema")
        for at, rule in self._invalid("loose", file, operation, place, json.loads(exchange.body)):
            yield Finding(operation, where, at, rule)

    def _request(self, declared: dict[str, Any], file: str, exchange: Exchange) -> Iterator[tuple[str, str]]:
        parameters = [one for one in declared.get("parameters", []) if "name" in one]
        headers = {one["name"].lower(): one for one in parameters if one["in"] == "header"}
        allowed = headers.get("version", {}).get("schema", {}).get("enum")
        if allowed and exchange.version not in allowed:
            yield "version", "enum"
        queries = {one["name"]: one for one in parameters if one["in"] == "query"}
        for name, value in exchange.query.items():
            if name not in queries:
                yield f"query {name}", "undeclared"
            elif value not in queries[name]["schema"].get("enum", [value]):
                yield f"query {name}", "enum"
        for name, one in queries.items():
            if one.get("required") and name not in exchange.query:
                yield f"query {name}", "required"
        body = declared.get("requestBody")
        if (exchange.json is not None) != (body is not None):
            yield "", "body without a declaration" if body is None else "declared body missing"
        elif body is not None:
            template = self._template(declared)
            place = ("requestBody", "content", "application/json", "schema")
            yield from self._invalid("strict", file, template, place, exchange.json)

    def _template(self, declared: dict[str, Any]) -> str:
        return next(f"{one[0]} {one[1]}" for one in self._operations if one[3] is declared)

    def _invalid(
        self, mode: str, file: str, operation: str, place: tuple[str, ...], value: Any
    ) -> Iterator[tuple[str, str]]:
        method, template = operation.split(" ", 1)
        steps = ("paths", template, method.lower(), *place)
        pointer = "/".join(step.replace("~", "~0").replace("/", "~1") for step in steps)
        schema = {"$ref": f"https://{mode}.example/{file}#/{pointer}".replace("{", "%7B").replace("}", "%7D")}
        for error in Draft202012Validator(schema, registry=self._registry).iter_errors(value):
            yield from told(error)


@pytest.fixture(scope="session", params=sorted(FOLDERS))
def contract(request: pytest.FixtureRequest) -> Contract:
    """The contract of each API version."""
    beside.require(FOLDER)
    return Contract(str(request.param))


@pytest.fixture(scope="session")
def recorder() -> type[Recording]:
    """A transport that remembers what went through it."""
    return type("Recorder", (Recording,), {"kept": []})
