"""Our own tables beside the events, and the rows that are written into them by the appending transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from dealflow.adapters.store.instants import to_micros
from dealflow.application.ports import Append, ScheduleChange
from dealflow.domain.notices import Notice

SCHEMA_VERSION = 1
DEAL = "deal/"

# {text} and {integer} are what the database calls a text ordered by code points and a 64-bit integer.
CREATE_TABLES = (
    "CREATE TABLE IF NOT EXISTS store_version (id {integer} PRIMARY KEY, version {integer} NOT NULL)",
    "CREATE TABLE IF NOT EXISTS commands (command_id {text} PRIMARY KEY, content {text} NOT NULL, answer {text} NOT NULL)",
    """CREATE TABLE IF NOT EXISTS deal_schedule (
        deal_id {text} PRIMARY KEY, opening {integer} NOT NULL, in_progress {integer} NOT NULL, version {integer} NOT NULL,
        next_due {integer}, wake_version {integer} NOT NULL, wake_at {integer}, signalled_version {integer} NOT NULL,
        signalled_at {integer}, seen_version {integer} NOT NULL, armed_at {integer})""",
    """CREATE INDEX IF NOT EXISTS deal_schedule_wakes ON deal_schedule (wake_at)
        WHERE wake_version > signalled_version AND wake_version > seen_version""",
    """CREATE INDEX IF NOT EXISTS deal_schedule_signals ON deal_schedule (signalled_at)
        WHERE signalled_version > seen_version""",
    "CREATE INDEX IF NOT EXISTS deal_schedule_armed ON deal_schedule (armed_at) WHERE in_progress = 1",
    "CREATE TABLE IF NOT EXISTS notice_batches (batch {text} PRIMARY KEY, finished_at {integer})",
    """CREATE TABLE IF NOT EXISTS notices (
        key {text} PRIMARY KEY, recipient {text} NOT NULL, batch {text}, notice {text} NOT NULL, created_at {integer} NOT NULL,
        state {text} NOT NULL, attempts {integer} NOT NULL, next_try_at {integer} NOT NULL, last_error {text} NOT NULL,
        channel {text}, done_at {integer})""",
    "CREATE INDEX IF NOT EXISTS notices_waiting ON notices (recipient, created_at) WHERE state = 'waiting'",
)

ADD_COMMAND = "INSERT INTO commands (command_id, content, answer) VALUES (?, ?, ?)"
# A batch that nobody has opened yet is opened by its first notice, so that none goes out one by one.
ADD_BATCH = "INSERT INTO notice_batches (batch, finished_at) VALUES (?, NULL) ON CONFLICT (batch) DO NOTHING"
ADD_NOTICE = """
    INSERT INTO notices (key, recipient, batch, notice, created_at, state, attempts, next_try_at, last_error)
    VALUES (?, ?, ?, ?, ?, 'waiting', 0, ?, '') ON CONFLICT (key) DO NOTHING"""
# While a wake is outstanding its age counts on, so that later ones cannot put it off.
PUT_SCHEDULE = """
    INSERT INTO deal_schedule (deal_id, opening, in_progress, version, next_due, wake_version, wake_at,
        signalled_version, signalled_at, seen_version, armed_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, 0, NULL, 0, NULL)
    ON CONFLICT (deal_id) DO UPDATE SET opening = excluded.opening, in_progress = excluded.in_progress,
        version = excluded.version, next_due = excluded.next_due,
        wake_at = CASE
            WHEN excluded.wake_version = 0 THEN deal_schedule.wake_at
            WHEN deal_schedule.wake_version > deal_schedule.signalled_version
                AND deal_schedule.wake_version > deal_schedule.seen_version THEN deal_schedule.wake_at
            ELSE excluded.wake_at END,
        wake_version = CASE WHEN excluded.wake_version = 0 THEN deal_schedule.wake_version ELSE excluded.wake_version END,
        armed_at = CASE WHEN excluded.opening = deal_schedule.opening THEN deal_schedule.armed_at END
    WHERE excluded.version >= deal_schedule.version"""


class Statements(Protocol):
    """A cursor inside a transaction."""

    def executemany(self, statement: str, rows: Sequence[tuple[Any, ...]], /) -> Any:
        """Once for each row."""
        ...


@dataclass(frozen=True, slots=True)
class Rows:
    """What an append writes beside its events, in an order that no two transactions take differently."""

    commands: tuple[tuple[Any, ...], ...] = ()
    batches: tuple[tuple[Any, ...], ...] = ()
    notices: tuple[tuple[Any, ...], ...] = ()
    schedule: tuple[tuple[Any, ...], ...] = ()

    def write(self, cursor: Statements, spelled: Callable[[str], str]) -> None:
        """Into the transaction of the cursor; `spelled` gives a statement the database's own placeholders."""
        written = (
            (ADD_COMMAND, self.commands),
            (ADD_BATCH, self.batches),
            (ADD_NOTICE, self.notices),
            (PUT_SCHEDULE, self.schedule),
        )
        for statement, rows in written:
            if rows:
                cursor.executemany(spelled(statement), rows)


def rows_of(appends: Sequence[Append]) -> Rows:
    """Sorted by key, and in the order of the appends where keys are equal, so that locks are always taken in one order."""
    commands = sorted(
        (append.command.command_id, append.command.content, append.command.answer)
        for append in appends
        if append.command
    )
    notices = sorted((_notice_row(notice) for append in appends for notice in append.notices), key=lambda row: row[0])
    schedule = (
        schedule_row(
            append.stream.removeprefix(DEAL),
            append.version + len(append.facts),
            append.schedule,
            append.facts[-1][1].recorded_at,
        )
        for append in appends
        if append.schedule
    )
    return Rows(
        commands=tuple(commands),
        batches=tuple(sorted({(n.batch,) for append in appends for n in append.notices if n.batch})),
        notices=tuple(notices),
        schedule=tuple(sorted(schedule, key=lambda row: str(row[0]))),
    )


def schedule_row(deal_id: str, version: int, change: ScheduleChange, at: datetime) -> tuple[Any, ...]:
    """The parameters of PUT_SCHEDULE."""
    wake_version, wake_at = (version, to_micros(at)) if change.wake else (0, None)
    due = to_micros(change.next_due)
    return (deal_id, change.opening, int(change.in_progress), version, due, wake_version, wake_at)


def _notice_row(notice: Notice) -> tuple[Any, ...]:
    created = to_micros(notice.created_at)
    return (notice.key, notice.recipient, notice.batch, notice.model_dump_json(), created, created)
