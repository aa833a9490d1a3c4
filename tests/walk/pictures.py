"""README's pictures of Prefect's UI, taken during the walk where ``PICTURES`` names a folder."""

from __future__ import annotations

import base64
import os
from pathlib import Path

from playwright.sync_api import Locator

QUALITY = 80
"""Of WebP, which Chromium writes itself: an eighth of a PNG's size."""


def folder() -> Path | None:
    """Where pictures are wanted; None for none."""
    wanted = os.environ.get("PICTURES")
    return Path(__file__).parents[2] / wanted if wanted else None


def take(name: str, shown: Locator, height: float | None = None) -> None:
    """Keep what is seen of an element, its upper part of a height in pixels, as ``<name>.webp``."""
    to = folder()
    if to is None:
        return
    shown.page.wait_for_timeout(1000)  # what moves comes to rest
    shown.page.evaluate("document.activeElement.blur()")
    box = shown.bounding_box()
    assert box is not None, f"{name} is not to be seen"
    clip = {**box, "height": min(box["height"], height or box["height"]), "scale": 1}
    session = shown.page.context.new_cdp_session(shown.page)
    asked = {"format": "webp", "quality": QUALITY, "clip": clip, "captureBeyondViewport": True}
    data = session.send("Page.captureScreenshot", asked)["data"]
    (to / f"{name}.webp").write_bytes(base64.b64decode(data))
