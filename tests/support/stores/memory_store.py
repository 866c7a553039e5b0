"""A store in memory, for fast tests of what stands on a store: the same contract, nothing encrypted, nothing kept."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import RLock

from dealflow.adapters.store.events.checks import check_appends
from dealflow.application.ports.outbox import Waiting
from dealflow.application.ports.schedule import Mark, ScheduleChange, Scheduled
from dealflow.application.ports.store import (
    Append,
    CommandRepeated,
    CommandRow,
    Conflict,
    Correlated,
    HeldBy,
    Logged,
    Stream,
    command_key,
)
from dealflow.domain.deal.events import DealOpened, Recorded
from dealflow.domain.escalation.notice import Notice


@dataclass
class _Entry:
    notice: Notice
    next_try_at: datetime
    state: str = "waiting"
    attempts: int = 0
    last_error: str = ""


class MemoryStore:
    """The event store; `schedule` and `outbox` beside it are filled by its appends."""

    def __init__(self) -> None:
        self.schedule, self.outbox = MemorySchedule(), MemoryOutbox()
        self._lock = RLock()
        self._streams: dict[str, list[Recorded]] = {}
        self._log: list[Recorded] = []
        self._commands: dict[str, CommandRow] = {}
        self._held: dict[str, HeldBy] = {}

    def load(self, stream: str) -> Stream:
        with self._lock:
            return Stream(self._streams.get(stream, ()))

    def load_many(self, streams: Sequence[str]) -> dict[str, Stream]:
        with self._lock:
            return {stream: Stream(self._streams[stream]) for stream in sorted(set(streams)) if stream in self._streams}

    def length(self, stream: str) -> int:
        return len(self.load(stream))

    def event(self, stream: str, version: int) -> Recorded | None:
        return next((one for one in self.load(stream) if one.stamp.version == version), None)

    def append(self, appends: Sequence[Append]) -> None:
        check_appends(appends)
        with self._lock:
            self._check(appends)
            for append in appends:
                for fact, stamp in append.facts:
                    recorded = Recorded(stream=append.stream, stamp=stamp, fact=fact)
                    self._streams.setdefault(append.stream, []).append(recorded)
                    self._log.append(recorded)
                self._held |= {change.key: change for change in append.held}
                if append.command:
                    self._commands[append.command.key] = append.command
                self.outbox.add(append.notices)
                if append.schedule:
                    version = append.version + len(append.facts)
                    at = append.facts[-1][1].recorded_at
                    self.schedule.put(append.stream.removeprefix("deal/"), version, append.schedule, at)

    def as_of_before(self, principal: str, command_id: str) -> CommandRow:
        """Keep the row of a command as the version before did: by its id alone."""
        row = replace(self._commands.pop(command_key(principal, command_id)), key=command_id)
        self._commands[command_id] = row
        return row

    def commands(self, keys: Sequence[str]) -> list[CommandRow]:
        with self._lock:
            return [self._commands[key] for key in keys if key in self._commands]

    def held(self, keys: Sequence[str]) -> dict[str, HeldBy]:
        with self._lock:
            return {key: self._held[key] for key in keys if key in self._held}

    def log(self, after: int, limit: int) -> list[Logged]:
        with self._lock:
            some = self._log[after : after + limit]
        return [Logged(position, recorded) for position, recorded in enumerate(some, start=after + 1)]

    def correlated(
        self, correlation_id: str, behind: tuple[str, int] | None = None, before: tuple[str, int] | None = None
    ) -> list[Correlated]:
        with self._lock:
            places = [(one.stream, one.stamp.version) for one in self._log]
            first = places.index(behind) + 1 if behind else 0
            last = places.index(before) if before else len(places)
            found: dict[str, list[Recorded]] = {}
            for one in self._log[first:last]:
                if one.stamp.correlation_id == correlation_id:
                    found.setdefault(one.stream, []).append(one)
        return [
            Correlated(stream, some[0].stamp.version, len(some), isinstance(some[0].fact, DealOpened))
            for stream, some in sorted(found.items())
        ]

    def head(self) -> int:
        with self._lock:
            return len(self._log)

    def streams(self, prefix: str) -> list[str]:
        with self._lock:
            return sorted(stream for stream in self._streams if stream.startswith(prefix))

    def _check(self, appends: Sequence[Append]) -> None:
        versions: dict[str, int] = {}
        for append in appends:
            if append.command and append.command.key in self._commands:
                raise CommandRepeated(append.command.key)
        revisions = {key: held.revision for key, held in self._held.items()}
        for change in (change for append in appends for change in append.held):
            if revisions.get(change.key, 0) != change.revision - 1:
                raise Conflict(change.key)
            revisions[change.key] = change.revision
        for append in appends:
            known = self._streams.get(append.stream, [])
            if versions.setdefault(append.stream, len(known)) != append.version:
                raise Conflict(append.stream)
            if known and append.facts and append.facts[0][1].recorded_at < known[-1].stamp.recorded_at:
                raise ValueError(f"{append.stream}: an event is recorded before its predecessor")
            versions[append.stream] += len(append.facts)


class MemorySchedule:
    """The schedule as the store fills it."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._rows: dict[str, Scheduled] = {}

    def waiting(self, now: datetime, *, grace_seconds: float, patience_seconds: float, limit: int) -> list[Scheduled]:
        grace, patience = timedelta(seconds=grace_seconds), timedelta(seconds=patience_seconds)
        with self._lock:
            since = {row.deal_id: _since(row, now, grace, patience) for row in self._rows.values()}
            due = sorted((at, deal_id) for deal_id, at in since.items() if at is not None)
            return [self._rows[deal_id] for _, deal_id in due[:limit]]

    def signalled(self, deal_id: str, version: int, at: datetime) -> None:
        with self._lock:
            row = self._rows.get(deal_id)
            if row and row.signalled_version <= version:
                self._rows[deal_id] = replace(row, signalled_version=version, signalled_at=at)

    def seen(self, deal_id: str, version: int, armed_at: datetime | None) -> None:
        with self._lock:
            row = self._rows.get(deal_id)
            if row and row.seen_version <= version:
                self._rows[deal_id] = replace(row, seen_version=version, armed_at=armed_at)

    def note(self, marks: Sequence[Mark]) -> None:
        with self._lock:
            for mark in marks:
                if mark.seen:
                    self.seen(mark.deal_id, mark.version, mark.at)
                elif mark.at:
                    self.signalled(mark.deal_id, mark.version, mark.at)

    def in_progress(self, after: str = "", limit: int = 1000) -> list[Scheduled]:
        with self._lock:
            found = [row for deal_id, row in sorted(self._rows.items()) if row.in_progress and deal_id > after]
        return found[:limit]

    def get(self, deal_id: str) -> Scheduled | None:
        with self._lock:
            return self._rows.get(deal_id)

    def put(self, deal_id: str, version: int, change: ScheduleChange, at: datetime) -> None:
        with self._lock:
            old = self._rows.get(deal_id)
            if old and old.version > version:
                return
            row = old or Scheduled(
                deal_id, change.opening, change.in_progress, version, None, 0, None, 0, None, 0, None
            )
            if change.wake:
                row = replace(row, wake_version=version, wake_at=row.wake_at if _wake_outstanding(row) else at)
            self._rows[deal_id] = replace(
                row,
                run=change.run,
                opening=change.opening,
                in_progress=change.in_progress,
                version=version,
                next_due=change.next_due,
                armed_at=row.armed_at if row.is_of(change.run, change.opening) else None,
            )
            if change.seen:
                self.seen(deal_id, version, change.next_due)
            if max(row.wake_version, row.signalled_version, row.seen_version) > version:
                self._rows[deal_id] = replace(
                    self._rows[deal_id],
                    wake_version=min(row.wake_version, version),
                    signalled_version=0,
                    signalled_at=None,
                    seen_version=0,
                    armed_at=None,
                )


