"""``python -m flows.cli``: the command line without its installed script."""

from __future__ import annotations

from flows.cli import main

main()
