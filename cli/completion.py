"""What the shell offers for an argument: the names and ids that are there.

Typer keeps those that begin with what was typed. Nothing here imports Prefect, and nothing fails: where there
is no hub, nothing is offered.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, TypeAlias

import typer

if TYPE_CHECKING:
    from tasks.hub.engine import Hub

Offers: TypeAlias = list[tuple[str, str]]
"""What may stand there, each with a word about it."""

MOST = 50
"""How many of the newest are offered."""


def mappings() -> Offers:
    """The mappings of ``mappings/``."""
    from tasks.mapping.language import shipped_mappings

    return [(path.stem, str(path.name)) for path in shipped_mappings()]


def operations() -> Offers:
    """The vendors' operations and events."""
    with suppress(Exception):
        from tasks.vendors import catalogs

        found = [(one.name, one.about) for one in catalogs.actions().values()]
        return found + [(one.name, one.about) for one in catalogs.triggers().values()]
    return []


def actions() -> Offers:
    """The operations that can be called."""
    with suppress(Exception):
        from tasks.vendors import catalogs

        return [(one.name, one.about) for one in catalogs.actions().values()]
    return []


def sources() -> Offers:
    """The streams that records are read from."""
    from tasks.streams import SOURCES

    return [(name, "") for name in SOURCES]


def tables() -> Offers:
    """The streams that the hub can export."""
    from tasks.streams import STREAMS

    return [(one.mirror.table, one.name) for one in STREAMS.values() if one.mirror is not None]


def plans(context: typer.Context) -> Offers:
    """The newest plans of the location, and ``last``."""
    with suppress(Exception), _hub(context) as hub:
        from tasks.core.settings import load_settings
        from tasks.hub import plans

        found = plans.newest(hub, MOST, load_settings().location_id)
        return [("last", "the newest one")] + [(plan.id, f"{plan.about}, {plan.state}") for plan in found]
    return []


def reviews(context: typer.Context) -> Offers:
    """The records that wait for a person, and ``last``."""
    with suppress(Exception), _hub(context) as hub:
        from tasks.hub import reviews

        found, _ = reviews.waiting(hub, MOST)
        return [("last", "the newest one")] + [(one.id, f"{one.label}: {one.why}") for one in found]
    return []


def decided(context: typer.Context) -> Offers:
    """The reviews that a person has decided, and ``last``."""
    with suppress(Exception), _hub(context) as hub:
        from tasks.hub import reviews

        found = reviews.decided(hub, MOST)
        return [("last", "the newest one")] + [(one.id, f"{one.label}: {one.state}") for one in found]
    return []


def rejects(context: typer.Context) -> Offers:
    """The newest rejects, and ``last``."""
    with suppress(Exception), _hub(context) as hub:
        from tasks.hub import rejects

        found, _ = rejects.listed(hub, rejects.Wanted(), MOST)
        return [("last", "the newest one")] + [(one.record_id, one.stream) for one in found]
    return []


def connections() -> Offers:
    """The connections that the hub keeps."""
    with suppress(Exception), _hub() as hub:
        from tasks.hub import connections

        return [(one.name, one.location_id) for one in connections.listed(hub)]
    return []


def credentials() -> Offers:
    """The stored credentials."""
    with suppress(Exception), _hub() as hub:
        from tasks.hub import tokens

        return [(one.name, one.location_id or "(agency)") for one in tokens.listed(hub)]
    return []


@contextmanager
def _hub(context: typer.Context | None = None) -> Iterator[Hub]:
    """The settings' hub, for the location that the command line names."""
    from cli.chosen import chosen
    from tasks.core.settings import load_settings
    from tasks.hub.engine import Hub

    name = context.find_root().params.get("connection") if context else ""
    with chosen(name) if name else nullcontext(), closing(Hub(load_settings().hub_url)) as hub:
        if hub.is_there:  # reading must not make one
            yield hub
        else:
            raise FileNotFoundError
