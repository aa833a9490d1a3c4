"""What a mapping says about planning."""

from __future__ import annotations

from collections.abc import Mapping as Dict
from datetime import datetime

from tasks.hub.spec import FieldRule, PlanSpec
from tasks.mapping.language import Mapping
from tasks.streams import CUSTOM, STREAMS


def spec_of(
    mapping: Mapping,
    *,
    location_id: str,
    system: str,
    source: str,
    as_of: datetime,
    custom: Dict[str, str],
    now: datetime | None = None,
    keeps_hand_edits: bool = False,
    suggests: bool = False,
) -> PlanSpec:
    """What a mapping says about planning.

    Args:
        custom: The location's custom fields, key to id; every one that the mapping names is there.
        now: By HighLevel's clock, where it is known: nothing that the source says is younger.
        keeps_hand_edits: As the spec has it.
        suggests: Likewise.
    """
    stream = STREAMS[mapping.target]
    rules = tuple(
        FieldRule(
            name,
            said.policy,
            _custom_id(name, custom),
            mapping.target,
        )
        for name, said in mapping.fields.items()
        if (declared := stream.field(name)) is not None and declared.is_written
    )
    used = [
        name.removeprefix(CUSTOM) for name in (*mapping.fields, *mapping.match) if name.startswith(CUSTOM)
    ]
    return PlanSpec(
        location_id=location_id,
        system=system,
        source=source,
        as_of=as_of if now is None else min(as_of, now),
        match=tuple(mapping.match),
        fields=rules,
        custom={key: custom[key] for key in used},
        records=mapping.source,
        now=now,
        target=mapping.target,
        mapping=mapping.name,
        keeps_hand_edits=keeps_hand_edits,
        suggests=suggests,
    )


def _custom_id(name: str, custom: Dict[str, str]) -> str:
    return custom.get(name.removeprefix(CUSTOM), "") if name.startswith(CUSTOM) else ""
