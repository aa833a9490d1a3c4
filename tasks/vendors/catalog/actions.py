"""What a catalog says of an operation, whoever the vendor: data in ``mappings/operations``.

One file for each product, one entry for each action. An action's identity is its method and path:
vendors' own operation ids are not unique. Parameters are written as a person says them: ``required list
of string``, ``one of open, won``, ``string or null``.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

import mappings
from tasks.core.errors import BadConfigurationError
from tasks.core.words import did_you_mean, sentence
from tasks.vendors.catalog.parameters import Kind, Parameter, Place

FOLDER = Path(mappings.__file__).parent / "operations"

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


class Entry(BaseModel):
    """One of a catalog's file."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Action(Entry):
    """A request that a vendor answers.

    Attributes:
        vendor_name: The vendor's operation id, where the name here is another.
        idempotent: Whether the same call sent twice has the effect of one.
        once_if: The parameter that, when true, makes an idempotent action one that is not.
        look_up: The action that tells whether a call took effect whose answer was lost.
        refused: Why this action is not called generically, and what to do instead.
        path: Only what is to be said of a placeholder; all of them are required texts.
        body: None where no body is sent.
    """

    name: str = Field(pattern=r"^[a-z-]+\.[a-z-]+$")
    request: str = Field(pattern=r"^(GET|POST|PUT|PATCH|DELETE) /\S+$")
    about: str
    vendor_name: str = ""
    idempotent: bool = True
    once_if: str = ""
    look_up: str = ""
    refused: str = ""
    note: str = ""
    path: Kinds = {}
    query: Kinds = {}
    body: Kinds | None = None

    @property
    def product(self) -> str:
        """E.g. ``contacts``."""
        return self.name.partition(".")[0]

    @property
    def method(self) -> str:
        """E.g. ``GET``."""
        return self.request.partition(" ")[0]

    @property
    @abstractmethod
    def vendor(self) -> str:
        """Whose it is, e.g. ``highlevel``."""

    @property
    @abstractmethod
    def every_version(self) -> tuple[str, ...]:
        """The versions of the vendor's API that have it."""

    def repeatable(self, parameters: Mapping[str, Any]) -> bool:
        """Whether the same call sent twice has the effect of one."""
        return self.idempotent and not (self.once_if and parameters.get(self.once_if))

    def spelling(self, version: str) -> Spelling:  # noqa: ARG002 - it is the same in every version
        """The action in an API version.

        Raises:
            BadConfigurationError: That version does not have it.
        """
        return self.spelled(self.request.partition(" ")[2], self.query, self.body or {})

    def spelled(self, path: str, query: Kinds, body: Kinds, without: Iterable[str] = ()) -> Spelling:
        """The action with this path and these parameters, but for some."""
        segment = Kind("required string", "string", required=True)
        places: dict[Place, dict[str, Kind]] = {
            "path": {name: self.path.get(name, segment) for name in _PLACEHOLDER.findall(path)},
            "query": query,
            "body": body,
        }
        parameters = {
            name: Parameter(name, place, kind)
            for place, kinds in places.items()
            for name, kind in kinds.items()
            if name not in without
        }
        return Spelling(path, parameters, self.body is not None)

    def parameters(self) -> list[tuple[Parameter, tuple[str, ...]]]:
        """Every parameter of every version, in the catalog's order, with the versions that have it."""
        found: dict[Parameter, tuple[str, ...]] = {}
        for version in self.every_version:
            for parameter in self.spelling(version).parameters.values():
                found[parameter] = (*found.get(parameter, ()), version)
        return list(found.items())


def read_file(file: Path, kind: type[Any]) -> dict[str, Any]:
    """The entries of one file of a catalog, by name.

    Args:
        kind: What each of them is.

    Raises:
        BadConfigurationError: The file cannot be read or does not keep to the form.
    """
    form: TypeAdapter[Any] = TypeAdapter(dict[str, kind])  # type: ignore[valid-type]
    try:
        raw = yaml.load(file.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 - a safe loader
        found: dict[str, Any] = form.validate_python(
            {name: {**entry, "name": name} for name, entry in raw.items()}
        )
    except (OSError, ValueError, TypeError, AttributeError, yaml.YAMLError) as error:
        told = _told(error) if isinstance(error, ValidationError) else str(error)
        raise BadConfigurationError(f"The operations catalog cannot be read: {file.name}: {told}") from None
    return found


def unknown(name: str, known: Iterable[str]) -> BadConfigurationError:
    """The error for an operation that there is not."""
    near = did_you_mean(name, list(known), most=3)
    every = "All of them: docs/operations.md, or: lusha-connect operations list"
    return BadConfigurationError(
        f"There is no operation {name!r}.", remedy=f"{sentence(near)} {every}".strip()
    )


def _told(error: ValidationError) -> str:
    return "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())


_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C one is tenfold, where it was built
