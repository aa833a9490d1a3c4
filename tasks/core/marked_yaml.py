"""YAML with line numbers: a mapping's mistakes are told by file and line, so the lines must be kept.

What is read is YAML as JSON sees it: strings, numbers, ``true``/``false``, ``null``, lists and objects.
``no``, ``on``, ``12:30`` and ``2024-01-01`` are strings here (YAML 1.1 makes a boolean, a number and a
date of them: Norway's ``NO`` in a list of countries would be ``false``). A key twice in one object,
anchors, aliases and tags are refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from tasks.core.errors import BadMappingError

Where: TypeAlias = tuple[str | int, ...]
"""The way to a value: keys and list positions, e.g. ``("fields", "email", "clean")``."""


@dataclass(slots=True)
class Document:
    """A parsed YAML file.

    Args:
        file: The file as the user named it.
        value: Its content: JSON values only.
        lines: 1-based line of every key and list item; ``()`` is the document itself.
        problems: What is wrong with it as YAML; the value holds everything else.
    """

    file: str
    value: Any = None
    lines: dict[Where, int] = field(default_factory=dict)
    problems: list[BadMappingError] = field(default_factory=list)

    def error(self, what: str, where: Where = (), remedy: str = "") -> BadMappingError:
        """The error that points at ``where``, or at its nearest ancestor that has a line."""
        while where and where not in self.lines:
            where = where[:-1]
        return BadMappingError(what, file=self.file, line=self.lines.get(where, 0), remedy=remedy)


_TAG = "tag:yaml.org,2002:"


class _Loader(yaml.SafeLoader):
    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - PyYAML's own


for _name, _pattern, _first in (
    ("null", r"^(?:~|null|)$", ["~", "n", ""]),
    ("bool", r"^(?:true|false)$", ["t", "f"]),
    ("int", r"^[-+]?(?:0|[1-9][0-9]{0,17})$", list("-+0123456789")),
    (
        "float",
        r"^[-+]?(?:0|[1-9][0-9]*)(?=[.eE])(?:\.[0-9]+)?(?:[eE][-+]?[0-9]{1,2})?$",
        list("-+0123456789"),
    ),
):
    _Loader.add_implicit_resolver(_TAG + _name, re.compile(_pattern), _first)

_SCALARS: dict[str, Callable[[str], Any]] = {
    _TAG + "str": str,
    _TAG + "null": lambda _: None,
    _TAG + "bool": lambda text: text == "true",
    _TAG + "int": int,
    _TAG + "float": float,
}


def read_yaml(path: Path) -> Document:
    """Read one YAML file.

    Raises:
        BadMappingError: The file cannot be read, is empty, or is not YAML.
    """
    document = Document(str(path))
    root = _compose(document, _text(path))
    if root is None:
        raise document.error("the file is empty")
    try:
        document.value = _value(root, (), document)
    except RecursionError:
        raise document.error("nested too deeply") from None
    return document


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise BadMappingError("there is no such file", file=str(path)) from None
    except OSError as error:
        raise BadMappingError(f"cannot be read: {error.strerror}", file=str(path)) from None
    except UnicodeDecodeError:
        raise BadMappingError("not UTF-8 text", file=str(path), remedy="save the file as UTF-8") from None


def _compose(document: Document, text: str) -> yaml.Node | None:
    try:
        _refuse_aliases(document, text)
        return yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 0
        problem = error.problem or error.context or "cannot be parsed"
        remedy = "indent with spaces: YAML has no tabs" if "\\t" in problem else ""
        raise BadMappingError(f"not YAML: {problem}", file=document.file, line=line, remedy=remedy) from None
    except yaml.YAMLError as error:
        raise document.error(f"not YAML: {str(error).splitlines()[0]}") from None
    except RecursionError:
        raise document.error("nested too deeply") from None


def _refuse_aliases(document: Document, text: str) -> None:
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.NodeEvent) and event.anchor:
            raise BadMappingError(
                "anchors and aliases (& and *) are not part of the language",
                file=document.file,
                line=event.start_mark.line + 1 if event.start_mark else 0,
                remedy="write it out, or put the text in quotes",
            )


def _value(node: yaml.Node, where: Where, document: Document) -> Any:
    document.lines.setdefault(where, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        return _object(node, where, document)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*where, index), document) for index, item in enumerate(node.value)]
    if not _is_text(node.value):
        document.problems.append(document.error(_NO_TEXT, where))
        return None
    try:
        return _SCALARS[node.tag](node.value)
    except (KeyError, ValueError):
        document.problems.append(document.error(f"the tag `{node.tag}` is not part of the language", where))
        return None


_NO_TEXT = "half a character (`\\ud800` to `\\udfff`) is no text"


def _is_text(value: str) -> bool:
    """Whether it can be stored and shown: an escape may write half a character."""
    return not any("\ud800" <= sign <= "\udfff" for sign in value)


def _object(node: yaml.MappingNode, where: Where, document: Document) -> dict[str, Any]:
    found: dict[str, Any] = {}
    first: dict[str, int] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            problem = BadMappingError("a key must be text", file=document.file, line=line)
        elif not _is_text(key_node.value):
            problem = BadMappingError(_NO_TEXT, file=document.file, line=line)
        elif key_node.value in first:
            problem = BadMappingError(
                f"`{key_node.value}` is given twice, first in line {first[key_node.value]}",
                file=document.file,
                line=line,
            )
        else:
            first[key_node.value] = line
            document.lines[*where, key_node.value] = line
            found[key_node.value] = _value(value_node, (*where, key_node.value), document)
            continue
        document.problems.append(problem)
    return found
