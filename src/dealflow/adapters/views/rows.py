"""A deal as rows of the board, and a stall's row as a stall again."""

from dataclasses import dataclass, fields
from typing import Any

from dealflow.application.reading.inventory import ever_reached, won_unproven
from dealflow.application.reading.stalls import escalation_of
from dealflow.domain.clocks.due import next_due
from dealflow.domain.deal.stalls import (
    Decided,
    EndedStall,
    NotRaised,
    OpenEscalation,
    OpenStall,
    Raised,
    RecordedStall,
    Stall,
    decided,
    ended,
    raised_of,
)
from dealflow.domain.deal.state import Closed, Deal
from dealflow.domain.process.definition import ProcessDefinition
from dealflow.domain.track.position import tracks

Row = dict[str, Any]
_STALL_FIELDS = tuple(field.name for field in fields(RecordedStall))


@dataclass(frozen=True, slots=True)
class ViewRows:
    """All that the board holds of one deal."""

    deal: Row
    nodes: list[Row]
    stalls: list[Row]


def rows_of(deal: Deal, process: ProcessDefinition) -> ViewRows:
    """The rows of a deal; of the customer only the id, since a name may be personal."""
    reached = {node for node, state in deal.nodes.items() if ever_reached(state)}
    unproven = set(won_unproven(deal))
    return ViewRows(
        deal=_deal(deal, process),
        nodes=[
            {"deal_id": deal.id, "node": node, "ever_reached": node in reached, "won_unproven": node in unproven}
            for node in sorted(reached | unproven)
        ],
        stalls=[_stall(stall, deal.id) for stall in deal.stalls.values()],
    )


def _deal(deal: Deal, process: ProcessDefinition) -> Row:
    both = tracks(deal, process)
    is_open = deal.open_stalls
    return {
        "deal_id": deal.id,
        "title": deal.title,
        "process": deal.process.name,
        "process_version": deal.process.version,
        "process_digest": deal.process.digest,
        "stage": deal.stage,
        "position": both.position,
        "customer_stage": both.customer_stage,
        "standing": both.standing,
        "gap": both.gap,
        "gap_since": both.gap_since,
        "owner": deal.owner,
        "customer_id": deal.customer.id if deal.customer else None,
        "amount_minor": deal.amount.minor if deal.amount else None,
        "currency": deal.amount.currency if deal.amount else None,
        "outcome": deal.outcome.value,
        "in_progress": deal.in_progress,
        "opening": deal.opening,
        "opened_at": deal.opened_at,
        "entered_at": deal.entered_at,
        "won_at": deal.win.at if deal.win else None,
        "closed_at": deal.life.at if isinstance(deal.life, Closed) else None,
        "next_due": next_due(deal),
        "open_stalls": len(is_open),
        "stalled_since": min((stall.due_at for stall in is_open), default=None),
        "escalated": any(escalation_of(stall) == "open" for stall in is_open),
        "claims_not_applied": deal.claims_not_applied,
        "version": deal.version,
    }


def _stall(stall: Stall, deal_id: str) -> Row:
    end = stall if isinstance(stall, EndedStall) else None
    answer = stall.escalation if isinstance(stall.escalation, Decided) else None
    return {
        **{name: getattr(stall, name) for name in _STALL_FIELDS},
        **_raised_row(raised_of(stall.escalation)),
        "deal_id": deal_id,
        "missing": list(stall.missing),
        "ended_at": end.ended_at if end else None,
        "ended_how": end.how if end else None,
        "decision": answer.decision if answer else None,
        "decided_by": answer.by if answer else None,
        "decided_at": answer.at if answer else None,
    }


def _raised_row(raised: Raised | None) -> Row:
    return {
        "raised_at": raised.at if raised else None,
        "counted_from": raised.counted_from if raised else None,
        "backlog": raised is not None and raised.backlog,
        "rung": raised.rung if raised else -1,
        "next_rung_at": raised.next_rung_at if raised else None,
        "told": list(raised.recipients) if raised else [],
        "high_risk": raised is not None and raised.high_risk,
    }


def stall_of(row: Row) -> Stall:
    """The stall that a row was made of."""
    open_stall = OpenStall(
        **{**{name: row[name] for name in _STALL_FIELDS}, "missing": tuple(row["missing"])}, escalation=_raised(row)
    )
    if row["ended_at"] is None:
        return open_stall
    decision = row["decision"] and decided(open_stall, row["decision"], row["decided_by"], row["decided_at"])
    return ended(open_stall, row["ended_at"], row["ended_how"], decision)


def _raised(row: Row) -> OpenEscalation:
    if row["raised_at"] is None:
        return NotRaised()
    return Raised(
        at=row["raised_at"],
        counted_from=row["counted_from"],
        backlog=row["backlog"],
        rung=row["rung"],
        next_rung_at=row["next_rung_at"],
        recipients=tuple(row["told"]),
        high_risk=row["high_risk"],
    )