class MemoryOutbox:
    """The outbox as the store fills it."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._entries: dict[str, _Entry] = {}
        self._batches: dict[str, datetime | None] = {}

    def add(self, notices: Sequence[Notice]) -> None:
        """What an append does; a key that is here already is ignored."""
        with self._lock:
            for notice in notices:
                self._entries.setdefault(notice.key, _Entry(notice, notice.created_at))
                if notice.batch:
                    self._batches.setdefault(notice.batch, None)

    def recipients(self, limit: int) -> list[tuple[str, datetime]]:
        earliest: dict[str, datetime] = {}
        for entry in self._released():
            at = earliest.get(entry.notice.recipient, entry.next_try_at)
            earliest[entry.notice.recipient] = min(at, entry.next_try_at)
        return sorted(earliest.items(), key=lambda item: (item[1], item[0]))[:limit]

    def waiting(self, recipient: str, limit: int = 10_000) -> list[Waiting]:
        mine = [entry for entry in self._released() if entry.notice.recipient == recipient]
        mine.sort(key=lambda entry: (entry.notice.created_at, entry.notice.key))
        return [Waiting(entry.notice, entry.attempts, entry.next_try_at, entry.last_error) for entry in mine[:limit]]

    def all_wait(self, keys: Sequence[str]) -> bool:
        with self._lock:
            return all(key in self._entries and self._entries[key].state == "waiting" for key in keys)

    def delivered(self, keys: Sequence[str], channel: str, at: datetime) -> None:
        for entry in self._of(keys):
            entry.state = "delivered"

    def failed(self, keys: Sequence[str], error: str, next_try_at: datetime | None) -> None:
        for entry in self._of(keys):
            entry.attempts, entry.last_error = entry.attempts + 1, error
            if next_try_at is None:
                entry.state = "abandoned"
            else:
                entry.next_try_at = next_try_at

    def superseded(self, keys: Sequence[str], reason: str) -> None:
        for entry in self._of(keys):
            entry.state, entry.last_error = "superseded", reason

    def counts(self) -> dict[str, int]:
        counts = dict.fromkeys(("waiting", "delivered", "abandoned", "superseded", "held"), 0)
        with self._lock:
            for entry in self._entries.values():
                counts["held" if entry.state == "waiting" and self._held(entry) else entry.state] += 1
        return counts

    def batches(self) -> dict[str, datetime | None]:
        with self._lock:
            return dict(sorted(self._batches.items()))

    def open_batch(self, batch: str) -> None:
        with self._lock:
            self._batches.setdefault(batch, None)

    def finish_batch(self, batch: str, at: datetime) -> None:
        with self._lock:
            self._batches[batch] = self._batches.get(batch) or at

    def _released(self) -> list[_Entry]:
        with self._lock:
            return [entry for entry in self._entries.values() if entry.state == "waiting" and not self._held(entry)]

    def _held(self, entry: _Entry) -> bool:
        return entry.notice.batch is not None and self._batches.get(entry.notice.batch) is None

    def _of(self, keys: Sequence[str]) -> list[_Entry]:
        with self._lock:
            found = (self._entries.get(key) for key in sorted(set(keys)))
            return [entry for entry in found if entry and entry.state == "waiting"]


def _since(row: Scheduled, now: datetime, grace: timedelta, patience: timedelta) -> datetime | None:
    """Since when this deal waits to be woken, None when it does not."""

    def old(at: datetime | None, age: timedelta) -> bool:
        """Or from a clock that is ahead."""
        return at is not None and not now - age < at <= now + grace

    reasons: list[datetime] = []
    if row.wake_at and _wake_outstanding(row) and old(row.wake_at, grace):
        reasons.append(row.wake_at)
    if row.signalled_at and row.signalled_version > row.seen_version and old(row.signalled_at, patience):
        reasons.append(row.signalled_at)
    woken_lately = row.signalled_at is not None and not old(row.signalled_at, patience)
    if row.in_progress and row.armed_at and row.armed_at <= now - patience and not woken_lately:
        reasons.append(row.armed_at)
    return min(reasons, default=None)


def _wake_outstanding(row: Scheduled) -> bool:
    return row.wake_version > row.signalled_version and row.wake_version > row.seen_version
