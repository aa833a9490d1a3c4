"""A look at a whole connection: the hub, the Prefect server, the mappings, and what the vendor says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing

import prefect
from prefect.client.orchestration import get_client
from prefect.settings import PREFECT_API_URL

from tasks.core.errors import BadMappingError, LushaConnectError
from tasks.core.findings import Finding, Status, failed, ok, warning
from tasks.core.settings import Settings
from tasks.edge.connectors import examine_vendor
from tasks.hub import schema
from tasks.hub.engine import Hub
from tasks.mapping.language import Mapping as MappingFile
from tasks.mapping.language import load_mapping, shipped_mappings
from tasks.streams import CUSTOM

Needs = Callable[[Iterable[MappingFile]], Mapping[str, Sequence[str]]]
"""Which scopes each automation needs, by its name, where these mappings are used."""


async def examine(settings: Settings, needs: Needs) -> list[Finding]:
    """Look at everything that a run with these settings meets; a few requests, nothing is changed.

    Raises:
        BadConfigurationError: The hub's URL is none.
    """
    mappings, broken = await asyncio.to_thread(_mappings)
    found = [await prefect_server()]
    with closing(Hub(settings.hub_url)) as hub:
        held = await asyncio.to_thread(_hub, hub)
        found.append(held)
        if held.status is not Status.FAILED:
            custom = [key for mapping in mappings for key in _custom(mapping)]
            found += await examine_vendor(settings, hub, needs(mappings), custom)
    return found + broken


def _hub(hub: Hub) -> Finding:
    try:
        schema.require_current(hub)
    except LushaConnectError as error:
        return failed("hub", error)
    kind = "SQLite" if hub.is_sqlite else "PostgreSQL"
    return ok("hub", f"{kind}, {hub.place}, schema {schema.head()}")


async def prefect_server() -> Finding:
    """Whether the configured Prefect server answers, and is of our version."""
    name, url = "prefect server", PREFECT_API_URL.value()
    if not url:
        remedy = (
            "`lusha-connect run` starts one for each run; for schedules and approval set PREFECT_API_URL."
        )
        return warning(name, "None is configured.", remedy)
    async with get_client() as client:
        if await client.api_healthcheck() is not None:
            remedy = "Start it (prefect server start), or correct PREFECT_API_URL."
            return Finding(name, Status.FAILED, f"{url} does not answer.", remedy)
        theirs = await client.api_version()
    if theirs.split(".")[:2] != prefect.__version__.split(".")[:2]:
        remedy = "Let server and workers have the same version."
        return warning(name, f"It is Prefect {theirs}, and this is {prefect.__version__}.", remedy)
    return ok(name, f"Prefect {theirs} at {url}")


def _mappings() -> tuple[list[MappingFile], list[Finding]]:
    """The mappings that can be read, and what is wrong with the others."""
    good, broken = [], []
    for file in shipped_mappings():
        try:
            good.append(load_mapping(file))
        except BadMappingError as error:
            broken.append(Finding("mappings", Status.FAILED, str(error), "lusha-connect mappings validate"))
    return good, broken or [ok("mappings", ", ".join(mapping.name for mapping in good))]


def _custom(mapping: MappingFile) -> list[str]:
    """The custom fields that a mapping fills or matches by."""
    if not mapping.target.startswith("highlevel."):
        return []
    named = (*mapping.fields, *mapping.match)
    return [name.removeprefix(CUSTOM) for name in named if name.startswith(CUSTOM)]
