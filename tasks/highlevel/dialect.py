"""Which HighLevel API version a request speaks, and what differs between them.

Both are served side by side and chosen by the ``Version`` header; no version has a retirement date
(HighLevel, "API versioning"). Everything else in this package is the same for both.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dialect:
    """One version's spelling.

    Calendars and conversations never had a 2021-07-28 of their own: their files declare 2021-04-15.

    Args:
        version: Value of the mandatory ``Version`` header.
        custom_field_value: Key of a custom field's value in a write.
        success_flags: Where a write's answer says that it succeeded, in the order to look.
    """

    version: str
    custom_field_value: str
    success_flags: tuple[str, ...] = ("succeeded", "succeded", "success")
    product_versions: tuple[tuple[str, str], ...] = ()

    def version_for(self, path: str) -> str:
        """The ``Version`` header for a path."""
        own = (version for prefix, version in self.product_versions if path.startswith(prefix))
        return next(own, self.version)


DIALECTS = {
    "2021-07-28": Dialect(
        "2021-07-28",
        custom_field_value="field_value",
        product_versions=(("/calendars", "2021-04-15"), ("/conversations", "2021-04-15")),
    ),
    "v3": Dialect("v3", custom_field_value="fieldValue"),
}
"""The versions this program speaks, by the value of the setting."""
