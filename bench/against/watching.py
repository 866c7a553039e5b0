"""Sees when a stream has grown past a version: how every loop that appends is measured, in the same way."""

from collections.abc import Iterable
from concurrent.futures import Future
from threading import Event, Lock, Thread
from typing import Any

import psycopg

EVERY_SECONDS = 0.005
LONGEST_SECONDS = 60.0


class Watch:
    """Asks the database every few milliseconds while somebody waits."""

    def __init__(self, database_url: str, table: str) -> None:
        self._statement: Any = (
            f"SELECT originator_id, max(originator_version) FROM {table} "  # noqa: S608  a name of ours
            "WHERE originator_id = ANY(%s) GROUP BY originator_id"
        )
        self._url = database_url
        self._lock, self._stop = Lock(), Event()
        self._waiting: dict[Any, tuple[int, Future[None]]] = {}
        self._thread = Thread(target=self._run, name="watch", daemon=True)
        self._thread.start()

    def until_past(self, stream: Any, version: int) -> None:
        """Return when the stream has an event behind this version."""
        grown: Future[None] = Future()
        with self._lock:
            self._waiting[stream] = (version, grown)
        grown.result(LONGEST_SECONDS)

    def close(self) -> None:
        """Ask no more."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        with psycopg.connect(self._url, autocommit=True) as connection:
            while not self._stop.wait(EVERY_SECONDS):
                with self._lock:
                    streams = list(self._waiting)
                if streams:
                    self._grown(connection.execute(self._statement, (streams,)).fetchall())

    def _grown(self, heads: Iterable[tuple[Any, int]]) -> None:
        for stream, head in heads:
            with self._lock:
                known, grown = self._waiting[stream]
                if head <= known:
                    continue
                del self._waiting[stream]
            grown.set_result(None)
