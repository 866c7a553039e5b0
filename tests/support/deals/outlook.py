"""What must be the same of a deal whether its log was imported or fed live: everything but the dates."""

from collections.abc import Iterable
from dataclasses import dataclass

from dealflow.bootstrap import System
from dealflow.domain.deal.evolve import fold
from dealflow.domain.deal.state import Deal, NodeStatus
from dealflow.domain.process.definition import ProcessDefinition
from dealflow.domain.track.gap import tracks


@dataclass(frozen=True)
class Outlook:
    """Where one deal stands, on both tracks."""

    outcome: str
    in_progress: bool
    stage: str
    position: str | None
    standing: str
    reached: frozenset[str]
    milestones: frozenset[str]
    evidence: frozenset[str]
    basis: str | None
    unproven: tuple[str, ...]
    loss_reason: str | None
    not_applied: int


def outlook(deal: Deal, process: ProcessDefinition) -> Outlook:
    """Of a deal of this process."""
    where = tracks(deal, process)
    return Outlook(
        outcome=deal.outcome.value,
        in_progress=deal.in_progress,
        stage=deal.stage,
        position=where.position,
        standing=where.standing,
        reached=frozenset(node for node in process.nodes if deal.node(node).status is NodeStatus.REACHED),
        milestones=frozenset(deal.milestones),
        evidence=frozenset(deal.evidence),
        basis=deal.win.basis if deal.win else None,
        unproven=deal.win.unproven if deal.win else (),
        loss_reason=deal.loss_reason,
        not_applied=deal.claims_not_applied,
    )


def outlooks(system: System) -> dict[str, Outlook]:
    """Of every deal of the system."""
    return {deal.id: outlook(deal, system.processes.get(deal.process).definition) for deal in _deals(system)}


def _deals(system: System) -> Iterable[Deal]:
    streams = system.store.streams("deal/")
    return [deal for recorded in system.store.load_many(streams).values() if (deal := fold(recorded))]
