"""A store that somebody changes beside dealflow, and that is put back as it was after each change."""

import json
import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import psycopg

from dealflow.adapters.store.canonical import canonical
from dealflow.adapters.store.rows.tables import CREATE_TABLES
from dealflow.application.audit.invariants import Invariants
from dealflow.application.audit.seal_checks import SealCheck
from dealflow.application.engine.parts import HeartbeatState, Identity
from dealflow.doctor.deeply import in_rows
from dealflow.domain.customer import commands as cc
from dealflow.domain.deal import commands as c
from dealflow.domain.deal.events import Customer
from dealflow.domain.values.money import Money
from tests.support.deals.plain_process import with_receipts
from tests.support.running.running_system import RunningSystem
from tests.support.stores.raw_rows import run

_CREATE = r"CREATE TABLE IF NOT EXISTS (\w+)"
# All of them, by the definitions themselves: a new one cannot be forgotten.
TABLES = ("stored_events", *(found[1] for each in CREATE_TABLES if (found := re.match(_CREATE, each))))
LATER = datetime(2028, 1, 1, tzinfo=UTC)
FAR = int(datetime(2100, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000


def fill(running: RunningSystem) -> None:
    """A deal that stalled and was decided on, one that was won, and one just opened; a lease, a batch, what was delivered."""
    running.execute("worth", opening(running))
    for deal_id in ("fresh", "stalled", "won", "spare"):
        running.open(deal_id)
    running.prove_need("won")
    running.sign("won")
    for deal_id in ("stalled", "won"):
        running.system.deals.progress(deal_id, 1, LATER)
    [stall] = running.deal("stalled").open_stalls
    decision = c.DecideEscalation(escalation=stall.id, decision="extend", reason="They asked for it", lasting="7 days")
    who = c.Who(actor=running.director)
    running.system.deals.handle(c.Envelope(command_id="decide", deal_id="stalled", who=who, commands=(decision,)))
    parts = running.system.parts
    parts.schedule.signalled("fresh", 2, LATER)
    parts.schedule.seen("fresh", 2, running.row("fresh").next_due)
    parts.relay_lease.take("relay-1", 10)
    parts.outbox.finish_batch("import-1", LATER)
    key = run(
        running.settings.database_url, running.settings.home, "SELECT key FROM notices WHERE key LIKE '%decided%'"
    )
    parts.outbox.failed([key[0][0]], "no answer", LATER)
    parts.outbox.delivered([key[0][0]], "mail", LATER)
    _customers(running)
    _receipt(running)
    # Last of all, so that the log does not end with what the tests change.
    running.execute("spare", c.RecordActivity(what="Called them"))


def _customers(running: RunningSystem) -> None:
    """Two who are on record, each with a name and an id in another system; and what says which parts run."""
    system = running.system
    for customer in ("c-1", "c-2"):
        named = (
            cc.AddCustomer(customer=Customer(id=customer, name=f"Name of {customer}")),
            cc.LinkExternalId(system="wecom", fields={"id": f"w-{customer}"}),
        )
        who = c.Who(actor=running.director)
        given = cc.CustomerEnvelope(command_id=f"add-{customer}", customer_id=customer, who=who, commands=named)
        system.customers.handle(given, lambda _: False)
    heartbeat = HeartbeatState(timedelta(0), False, "reached", "")
    system.parts.running.note(Identity("w-1", "worker", "here", 1, "0"), heartbeat)
    system.parts.known_server.write("a-server")


def _receipt(running: RunningSystem) -> None:
    """A value that may stand once, and who holds it."""
    system = running.system
    published = system.processes.publish(with_receipts("everywhere"), who=c.Who(actor="ops"), command_id="receipts")
    process = system.processes.get(published.process).ref
    running.execute("paid", c.OpenDeal(title="Paid", process=process, owner=running.seller))
    fields = {"amount": "100", "receipt": "R-1"}
    running.execute("paid", c.RecordEvidence(evidence_id="p-1", kind="payment", fields=fields))


def opening(running: RunningSystem) -> c.OpenDeal:
    """Of a deal whose last event says an amount."""
    process = running.system.processes.get("two-steps").ref
    return c.OpenDeal(
        title="Deal worth", process=process, owner=running.seller, amount=Money(minor=10_000_000, currency="CNY")
    )


@dataclass
class TamperedStore:
    """A full store with a way around dealflow."""

    running: RunningSystem
    url: str
    _rows: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for table in TABLES:
            self._rows[table] = self.run(f"SELECT {self._all(table)} FROM {table}")

    @property
    def position(self) -> str:
        """The column of an event's place in the log."""
        return "notification_id" if self.url else "rowid"

    def run(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """SQL beside the store."""
        return run(self.url, self.running.settings.home, statement, *values)

    def put_back(self) -> None:
        """Every row as it was."""
        home = self.running.settings.home
        with closing(psycopg.connect(self.url) if self.url else sqlite3.connect(home / "store.sqlite")) as file:
            if self.url:
                file.execute("SET search_path TO dealflow")
            mark = "%s" if self.url else "?"
            for table, rows in self._rows.items():
                file.execute(f"DELETE FROM {table}")
                cursor = file.cursor()
                columns = (
                    ""
                    if self.url or table != "stored_events"
                    else " (rowid, originator_id, originator_version, topic, state)"
                )
                for row in rows:
                    cursor.execute(f"INSERT INTO {table}{columns} VALUES ({', '.join([mark] * len(row))})", row)
            file.commit()

    def findings(self) -> list[str]:
        """What `doctor --deep` says of the store's rows and of its seal."""
        system = self.running.system
        parts = system.parts
        _, found = Invariants(parts.rows, system.processes, pause=lambda _: None).check(parts.count_events())
        return [one.says for one in (*found, *SealCheck(parts.seals, parts.rows).check(), *in_rows(system))]

    def events(self, stream: str) -> list[tuple[int, str, dict[str, Any]]]:
        """Version, topic and record of each."""
        rows = self.run(
            "SELECT originator_version, topic, state FROM stored_events WHERE originator_id = ? ORDER BY originator_version",
            stream,
        )
        return [(version, topic, json.loads(bytes(state))) for version, topic, state in rows]

    def write(self, stream: str, version: int, record: dict[str, Any]) -> None:
        """Another record in the place of an event, as dealflow would write it."""
        self.run(
            "UPDATE stored_events SET state = ?, topic = ? WHERE originator_id = ? AND originator_version = ?",
            canonical(record), record["topic"], stream, version,
        )  # fmt: skip

    def chain_anew(self, stream: str) -> None:
        """Give each event of the stream the digest of the one before, as it now is."""
        before = ""
        for version, _, record in self.events(stream):
            self.write(stream, version, {**record, "prev": before})
            before = sha256(canonical({**record, "prev": before})).hexdigest()

    def add(self, stream: str, record: dict[str, Any]) -> None:
        """One more event at the end of the stream, rightly chained."""
        known = self.events(stream)
        before = sha256(canonical(known[-1][2])).hexdigest() if known else ""
        stamp = {**record["stamp"], "version": len(known) + 1}
        whole = canonical({**record, "prev": before, "stamp": stamp, "stream": stream})
        self.run(
            "INSERT INTO stored_events (originator_id, originator_version, topic, state) VALUES (?, ?, ?, ?)",
            stream, len(known) + 1, record["topic"], whole,
        )  # fmt: skip

    def _all(self, table: str) -> str:
        return "rowid, *" if table == "stored_events" and not self.url else "*"


def changed(record: dict[str, Any], part: str, values: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """The record with other values in its fact or stamp."""
    return {**record, part: {**record[part], **dict(values)}}
