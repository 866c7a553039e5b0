"""A store in which somebody else is faster a few times, and an outbox whose process dies before a batch is released."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from dealflow.application.ports.outbox import Outbox
from dealflow.application.ports.store import (
    Append,
    Conflict,
    EventStore,
    Logged,
    OutcomeUnknown,
    StoreUnreachable,
    Stream,
)


class ContestedStore:
    """The store behind it, but the first appends conflict as if somebody had appended meanwhile."""

    def __init__(self, store: EventStore, conflicts: int) -> None:
        self._store = store
        self.conflicts = conflicts
        self.sizes: list[int] = []

    def append(self, appends: Sequence[Append]) -> None:
        self.sizes.append(len(appends))
        if self.conflicts:
            self.conflicts -= 1
            raise Conflict
        self._store.append(appends)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


class OvertakenStore:
    """The store behind it, but somebody else acts once, right before the `at`-th append from now would be written."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self.act: Callable[[], object] | None = None
        self.at = 1

    def append(self, appends: Sequence[Append]) -> None:
        self.at -= 1
        act = self.act
        if act and self.at == 0:
            self.act = None
            act()
        self._store.append(appends)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


class AwayStore:
    """The store behind it, whose log cannot be read while `is_away`; how often it was asked for meanwhile."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self.is_away, self.asked = True, 0

    def log(self, after: int, limit: int) -> list[Logged]:
        if self.is_away:
            self.asked += 1
            raise StoreUnreachable("the store is away")
        return list(self._store.log(after, limit))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


class LosingStore:
    """The store behind it, but the `at`-th append from now fails with `error`, written or not."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self.at, self.is_written = 0, False
        self.error: StoreUnreachable = OutcomeUnknown("the server went away")

    def append(self, appends: Sequence[Append]) -> None:
        self.at -= 1
        lost = self.at == 0
        if self.is_written or not lost:
            self._store.append(appends)
        if lost:
            raise self.error

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


class OutrunStore:
    """The store behind it, but somebody else acts once, right before the streams are read for the `at`-th time from now."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self.act: Callable[[], object] | None = None
        self.at = 1

    def load(self, stream: str) -> Stream:
        self.at -= 1
        act = self.act
        if act and self.at == 0:
            self.act = None
            act()
        return self._store.load(stream)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


class DyingOutbox:
    """The outbox behind it, but the process ends where a batch would be released."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    def finish_batch(self, batch: str, at: datetime) -> None:
        raise KeyboardInterrupt

    def __getattr__(self, name: str) -> Any:
        return getattr(self._outbox, name)
