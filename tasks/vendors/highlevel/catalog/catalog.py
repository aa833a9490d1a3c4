"""HighLevel's catalog: what it can do and tell, as data in ``mappings/operations``.

Beside the files of actions, ``triggers.yaml`` has the webhook events. What an entry says of ``v3`` is what
differs there from ``2021-07-28``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from tasks.core.errors import BadConfigurationError
from tasks.vendors.catalog import actions
from tasks.vendors.catalog.actions import FOLDER, Entry, Kinds, Spelling, read_file, unknown

TRIGGERS = "triggers"

Version = Literal["2021-07-28", "v3"]


class Differences(Entry):
    """What v3 has otherwise."""

    path: str = ""
    without: tuple[str, ...] = ()
    query: Kinds = Field(default={})
    body: Kinds = Field(default={})


class Action(actions.Action):
    """A request that HighLevel answers.

    Attributes:
        scope_note: Where the scope is from, if not from the contract.
    """

    scope: str
    scope_note: str = ""
    versions: tuple[Version, ...] = ("2021-07-28", "v3")
    v3: Differences = Differences()

    @property
    def vendor(self) -> str:
        """``highlevel``."""
        return "highlevel"

    @property
    def every_version(self) -> tuple[str, ...]:
        """The API versions that have it."""
        return self.versions

    @property
    def writes(self) -> bool:
        """Whether it may change something in HighLevel; a search by POST does not."""
        return self.method != "GET" and not self.scope.endswith(".readonly")

    def spelling(self, version: str) -> Spelling:
        """The action in an API version.

        Raises:
            BadConfigurationError: That version does not have it.
        """
        if version not in self.versions:
            raise BadConfigurationError(
                f"{self.name} does not exist in version {version} of HighLevel's API.",
                remedy=f"Set LUSHA_CONNECT_HIGHLEVEL_VERSION to {' or '.join(self.versions)}. {self.note}",
            )
        differs = self.v3 if version == "v3" else Differences()
        return self.spelled(
            differs.path or self.request.partition(" ")[2],
            {**self.query, **differs.query},
            {**(self.body or {}), **differs.body},
            differs.without,
        )


class Trigger(Entry):
    """An event that HighLevel tells a webhook."""

    vendor: ClassVar[str] = "highlevel"

    name: str
    product: str
    event: str = Field(pattern=r"^highlevel\.[a-z-]+\.[a-z-]+$")
    about: str
    scope: str
    scope_note: str = ""
    fields: tuple[str, ...] = ()
    deviations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Catalog:
    """Every action and every trigger, by name."""

    actions: Mapping[str, Action]
    triggers: Mapping[str, Trigger]

    def action(self, name: str) -> Action:
        """An action by its name.

        Raises:
            BadConfigurationError: There is none; the nearest ones are told.
        """
        if name in self.triggers:
            raise no_call(self.triggers[name])
        if name not in self.actions:
            raise unknown(name, [*self.actions, *self.triggers])
        return self.actions[name]


def no_call(trigger: Trigger) -> BadConfigurationError:
    """The error for a trigger that somebody calls."""
    return BadConfigurationError(
        f"{trigger.name} is an event that HighLevel sends; it cannot be called.",
        remedy=f"A Prefect automation can react to it: the event is `{trigger.event}`.",
    )


@cache
def load_catalog(folder: Path = FOLDER) -> Catalog:
    """Read the catalog's files.

    Raises:
        BadConfigurationError: A file cannot be read or does not keep to the form.
    """
    triggers: dict[str, Trigger] = {}
    found: dict[str, Action] = {}
    for file in sorted(folder.glob("*.yaml")):
        if file.stem == TRIGGERS:
            triggers = read_file(file, Trigger)
        else:
            found |= read_file(file, Action)
    return Catalog(found, triggers)
