"""The mapping language: what a file in ``mappings/`` may say, and what is said to one that is mistaken.

A mapping tells how records of a source stream become rows of a target stream: where each field comes
from, how it is cleaned, what it may overwrite, which checks its rows must pass. This module knows the
words of the language alone; what they refer to (streams, transforms, expectations) is looked up where
it lives, by ``tasks.mapping.transform`` and ``tasks.mapping.checks``, with :meth:`Mapping.error` for the
line.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationError,
    model_validator,
)
from pydantic.json_schema import SkipJsonSchema, WithJsonSchema

import mappings
from tasks.core.batch import canonical_json, shown
from tasks.core.errors import BadMappingError
from tasks.core.marked_yaml import Document, Where, read_yaml
from tasks.core.words import nearest
from tasks.mapping.lead_search import is_search_file
from tasks.mapping.mistakes import mistake, told
from tasks.mapping.rules.language import is_rules_file
from tasks.streams import STREAMS, Policy

MATCH_KEYS = tuple(
    dict.fromkeys(key for stream in STREAMS.values() if stream.target for key in stream.target.match)
)
"""What a record's counterpart may be found by, besides ``custom.<key>``; which of them, its stream says."""


MAPPINGS = Path(mappings.__file__).parent
"""Where a mapping that is given by name is looked for."""


class OnFailure(StrEnum):
    """What a failed check does, and a value that cannot be cleaned."""

    REJECT = "reject"
    DROP = "drop"
    WARN = "warn"
    STOP = "stop"


_Word = TypeVar("_Word", bound=StrEnum)


def _word_of(kind: type[_Word]) -> Callable[[Any], _Word]:
    def read(value: Any) -> _Word:
        try:
            return kind(value)
        except ValueError:
            raise mistake(f"{shown(value)} is not a {_TITLES[kind]}", nearest(str(value), kind)) from None

    return read


_TITLES: dict[type[StrEnum], str] = {Policy: "policy", OnFailure: "way to take a failure"}


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class CleanStep(_Part):
    """One transform to run: its name and its options."""

    name: str
    options: dict[str, Any] = {}


def _listed(value: Any) -> list[Any]:
    """``text`` | ``{phone: {region: country}}`` | a list of these, as a list."""
    return value if isinstance(value, list) else [value]


def _clean_step(value: Any) -> CleanStep:
    if isinstance(value, str) and value:
        return CleanStep(name=value)
    if isinstance(value, dict) and len(value) == 1:
        [(name, options)] = value.items()
        if isinstance(options, dict):
            return CleanStep(name=name, options=options)
    raise mistake(
        f"{shown(value)} is not a transform", "write `name`, `{name: {option: value}}`, or a list of these"
    )


def _match_key(value: Any) -> str:
    if not isinstance(value, str):
        raise mistake(f"{shown(value)} is not a key to match by")
    if value in MATCH_KEYS or (value.startswith("custom.") and len(value) > len("custom.")):
        return value
    raise mistake(f"`{value}` is not a key to match by", nearest(value, [*MATCH_KEYS, "custom.<key>"]))


class FieldMapping(_Part):
    """Where one target field comes from and what it may overwrite."""

    from_: str | None = Field(
        None, alias="from", description="Dotted path or JMESPath into the source record"
    )
    value: Any = Field(None, description="A fixed value, instead of `from`")
    clean: Annotated[
        Sequence[Annotated[CleanStep, BeforeValidator(_clean_step)]],
        BeforeValidator(_listed),
        WithJsonSchema({}),
    ] = Field((), description="Transforms, applied in order")
    policy: Annotated[Policy, BeforeValidator(_word_of(Policy))] = Field(
        Policy.OVERWRITE, description="What the value may replace in the target"
    )
    default: Any = Field(None, description="Used where the record has no value")
    required: bool = Field(False, description="A record without a value is rejected")
    on_failure: Annotated[OnFailure, BeforeValidator(_word_of(OnFailure))] = Field(
        OnFailure.REJECT, description="What a value does that the field does not take"
    )

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if self.from_ is not None and "value" in self.model_fields_set:
            raise mistake("`from` and `value` exclude each other")
        if self.from_ is None and self.value is None:
            raise mistake("neither `from` nor `value` is given", "say where the field comes from")
        if self.from_ is not None and not self.from_.strip():
            raise mistake("`from` is empty")
        return self


