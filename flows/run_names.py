"""What runs are called in Prefect: what is done, for which location, and whether it is a dry run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tasks.hub.connections import ENVIRONMENT


def named(what: str, asked: dict[str, Any]) -> str:
    """The name of a run that may be a dry run and may be another location's.

    Args:
        asked: The run's parameters.
    """
    place = f", {asked['connection']}" if asked.get("connection") else ""
    return f"{what}{place}{', dry run' if asked.get('dry_run') else ''}"


def placed(what: str, asked: dict[str, Any]) -> str:
    """The name of a run that reads a location."""
    return f"{what}, {asked.get('connection') or ENVIRONMENT}"


def named_sync(records: str, asked: dict[str, Any]) -> str:
    """The name of a run that brings the hub up to date."""
    whole = ", full pass" if asked.get("full_pass") == "now" else ""
    return f"{placed(f'sync {records}', asked)}{whole}"


def named_import(asked: dict[str, Any]) -> str:
    """The name of a run that imports: by its file, without the folders."""
    return named(f"import {Path(asked.get('file') or 'a query').name}", asked)
