"""The system's Chromium, driven by Playwright, which brings none of its own here."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
SIZE = {"width": 1280, "height": 1450}
"""As high as a plan and the question below it."""
PATIENCE_SECONDS = 150

FLAGS = (
    "--no-sandbox",  # for root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""A test asks nobody on the network but the servers that it started."""


def chromium() -> str:
    """The program's path; without one the present test is skipped, or fails where ``CI`` is set."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found:
        return found
    why = "no Chromium is installed (make browser)"
    if os.environ.get("CI"):
        pytest.fail(f"{why}; where CI is set, no test is skipped for that")
    pytest.skip(why)


@contextlib.contextmanager
def opened(seen: Path) -> Iterator[Page]:
    """A page of a new browser; where the ``with`` body fails, the file ``seen`` shows what was on it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        page = browser.new_page(viewport=SIZE, color_scheme="light")
        page.set_default_timeout(PATIENCE_SECONDS * 1000)
        try:
            yield page
        except BaseException:
            page.screenshot(path=seen, full_page=True)
            raise
        finally:
            browser.close()
