"""Which HighLevel API version a request speaks, and what differs between them.

Both are served side by side and chosen by the ``Version`` header; no version has a retirement date
(HighLevel, "API versioning"). Everything else in this package is the same for both. Answers need no
dialect: either spelling is read in both (``endpoint.py``, ``records.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

SUCCESS_FLAGS = ("succeeded", "succeded", "success")
"""Where a write's answer says that it succeeded; which of them, differs by version and by product."""

_DND_CHANNELS = {
    "call": "Call",
    "email": "Email",
    "sms": "SMS",
    "whatsapp": "WhatsApp",
    "gmb": "GMB",
    "fb": "FB",
}


@dataclass(frozen=True, slots=True)
class Dialect:
    """One version's spelling.

    Calendars and conversations never had a 2021-07-28 of their own: their files declare 2021-04-15.

    Args:
        version: Value of the mandatory ``Version`` header.
        custom_field_value: Key of a custom field's value in a write.
        dnd_channels: How ``dndSettings`` spells each channel in a write.
        agency_grant_path: Where an agency's token is exchanged for a location's.
        camel_case_oauth: Whether the token endpoint's fields are named ``clientId`` or ``client_id``.
        product_versions: ``Version`` of the products that declare one of their own, by path.
    """

    version: str
    custom_field_value: str
    dnd_channels: Mapping[str, str]
    agency_grant_path: str
    camel_case_oauth: bool
    product_versions: tuple[tuple[str, str], ...] = ()

    def version_for(self, path: str) -> str:
        """The ``Version`` header for a path."""
        own = (version for prefix, version in self.product_versions if path.startswith(prefix))
        return next(own, self.version)


DIALECTS = {
    "2021-07-28": Dialect(
        "2021-07-28",
        custom_field_value="field_value",
        dnd_channels=MappingProxyType(_DND_CHANNELS),
        agency_grant_path="/oauth/locationToken",
        camel_case_oauth=False,
        product_versions=(("/calendars", "2021-04-15"), ("/conversations", "2021-04-15")),
    ),
    "v3": Dialect(
        "v3",
        custom_field_value="fieldValue",
        dnd_channels=MappingProxyType(
            {channel: channel for channel in _DND_CHANNELS} | {"whatsapp": "whatsApp"}
        ),
        agency_grant_path="/oauth/location-token",
        camel_case_oauth=True,
    ),
}
"""The versions this program speaks, by the value of the setting."""
