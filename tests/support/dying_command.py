"""The command line in a process that is killed (-9) when it has committed and is about to wake somebody.

python -m tests.support.dying_command WORDS...
"""

import os
import signal

from dealflow import bootstrap
from dealflow.application.ports.schedule import Scheduled
from dealflow.cli.main import main


class Dying(bootstrap.Hints):
    """Wakes nobody, and nothing comes after it."""

    def wake(self, row: Scheduled, about: str) -> bool:
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("a signal that cannot be ignored was")


if __name__ == "__main__":
    bootstrap.Hints = Dying  # type: ignore[misc]
    main()
