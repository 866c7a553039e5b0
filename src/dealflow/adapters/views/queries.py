"""The questions to the board, in SQL that SQLite and PostgreSQL share."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, Table, and_, exists, func, or_, select

from dealflow.adapters.views.rows import Row, ViewRows, stall_of
from dealflow.adapters.views.seen import Conditions, seen_conditions, seen_in
from dealflow.adapters.views.tables import deal_nodes, deal_people, deals, faults, gaps, stalls
from dealflow.application.ports.store import EventUnreadable
from dealflow.application.reading.board import DealQuery, DealRow, Fault, GapRow
from dealflow.application.reading.inventory import NONE, DealCount, Inventory, ProcessOf
from dealflow.application.reading.stalls import Bearer, StallQuery, StallRow, stall_row
from dealflow.application.reading.unreadable import UnreadableDeal, unreadable
from dealflow.application.viewer import Viewer
from dealflow.domain.deal.state import Outcome
from dealflow.domain.process.definition import ProcessDefinition, ProcessRef, Text
from dealflow.domain.values.money import Money
from dealflow.domain.values.phrase import NOTHING, Phrase, as_phrase
from dealflow.domain.values.refusal import CommandRefused

_MOST = 2**31 - 1
_MOST_DIGITS = 9
# Why deals of a process cannot be judged now; nothing when they can.
WrongOf = Callable[[ProcessRef], Phrase]


class ProcessMissing(Exception):
    """The process of rows that were taken in when it could still be read."""

    def __init__(self, ref: ProcessRef) -> None:
        self.ref = ref
        super().__init__(str(ref))


class BoardQueries:
    """Asked within one transaction, for one viewer; people and processes as they are now."""

    def __init__(self, connection: Connection, process_of: ProcessOf, viewer: Viewer, wrong_of: WrongOf) -> None:
        self._connection, self._viewer, self._now = connection, viewer, viewer.at
        self._process_of, self._organisation, self._wrong_of = process_of, viewer.organisation, wrong_of
        self._seen = seen_conditions(connection, viewer)
        self._processes: dict[ProcessRef, ProcessDefinition] = {}

    def deals(self, wanted: DealQuery) -> list[DealRow]:
        """By id."""
        asked = self._page(select(deals), wanted)
        return [self._deal_row(row) for row in self._connection.execute(asked).mappings()]

    def _page(self, asked: Select[Any], wanted: DealQuery) -> Select[Any]:
        conditions = self._deal_conditions(wanted)
        if wanted.after is not None:
            conditions.append(deals.c.deal_id > wanted.after)
        return asked.where(*conditions).order_by(deals.c.deal_id).limit(_bounded(wanted.limit))

    def gaps(self, wanted: DealQuery) -> list[GapRow]:
        """Of the page of deals that is wanted, oldest first."""
        page = self._page(select(deals), wanted).subquery()
        asked = (
            select(gaps, *(page.c[name] for name in ("title", "owner", "in_progress")), page.c.gap.label("gap_now"))
            .join(page, page.c.deal_id == gaps.c.deal_id)
            .where(*_at_least(gaps.c.gap, wanted.gap))
            .order_by(gaps.c.deal_id, gaps.c.since)
        )
        return [
            GapRow(**row, seconds=int(((row["until"] or self._now) - row["since"]).total_seconds()))
            for row in self._connection.execute(asked).mappings()
        ]

    def count_deals(self, wanted: DealQuery) -> int:
        """Whatever the page."""
        asked = select(func.count()).select_from(deals).where(*self._deal_conditions(wanted))
        return self._connection.execute(asked).scalar_one()

    def stalls(self, wanted: StallQuery) -> list[StallRow]:
        """Oldest deadline first."""
        asked = (
            select(stalls, *_BEARER)
            .join(deals, deals.c.deal_id == stalls.c.deal_id)
            .where(*self._stall_conditions(wanted))
            .order_by(stalls.c.due_at, stalls.c.id)
            .limit(_bounded(wanted.limit))
        )
        return [self._stall_row(row) for row in self._connection.execute(asked).mappings()]

    def customers(self) -> list[str]:
        """Each once, by id."""
        asked = select(deals.c.customer_id).where(deals.c.customer_id.is_not(None), *self._seen).distinct()
        return sorted(self._connection.execute(asked).scalars())

    def owners_in_progress(self, process: str | None = None) -> list[str | None]:
        """Who owns deals in progress, of a process in any version of it where one is named, each once."""
        of_process = [deals.c.process == process] if process is not None else []
        asked = select(deals.c.owner).where(deals.c.in_progress.is_(True), *of_process).distinct()
        return list(self._connection.execute(asked).scalars())

    def unreadable(self) -> list[UnreadableDeal]:
        """By id."""
        self._read_processes()
        found = [
            unreadable(each.deal_id, as_phrase(each.error), title=each.title, owner=each.owner)
            for each in faults_of(self._connection)
            if each.deal_id and self._viewer.sees_deals_of(each.owner)
        ]
        return sorted(found, key=lambda each: each.deal_id)

    def _read_processes(self) -> None:
        for row in self._connection.execute(select(*(deals.c[name] for name in _PROCESS)).distinct()).mappings():
            self._process(row)

    def inventory(self) -> Inventory:
        """The counts of now; each is a query of its own on the same state."""
        in_progress, everywhere = deals.c.in_progress.is_(True), select(func.count()).select_from(deals)
        tally = DealCount(
            in_progress=self._number(everywhere.where(in_progress)),
            customers=self._number(select(func.count(deals.c.customer_id.distinct()))),
            without_customer=self._number(everywhere.where(deals.c.customer_id.is_(None))),
            claims_not_applied=self._number(select(func.coalesce(func.sum(deals.c.claims_not_applied), 0))),
        )
        won = deals.c.won_currency.is_not(None)
        still_won = and_(deals.c.outcome == Outcome.WON.value, deals.c.currency.is_not(None))
        amount, as_won = (func.coalesce(func.sum(column), 0) for column in (deals.c.amount_minor, deals.c.won_minor))
        count = func.count()
        for counter, key, value, condition in (
            (tally.outcomes, deals.c.outcome, count, None),
            (tally.won_minor, deals.c.won_currency, as_won, won),
            (tally.present_minor, deals.c.currency, amount, still_won),
            (tally.stages, deals.c.stage, count, in_progress),
            (tally.positions, deals.c.position, count, in_progress),
            (tally.owners, deals.c.owner, count, in_progress),
            (tally.gaps, deals.c.gap, count, in_progress),
            (tally.stalled, deals.c.owner, count, and_(in_progress, deals.c.open_stalls > 0)),
            (tally.reached, deal_nodes.c.node, count, deal_nodes.c.ever_reached.is_(True)),
            (tally.unproven, deal_nodes.c.node, count, deal_nodes.c.won_unproven.is_(True)),
            *(
                counted
                for where, lost in tally.lost.items()
                for counted in (
                    (lost.nodes, deal_nodes.c.node, count, deal_nodes.c.lost_in == where),
                    (
                        lost.minor,
                        deals.c.won_currency if where == "after_win" else deals.c.currency,
                        as_won if where == "after_win" else amount,
                        and_(
                            deals.c.lost_in == where,
                            (deals.c.won_currency if where == "after_win" else deals.c.currency).is_not(None),
                        ),
                    ),
                )
            ),
        ):
            asked = select(key, value).where(*seen_in(key.table, self._seen)).group_by(key)
            for name, number in self._connection.execute(asked if condition is None else asked.where(condition)):
                counter[name] = int(number)
        for where, lost in tally.lost.items():
            lost.deals = self._number(everywhere.where(deals.c.lost_in == where))
        tally.unreadable = tuple(self.unreadable())
        return tally.inventory(self._now, self._processes, self._organisation)

    def _number(self, asked: Select[Any]) -> int:
        """The one number that is asked of the deals."""
        return int(self._connection.execute(asked.where(*self._seen)).scalar_one())

    def _deal_conditions(self, wanted: DealQuery) -> Conditions:
        conditions = _equal(
            (deals.c.stage, wanted.stage),
            (deals.c.position, wanted.position),
            (deals.c.owner, wanted.owner),
            (deals.c.customer_id, wanted.customer),
            (deals.c.outcome, wanted.outcome.value if wanted.outcome else None),
            (deals.c.in_progress, wanted.in_progress),
        )
        if wanted.ever:
            conditions.append(
                exists().where(gaps.c.deal_id == deals.c.deal_id, *_at_least(gaps.c.gap, wanted.gap)).correlate(deals)
            )
        else:
            conditions += _at_least(deals.c.gap, wanted.gap)
        if wanted.stalled is not None:
            conditions.append(deals.c.open_stalls > 0 if wanted.stalled else deals.c.open_stalls == 0)
        if wanted.proof_lost is not None:
            conditions.append(deals.c.lost_nodes.is_not(None) if wanted.proof_lost else deals.c.lost_nodes.is_(None))
        if wanted.set_aside is not None:
            conditions.append(deals.c.set_aside.is_not(None) if wanted.set_aside else deals.c.set_aside.is_(None))
        return conditions + self._shared_conditions(wanted.process, wanted.director)

    def _stall_conditions(self, wanted: StallQuery) -> Conditions:
        conditions = _equal(
            (deals.c.owner, wanted.owner),
            (stalls.c.stage, wanted.stage),
            (stalls.c.deal_id, wanted.deal_id),
            (stalls.c.backlog, wanted.backlog),
        )
        if wanted.open_only:
            conditions.append(stalls.c.ended_at.is_(None))
        if wanted.escalated_only:
            conditions.append(stalls.c.raised_at.is_not(None))
        if wanted.due_before is not None:
            conditions.append(stalls.c.due_at < wanted.due_before)
        if wanted.after is not None:
            last = select(stalls.c.due_at).where(stalls.c.id == wanted.after).scalar_subquery()
            conditions.append(or_(stalls.c.due_at > last, and_(stalls.c.due_at == last, stalls.c.id > wanted.after)))
        return conditions + self._shared_conditions(wanted.process, wanted.director)

    def _shared_conditions(self, process: str | None, director: str | None) -> Conditions:
        conditions: Conditions = [*self._seen]
        if process is not None:
            name, _, version = process.partition("@")
            conditions.append(deals.c.process == name)
            if version:
                is_number = version.isdecimal() and len(version) <= _MOST_DIGITS
                conditions.append(deals.c.process_version == (int(version) if is_number else -1))
        if director is not None:
            conditions.append(self._is_directed_by(director))
        return conditions

    def _is_directed_by(self, director: str) -> ColumnElement[bool]:
        """The owners under this director today; `none`: those under nobody."""
        found = list(self._connection.execute(select(deals.c.owner).distinct()).scalars())
        under = [owner for owner in found if (self._director(owner) or NONE) == director]
        named = deals.c.owner.in_([owner for owner in under if owner is not None])
        return or_(named, deals.c.owner.is_(None)) if None in under else named

    def _director(self, owner: str | None) -> str | None:
        person = self._organisation.director_of(owner)
        return person.id if person else None

    def _process(self, row: RowMapping) -> ProcessDefinition:
        ref = _ref(row)
        if ref not in self._processes:
            try:
                self._processes[ref] = self._process_of(ref)
            except (CommandRefused, EventUnreadable) as error:
                raise ProcessMissing(ref) from error
        return self._processes[ref]

    def _deal_row(self, row: RowMapping) -> DealRow:
        process = self._process(row)
        node = process.nodes.get(row["position"] or "")
        same = {name: row[name] for name in _SAME}
        return DealRow(
            **same,
            process=f"{row['process']}@{row['process_version']}",
            stage_title=_stage_title(row["stage"], process),
            standing_title=_stage_title(row["standing"], process),
            customer_stage_title=_stage_title(row["customer_stage"] or "", process),
            position_title=node.title if node else {},
            director=self._director(row["owner"]),
            amount=_amount(row),
            proof_lost=tuple((row["lost_nodes"] or "").split()),
            set_aside=tuple(json.loads(row["set_aside"] or "[]")),
            wrong=self._wrong_of(_ref(row)) if row["in_progress"] else NOTHING,
        )

    def _stall_row(self, row: RowMapping) -> StallRow:
        bearer = Bearer(
            deal_id=row["deal_id"],
            title=row["title"],
            process=f"{row['process']}@{row['process_version']}",
            owner=row["owner"],
            customer_id=row["customer_id"],
            amount=_amount(row),
        )
        return stall_row(stall_of(dict(row)), bearer, self._process(row), self._organisation, self._now)


def rows_held(connection: Connection, deal_ids: Sequence[str]) -> dict[str, ViewRows]:
    """All that the board holds of these deals, as it is made of a deal."""
    held: dict[str, ViewRows] = {}
    for row in _rows_of(connection, deals, deal_ids):
        held[row["deal_id"]] = ViewRows(row, nodes=[], gaps=[], people=[], stalls=[])
    for table, of in ((deal_nodes, "nodes"), (gaps, "gaps"), (deal_people, "people"), (stalls, "stalls")):
        for row in _rows_of(connection, table, deal_ids):
            if known := held.get(row["deal_id"]):
                getattr(known, of).append(row)
    return held


def _rows_of(connection: Connection, table: Table, deal_ids: Sequence[str]) -> list[Row]:
    asked = select(table).where(table.c.deal_id.in_(deal_ids))
    return [dict(row) for row in connection.execute(asked).mappings()]


def deals_of(connection: Connection, ref: ProcessRef) -> list[str]:
    """The ids of the deals of this version."""
    named = (deals.c.process == ref.name, deals.c.process_version == ref.version, deals.c.process_digest == ref.digest)
    return list(connection.execute(select(deals.c.deal_id).where(*named)).scalars())


def processes_in_use(connection: Connection) -> set[ProcessRef]:
    """The versions of the deals in progress."""
    asked = select(*(deals.c[name] for name in _PROCESS)).where(deals.c.in_progress.is_(True)).distinct()
    return {_ref(row) for row in connection.execute(asked).mappings()}


def _ref(row: RowMapping) -> ProcessRef:
    return ProcessRef(name=row["process"], version=row["process_version"], digest=row["process_digest"])


def faults_of(connection: Connection) -> list[Fault]:
    """What could not be taken in, in the order of the log."""
    asked = select(faults).order_by(faults.c.position, faults.c.deal_id)
    return [Fault(**row) for row in connection.execute(asked).mappings()]


_PROCESS = ("process", "process_version", "process_digest")
_BEARER = [deals.c[name] for name in ("title", *_PROCESS, "owner", "customer_id", "amount_minor", "currency")]
_SAME = [name for name in DealRow.model_fields if name in deals.c and name not in ("process", "set_aside")]


def _equal(*asked: tuple[ColumnElement[Any], object]) -> Conditions:
    """Those that were asked for; `none` asks for rows without a value."""
    return [column.is_(None) if value == NONE else column == value for column, value in asked if value is not None]


def _at_least(column: ColumnElement[int], gap: int | None) -> Conditions:
    """At least so far ahead, or at least so far behind where the number is negative."""
    if gap is None:
        return []
    least = _bounded(gap)
    return [column >= least if gap > 0 else column <= least]


def _bounded(number: int | None) -> int | None:
    """The number as both databases can hold it; no list is longer, and no gap wider."""
    return None if number is None else max(-_MOST, min(number, _MOST))


def _amount(row: RowMapping) -> Money | None:
    return None if row["currency"] is None else Money(minor=row["amount_minor"], currency=row["currency"])


def _stage_title(stage: str, process: ProcessDefinition) -> Text:
    return process.stage(stage).title if stage in process.stage_index else {}
