"""The operations catalog: what HighLevel can do and tell, as data in ``mappings/operations``.

One file for each product, one entry for each action, and ``triggers.yaml`` for the webhook events. An
action's identity is its method and path: the vendor's own operation ids are not unique. Parameters are
written as a person says them: ``required list of string``, ``one of open, won``, ``string or null``.
What an entry says of ``v3`` is what differs there from ``2021-07-28``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

import mappings
from tasks.core.errors import BadConfigurationError
from tasks.core.words import did_you_mean, sentence
from tasks.vendors.highlevel.catalog.parameters import Kind, Parameter, Place

FOLDER = Path(mappings.__file__).parent / "operations"
TRIGGERS = "triggers"

Version = Literal["2021-07-28", "v3"]

_PLACEHOLDER = re.compile(r"{(\w+)}")


Kinds = dict[str, Annotated[Kind, BeforeValidator(Kind.read)]]


@dataclass(frozen=True, slots=True)
class Spelling:
    """An action as one API version has it.

    Args:
        path: With placeholders, e.g. ``/contacts/{contactId}``.
        parameters: By name; a name is in one place only.
        has_body: Whether a body is sent, be it an empty one.
    """

    path: str
    parameters: Mapping[str, Parameter]
    has_body: bool


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Differences(_Entry):
    """What v3 has otherwise."""

    path: str = ""
    without: tuple[str, ...] = ()
    query: Kinds = {}
    body: Kinds = {}


class Action(_Entry):
    """A request that HighLevel answers.

    Attributes:
        vendor_name: The vendor's operation id, where the name here is another.
        idempotent: Whether the same call sent twice has the effect of one.
        once_if: The parameter that, when true, makes an idempotent action one that is not.
        look_up: The action that tells whether a call took effect whose answer was lost.
        refused: Why this action is not called generically, and what to do instead.
        scope_note: Where the scope is from, if not from the contract.
        path: Only what is to be said of a placeholder; all of them are required texts.
        body: None where no body is sent.
    """

    name: str = Field(pattern=r"^[a-z-]+\.[a-z-]+$")
    request: str = Field(pattern=r"^(GET|POST|PUT|DELETE) /\S+$")
    about: str
    scope: str
    scope_note: str = ""
    vendor_name: str = ""
    idempotent: bool = True
    once_if: str = ""
    look_up: str = ""
    refused: str = ""
    note: str = ""
    versions: tuple[Version, ...] = ("2021-07-28", "v3")
    path: Kinds = {}
    query: Kinds = {}
    body: Kinds | None = None
    v3: Differences = Differences()

    @property
    def product(self) -> str:
        """E.g. ``contacts``."""
        return self.name.partition(".")[0]

    @property
    def method(self) -> str:
        """E.g. ``GET``."""
        return self.request.partition(" ")[0]

    @property
    def writes(self) -> bool:
        """Whether it may change something in HighLevel; a search by POST does not."""
        return self.method != "GET" and not self.scope.endswith(".readonly")

    def repeatable(self, parameters: Mapping[str, Any]) -> bool:
        """Whether the same call sent twice has the effect of one."""
        return self.idempotent and not (self.once_if and parameters.get(self.once_if))

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
        path = differs.path or self.request.partition(" ")[2]
        segment = Kind("required string", "string", required=True)
        places: dict[Place, dict[str, Kind]] = {
            "path": {name: self.path.get(name, segment) for name in _PLACEHOLDER.findall(path)},
            "query": {**self.query, **differs.query},
            "body": {**(self.body or {}), **differs.body},
        }
        parameters = {
            name: Parameter(name, place, kind)
            for place, kinds in places.items()
            for name, kind in kinds.items()
            if name not in differs.without
        }
        return Spelling(path, parameters, self.body is not None)

    def parameters(self) -> list[tuple[Parameter, tuple[str, ...]]]:
        """Every parameter of every version, in the catalog's order, with the versions that have it."""
        found: dict[Parameter, tuple[str, ...]] = {}
        for version in self.versions:
            for parameter in self.spelling(version).parameters.values():
                found[parameter] = (*found.get(parameter, ()), version)
        return list(found.items())


class Trigger(_Entry):
    """An event that HighLevel tells a webhook."""

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
            raise BadConfigurationError(
                f"{name} is an event that HighLevel sends; it cannot be called.",
                remedy=f"A Prefect automation can react to it: the event is `{self.triggers[name].event}`.",
            )
        found = self.find(name)
        assert isinstance(found, Action)  # noqa: S101 - what is no trigger is an action
        return found

    def find(self, name: str) -> Action | Trigger:
        """An action or a trigger by its name.

        Raises:
            BadConfigurationError: There is none; the nearest ones are told.
        """
        found = self.actions.get(name) or self.triggers.get(name)
        if found is None:
            near = did_you_mean(name, [*self.actions, *self.triggers], most=3)
            every = "All of them: docs/operations.md, or: lusha-connect operations list"
            raise BadConfigurationError(
                f"There is no operation {name!r}.", remedy=f"{sentence(near)} {every}".strip()
            )
        return found


@cache
def load_catalog(folder: Path = FOLDER) -> Catalog:
    """Read the catalog's files.

    Raises:
        BadConfigurationError: A file cannot be read or does not keep to the form.
    """
    triggers: dict[str, Trigger] = {}
    actions: dict[str, Action] = {}
    for file in sorted(folder.glob("*.yaml")):
        if file.stem == TRIGGERS:
            triggers = _read(file, TypeAdapter(dict[str, Trigger]))
        else:
            actions |= _read(file, TypeAdapter(dict[str, Action]))
    return Catalog(actions, triggers)


def _read(file: Path, form: TypeAdapter[Any]) -> Any:
    try:
        raw = yaml.load(file.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 - a safe loader
        return form.validate_python({name: {**entry, "name": name} for name, entry in raw.items()})
    except (OSError, ValueError, TypeError, AttributeError, yaml.YAMLError) as error:
        told = _told(error) if isinstance(error, ValidationError) else str(error)
        raise BadConfigurationError(f"The operations catalog cannot be read: {file.name}: {told}") from None


def _told(error: ValidationError) -> str:
    return "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())


_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C one is tenfold, where it was built
