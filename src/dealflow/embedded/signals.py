"""The end of a program by signal: the first one asks for it, a later one brings it about."""

import asyncio
import signal

SIGNS = (signal.SIGINT, signal.SIGTERM)
# A terminal and the program that was started in it may both pass on the same Ctrl-C.
SAME_SECONDS = 1.0


def stop_when_told(stop: asyncio.Event) -> None:
    """Set `stop` at the first SIGINT or SIGTERM of the running loop's program; the next one ends it where it stands."""
    loop = asyncio.get_running_loop()

    def told() -> None:
        if not stop.is_set():
            stop.set()
            loop.call_later(SAME_SECONDS, end_at_the_next)

    def end_at_the_next() -> None:
        for sign in SIGNS:
            loop.remove_signal_handler(sign)
            signal.signal(sign, signal.SIG_DFL)

    for sign in SIGNS:
        loop.add_signal_handler(sign, told)
