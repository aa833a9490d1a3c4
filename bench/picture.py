"""How fast each lane loads contacts, as a picture (SVG) that README shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from xml.sax.saxutils import escape

from bench.findings import kept

FILE = Path("docs/throughput.svg")

NAMES = {
    "floor": "bare pages and upsert",
    "dlt": "dlt",
    "ours": "ours, first load",
    "unchanged": "ours, nothing changed",
}
"""The lanes, from top to bottom."""

OURS, OTHERS = "#2f6f4f", "#9aa5ad"
WIDTH, LABELS, BAR, GAP, HEAD = 760, 200, 18, 8, 34
"""Pixels."""


def draw() -> Path | None:
    """Draw what the lanes of ``bench.loading`` kept; nothing where they were not measured."""
    if not (found := kept("loading")):
        return None
    FILE.write_text(_picture(found["rates"], found["size"]), encoding="utf-8")
    return FILE


def _picture(rates: Mapping[str, Mapping[str, float]], size: int) -> str:
    lines = list(_lines(rates, size))
    height = len(rates) * (HEAD + len(NAMES) * (BAR + GAP)) + GAP
    box = f'width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {box} font-family="sans-serif" font-size="13">',
            f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
            *lines,
            "</svg>\n",
        ]
    )


def _lines(rates: Mapping[str, Mapping[str, float]], size: int) -> Iterator[str]:
    most = max(rate for lanes in rates.values() for rate in lanes.values())
    top = 0
    for database, lanes in rates.items():
        title = f"{size:,} contacts into {database}, contacts a second"
        yield f'<text x="{GAP}" y="{top + HEAD - 12}" font-weight="bold">{escape(title)}</text>'
        top += HEAD
        for lane, name in NAMES.items():
            width = max(1, round((WIDTH - LABELS - 80) * lanes[lane] / most))
            colour = OURS if name.startswith("ours") else OTHERS
            y = top + BAR - 5
            yield f'<text x="{LABELS - GAP}" y="{y}" text-anchor="end">{escape(name)}</text>'
            yield f'<rect x="{LABELS}" y="{top}" width="{width}" height="{BAR}" fill="{colour}"/>'
            yield f'<text x="{LABELS + width + GAP}" y="{y}">{lanes[lane]:,.0f}</text>'
            top += BAR + GAP
