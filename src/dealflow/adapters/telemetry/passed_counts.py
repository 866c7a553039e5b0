"""Counts of processes that end long before anybody could scrape them: passed on through a socket in the home folder.

A command line lives for half a second; what it counted goes in one datagram to the process that serves metrics for this
folder. Nobody listening is no fault, and the folder's own rights say who may send.
"""

import json
import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

from dealflow.observability import metrics
from dealflow.observability.logs import Log, emit
from dealflow.observability.metrics import CATALOGUE, Distribution, Kind, Reading

_LARGEST = 65_536
_LOOK_SECONDS = 0.5
# What the system takes as the path of a socket, less its terminating zero.
_LONGEST_PATH = 103


def path_of(home: Path) -> Path:
    """Where counts of this folder are taken."""
    return home / "counts.sock"


def pass_on(home: Path) -> None:
    """Send what this process has counted to whoever listens; at once, and in silence when nobody does."""
    taken, path = metrics.take(), path_of(home)
    if taken and path.exists():
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.setblocking(False)
            sender.sendto(_written(taken), str(path))


@contextmanager
def taken_in(home: Path) -> Iterator[None]:
    """Add what others pass on to the counts of this process while the block runs."""
    path = path_of(home)
    if len(os.fsencode(path)) > _LONGEST_PATH:
        emit(Log.METRICS_INCOMPLETE, "warning", error=f"the path of {path} is too long for a socket")
        yield
        return
    ended = Event()
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.settimeout(_LOOK_SECONDS)
        # One that was killed has left its file.
        path.unlink(missing_ok=True)
        receiver.bind(str(path))
        path.chmod(0o600)
        mine = path.stat().st_ino
        taking = Thread(target=_take, args=(receiver, ended), name="passed-counts")
        taking.start()
        try:
            yield
        finally:
            ended.set()
            taking.join()
            with suppress(FileNotFoundError):
                # Another process may serve the same folder by now.
                if path.stat().st_ino == mine:
                    path.unlink()


def _take(receiver: socket.socket, ended: Event) -> None:
    while not ended.is_set():
        with suppress(TimeoutError, ValueError, TypeError):
            metrics.add(_read(receiver.recv(_LARGEST)))


def _written(readings: Sequence[Reading]) -> bytes:
    listed = [
        [metric.name, labels, [value.counts, value.total] if isinstance(value, Distribution) else value]
        for metric, labels, value in readings
    ]
    return json.dumps(listed).encode()


def _read(received: bytes) -> list[Reading]:
    """What was sent; ValueError when it is not of this version's catalogue, and then none of it counts."""
    found: list[Reading] = []
    for name, labels, value in json.loads(received):
        metric = CATALOGUE.get(name)
        if metric is None or metric.kind is Kind.GAUGE or len(labels) != len(metric.labels):
            raise ValueError(name)
        if metric.kind is Kind.COUNTER:
            found.append((metric, tuple(map(str, labels)), float(value)))
        else:
            counts, total = value
            if len(counts) != len(metric.buckets) + 1:
                raise ValueError(name)
            found.append((metric, tuple(map(str, labels)), Distribution(tuple(map(int, counts)), float(total))))
    return found
