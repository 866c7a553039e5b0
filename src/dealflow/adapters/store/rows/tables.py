"""Our own tables beside the events, and the rows that are written into them by the appending transaction."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dealflow.adapters.store.database import Row
from dealflow.adapters.store.instants import from_micros, to_micros
from dealflow.adapters.store.seal.marks import HELD_ROWS, MARKED_TABLES, SCHEDULE_ROWS, MarkedTable
from dealflow.application.ports.schedule import ScheduleChange
from dealflow.application.ports.store import Append, HeldBy
from dealflow.domain.deal.events import CustomerErased, Fact
from dealflow.domain.deal.stream import deal_of
from dealflow.domain.escalation.notice import Notice
from dealflow.domain.track.unique_values import ValueHolder

# 2: the parts that run, the relay's lease, the server that is known. 3: the store's id, who holds the values that may stand
# once. 4: the keys of personal values, seals, and marks on the rows that change. 5: a command's row is found by its person as
# well, and what looks the same is one value and one id. 6: the run of a deal in its schedule.
SCHEMA_VERSION = 6

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
    """CREATE TABLE IF NOT EXISTS parts (
        part {text} PRIMARY KEY, what {text} NOT NULL, host {text} NOT NULL, pid {integer} NOT NULL, version {text} NOT NULL,
        started_at {integer} NOT NULL, seen_at {integer} NOT NULL, stopped_at {integer}, store_since {integer} NOT NULL,
        clock_ahead {integer} NOT NULL, temporal {text} NOT NULL, temporal_since {integer} NOT NULL,
        temporal_error {text} NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS leases (
        name {text} PRIMARY KEY, holder {text} NOT NULL, since {integer} NOT NULL, until {integer} NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS unique_values (
        key {text} PRIMARY KEY, base {integer} NOT NULL, revision {integer} NOT NULL, holders {text} NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS seals (
        number {integer} PRIMARY KEY, key_id {text} NOT NULL, content {text} NOT NULL, seal {text} NOT NULL)""",
    "CREATE TABLE IF NOT EXISTS external_ids (digest {text} PRIMARY KEY, customer_id {text} NOT NULL)",
    "CREATE INDEX IF NOT EXISTS external_ids_customers ON external_ids (customer_id)",
    "CREATE TABLE IF NOT EXISTS known_server (id {integer} PRIMARY KEY, server_id {text} NOT NULL, since {integer} NOT NULL)",
    "CREATE TABLE IF NOT EXISTS store_identity (id {integer} PRIMARY KEY, store_id {text} NOT NULL)",
    """CREATE TABLE IF NOT EXISTS personal_keys (
        key_id {text} PRIMARY KEY, subject {text} NOT NULL, number {integer} NOT NULL, proof {text} NOT NULL,
        erased {integer} NOT NULL, reason {text} NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS personal_keys_subjects ON personal_keys (subject)",
    "CREATE TABLE IF NOT EXISTS personal_keys_known (id {integer} PRIMARY KEY)",
)
# Given once, when the table is made: what is kept apart from the store carries it, so that it is not taken for another's.
PUT_IDENTITY = "INSERT INTO store_identity (id, store_id) VALUES (1, ?) ON CONFLICT (id) DO NOTHING"
IDENTITY = "SELECT store_id FROM store_identity"
# How often a row that changes was changed, and its mark: columns of each table of such rows.
_MARK_COLUMNS = ("changes {integer} NOT NULL DEFAULT 0", "mark {text} NOT NULL DEFAULT ''")
# By table, what is added to one that an earlier version has made.
ADDED_COLUMNS = (
    *((table.name, column) for table in MARKED_TABLES for column in _MARK_COLUMNS),
    ("deal_schedule", "run {integer} NOT NULL DEFAULT 1"),
)
ADD_SEALS = "INSERT INTO seals (number, key_id, content, seal) VALUES {list}"
# Last of all when a store is made or brought up to date: whoever sees the version finds everything.
PUT_VERSION = """
    INSERT INTO store_version (id, version) VALUES (1, ?)
    ON CONFLICT (id) DO UPDATE SET version = excluded.version WHERE store_version.version < excluded.version"""

ADD_COMMAND = "INSERT INTO commands (command_id, content, answer) VALUES {list}"
# A batch that nobody has opened yet is opened by its first notice, so that none goes out one by one.
ADD_BATCH = "INSERT INTO notice_batches (batch) VALUES {list} ON CONFLICT (batch) DO NOTHING"
ADD_NOTICE = """
    INSERT INTO notices (key, recipient, batch, notice, created_at, next_try_at, state, attempts, last_error)
    VALUES {list} ON CONFLICT (key) DO NOTHING"""
# A change that was decided on another revision than the stored one has none, which the table does not take.
PUT_HELD = """
    INSERT INTO unique_values (key, base, revision, holders) VALUES {list}
    ON CONFLICT (key) DO UPDATE SET base = excluded.base, holders = excluded.holders,
        revision = CASE WHEN unique_values.revision = excluded.base THEN excluded.revision END"""
# Nobody else has it: the table takes no id twice.
ADD_EXTERNAL_ID = "INSERT INTO external_ids (digest, customer_id) VALUES {list}"
FORGET_EXTERNAL_IDS = "DELETE FROM external_ids WHERE customer_id IN (VALUES {list})"
# While a wake is outstanding its age counts on, so that later ones cannot put it off.
PUT_SCHEDULE = """
    INSERT INTO deal_schedule (deal_id, opening, in_progress, version, next_due, wake_version, wake_at,
        signalled_version, seen_version, armed_at, run)
    VALUES {list}
    ON CONFLICT (deal_id) DO UPDATE SET opening = excluded.opening, run = excluded.run, in_progress = excluded.in_progress,
        version = excluded.version, next_due = excluded.next_due,
        wake_at = CASE
            WHEN excluded.wake_version = 0 THEN deal_schedule.wake_at
            WHEN deal_schedule.wake_version > deal_schedule.signalled_version
                AND deal_schedule.wake_version > deal_schedule.seen_version THEN deal_schedule.wake_at
            ELSE excluded.wake_at END,
        wake_version = CASE WHEN excluded.wake_version = 0 THEN deal_schedule.wake_version ELSE excluded.wake_version END,
        seen_version = CASE WHEN excluded.seen_version = 0 THEN deal_schedule.seen_version ELSE excluded.seen_version END,
        armed_at = CASE
            WHEN excluded.seen_version > 0 THEN excluded.armed_at
            WHEN excluded.opening = deal_schedule.opening AND excluded.run = deal_schedule.run THEN deal_schedule.armed_at END
    WHERE excluded.version >= deal_schedule.version"""

_PUT_HELD_MARKED = f"{PUT_HELD} RETURNING {HELD_ROWS.returned}"
_OPENING, _SEEN, _RUN = 1, 8, 10
_PUT_SCHEDULE_MARKED = f"{PUT_SCHEDULE} RETURNING {SCHEDULE_ROWS.returned}"

# A statement that says `VALUES {list}`, the kinds of its columns (text, integer), and rows for it; what it returns.
Put = Callable[[str, str, Sequence[tuple[Any, ...]]], Sequence[Row]]


@dataclass(frozen=True, slots=True)
class TransactionRows:
    """What an append writes beside its events, in an order that no two transactions take differently."""

    commands: tuple[tuple[Any, ...], ...] = ()
    batches: tuple[tuple[Any, ...], ...] = ()
    notices: tuple[tuple[Any, ...], ...] = ()
    held: tuple[tuple[Any, ...], ...] = ()
    schedule: tuple[tuple[Any, ...], ...] = ()
    forgotten: tuple[tuple[Any, ...], ...] = ()
    external_ids: tuple[tuple[Any, ...], ...] = ()

    def write(self, put: Put) -> Sequence[tuple[MarkedTable, Sequence[Row]]]:
        """Each kind of rows by the database's own way to put many in one statement; return the rows that are to be marked."""
        written = (
            (ADD_COMMAND, "ttt", self.commands),
            (ADD_BATCH, "t", self.batches),
            (ADD_NOTICE, "ttttiitit", self.notices),
            (FORGET_EXTERNAL_IDS, "t", self.forgotten),
            (ADD_EXTERNAL_ID, "tt", self.external_ids),
        )
        for statement, kinds, rows in written:
            if rows:
                put(statement, kinds, rows)
        # Another append changes nothing that a mark covers. All in one statement, since it takes the rows in one order.
        is_marked = any(row[_SEEN] or row[_OPENING] > 1 or row[_RUN] > 1 for row in self.schedule)
        put_schedule = _PUT_SCHEDULE_MARKED if is_marked else PUT_SCHEDULE
        marked = (
            (HELD_ROWS, _PUT_HELD_MARKED, "tiit", self.held),
            (SCHEDULE_ROWS, put_schedule, "tiiiiiiiiii", self.schedule),
        )
        return [(table, put(statement, kinds, rows)) for table, statement, kinds, rows in marked if rows]


def rows_of(appends: Sequence[Append], external_ids: tuple[tuple[str, str], ...] = ()) -> TransactionRows:
    """Sorted by key, so that locks are always taken in one order; `external_ids` are digests with their customers."""
    commands = sorted(
        (append.command.key, append.command.content, append.command.answer) for append in appends if append.command
    )
    notices = {notice.key: _notice_row(notice) for append in appends for notice in append.notices}
    batches = {(notice.batch,) for append in appends for notice in append.notices if notice.batch}
    schedule: dict[str, tuple[Any, ...]] = {}
    for append in appends:
        if append.schedule:
            deal_id, version = deal_of(append.stream), append.version + len(append.facts)
            row = schedule_row(deal_id, version, append.schedule, append.facts[-1][1].recorded_at)
            schedule[deal_id] = _later(schedule[deal_id], row) if deal_id in schedule else row
    return TransactionRows(
        commands=tuple(commands),
        batches=tuple(sorted(batches)),
        notices=tuple(notices[key] for key in sorted(notices)),
        held=held_rows([change for append in appends for change in append.held]),
        schedule=tuple(schedule[deal_id] for deal_id in sorted(schedule)),
        forgotten=tuple(sorted({(fact.customer_id,) for fact in _facts(appends) if isinstance(fact, CustomerErased)})),
        external_ids=external_ids,
    )


def _facts(appends: Iterable[Append]) -> Iterator[Fact]:
    return (fact for append in appends for fact, _ in append.facts)


def schedule_row(deal_id: str, version: int, change: ScheduleChange, at: datetime) -> tuple[Any, ...]:
    """The values of PUT_SCHEDULE."""
    wake_version, wake_at = (version, to_micros(at)) if change.wake else (0, None)
    return (
        deal_id,
        change.opening,
        int(change.in_progress),
        version,
        to_micros(change.next_due),
        wake_version,
        wake_at,
        0,
        version if change.seen else 0,
        to_micros(change.next_due) if change.seen else None,
        change.run,
    )


def _later(first: tuple[Any, ...], second: tuple[Any, ...]) -> tuple[Any, ...]:
    """Two changes of one deal in one transaction, as if written one after the other."""
    *asked, wake_version, wake_at, signalled, seen, armed_at, run = second
    if not seen and (second[_OPENING], run) == (first[_OPENING], first[_RUN]):
        seen, armed_at = first[_SEEN:_RUN]
    return (*asked, wake_version or first[5], first[6] or wake_at, signalled, seen, armed_at, run)


def held_rows(changes: Iterable[HeldBy]) -> tuple[tuple[Any, ...], ...]:
    """The values of PUT_HELD, one row a key: of several changes the last stands, and follows what the first follows."""
    base: dict[str, int] = {}
    last: dict[str, HeldBy] = {}
    for change in changes:
        base.setdefault(change.key, change.revision - 1)
        last[change.key] = change
    return tuple((key, base[key], last[key].revision, _written(last[key].holders)) for key in sorted(last))


def _written(holders: Iterable[ValueHolder]) -> str:
    rows = [[to_micros(one.recorded_at), one.deal, one.version, one.evidence] for one in holders]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))


def held_by(row: Row) -> HeldBy:
    """Who holds the value of a row of `unique_values`; nobody where the row is damaged, which the deep check finds."""
    try:
        found = json.loads(row["holders"])
        holders = tuple(ValueHolder(from_micros(at), deal, version, evidence) for at, deal, version, evidence in found)
    except (TypeError, ValueError, OverflowError):
        holders = ()
    return HeldBy(row["key"], holders, row["revision"] if isinstance(row["revision"], int) else 0)


def _notice_row(notice: Notice) -> tuple[Any, ...]:
    created = to_micros(notice.created_at)
    return (notice.key, notice.recipient, notice.batch, notice.model_dump_json(), created, created, "waiting", 0, "")
