"""``python -m cli``: the command line without its installed script."""

from __future__ import annotations

from cli import main

main()
