"""What a contact holds, by HighLevel's names of the fields, before and after one of them is written."""

from __future__ import annotations

from collections.abc import Mapping

from tasks.core.batch import Json
from tasks.streams import CUSTOM

Content = dict[str, Json]
"""What is not empty, by HighLevel's name of the field, a custom one as ``custom.<id>``."""

NAMES = frozenset({"firstName", "lastName"})
NOT_SET: tuple[Json, ...] = (None, "", False, [], {})


def key_of(field: str, custom: Mapping[str, str]) -> str:
    """Under which name the content has a target field.

    Args:
        custom: Custom field key to id.
    """
    if field.startswith(CUSTOM):
        return f"{CUSTOM}{custom.get(field.removeprefix(CUSTOM), '')}"
    return "businessId" if field == "business" else field


def written(before: Content, field: str, value: Json, custom: Mapping[str, str]) -> Content:
    """The content after one target field was written."""
    key = key_of(field, custom)
    gone = {key} | (NAMES if key == "name" else {"name"} if key in NAMES else frozenset())
    after = {name: held for name, held in before.items() if name not in gone}
    return after | ({key: value} if value not in NOT_SET else {})
