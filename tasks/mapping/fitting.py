"""Which mappings an import can use: another one is refused, with those that fit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from tasks.core.errors import BadConfigurationError, BadMappingError
from tasks.mapping.language import Mapping, load_mapping, shipped_mappings
from tasks.mapping.transform.compile import unknown_streams
from tasks.streams import SOURCES, STREAMS

OWN_SYSTEMS = ("file", "hub")
"""Where an import's records come from: a file, or a query of the hub."""


def require_import(mapping: Mapping, automation: str, target: str = "") -> None:
    """Refuse a mapping that is not for an import; of streams that do not exist the compiler tells more.

    Args:
        automation: The import's name.
        target: What it is to make; empty for what the automation makes always.

    Raises:
        BadConfigurationError: It reads something else than files and queries, or fills something else.
    """
    target = target or next(
        (one.name for one in STREAMS.values() if one.target and one.target.imported_by == automation), ""
    )
    if not target or _fits(mapping, target) or unknown_streams(mapping):
        return
    fitting = ", ".join(_fitting(target))
    raise BadConfigurationError(
        f"{mapping.name} makes {mapping.target} of {mapping.source}; {automation} makes {target} of files and"
        " queries.",
        remedy=f"Mappings that fit: {fitting}."
        if fitting
        else "Draft one: lusha-connect mappings new FILE.csv",
    )


def _fits(mapping: Mapping, target: str) -> bool:
    source = SOURCES.get(mapping.source)
    return mapping.target == target and source is not None and source.system in OWN_SYSTEMS


def _fitting(target: str) -> Iterator[str]:
    """Names of those in ``mappings/``."""
    for file in shipped_mappings():
        with suppress(BadMappingError):  # a broken one fits nothing
            found = load_mapping(file)
            if _fits(found, target):
                yield found.name