class Check(_Part):
    """One Great Expectations declaration; ``options`` are the expectation's own arguments."""

    expect: str = Field(description="Name of the expectation")
    on_failure: Annotated[OnFailure, BeforeValidator(_word_of(OnFailure))] = Field(
        OnFailure.REJECT, description="What a failed check does"
    )
    options: SkipJsonSchema[dict[str, Any]] = {}

    @model_validator(mode="before")
    @classmethod
    def _own_arguments(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        own = {key: value[key] for key in ("expect", "on_failure") if key in value}
        return own | {"options": {key: item for key, item in value.items() if key not in own}}


class StopWhen(_Part):
    """When a batch is so bad that nothing of it may be written."""

    rejected_share: float = Field(gt=0, le=1, description="Share of rejected records that stops the run")
    min_rows: int = Field(10, ge=1, description="Smaller batches never stop a run")


class Mapping(_Part):
    """A mapping file, understood."""

    source: str = Field(description="Source stream, e.g. highlevel.contact")
    target: str = Field(description="Target stream, e.g. hub.contact")
    match: list[Annotated[str, BeforeValidator(_match_key)]] = Field(
        [],
        description=f"What a counterpart is found by: {', '.join(MATCH_KEYS)}, custom.<key>",
    )
    fields: dict[str, FieldMapping] = Field(min_length=1, description="Target field: where it comes from")
    checks: list[Check] = Field([], description="Great Expectations that the rows must meet")
    stop_when: StopWhen | None = Field(None, description="When a batch stops the run")

    _document: Document = PrivateAttr(default_factory=lambda: Document("<mapping>"))

    @property
    def file(self) -> str:
        """The file it was read from, as the user named it."""
        return self._document.file

    @property
    def name(self) -> str:
        """The file's name without folder and ending, e.g. ``highlevel_contact``."""
        return Path(self.file).stem

    @property
    def digest(self) -> str:
        """Hash of what the mapping means (hex).

        Comments, spacing, the order of fields and defaults written out do not count, nor will keys that
        the language gains later and the mapping does not use.
        """
        meaning = canonical_json(self.model_dump(mode="json", by_alias=True, exclude_defaults=True))
        return hashlib.blake2b(meaning.encode(), digest_size=16).hexdigest()

    def names_read(self) -> frozenset[str]:
        """The names at which its paths, and the paths among its options, begin or go on."""
        texts = [one.from_ or "" for one in self.fields.values()]
        texts += [str(step.options) for one in self.fields.values() for step in one.clean]
        return frozenset(name for text in texts for name in re.findall(r"[A-Za-z_]\w*", text))

    def error(self, what: str, where: Where = (), remedy: str = "") -> BadMappingError:
        """The error that points at ``where`` in the file, e.g. ``("fields", "email", "clean")``."""
        return self._document.error(what, where, remedy)


def load_mapping(path: Path | str) -> Mapping:
    """Read one mapping file.

    Raises:
        BadMappingError: It cannot be read, is not YAML, or does not keep to the language; all
            problems of the file are told at once.
    """
    document = read_yaml(Path(path))
    mapping, mistakes = understood(document)
    problems = [*document.problems, *mistakes.values()]
    if problems or mapping is None:
        raise BadMappingError.of(problems)
    return mapping


def understood(document: Document) -> tuple[Mapping | None, dict[Where, BadMappingError]]:
    """What a file says; or, by place, what in it does not keep to the language."""
    try:
        mapping = Mapping.model_validate(document.value)
    except ValidationError as error:
        return None, {
            detail["loc"]: told(detail, document, _model_at) for detail in error.errors(include_url=False)
        }
    mapping._document = document  # noqa: SLF001 - set here once; the constructor is pydantic's
    return mapping, {}


_MODELS: dict[str, type[BaseModel]] = {"fields": FieldMapping, "stop_when": StopWhen}


def _model_at(where: Where) -> type[BaseModel]:
    return _MODELS.get(str(where[0]), Mapping) if len(where) > 1 else Mapping


def shipped_mappings() -> list[Path]:
    """The files of ``mappings/`` that are mappings; those that hold rules or a search are none."""
    files = sorted(MAPPINGS.glob("*.yaml"))
    return [file for file in files if not is_rules_file(file) and not is_search_file(file)]


def find_mapping(name_or_path: Path | str, directory: Path | str, *, what: str = "mapping") -> Path:
    """The file of a mapping: a path as it is, or a name such as ``highlevel_contact`` in ``directory``.

    Args:
        what: What is looked for, for people.

    Raises:
        BadMappingError: There is none; the nearest name is told.
    """
    given, folder = Path(name_or_path), Path(directory)
    for candidate in (given, folder / given, folder / f"{given}.yaml"):
        if candidate.is_file():
            return candidate
    names = [path.stem for path in folder.glob("*.yaml")]
    raise BadMappingError(
        f"there is no {what} `{name_or_path}`", file=str(folder), remedy=nearest(given.stem, names)
    )
