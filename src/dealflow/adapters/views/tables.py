"""The tables of the board, the same on SQLite and PostgreSQL; a change of shape raises `SCHEMA`, and the board is filled anew."""

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, Column, Dialect, Index, Integer, MetaData, Table, Text
from sqlalchemy.types import TypeDecorator

from dealflow.adapters.store.instants import from_micros, to_micros

SCHEMA = 6


class Instant(TypeDecorator[datetime]):
    """An aware instant, stored as whole microseconds."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> int | None:
        return to_micros(value)

    def process_result_value(self, value: int | None, _dialect: Dialect) -> datetime | None:
        return from_micros(value)


metadata = MetaData()

# `position` and `tail` say how far the view has come: the place in the log, and which event stood there.
tracking = Table(
    "tracking",
    metadata,
    Column("view", Text, primary_key=True),
    Column("schema_version", Integer, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("tail", Text, nullable=False),
)

faults = Table(
    "faults",
    metadata,
    Column("deal_id", Text, primary_key=True),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("event", Text, nullable=False),
    Column("error", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("owner", Text),
    Column("at", Instant, nullable=False),
)

deals = Table(
    "deals",
    metadata,
    Column("deal_id", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("process", Text, nullable=False),
    Column("process_version", Integer, nullable=False),
    Column("process_digest", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("position", Text),
    Column("position_since", Instant, nullable=False),
    Column("customer_stage", Text),
    Column("standing", Text, nullable=False),
    Column("gap", Integer, nullable=False),
    Column("gap_since", Instant, nullable=False),
    Column("owner", Text),
    Column("customer_id", Text),
    Column("amount_minor", BigInteger),
    Column("currency", Text),
    Column("won_minor", BigInteger),
    Column("won_currency", Text),
    Column("outcome", Text, nullable=False),
    Column("in_progress", Boolean, nullable=False),
    Column("opening", Integer, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("entered_at", Instant, nullable=False),
    Column("won_at", Instant),
    Column("closed_at", Instant),
    Column("next_due", Instant),
    Column("open_stalls", Integer, nullable=False),
    Column("stalled_since", Instant),
    Column("escalated", Boolean, nullable=False),
    Column("lost_nodes", Text),
    Column("lost_in", Text),
    Column("proof_lost_since", Instant),
    Column("set_aside", Text),
    Column("claims_not_applied", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Index("deals_by_stage", "in_progress", "stage"),
    Index("deals_by_owner", "owner"),
)

# What an inventory counts of a deal's nodes; a node that none of it holds for has no row. `lost_in` says where a lost proof counts.
deal_nodes = Table(
    "deal_nodes",
    metadata,
    Column("deal_id", Text, primary_key=True),
    Column("node", Text, primary_key=True),
    Column("ever_reached", Boolean, nullable=False),
    Column("won_unproven", Boolean, nullable=False),
    Column("lost_in", Text),
)

# People who bear on who sees the deal, beside its owner: `asked`: an open escalation is before them; else they have owned it
# and worked on it.
deal_people = Table(
    "deal_people",
    metadata,
    Column("deal_id", Text, primary_key=True),
    Column("person", Text, primary_key=True),
    Column("asked", Boolean, primary_key=True),
    Index("people_by_person", "person", "asked"),
)

# Every gap that a deal ever had while it was in progress; one without an end lasts.
gaps = Table(
    "gaps",
    metadata,
    Column("deal_id", Text, primary_key=True),
    Column("since", Instant, primary_key=True),
    Column("until", Instant),
    Column("gap", Integer, nullable=False),
)

# The stall is there whole, as JSON; the columns beside it are what a list asks for.
stalls = Table(
    "stalls",
    metadata,
    Column("id", Text, primary_key=True),
    Column("deal_id", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("raised_at", Instant),
    Column("backlog", Boolean, nullable=False),
    Column("ended_at", Instant),
    Column("stall", Text, nullable=False),
    Index("stalls_by_deadline", "ended_at", "due_at", "id"),
    Index("stalls_by_deal", "deal_id"),
)
