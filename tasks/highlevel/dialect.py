"""Which HighLevel API version a request speaks, and what differs between them.

Both are served side by side and chosen by the ``Version`` header; no version has a retirement date
(HighLevel, "API versioning"). Everything else in this package is the same for both.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dialect:
    """One version's spelling.

    Args:
        version: Value of the mandatory ``Version`` header.
        custom_field_value: Key of a custom field's value in a write.
        success_flags: Where a write's answer says that it succeeded, in the order to look.
    """

    version: str
    custom_field_value: str
    success_flags: tuple[str, ...] = ("succeeded", "succeded", "success")


DIALECTS = {
    "2021-07-28": Dialect("2021-07-28", custom_field_value="field_value"),
    "v3": Dialect("v3", custom_field_value="fieldValue"),
}
"""The versions this program speaks, by the value of the setting."""
