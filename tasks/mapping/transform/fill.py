"""The closures that fill one target field from a record: what runs for every field of every record.

Each way to fill has its own closure, with everything looked up beforehand; that is what makes 26 fields
cost 15 µs.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any, TypeAlias

from tasks.core.batch import Row
from tasks.mapping.transform.coerce import Keep
from tasks.mapping.transform.partial import Partial, without
from tasks.mapping.transform.paths import Getter
from tasks.mapping.transform.refusal import CleanError, RefusedValueError

Fill: TypeAlias = Callable[[Row], Any]
"""From a record to a field's value, ``None`` where there is none, ``Partial`` where there is something to
tell of it; raises ``RefusedValueError`` alone."""

Clean: TypeAlias = tuple[tuple[Callable[..., Any], bool], ...]
"""Transforms in order; True where one takes the record as its second argument."""


def optional(get: Getter, clean: Clean, keep: Keep) -> Fill:
    """Find, clean and check; nothing found or nothing left is ``None``."""
    if not clean:
        return _unclean(get, keep)
    if len(clean) > 1:
        return _by_steps(get, clean, keep)
    [(function, reads_record)] = clean
    return _reading_record(get, function, keep) if reads_record else _cleaned(get, function, keep)


def _unclean(get: Getter, keep: Keep) -> Fill:
    def fill(record: Row) -> Any:
        value = get(record)
        return None if value is None else keep(value)

    return fill


def _cleaned(get: Getter, clean: Callable[[Any], Any], keep: Keep) -> Fill:
    def fill(record: Row) -> Any:
        value = get(record)
        if value is None:
            return None
        try:
            cleaned = clean(value)
        except RefusedValueError:
            raise
        except Exception as error:  # noqa: BLE001 - no value may stop a batch
            raise _unforeseen(value, error) from None
        if type(cleaned) is Partial:
            return cleaned.kept(keep)
        return None if cleaned is None else keep(cleaned)

    return fill


def _reading_record(get: Getter, clean: Callable[[Any, Row], Any], keep: Keep) -> Fill:
    def fill(record: Row) -> Any:
        value = get(record)
        if value is None:
            return None
        try:
            cleaned = clean(value, record)
        except RefusedValueError:
            raise
        except Exception as error:  # noqa: BLE001 - no value may stop a batch
            raise _unforeseen(value, error) from None
        if type(cleaned) is Partial:
            return cleaned.kept(keep)
        return None if cleaned is None else keep(cleaned)

    return fill


def _by_steps(get: Getter, clean: Clean, keep: Keep) -> Fill:
    def fill(record: Row) -> Any:
        value, told = get(record), None
        try:
            for function, reads_record in clean:
                if value is None:
                    break
                value = function(value, record) if reads_record else function(value)
                if type(value) is Partial:
                    told = value if told is None else told.then(value)
                    value = told.value
        except RefusedValueError:
            raise
        except Exception as error:  # noqa: BLE001 - no value may stop a batch
            raise _unforeseen(value, error) from None
        kept = None if value is None else keep(value)
        return kept if told is None else told.then(kept)

    return fill


def _unforeseen(value: Any, error: Exception) -> CleanError:
    return CleanError(value, f"cannot be cleaned ({type(error).__name__})")


def constant(value: Any) -> Fill:
    """The same value for every record; a list or an object is a new one each time."""
    if isinstance(value, list | dict):
        return lambda _: deepcopy(value)
    return lambda _: value


def with_default(fill: Fill, default: Any) -> Fill:
    """``default`` where ``fill`` finds nothing."""
    otherwise = constant(default)

    def filled(record: Row) -> Any:
        value = fill(record)
        if type(value) is Partial and value.value is None:
            return value.then(otherwise(record))
        return otherwise(record) if value is None else value

    return filled


def dropped(fill: Fill) -> Fill:
    """No value where ``fill`` refuses one."""

    def filled(record: Row) -> Any:
        try:
            return fill(record)
        except RefusedValueError as refused:
            return without(refused)

    return filled


def stopped(fill: Fill, told: Callable[[RefusedValueError], Exception]) -> Fill:
    """The run stops where ``fill`` refuses a value."""

    def filled(record: Row) -> Any:
        try:
            return fill(record)
        except RefusedValueError as refused:
            raise told(refused) from None

    return filled


def warned(fill: Fill, as_found: Fill) -> Fill:
    """The value as it was found where ``fill`` refuses it, and a warning."""

    def filled(record: Row) -> Any:
        try:
            return fill(record)
        except RefusedValueError as refused:
            return Partial(as_found(record), warnings=(refused.rule,))

    return filled


def required(fill: Fill) -> Fill:
    """A record without a value is refused."""

    def filled(record: Row) -> Any:
        value = fill(record)
        if value is None or (type(value) is Partial and value.value is None):
            raise RefusedValueError("required", "no value")
        return value

    return filled
