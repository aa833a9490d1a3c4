"""What a record holds, by the vendor's names of the fields, before and after one of them is written."""

from __future__ import annotations

from collections.abc import Mapping

from tasks.core.batch import Json
from tasks.streams.model import CUSTOM, Stream

Content = dict[str, Json]
"""What is not empty, by the vendor's name of the field, a custom one as ``custom.<id>``."""

NOT_SET: tuple[Json, ...] = (None, "", False, [], {})


def key_of(stream: Stream, field: str, custom: Mapping[str, str]) -> str:
    """Under which name the content has a target field.

    Args:
        custom: Custom field key to id.
    """
    if field.startswith(CUSTOM):
        return f"{CUSTOM}{custom.get(field.removeprefix(CUSTOM), '')}"
    declared = stream.field(field)
    return (declared.told_as if declared is not None else "") or field


def written(stream: Stream, before: Content, field: str, value: Json, custom: Mapping[str, str]) -> Content:
    """The content after one target field was written; a whole and its parts take each other's place."""
    key = key_of(stream, field, custom)
    gone = {key}
    for whole, parts in stream.target.composed.items() if stream.target is not None else ():
        gone |= set(parts) if key == whole else {whole} if key in parts else set()
    after = {name: held for name, held in before.items() if name not in gone}
    return after | ({key: value} if value not in NOT_SET else {})
