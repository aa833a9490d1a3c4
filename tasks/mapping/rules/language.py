"""The rule language: what a rules file may say, and what is said to one that is mistaken.

This module knows the words of the frame alone: when a file's rules are judged, by which calendar, and their
keys. Conditions and values are compiled, with their lines, by ``tasks.mapping.rules.compile``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationError,
    model_validator,
)

from tasks.core.batch import canonical_json, shown
from tasks.core.errors import BadMappingError
from tasks.core.marked_yaml import Document, Where, read_yaml
from tasks.core.words import nearest
from tasks.mapping.mistakes import mistake, told

AT_MOST = 1_000
"""Records that one rule may touch in a run unless the file says otherwise."""

KEY_LIMIT = 100
"""Characters of a rule's key."""


class When(StrEnum):
    """What became of a record."""

    CREATED = "created"
    UPDATED = "updated"
    DELETED = "deleted"


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _when(value: Any) -> When:
    try:
        return When(value)
    except ValueError:
        raise mistake(
            f"{shown(value)} is nothing that becomes of a record", nearest(str(value), When)
        ) from None


def _key(value: str) -> str:
    plain = value.replace("-", "_")
    if not (plain.isascii() and plain.isidentifier() and len(value) <= KEY_LIMIT):
        raise mistake(
            f"`{value}` is no key", f"letters, digits, _ and -, {KEY_LIMIT} at most, no digit first"
        )
    return value


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class On(_Part):
    """Which records are judged, and when."""

    stream: str = Field(description="The records that are judged, e.g. hub.contact")
    when: Annotated[
        list[Annotated[When, BeforeValidator(_when)]], BeforeValidator(_listed), Field(min_length=1)
    ] = Field([When.CREATED, When.UPDATED], description="What became of them")
    fields: list[str] = Field([], description="Of updated ones: only if one of these fields changed")
    passed: str = Field("", description="Instead of `when`: a field whose moment came since the last run")

    @model_validator(mode="after")
    def _one_cause(self) -> Self:
        if self.passed and self.model_fields_set & {"when", "fields"}:
            raise mistake("`passed` and `when` exclude each other", "a moment comes without a change")
        return self


class CalendarSaid(_Part):
    """By which calendar and clock; what is not said is the location's."""

    country: str | None = Field(None, description="ISO 3166 code, for its weekend and holidays")
    subdivision: str | None = Field(None, description="A part of the country that has its own holidays")
    zone: str | None = Field(None, description="IANA time zone, e.g. Europe/Vienna")
    closed: list[str] = Field([], description="Further days without work, e.g. 2026-12-24")


class RuleSaid(_Part):
    """One rule."""

    key: Annotated[str, AfterValidator(_key)] = Field(description="Its name, unique in the file")
    on: On | None = Field(None, description="Instead of the file's")
    if_: Any = Field(None, alias="if", description="The condition; without one it holds for every record")
    then: list[Any] = Field(min_length=1, description="What is to be made: stream and fields")
    at_most: int | None = Field(None, ge=1, description="Instead of the file's")


class RulesSaid(_Part):
    """A rules file, its frame understood."""

    on: On | None = Field(None, description="When the rules are judged that do not say it themselves")
    at_most: int = Field(AT_MOST, ge=1, description="Records that one rule may touch in a run")
    calendar: CalendarSaid = Field(CalendarSaid(), description="Working days and clock")
    channels: Any = Field(None, description="Where notices go; what delivers them reads it")
    rules: list[RuleSaid] = Field(min_length=1, description="The rules, the first of them first")

    _document: Document = PrivateAttr(default_factory=lambda: Document("<rules>"))

    @property
    def document(self) -> Document:
        """The file, with its lines."""
        return self._document

    @property
    def digest(self) -> str:
        """Hash of what the file means (hex); comments, spacing and the order of keys do not count."""
        return hashlib.blake2b(canonical_json(self._document.value).encode(), digest_size=16).hexdigest()

    def error(self, what: str, where: Where = (), remedy: str = "") -> BadMappingError:
        """The error that points at ``where`` in the file, e.g. ``("rules", 0, "if")``."""
        return self._document.error(what, where, remedy)


_MODELS: dict[str, type[BaseModel]] = {"on": On, "calendar": CalendarSaid}


def _model_at(where: Where) -> type[BaseModel]:
    names = [str(name) for name in where[:-1] if not isinstance(name, int)]
    if names == ["rules"]:
        return RuleSaid
    return _MODELS.get(names[-1], RulesSaid) if names else RulesSaid


def is_rules_file(path: Path) -> bool:
    """Whether a YAML file holds rules, and not a mapping."""
    try:
        value = read_yaml(path).value
    except BadMappingError:
        return False
    return isinstance(value, dict) and "rules" in value


def is_mapping_file(path: Path) -> bool:
    """Whether a YAML file holds a mapping, and not rules."""
    try:
        value = read_yaml(path).value
    except BadMappingError:
        return False
    return isinstance(value, dict) and "fields" in value and "rules" not in value


def load_rules(path: Path | str) -> RulesSaid:
    """Read one rules file.

    Raises:
        BadMappingError: It cannot be read, is not YAML, or its frame does not keep to the language; all
            problems are told at once.
    """
    return understood(read_yaml(Path(path)))


def understood(document: Document) -> RulesSaid:
    """What a file says.

    Raises:
        BadMappingError: Its frame does not keep to the language.
    """
    problems = list(document.problems)
    said: RulesSaid | None = None
    try:
        said = RulesSaid.model_validate(document.value)
    except ValidationError as error:
        problems += [told(detail, document, _model_at) for detail in error.errors(include_url=False)]
    problems += _doubled(document, said.rules if said else ())
    if problems or said is None:
        raise BadMappingError.of(problems)
    said._document = document  # noqa: SLF001 - set here once; the constructor is pydantic's
    return said


def _doubled(document: Document, rules: Iterable[RuleSaid]) -> list[BadMappingError]:
    first: dict[str, int] = {}
    found: list[BadMappingError] = []
    for place, rule in enumerate(rules):
        line = document.lines.get(("rules", place, "key"), 0)
        if rule.key in first:
            what = f"the key `{rule.key}` is given twice, first in line {first[rule.key]}"
            found.append(document.error(what, ("rules", place, "key")))
        first.setdefault(rule.key, line)
    return found
