"""The JSON schema of the mapping language, so that editors complete and check a mapping as it is typed.

``mappings/mapping.schema.json`` is written by ``python -m tasks.mapping.transform.schema``.
"""

from __future__ import annotations

import json
import re
from typing import Any

from tasks.mapping.language import Mapping
from tasks.mapping.transform.vocabulary import TRANSFORMS
from tasks.streams import CUSTOM, FILLED, SOURCES, Stream

_STEP = {"$ref": "#/$defs/Transform"}


def mapping_schema() -> dict[str, Any]:
    """The language with every stream, field and transform by name (JSON Schema 2020-12)."""
    schema = Mapping.model_json_schema(by_alias=True)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["$defs"]["Check"]["additionalProperties"] = True  # the expectation's own arguments
    schema["$defs"]["Transform"] = _transform()
    schema["$defs"]["FieldMapping"]["properties"]["clean"] |= {
        "anyOf": [_STEP, {"type": "array", "items": _STEP}]
    }
    schema["properties"]["source"]["enum"] = sorted(SOURCES)
    schema["properties"]["target"]["enum"] = sorted(FILLED)
    schema["allOf"] = [_only_fields_of(stream) for _, stream in sorted(FILLED.items())]
    return schema


def schema_text() -> str:
    """The schema as the text of its file."""
    return json.dumps(mapping_schema(), indent=2, sort_keys=True) + "\n"


def _transform() -> dict[str, Any]:
    names = [
        {"const": name, "description": found.summary}
        for name, found in sorted(TRANSFORMS.items())
        if not found.required
    ]
    options = {
        name: {
            "type": "object",
            "description": found.summary,
            "properties": dict.fromkeys(sorted(found.options), True),
            "required": sorted(found.required),
            "additionalProperties": False,
        }
        for name, found in sorted(TRANSFORMS.items())
        if found.options
    }
    with_options = {
        "type": "object",
        "properties": options,
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
    }
    return {"anyOf": [{"oneOf": names}, with_options]}


def _only_fields_of(stream: Stream) -> dict[str, Any]:
    names: dict[str, Any] = {"enum": sorted(stream.fields)}
    if stream.custom is not None:
        names = {"anyOf": [names, {"pattern": f"^{re.escape(CUSTOM)}.+"}]}
    return {
        "if": {"properties": {"target": {"const": stream.name}}},
        "then": {"properties": {"fields": {"propertyNames": names}}},
    }


if __name__ == "__main__":
    print(schema_text(), end="")  # noqa: T201 - its output is the file
