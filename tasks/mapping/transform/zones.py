"""Which moments of a mapping are meant in the location's zone where they say none."""

from __future__ import annotations

from tasks.mapping.language import Mapping
from tasks.mapping.transform.vocabulary import TRANSFORMS
from tasks.streams import FILLED


def zoned_fields(mapping: Mapping) -> set[str]:
    """The fields whose moments are, as their stream declares, and of which the mapping names no zone."""
    stream = FILLED[mapping.target]
    return {
        name
        for name, said in mapping.fields.items()
        if (declared := stream.field(name)) is not None
        and declared.zoned
        and any("zone" in TRANSFORMS[step.name].options for step in said.clean)
        and all("zone" not in step.options for step in said.clean)
    }
