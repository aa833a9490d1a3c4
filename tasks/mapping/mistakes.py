"""What pydantic finds wrong with a file, as sentences about the file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails, PydanticCustomError

from tasks.core.batch import shown
from tasks.core.errors import BadMappingError
from tasks.core.marked_yaml import Document, Where
from tasks.core.words import closest, nearest

_WANTED = {
    "bool_type": "true or false",
    "dict_type": "an object (`key: value`)",
    "float_type": "a number",
    "int_type": "a whole number",
    "list_type": "a list",
    "model_type": "an object (`key: value`)",
    "string_type": "text",
}
"""What pydantic's types of error wanted, in the file's terms."""


def mistake(what: str, remedy: str = "") -> PydanticCustomError:
    """What a validator raises: a sentence of its own."""
    return PydanticCustomError("mapping", "{what}", {"what": what, "remedy": remedy})


def told(
    detail: ErrorDetails, document: Document, model_at: Callable[[Where], type[BaseModel]]
) -> BadMappingError:
    """A pydantic error as a sentence about the file.

    Args:
        model_at: The model that a key belongs to.
    """
    where, kind, context = detail["loc"], detail["type"], detail.get("ctx", {})
    name = f"`{'.'.join(map(str, where))}`" if where else "the file"
    if kind == "mapping":
        return document.error(context["what"], where, context["remedy"])
    if kind == "extra_forbidden":
        remedy = nearest(str(where[-1]), _keys(model_at(where)))
        return document.error(f"unknown key `{where[-1]}`", where, remedy)
    if kind == "missing":
        return document.error(f"`{where[-1]}` is missing", where, _misspelt(str(where[-1]), detail["input"]))
    if kind in _WANTED:
        return document.error(f"{name} must be {_WANTED[kind]}, not {shown(detail['input'])}", where)
    return document.error(f"{name}: {detail['msg']}, not {shown(detail['input'])}", where)


def _misspelt(missing: str, given: Any) -> str:
    """The key that was given in place of a missing one, as a remedy; empty where there is none."""
    others = given.get("options", given) if isinstance(given, dict) else {}
    near = closest(missing, map(str, others))
    return f"`{near[0]}` is given instead" if near else ""


def _keys(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]
