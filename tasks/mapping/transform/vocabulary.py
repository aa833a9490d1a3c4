"""Every transform of the language, in the register once this module is imported."""

from __future__ import annotations

from tasks.mapping.transform import clean, clean_addresses, clean_dates
from tasks.mapping.transform.registry import TRANSFORMS

__all__ = ["TRANSFORMS", "clean", "clean_addresses", "clean_dates"]
