"""Great Expectations, kept at arm's length: the only module that imports it, and only when asked to.

Its import takes seconds and 140 MB, so a mapping without checks never pays for it. One ephemeral
context serves the whole process; each mapping has one validation definition.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import count
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import pandas as pd

Verdict: TypeAlias = Any
"""Great Expectations' result of one expectation."""

Validate: TypeAlias = "Callable[[pd.DataFrame], Iterable[Verdict]]"

_lock = Lock()
_serial = count(1)


@cache
def _loaded() -> tuple[Any, Any]:
    """Great Expectations and the process's context with its one data frame asset."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its modules use what Python 3.11 deprecates
        import great_expectations as gx  # noqa: PLC0415 - seconds, see above
        from great_expectations.data_context.types.base import ProgressBarsConfig  # noqa: PLC0415

        # This logger is set to INFO by its module, whatever the root logger says, to tell of a
        # temporary directory for pages that are never built.
        logging.getLogger("great_expectations.data_context.types.base").setLevel(logging.WARNING)
        context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("rows").add_dataframe_asset("rows")
    asset.add_batch_definition_whole_dataframe("batch")
    return gx, context


def load() -> Any:
    """Great Expectations itself, imported and with its context once per process."""
    with _lock:
        return _loaded()[0]


def validation(name: str, expectations: Sequence[Any]) -> Validate:
    """The function that judges a data frame by ``expectations``, every bad position included."""
    gx = load()
    with _lock:
        context = _loaded()[1]
        unique = f"{name}-{next(_serial)}"
        suite = context.suites.add(gx.ExpectationSuite(name=unique))
        for expectation in expectations:
            suite.add_expectation(expectation)
        data = context.data_sources.get("rows").get_asset("rows").get_batch_definition("batch")
        definition = context.validation_definitions.add(
            gx.ValidationDefinition(name=unique, data=data, suite=suite)
        )
    if len(suite.expectations) != len(expectations):
        raise RuntimeError(f"{len(expectations)} expectations given, {len(suite.expectations)} kept")

    def validate(frame: pd.DataFrame) -> Iterable[Verdict]:
        found = definition.run(
            batch_parameters={"dataframe": frame}, result_format={"result_format": "COMPLETE"}
        )
        results: Iterable[Verdict] = found.results
        return results

    return validate
