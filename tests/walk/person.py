"""A person's browser during the walk: it opens a consent page of the sandbox and presses *Allow*.

Run as a program, with the page's address: what ``webbrowser`` starts where ``BROWSER`` says so.
"""

from __future__ import annotations

import sys
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import urlopen


def allow(page: str) -> None:
    """Give an app what its consent page asks for; the browser is sent back to the app."""
    urlopen(page, timeout=30).close()  # the page is there to be read
    asked = {name: values[0] for name, values in parse_qs(urlsplit(page).query).items()}
    form = urlencode({**asked, "user_type": "Location"}).encode()
    urlopen(urlsplit(page)._replace(query="").geturl(), form, timeout=30).close()


if __name__ == "__main__":
    allow(sys.argv[1])
