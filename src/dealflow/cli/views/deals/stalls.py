"""Stalls and escalations as a person reads them."""

from collections.abc import Sequence

from dealflow.application.reading.stalls import StallQuery, StallRow
from dealflow.cli.output import note, print_json, reader
from dealflow.cli.session import Session
from dealflow.cli.tables import print_table
from dealflow.cli.views.deals.board import TABLE, must_be_known


def list_stalls(session: Session, wanted: StallQuery, *, escalated: bool) -> int:
    """Print stalls, or those that were put before a person, oldest deadline first."""
    to = reader()
    limited = wanted.model_copy(update={"limit": wanted.limit or (None if to.json else TABLE)})
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
