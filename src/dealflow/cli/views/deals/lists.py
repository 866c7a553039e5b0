"""Lists of deals, stalls and escalations, and the inventory, as a person reads them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

from dealflow.application.reading.board import DealQuery, DealRow
from dealflow.application.reading.inventory import NONE, Inventory, take_inventory
from dealflow.application.reading.stalls import StallQuery, StallRow
from dealflow.cli.errors import WrongUsage
from dealflow.cli.inputs.values import past
from dealflow.cli.output import note, print_json, reader, say
from dealflow.cli.session import Session
from dealflow.cli.tables import amount, print_heading, print_pairs, print_table
from dealflow.domain.decide import checks
from dealflow.domain.values.refusal import Code

Outcome = Literal["open", "won", "lost", "cancelled"]
_TABLE = 50
_OUTCOMES = get_args(Outcome)


@dataclass(frozen=True, slots=True)
class DealFilter:
    """Which deals are asked for, as written."""

    stage: str | None
    position: str | None
    owner: str | None
    director: str | None
    process: str | None
    customer: str | None
    outcome: str | None
    stalled: bool
    closed: bool
    everything: bool

    def wanted(self, limit: int | None, after: str | None) -> DealQuery:
        """The question to the board; an outcome that is named decides by itself which lives are meant."""
        if self.outcome is not None and self.outcome not in _OUTCOMES:
            raise WrongUsage(f"--outcome {self.outcome!r} is not known; one of {', '.join(_OUTCOMES)}")
        either = self.everything or self.outcome is not None
        return DealQuery(
            stage=self.stage,
            position=self.position,
            owner=self.owner,
            director=self.director,
            process=self.process,
            customer=self.customer,
            outcome=cast("Outcome | None", self.outcome),
            in_progress=False if self.closed else None if either else True,
            stalled=True if self.stalled else None,
            limit=limit,
            after=after,
        )


def list_deals(session: Session, asked: DealFilter, limit: int | None, after: str | None) -> int:
    """Print the deals that are asked for, by id."""
    to = reader()
    wanted = asked.wanted(limit or (None if to.json else _TABLE), after)
    rows = session.system.board.deals(wanted)
    if not rows:
        must_be_known(
            session, stage=asked.stage, node=asked.position, people=(asked.owner, asked.director), process=asked.process
        )
    total = session.system.board.count_deals(wanted.model_copy(update={"limit": None, "after": None}))
    if to.json:
        print_json({"total": total, "deals": [row.model_dump(mode="json") for row in rows]})
        return 0
    print_deals(rows)
    _count(len(rows), total, "{shown} of {total} deals")
    return 0


def must_be_known(
    session: Session,
    *,
    stage: str | None = None,
    node: str | None = None,
    people: Sequence[str | None] = (),
    process: str | None = None,
    deal: str | None = None,
) -> None:
    """Refuse names that exist nowhere: a list that is empty for a slip of the pen would say something untrue."""
    processes, organisation = session.system.processes, session.system.people.current()
    if deal is not None:
        session.system.known_deals.load(deal)
    if process is not None:
        processes.get(process)
    definitions = [processes.get(ref).definition for ref in processes.published()]
    if stage is not None and not any(stage in one.stage_index for one in definitions):
        raise checks.unknown(Code.UNKNOWN_STAGE, stage, {name: None for one in definitions for name in one.stage_index})
    if node not in (None, NONE) and not any(node in one.nodes for one in definitions):
        raise checks.unknown(Code.UNKNOWN_NODE, node, {name: None for one in definitions for name in one.nodes})
    for person in people:
        if person not in (None, NONE) and organisation.declared and person not in organisation.people:
            raise checks.unknown(Code.UNKNOWN_PERSON, person, organisation.people)


def print_deals(rows: Sequence[DealRow]) -> None:
    """Print deals as a table."""
    to = reader()
    print_table(
        ("Deal", "Title", "Stage", "Customer's position", ">Gap", "Owner", ">Amount", "Outcome", "Next deadline"),
        [
            (
                row.deal_id,
                row.title,
                to.short(row.stage, row.stage_title),
                to.short(row.position, row.position_title) if row.position else to.t("none"),
                f"{row.gap:+d}" if row.gap else "0",
                row.owner,
                amount(row.amount),
                to.t(row.outcome) + ("" if row.in_progress else f", {to.t('closed')}"),
                to.t("stalled") if row.open_stalls else to.time(row.next_due),
            )
            for row in rows
        ],
    )


def list_stalls(session: Session, wanted: StallQuery, *, escalated: bool) -> int:
    """Print stalls, or those that were put before a person, oldest deadline first."""
    to = reader()
    limited = wanted.model_copy(update={"limit": wanted.limit or (None if to.json else _TABLE)})
    board = session.system.board
    rows = board.escalations(limited) if escalated else board.stalls(limited)
    if not rows:
        must_be_known(session, stage=wanted.stage, people=(wanted.owner, wanted.director), deal=wanted.deal_id)
    if to.json:
        print_json({"escalations" if escalated else "stalls": [row.model_dump(mode="json") for row in rows]})
        return 0
    print_stalls(rows)
    if limited.limit and len(rows) == limited.limit:
        note(to.t("The first {shown}; --limit shows more.").format(shown=len(rows)))
    return 0


def print_stalls(rows: Sequence[StallRow]) -> None:
    """Print stalls as a table."""
    to = reader()
    print_table(
        ("Escalation", "Title", "Stage", "Clock", "Ran out", ">Days over", "Owner", "Director", "State", "Missing"),
        [
            (
                row.stall_id,
                row.deal_title,
                to.short(row.stage, row.stage_title),
                to.t(row.clock),
                to.time(row.due_at),
                row.overdue_seconds // 86_400,
                row.owner,
                row.director,
                _state(row),
                ", ".join(to.short(node.id, node.title) for node in row.missing),
            )
            for row in rows
        ],
    )


def _state(row: StallRow) -> str:
    to = reader()
    said = to.t(row.decision) if row.decision else to.t("escalated" if row.escalation == "open" else row.escalation)
    return f"{said}, {to.t('high risk')}" if row.high_risk else said


def _count(shown: int, total: int, text: str) -> None:
    if shown < total:
        note(reader().t(text).format(shown=f"{shown:,}", total=f"{total:,}"))


def show_inventory(session: Session, as_of: str | None, known_at: str | None) -> int:
    """Print the inventory of now, or as of an instant."""
    at = past(as_of, session.zone, "as-of", session.now)
    known = past(known_at, session.zone, "as-known-at", session.now)
    if at is None and known is None:
        found = session.system.board.board_inventory()
    else:
        system = session.system
        found = take_inventory(
            system.store,
            lambda ref: system.processes.get(ref).definition,
            system.people.current(),
            now=session.now,
            as_of=at,
            as_known_at=known,
        )
    if reader().json:
        print_json(found)
    else:
        _print_inventory(found)
    return 0


def _print_inventory(found: Inventory) -> None:
    to = reader()
    say(to.t("Inventory as of {at}").format(at=to.time(found.as_of)))
    counts: list[tuple[str, Any]] = [
        ("Deals", f"{found.deals:,}"),
        ("Customers", f"{found.customers:,}"),
        ("Without customer", f"{found.without_customer:,}" if found.without_customer else ""),
        ("Open", f"{found.open:,}"),
        ("Won", f"{found.won:,}"),
        ("Lost", f"{found.lost:,}"),
        ("Cancelled", f"{found.cancelled:,}"),
        ("In progress", f"{found.in_progress:,}"),
        ("Stalled", f"{found.stalled:,}"),
        ("Won amount", ", ".join(f"{value:,} {currency}" for currency, value in found.won_amount.items())),
        ("Claims not applied", found.claims_not_applied or ""),
    ]
    print_pairs(counts, indent=2)
    for heading, first, numbers in (
        ("In progress, by stage", "Stage", found.by_stage),
        ("In progress, by customer's position", "Decision node", found.by_position),
        ("In progress, by owner", "Owner", found.by_owner),
        ("In progress, by director", "Director", found.by_director),
        ("In progress, by gap", "Gap", {f"{gap:+d}" if gap else "0": n for gap, n in found.by_gap.items()}),
        ("Stalled, by director", "Director", found.stalled_by_director),
        ("Ever reached", "Decision node", found.ever_reached),
        ("Won, with a node not proven", "Decision node", found.won_unproven),
    ):
        _print_counts(heading, first, numbers)


def _print_counts(heading: str, first: str, numbers: Mapping[str, int]) -> None:
    if numbers:
        print_heading(heading)
        print_table((first, ">Deals"), [(key, f"{n:,}") for key, n in numbers.items()], indent=2)
