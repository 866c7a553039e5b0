"""A deal as rows of the board, and a stall's row as a stall again."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from typing import Any

from pydantic import TypeAdapter

from dealflow.application.reading.inventory import ProofsLostIn, ever_reached, proofs_lost_in, won_unproven
from dealflow.application.reading.stalls import escalation_of
from dealflow.domain.clocks.due import next_due
from dealflow.domain.deal.stalls import EndedStall, Stall, raised_of
from dealflow.domain.deal.state import Closed, Deal
from dealflow.domain.decide.permission import asked_about
from dealflow.domain.process.definition import ProcessDefinition
from dealflow.domain.track.gap import Tracks, tracks

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ViewRows:
    """All that the board holds of one deal."""

    deal: Row
    nodes: list[Row]
    gaps: list[Row]
    people: list[Row]
    stalls: list[Row]

    def in_order(self) -> "ViewRows":
        """The same by key, since a table has no order."""
        return ViewRows(
            self.deal,
            nodes=sorted(self.nodes, key=itemgetter("node")),
            gaps=sorted(self.gaps, key=itemgetter("since")),
            people=sorted(self.people, key=itemgetter("person", "asked")),
            stalls=sorted(self.stalls, key=itemgetter("id")),
        )


def rows_of(deal: Deal, process: ProcessDefinition) -> ViewRows:
    """The rows of a deal; of the customer only the id, since a name may be personal."""
    reached = {node for node, state in deal.nodes.items() if ever_reached(state)}
    unproven = set(won_unproven(deal))
    lost_in = proofs_lost_in(deal)
    lost = {proof.node for proof in deal.proofs_lost} if lost_in else set[str]()
    both = tracks(deal, process)
    return ViewRows(
        deal=_deal(deal, both, lost_in),
        nodes=[
            {
                "deal_id": deal.id,
                "node": node,
                "ever_reached": node in reached,
                "won_unproven": node in unproven,
                "lost_in": lost_in if node in lost else None,
            }
            for node in sorted(reached | unproven | lost)
        ],
        gaps=[{"deal_id": deal.id, "since": span.since, "until": span.until, "gap": span.gap} for span in both.gaps],
        people=[
            {"deal_id": deal.id, "person": person, "asked": asked}
            for asked, people in ((True, asked_about(deal)), (False, deal.worked_as_owner))
            for person in sorted(people)
        ],
        stalls=[_stall(stall, deal.id) for stall in deal.stalls.values()],
    )


def _deal(deal: Deal, both: Tracks, lost_in: ProofsLostIn | None) -> Row:
    is_open, won = deal.open_stalls, deal.won_amount
    return {
        "deal_id": deal.id,
        "title": deal.title,
        "process": deal.process.name,
        "process_version": deal.process.version,
        "process_digest": deal.process.digest,
        "stage": deal.stage,
        "position": both.position,
        "position_since": both.position_since,
        "customer_stage": both.customer_stage,
        "standing": both.standing,
        "gap": both.gap,
        "gap_since": both.gap_since,
        "owner": deal.owner,
        "customer_id": deal.customer.id if deal.customer else None,
        "amount_minor": deal.amount.minor if deal.amount else None,
        "currency": deal.amount.currency if deal.amount else None,
        "won_minor": won.minor if won else None,
        "won_currency": won.currency if won else None,
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
        "lost_nodes": " ".join(proof.node for proof in deal.proofs_lost) or None,
        "lost_in": lost_in,
        "proof_lost_since": min((proof.since for proof in deal.proofs_lost), default=None),
        "set_aside": _written(one.id for one in deal.evidence.values() if one.set_aside),
        "claims_not_applied": deal.claims_not_applied,
        "version": deal.version,
    }


def _written(ids: Iterable[str]) -> str | None:
    found = list(ids)
    return json.dumps(found, ensure_ascii=False) if found else None


def _stall(stall: Stall, deal_id: str) -> Row:
    raised = raised_of(stall.escalation)
    return {
        "id": stall.id,
        "deal_id": deal_id,
        "stage": stall.stage,
        "due_at": stall.due_at,
        "raised_at": raised.at if raised else None,
        "backlog": raised is not None and raised.backlog,
        "ended_at": stall.ended_at if isinstance(stall, EndedStall) else None,
        "stall": _stalls().dump_json(stall).decode(),
    }


def stall_of(row: Row) -> Stall:
    """The stall that a row was made of."""
    return _stalls().validate_json(row["stall"])


@cache
def _stalls() -> TypeAdapter[Stall]:
    return TypeAdapter(Stall)
