"""Text that a spreadsheet program would run as a formula, kept from it and taken back.

See https://owasp.org/www-community/attacks/CSV_Injection: what begins with one of a few characters is a
formula to Excel, LibreOffice and Google Sheets. An apostrophe before it makes it text.
"""

from __future__ import annotations

import re

_RUN = "=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20"  # the last four are the same in full width

_FORMULA = re.compile(rf"'*[ \u00a0]*[{_RUN}]")
_MARKED = re.compile(rf"''*[ \u00a0]*[{_RUN}]")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?|\+\d[\d ()]*")


def neutralised(text: str) -> str:
    """A cell that no spreadsheet program runs; numbers, also of phones, stay as they are."""
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def restored(text: str) -> str:
    """A cell as it was before it was neutralised."""
    return text[1:] if text.startswith("'") and _MARKED.match(text) else text
