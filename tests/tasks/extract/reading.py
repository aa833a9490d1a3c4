"""Reading files whole, as a run does: batch after batch, its position kept as JSON between them."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from tasks.extract.files import FileSource, open_file


def batches(source: FileSource, size: int = 100) -> list[list[dict[str, Any]]]:
    async def read() -> list[list[dict[str, Any]]]:
        found, position = [], None
        while True:
            batch = await source.read(position, size)
            found.append(batch.records)
            if batch.last:
                return found
            position = json.loads(json.dumps(batch.position))

    return asyncio.run(read())


def records(path: Path, size: int = 100, **options: Any) -> list[dict[str, Any]]:
    return [record for batch in batches(open_file(path, **options), size) for record in batch]
