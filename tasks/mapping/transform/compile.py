"""From a mapping's words to functions: every name is looked up, every path compiled, before any record.

All that is wrong with a mapping is told at once, each with its line and the nearest right word.
"""

from __future__ import annotations

from collections.abc import Mapping as Table
from typing import Any

from tasks.core.batch import shown
from tasks.core.errors import BadMappingError, FailedCheckError
from tasks.core.marked_yaml import Where
from tasks.core.words import nearest
from tasks.mapping.language import FieldMapping, Mapping, OnFailure
from tasks.mapping.transform.apply import Mapper
from tasks.mapping.transform.clean import text
from tasks.mapping.transform.coerce import Keep, keeper
from tasks.mapping.transform.custom_values import custom_keeper
from tasks.mapping.transform.fill import (
    Clean,
    Fill,
    constant,
    dropped,
    optional,
    required,
    stopped,
    warned,
    with_default,
)
from tasks.mapping.transform.partial import Partial
from tasks.mapping.transform.paths import Getter
from tasks.mapping.transform.refusal import RefusedValueError
from tasks.mapping.transform.steps import compile_steps, step_path
from tasks.mapping.transform.vocabulary import TRANSFORMS
from tasks.streams import CUSTOM, FILLED, SOURCES, Field, FieldType, Policy, Stream, Target
from tasks.streams.custom_field import CustomField

ADDABLE = frozenset({FieldType.TEXTS, FieldType.OBJECT})
"""Types whose values can be added to what is there."""


def compile_mapping(
    mapping: Mapping,
    found_out: Table[str, Table[str, str]] = {},
    custom: Table[str, CustomField] = {},
) -> Mapper:
    """The function that turns records into rows.

    Args:
        found_out: Field to options of its transforms that the mapping leaves open, as its column turned out
            to be.
        custom: The location's custom fields by key, where they are known.

    Raises:
        BadMappingError: The mapping names a stream, field, transform, option or path that is not right.
    """
    if unknown := unknown_streams(mapping):
        raise BadMappingError.of(unknown.values())
    stream = FILLED[mapping.target]
    problems = _target_problems(mapping, stream)
    problems += _match_problems(mapping, stream, stream.target) if stream.target is not None else []
    fills: dict[str, Fill] = {}
    for name in mapping.fields:
        field = stream.field(name)
        if field is None:
            continue
        with BadMappingError.told_in(problems):
            keep = keeper(field)
            if (own := custom.get(name.removeprefix(CUSTOM))) and name.startswith(CUSTOM):
                keep = custom_keeper(own, keep)
            fills[name] = _fill(mapping, name, field, keep, found_out.get(name, {}))
    if problems:
        raise BadMappingError.of(problems)
    telling = [name for name, said in mapping.fields.items() if _tells(said)]
    return Mapper(mapping, SOURCES[mapping.source], [(name, fills[name]) for name in mapping.fields], telling)


def unknown_streams(mapping: Mapping) -> dict[str, BadMappingError]:
    """``source`` and ``target``, as far as there is no such stream."""
    found: dict[str, BadMappingError] = {}
    for key, known in (("source", SOURCES), ("target", FILLED)):
        name = getattr(mapping, key)
        if name not in known:
            remedy = nearest(name, known)
            found[key] = mapping.error(f"unknown {key} stream `{name}`", (key,), remedy)
    return found


def _tells(said: FieldMapping) -> bool:
    """Whether there may be something to tell of a field's values."""
    return said.on_failure is not OnFailure.REJECT or any(TRANSFORMS[step.name].tells for step in said.clean)


def _target_problems(mapping: Mapping, stream: Stream) -> list[BadMappingError]:
    unknown = [
        mapping.error(
            f"`{name}` is not a field of {stream.name}", ("fields", name), nearest(name, stream.fields)
        )
        for name in mapping.fields
        if stream.field(name) is None
    ]
    missing = [
        mapping.error(f"{stream.name} needs `{name}`, and no field gives it", ("fields",))
        for name, field in stream.fields.items()
        if field.required and name not in mapping.fields
    ]
    return unknown + missing


def _fill(mapping: Mapping, name: str, field: Field, keep: Keep, found_out: Table[str, str]) -> Fill:
    said, where = mapping.fields[name], ("fields", name)
    problems: list[BadMappingError] = []
    clean: Clean = ()
    default = value = None
    get: Getter = dict.copy
    fill: Fill | None = None
    if said.policy is Policy.ADD and field.type not in ADDABLE:
        problems.append(
            mapping.error(f"`add` is for lists and objects, not for {field.type}", (*where, "policy"))
        )
    with BadMappingError.told_in(problems):
        clean = compile_steps(mapping, said.clean, (*where, "clean"), found_out)
        default = _fixed(mapping, said.default, clean, keep, (*where, "default"))
        value = _fixed(mapping, said.value, clean, keep, (*where, "value"))
    if said.from_ is not None:
        with BadMappingError.told_in(problems):
            get = step_path(mapping, said.from_, (*where, "from"))
        with BadMappingError.told_in(problems):
            fill = _on_failure(mapping, name, field, get, optional(get, clean, keep))
    if problems:
        raise BadMappingError.of(problems)
    if fill is None:
        return constant(value)
    if default is not None:
        return with_default(fill, default)
    return required(fill) if said.required or field.required else fill


def _on_failure(mapping: Mapping, name: str, field: Field, get: Getter, fill: Fill) -> Fill:
    """What the mapping says of values that the field does not take."""
    said, where = mapping.fields[name], ("fields", name, "on_failure")
    if said.on_failure is OnFailure.DROP:
        if said.required or field.required:
            raise mapping.error(f"`{name}` is required: its value cannot be dropped", where)
        return dropped(fill)
    if said.on_failure is OnFailure.WARN:
        if field.type is not FieldType.TEXT:
            raise mapping.error(
                f"a value that is no {field.type} cannot stay, as `warn` would have it", where
            )
        return warned(fill, optional(get, ((text, False),), keeper(field)))
    if said.on_failure is OnFailure.STOP:
        return stopped(fill, lambda refused: _stop(mapping, name, refused))
    return fill


def _stop(mapping: Mapping, name: str, refused: RefusedValueError) -> FailedCheckError:
    return FailedCheckError(
        f"{mapping.name}: `{refused.rule}({name})` failed: {refused.message}",
        remedy="correct the source or the mapping, then run again; nothing of this batch was written",
    )


def _fixed(mapping: Mapping, value: Any, clean: Clean, keep: Keep, where: Where) -> Any:
    """A value the mapping itself gives, cleaned and checked like a record's."""
    try:
        fixed = optional(lambda _: value, clean, keep)({})
    except RefusedValueError as error:
        raise mapping.error(f"`{where[-1]}`: {error.message}", where) from None
    if type(fixed) is Partial:
        raise mapping.error(f"`{where[-1]}`: {shown(value)} is not taken as it is", where)
    return fixed


def _match_problems(mapping: Mapping, stream: Stream, target: Target) -> list[BadMappingError]:
    """What is wrong with the ``match`` of a mapping whose target is written to a vendor."""
    where, records = ("match",), target.called[1]
    right = ", ".join(target.match) + (" or custom.<key>" if stream.custom is not None else "")
    problems = [
        mapping.error(f"{records} are not matched by `{key}`", where, right)
        for key in mapping.match
        if key not in target.match and not (stream.custom is not None and key.startswith(CUSTOM))
    ]
    if "link" not in mapping.match:
        remedy = "without it a second run would not know what the first made"
        problems.append(mapping.error("`match` needs `link`", where, remedy))
    return problems
