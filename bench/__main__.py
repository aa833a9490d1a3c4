"""All that is claimed about speed and memory: measured, beside what is aimed at.

    python -m bench [--only starting,loading,reading,plans] [--table]

An hour on an otherwise idle machine. Each part can be measured by itself (``python -m bench.loading``);
``--table`` prints what was measured last, without measuring, and draws the picture.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

from bench import findings, loading, picture, plans, reading, starting

PARTS: dict[str, Callable[[], None]] = {
    "starting": lambda: starting.run(repeat=5),
    "loading": lambda: loading.run(loading.SIZE, loading.DATABASES, repeat=3),
    "reading": reading.run,
    "plans": plans.run,
}
KEPT = ("loading", "reading", "starting", *(f"plans-{lane}" for lane in plans.LANES))


def main() -> None:
    """Measure what is asked for, then print the whole table."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", type=lambda text: text.split(","), default=list(PARTS))
    parser.add_argument("--table", action="store_true", help="only print what was measured last")
    options = parser.parse_args()
    for part in () if options.table else options.only:
        PARTS[part]()
    print("\n".join(findings.table([one for part in KEPT for one in findings.found_by(part)])))
    print(f"\n{findings.machine()}")
    if (drawn := picture.draw()) is not None:
        print(drawn)


if __name__ == "__main__":
    main()
