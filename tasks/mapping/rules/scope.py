"""What is known while a rule is compiled, and its paths: checked name by name, bounded in what they cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from tasks.core.batch import shown
from tasks.core.errors import BadMappingError
from tasks.core.marked_yaml import Document, Where
from tasks.core.words import nearest
from tasks.mapping.rules.known import ANY, Named, Shape, roots_of
from tasks.mapping.rules.moments import At
from tasks.mapping.rules.refusal import CannotEvaluateError
from tasks.mapping.transform.paths import BadPathError, Node, compile_path, nodes, parsed
from tasks.mapping.transform.refusal import RefusedValueError
from tasks.streams import CUSTOM

View: TypeAlias = dict[str, Any]
"""What a rule is judged by: the context of a record, and the time."""

Read: TypeAlias = Callable[[View, At], Any]

PATH_LIMIT = 500
"""Characters of a path."""

LISTS_MADE = 2
"""Lists and objects that a path may put together: each could double what it has."""

_CUSTOM = CUSTOM.rstrip(".")

NESTING_LIMIT = 20
"""Levels of conditions and values in each other."""


@dataclass(frozen=True, slots=True)
class Path:
    """A path of a rule.

    Args:
        text: As the file has it.
        read: What is there.
        shape: What is known of that.
        names: Its names from the root on, where it is nothing but names.
    """

    text: str
    read: Read
    shape: Shape
    names: tuple[str, ...]


@dataclass(slots=True)
class Scope:
    """Compiles what one rule says.

    Args:
        rule: The rule's key.
        stream: Of the records that it judges.

    Attributes:
        problems: What is wrong so far.
        named: Names that the location must know.
        roots: The roots that are read.
        by_change: Whether the change itself is judged.
        lists: How many round robins there are so far.
    """

    document: Document
    rule: str
    stream: str
    problems: list[BadMappingError] = field(default_factory=list)
    named: list[Named] = field(default_factory=list)
    roots: set[str] = field(default_factory=set)
    by_change: bool = False
    lists: int = 0

    def error(self, what: str, where: Where, remedy: str = "") -> BadMappingError:
        """The error at a place of the file."""
        return self.document.error(what, where, remedy)

    def bounded(self, depth: int, where: Where) -> None:
        """Refuse what is nested too deeply.

        Raises:
            BadMappingError: It is.
        """
        if depth > NESTING_LIMIT:
            raise self.error(f"nested too deeply: {NESTING_LIMIT} levels at most", where)

    def name(self, kind: str, name: str, where: Where) -> None:
        """Note a name that the location must know."""
        self.named.append(Named(kind, name, where))

    def begins_path(self, text: str) -> bool:
        """Whether a text is names with dots between them, the first of them a root."""
        names = text.split(".")
        return len(names) > 1 and names[0] in roots_of(self.stream) and all(map(_is_name, names))

    def value(self, text: Any, where: Where) -> Path:
        """Compile a path to what can stand in a field or a text: no record, and no list of records.

        Raises:
            BadMappingError: It is none.
        """
        path = self.path(text, where)
        if path.shape.fields:
            raise self.error(f"`{path.text}` is a record", where, "name one of its fields")
        if path.shape.item is not None and path.shape.item.fields:
            remedy = f"write e.g. `{path.text}[0].title` or `length({path.text})`"
            raise self.error(f"`{path.text}` is a list of records", where, remedy)
        return path

    def path(self, text: Any, where: Where) -> Path:
        """Compile a path.

        Raises:
            BadMappingError: It is none, or names what is not there.
        """
        if not isinstance(text, str):
            raise self.error(f"{shown(text)} is no path", where, "write e.g. `contact.first_name`")
        if len(text) > PATH_LIMIT:
            raise self.error(f"a path has {PATH_LIMIT} characters at most", where)
        try:
            get = compile_path(text)
            tree = parsed(text).parsed
            _bound(tree)
            shape = _Checker(self, where).shape(tree, Shape(fields=roots_of(self.stream)))
        except BadPathError as error:
            raise self.error(str(error), where, error.remedy) from None
        return Path(text, self._guarded(text, get), shape, _names(tree))

    def _guarded(self, text: str, get: Callable[[View], Any]) -> Read:
        rule = self.rule

        def read(view: View, _at: At) -> Any:
            try:
                return get(view)
            except RefusedValueError:
                raise CannotEvaluateError(rule, text, "does not fit this record") from None

        return read


def _is_name(text: str) -> bool:
    return text.isascii() and text.isidentifier()


def _bound(tree: Node) -> None:
    """Refuse what could grow without end: lists put together from lists again and again."""
    made = 0
    for node in nodes(tree):
        made += node["type"] in ("multi_select_list", "multi_select_dict")
        if node["type"] == "literal" and isinstance(node["value"], list | dict):
            raise BadPathError("a path may not hold lists or objects of its own", "write them as `value`")
    if made > LISTS_MADE:
        raise BadPathError(f"a path may put together {LISTS_MADE} lists or objects at most")


def _names(node: Node) -> tuple[str, ...]:
    if node["type"] == "field":
        return (node["value"],)
    if node["type"] == "subexpression":
        parts = [_names(child) for child in node["children"]]
        return () if () in parts else tuple(name for part in parts for name in part)
    return ()


@dataclass(slots=True)
class _Checker:
    """Follows a path through what is known, from the roots on."""

    scope: Scope
    where: Where
    _custom: list[str] = field(default_factory=list)

    def shape(self, node: Node, here: Shape) -> Shape:
        """What is known at the end of a path that begins here.

        Raises:
            BadPathError: It names a field that is not there.
        """
        follow = getattr(self, f"_{node['type']}", None)
        if follow is not None:
            found: Shape = follow(node, here)
            return found
        for child in node["children"]:
            if isinstance(child, dict):
                self.shape(child, here)
        return ANY

    def _field(self, node: Node, here: Shape) -> Shape:
        name = node["value"]
        if here.fields and name not in here.fields:
            kind = "root" if "record" in here.fields else "field"
            raise BadPathError(f"unknown {kind} `{name}`", nearest(name, here.fields))
        if here.type is not None or here.item is not None:
            held = "a list" if here.item is not None else "a single value"
            remedy = "write e.g. `length(tasks)` or `tasks[0].title`" if here.item is not None else ""
            raise BadPathError(f"there is no `{name}` in {held}", remedy)
        if "record" in here.fields:
            self.scope.roots.add(name)
            self.scope.by_change |= name == "change"
        return here.fields.get(name, ANY)

    def _chain(self, node: Node, here: Shape) -> Shape:
        names = _names(node)
        if len(names) == 3 and names[1] == _CUSTOM:  # noqa: PLR2004 - contact.custom.key
            self.scope.name("custom field", names[2], self.where)
        for child in node["children"]:
            here = self.shape(child, here)
        return here

    _subexpression = _pipe = _index_expression = _chain

    def _index(self, _node: Node, here: Shape) -> Shape:
        return here.item or ANY

    def _slice(self, _node: Node, here: Shape) -> Shape:
        return here

    _identity = _current = _slice

    def _flatten(self, node: Node, here: Shape) -> Shape:
        return self.shape(node["children"][0], here)

    def _projection(self, node: Node, here: Shape) -> Shape:
        left, right = node["children"]
        return Shape(item=self.shape(right, self.shape(left, here).item or ANY))

    def _filter_projection(self, node: Node, here: Shape) -> Shape:
        left, right, condition = node["children"]
        item = self.shape(left, here).item or ANY
        self.shape(condition, item)
        return Shape(item=self.shape(right, item))

    def _value_projection(self, node: Node, here: Shape) -> Shape:
        left, right = node["children"]
        self.shape(left, here)
        self.shape(right, ANY)
        return ANY

    def _or_expression(self, node: Node, here: Shape) -> Shape:
        left, right = (self.shape(child, here) for child in node["children"])
        return left if left == right else ANY

    def _expref(self, _node: Node, _here: Shape) -> Shape:
        return ANY  # of what it is an expression, the function tells

    def _literal(self, _node: Node, _here: Shape) -> Shape:
        return ANY
