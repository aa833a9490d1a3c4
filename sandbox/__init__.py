"""Both vendors, locally: strict, with their documented quirks, quotas and faults.

The sandbox answers as the vendors' documentation, their published contracts and public reports say the
real APIs answer, and is never bent to please a client. It needs no account and no network beyond
loopback, and its data are made from a seed: the same seed and count give the same records to the byte.
"""

from __future__ import annotations

from sandbox.core.options import BadOptionError, Options

__all__ = ["BadOptionError", "Options", "run"]


def run(options: Options | None = None, *, as_json: bool = False) -> None:
    """Serve until SIGTERM or SIGINT, then return.

    Args:
        options: What to serve; the defaults are HighLevel with 5,000 contacts on port 8701, and Lusha on
            port 8702.
        as_json: Announce the start by one JSON line instead of readable lines.

    Raises:
        BadOptionError: an option cannot be honoured (port taken, faults file unreadable, ...).
    """
    from sandbox.serve import serve  # noqa: PLC0415 - the server's imports wait until one is started

    serve(options or Options(), as_json=as_json)
