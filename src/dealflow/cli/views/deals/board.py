"""A list of deals as a person reads it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, cast, get_args

from dealflow.application.reading.board import DealQuery, DealRow
from dealflow.application.reading.inventory import NONE
from dealflow.cli.errors import WrongUsage
from dealflow.cli.output import note, print_json, reader
from dealflow.cli.session import Session
from dealflow.cli.tables import amount, print_table
from dealflow.domain.decide import checks
from dealflow.domain.values.refusal import Code

Outcome = Literal["open", "won", "lost", "cancelled"]
TABLE = 50
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
    wanted = asked.wanted(limit or (None if to.json else TABLE), after)
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


def _count(shown: int, total: int, text: str) -> None:
    if shown < total:
        note(reader().t(text).format(shown=f"{shown:,}", total=f"{total:,}"))
