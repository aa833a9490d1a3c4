"""Lusha's catalog: every operation of its API V3, as data in ``mappings/operations/lusha``, and its costs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from math import prod
from typing import Any

from pydantic import Field

from tasks.vendors.catalog import actions
from tasks.vendors.catalog.actions import FOLDER, Entry, read_file, unknown

VERSION = "v3"


class Charge(Entry):
    """Something that an operation is charged for.

    Attributes:
        price: As the account's price list calls it.
        of: What is multiplied: a parameter (a list counts its items), or one within another as
            ``pagination.size``; after ``=`` stands what counts where it is not given.
        times: How many of them each may be.
        where: It is charged only where these parameters hold these values.
    """

    price: str
    of: tuple[str, ...]
    times: int = 1
    where: dict[str, str] = Field(default={})

    @property
    def words(self) -> str:
        """What is charged, e.g. "revealEmail for each of ids where reveal has emails"."""
        of = " and ".join(one.replace("=", ", otherwise ") for one in self.of)
        times = f", {self.times} times" if self.times > 1 else ""
        where = " and ".join(f"{name} has {value}" for name, value in self.where.items())
        return f"{self.price} for each of {of}{times}" + (f" where {where}" if where else "")

    def quantity(self, parameters: Mapping[str, Any]) -> int:
        """How many are charged, at most."""
        if any(value not in (parameters.get(name) or ()) for name, value in self.where.items()):
            return 0
        return self.times * prod(_count(parameters, *one.partition("=")[::2]) for one in self.of)


class Action(actions.Action):
    """A request that Lusha answers.

    Attributes:
        defaults: What is sent where nothing else is given.
        costs: All that it may be charged for; nothing where it is free.
    """

    defaults: dict[str, Any] = Field(default={})
    costs: tuple[Charge, ...] = ()

    @property
    def vendor(self) -> str:
        """``lusha``."""
        return "lusha"

    @property
    def every_version(self) -> tuple[str, ...]:
        """The one version that is spoken."""
        return (VERSION,)

    def charges(self, parameters: Mapping[str, Any]) -> dict[str, int]:
        """How many of what may be charged for, by the names of the price list."""
        found: dict[str, int] = {}
        for charge in self.costs:
            quantity = charge.quantity(parameters)
            if quantity:
                found[charge.price] = found.get(charge.price, 0) + quantity
        return found


@cache
def load_catalog() -> Mapping[str, Action]:
    """Every action, by name.

    Raises:
        BadConfigurationError: A file cannot be read or does not keep to the form.
    """
    found: dict[str, Action] = {}
    for file in sorted((FOLDER / "lusha").glob("*.yaml")):
        found |= read_file(file, Action)
    return found


def action_of(name: str) -> Action:
    """An action by its name.

    Raises:
        BadConfigurationError: There is none; the nearest ones are told.
    """
    catalog = load_catalog()
    if name not in catalog:
        raise unknown(name, catalog)
    return catalog[name]


def _count(parameters: Mapping[str, Any], name: str, otherwise: str) -> int:
    value: Any = parameters
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    if isinstance(value, list):
        return len(value)
    if isinstance(value, int | float) or (isinstance(value, str) and value.isdigit()):
        return int(value)
    return int(otherwise or 0)
