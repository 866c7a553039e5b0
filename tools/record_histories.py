"""Records the histories that the replay gate replays; run it when a workflow's shape is released, never to make a test pass.

    python -m tools.record_histories [NAME ...]

Without names, those that are not recorded yet. A recorded history stays for as long as a run of its age may be in progress.
"""

import asyncio
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from dealflow.adapters.temporal_server.server import start_server
from tests.support.running import servers
from tests.support.workers.released_shapes import SHAPES, shaped

FOLDER = Path(__file__).parents[1] / "tests" / "workflows" / "histories"

# A history of thousands of events would be no better a test.
SOON_LONG = {**servers.TIME_SKIPPING, "limit.historyCount.suggestContinueAsNew": "40"}


async def record(name: str, address: str, folder: Path) -> None:
    """Let a workflow live through the shape, and keep its history without what tells of this computer."""
    async with shaped(name, folder, address) as handle:
        history = (await handle.fetch_history()).to_json_dict()
    FOLDER.mkdir(parents=True, exist_ok=True)
    text = json.dumps(without_place(history), indent=1, sort_keys=True, ensure_ascii=False)
    (FOLDER / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    print(f"{name}: {len(history['events'])} events")  # noqa: T201  a program


def without_place(value: Any) -> Any:
    """The same without what tells of this computer: who ran it, and where its source lay."""
    if isinstance(value, list):
        return [without_place(item) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {key: without_place(item) for key, item in value.items() if key not in ("stackTrace", "cause")}
    if "identity" in kept:
        kept["identity"] = "recorder"
    if kept.get("kind") == "TASK_QUEUE_KIND_STICKY":
        kept["name"] = "sticky"
    return kept


def main(names: list[str]) -> None:
    """Record what is named, or what is missing."""
    wanted = names or [name for name in SHAPES if not (FOLDER / f"{name}.json").exists()]
    with tempfile.TemporaryDirectory() as temporary:
        server = start_server(
            servers.temporal_program(), None, log_file=Path(temporary) / "temporal.log", dynamic_config=SOON_LONG
        )
        try:
            for name in wanted:
                asyncio.run(record(name, server.address, Path(temporary) / name))
        finally:
            server.stop()


if __name__ == "__main__":
    main(sys.argv[1:])
    sys.stdout.flush()
    # The SDK's threads may still let go of Python objects, and an interpreter that ends meanwhile aborts.
    os._exit(0)
