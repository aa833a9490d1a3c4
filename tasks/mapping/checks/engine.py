"""Great Expectations, kept at arm's length: the only module that imports it, and only when asked to.

Its import takes seconds and 140 MB, so a mapping without checks never pays for it. One ephemeral
context serves the whole process; each mapping has one suite, and one batch is judged at a time.
"""

from __future__ import annotations

import importlib.util
import logging
import sys
import warnings
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import pandas as pd

Verdict: TypeAlias = Any
"""Great Expectations' result of one expectation."""

Validate: TypeAlias = "Callable[[pd.DataFrame], Iterable[Verdict]]"

_lock = Lock()

_judging = Lock()
"""The context keeps one batch by its name: what another thread judges meanwhile would take its place."""


_ON_DEMAND = ("altair", "scipy.stats")
"""Modules that Great Expectations imports for charts and distributions, in a third of its time. They are
loaded when the first thing of them is used."""


def _load_on_demand(name: str) -> None:
    """Let a module be loaded by whoever uses it, and not by whoever imports it."""
    spec = importlib.util.find_spec(name)  # imports the package that it is in
    if name in sys.modules or spec is None or spec.loader is None:
        return
    spec.loader = importlib.util.LazyLoader(spec.loader)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    package, _, own = name.rpartition(".")
    if package:
        setattr(sys.modules[package], own, module)


@cache
def _loaded() -> tuple[Any, Any]:
    """Great Expectations, and the batches of its one data frame asset in the process's context."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its modules use what Python 3.11 deprecates
        for name in _ON_DEMAND:
            _load_on_demand(name)
        import great_expectations as gx  # noqa: PLC0415 - seconds, see above
        from great_expectations.data_context.types.base import ProgressBarsConfig  # noqa: PLC0415

        # This logger is set to INFO by its module, whatever the root logger says, to tell of a
        # temporary directory for pages that are never built.
        logging.getLogger("great_expectations.data_context.types.base").setLevel(logging.WARNING)
        context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("rows").add_dataframe_asset("rows")
    return gx, asset.add_batch_definition_whole_dataframe("batch")


def load() -> Any:
    """Great Expectations itself, imported and with its context once per process."""
    with _lock:
        return _loaded()[0]


def validation(name: str, expectations: Sequence[Any]) -> Validate:
    """The function that judges a data frame by ``expectations``, every bad position included.

    Batches are validated directly: a validation definition would keep the result of every run in memory.
    """
    gx = load()
    suite = gx.ExpectationSuite(name=name)
    for expectation in expectations:
        suite.add_expectation(expectation)
    if len(suite.expectations) != len(expectations):
        raise RuntimeError(f"{len(expectations)} expectations given, {len(suite.expectations)} kept")
    batches = _loaded()[1]

    def validate(frame: pd.DataFrame) -> Iterable[Verdict]:
        with _judging:
            batch = batches.get_batch({"dataframe": frame})
            results: Iterable[Verdict] = batch.validate(
                suite, result_format={"result_format": "COMPLETE"}
            ).results
        return results

    return validate
