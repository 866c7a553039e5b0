"""A worker in a process of its own that stops between its append and its completion, so that it can be killed there.

python -m tests.support.workers.dying_worker HOME DATABASE ADDRESS QUEUE MARKER
"""

import asyncio
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from dealflow.application.commands.answers import Progressed
from dealflow.bootstrap import open_system
from dealflow.settings import Settings
from dealflow.worker import run_worker
from tests.support.workers.silent_waker import SilentWaker


class Dying:
    """The deal side, until it has appended something: then it says so and never answers."""

    def __init__(self, deals: Any, marker: Path) -> None:
        self._deals, self._marker = deals, marker

    def progress(self, deal_id: str, opening: int, now: datetime, *, run: int = 1) -> Progressed:
        done: Progressed = self._deals.progress(deal_id, opening, now, run=run)
        if done.facts:
            self._marker.write_text(deal_id)
            time.sleep(3600)
        return done


def main(home: str, database: str, address: str, queue: str, marker: str) -> None:
    """Run until killed; DATABASE is "" for the file in HOME."""
    settings = Settings.load(
        home=Path(home), database_url=database, temporal_address=address, temporal_queue=queue, zone="UTC"
    )
    with open_system(settings, SilentWaker()) as system:
        system.deals = Dying(system.deals, Path(marker))  # type: ignore[assignment]
        asyncio.run(run_worker(system, asyncio.Event()))


if __name__ == "__main__":
    main(*sys.argv[1:])
