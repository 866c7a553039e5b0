"""The command line in a process that is killed (-9) when it has committed and is about to wake somebody.

python -m tests.support.workers.dying_command WORDS...
"""

import os
import signal
from collections.abc import Iterable
from functools import partial

from dealflow import bootstrap
from dealflow.application.ports.schedule import Scheduled
from dealflow.cli.main import main


class DyingHint:
    """Wakes nobody, and nothing comes after it."""

    def wake(self, row: Scheduled, about: str) -> bool:
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("a signal that cannot be ignored was")

    def wake_recipients(self, recipients: Iterable[str]) -> bool:
        return False


if __name__ == "__main__":
    bootstrap.open_system = partial(bootstrap.open_system, wake_hint=DyingHint())
    main()
