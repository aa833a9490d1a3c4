"""The vendors' operations: listed, shown whole, called."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from cli import console
from cli.automation import split
from cli.open_hub import open_hub
from tasks.core.errors import BadConfigurationError
from tasks.core.settings import Settings, load_settings
from tasks.core.words import in_words, nearest_of_all
from tasks.edge.connectors import call_operation as call_vendor
from tasks.edge.connectors import prepared
from tasks.vendors import catalogs
from tasks.vendors.catalog.actions import Action
from tasks.vendors.catalog.redaction import redact
from tasks.vendors.catalog.requests import read_words
from tasks.vendors.highlevel.catalog.catalog import Trigger
from tasks.vendors.lusha.catalog import VERSION as LUSHA_VERSION
from tasks.vendors.lusha.catalog import Action as LushaAction
from tasks.vendors.lusha.key import is_set

KINDS = ("action", "trigger")


def list_operations(vendor: str | None, product: str | None, kind: str | None, *, as_json: bool) -> int:
    """The command. Returns the exit code.

    Raises:
        BadConfigurationError: There is no such vendor, product or kind.
    """
    every: list[Action | Trigger] = [*catalogs.actions().values(), *catalogs.triggers().values()]
    _require("vendor", vendor, catalogs.VENDORS)
    _require("product", product, {entry.product for entry in every})
    _require("kind", kind, KINDS)
    found = [
        entry
        for entry in every
        if vendor in (None, entry.vendor)
        and product in (None, entry.product)
        and kind in (None, type(entry).__name__.lower())
    ]
    if as_json:
        console.print_json([_plain(entry) for entry in found])
        return 0
    rows = [(entry.name, _line(entry), entry.about) for entry in found]
    columns = {"operation": "left", "request or event": "left", "what it does": "left"}
    console.table(f"{len(found)} of {len(every)} operations", columns, rows)
    console.out.print("One of them whole: lusha-connect operations show NAME", highlight=False)
    return 0


def show_operation(name: str, *, as_json: bool) -> int:
    """The command. Returns the exit code."""
    entry = catalogs.find(name)
    if as_json:
        console.print_json(_plain(entry))
        return 0
    facts = {key: value for key, value in _plain(entry).items() if key not in ("name", "parameters")}
    if isinstance(entry, LushaAction):
        facts["costs"] = [charge.words for charge in entry.costs] or "nothing"
    told = [(key, in_words(value)) for key, value in facts.items() if value not in ("", [], (), {})]
    console.table(entry.name, {"fact": "left", "value": "left"}, told)
    if isinstance(entry, Action):
        rows = [
            (parameter.name, parameter.place, parameter.kind.words, ", ".join(versions))
            for parameter, versions in entry.parameters()
        ]
        columns = {"parameter": "left", "in": "left", "what it must be": "left", "API version": "left"}
        console.table("parameters", columns, rows)
    return 0


def call_operation(
    name: str,
    given: list[str],
    body: str | None,
    *,
    dry_run: bool,
    max_credits: float,
    as_json: bool,
) -> int:
    """The command. Returns the exit code.

    Args:
        given: ``k=v`` words.
        body: A JSON object, or ``@file`` with one; its keys are parameters like the others.
        max_credits: What it may cost.
    """
    settings = load_settings()
    action = catalogs.action(name)
    is_lusha = action.vendor == "lusha"
    version = LUSHA_VERSION if is_lusha else settings.highlevel_version
    parameters = read_words(action, split(given), version)
    for key, value in _object(body).items():
        if key in parameters:
            raise BadConfigurationError(f"`{key}` is given by --param and in --body.")
        parameters[key] = value
    answer = prepared(settings, name, parameters).as_dict()
    if not dry_run or (is_lusha and is_set(settings)):
        answer = asyncio.run(_call(settings, name, parameters, dry_run, max_credits))
    shown = redact(answer)
    if as_json:
        console.print_json(shown)
        return 0
    console.out.print_json(data=shown)
    if dry_run:
        console.err.print("Dry run: nothing was sent.")
    return 0


async def _call(
    settings: Settings, name: str, parameters: dict[str, Any], dry_run: bool, max_credits: float
) -> Any:
    with open_hub(make=True) as hub:
        called = await call_vendor(settings, hub, name, parameters, dry_run=dry_run, max_credits=max_credits)
    return called.answer


def _object(body: str | None) -> dict[str, Any]:
    if body is None:
        return {}
    try:
        text = Path(body[1:]).read_text(encoding="utf-8") if body.startswith("@") else body
        found = json.loads(text)
    except OSError as error:
        raise BadConfigurationError(f"--body {body}: cannot be read: {error.strerror}.") from None
    except ValueError as error:
        raise BadConfigurationError(f"--body: not JSON: {error}.") from None
    if not isinstance(found, dict):
        raise BadConfigurationError("--body: expected a JSON object.")
    return found


def _require(what: str, given: str | None, known: Any) -> None:
    if given is not None and given not in known:
        raise BadConfigurationError(
            f"There is no {what} {given!r}.", remedy=nearest_of_all(given, sorted(known))
        )


def _line(entry: Action | Trigger) -> str:
    return entry.request if isinstance(entry, Action) else entry.event


def _plain(entry: Action | Trigger) -> dict[str, Any]:
    """The entry's facts for programs."""
    kind = {
        "name": entry.name,
        "kind": type(entry).__name__.lower(),
        "vendor": entry.vendor,
        "product": entry.product,
    }
    if isinstance(entry, Trigger):
        return kind | entry.model_dump(mode="json")
    parameters = [
        {"name": one.name, "in": one.place, "kind": one.kind.words, "versions": list(versions)}
        for one, versions in entry.parameters()
    ]
    facts = entry.model_dump(mode="json", exclude={"path", "query", "body", "v3"})
    return kind | facts | {"parameters": parameters}
