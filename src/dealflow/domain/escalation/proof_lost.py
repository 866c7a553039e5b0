"""Proof lost: a node that the deal has passed is open again. Found after each decision, with the clock and the people told."""

import shlex
from collections.abc import Iterator
from typing import Literal

from dealflow.domain.clocks.kinds import KINDS
from dealflow.domain.clocks.stall import stall_ended, stall_recorded
from dealflow.domain.clocks.start import clock_started
from dealflow.domain.deal import events as e
from dealflow.domain.deal.context import Mode
from dealflow.domain.deal.draft import Draft
from dealflow.domain.deal.state import Deal, NodeStatus, Outcome, clock_key
from dealflow.domain.escalation.ladder import recipients_for
from dealflow.domain.process.definition import ClockName, ProcessDefinition
from dealflow.domain.track.position import is_passed, passing_nodes, statuses_of

PROOF_LOST: ClockName = "proof_lost"


def follow_proofs(before: Deal | None, draft: Draft) -> None:
    """Record the proofs that this decision lost or regained; `before` is the deal as it was judged last.

    On a closed deal that is not won nothing is judged: reopening does that.
    """
    deal, process = draft.deal, draft.context.process
    if before is None or not deal.is_judged:
        return
    for node in list(deal.lost):
        if not _is_at_stake(node, deal, process):
            _regained(draft, node, "back")
        elif is_passed(node, process, statuses_of(deal)):
            _regained(draft, node, "passed")
        else:
            _start_clock(draft, node)
    for node in _opened_again(before, deal, process):
        # What was never passed was overridden or claimed: it is unproven, and not lost.
        if node not in deal.lost and _is_at_stake(node, before, process) and _is_at_stake(node, deal, process):
            _lost(draft, node, process.stage_of_node[node])


def _opened_again(before: Deal, after: Deal, process: ProcessDefinition) -> Iterator[str]:
    """The required nodes that were passed and are not."""
    if before.nodes is after.nodes:
        return
    were, now = statuses_of(before), statuses_of(after)
    if all(status is not NodeStatus.OPEN or were.get(node, status) is status for node, status in now.items()):
        return
    for node in (required.id for stage in process.stages for required in stage.required_nodes):
        if not is_passed(node, process, now) and is_passed(node, process, were):
            yield node


def _is_at_stake(node: str, deal: Deal, process: ProcessDefinition) -> bool:
    """Whether the deal has left the node's stage, or was won on it. A deal whose life has ended has left its last stage."""
    if node not in process.nodes:
        return False
    stage, winning = process.stage_index[process.stage_of_node[node]], process.winning_index
    here = process.stage_index.get(deal.stage, len(process.stages))
    if deal.outcome is Outcome.WON and winning is not None and stage <= winning:
        return True
    return stage < here or (stage == here and not deal.in_progress)


def _lost(draft: Draft, node: str, stage: str) -> None:
    deal = draft.deal
    draft.add(
        e.ProofLost(
            effective_at=draft.at,
            node=node,
            stage=stage,
            episode=deal.lost_episodes.get(node, 0) + 1,
            why=_why(draft, node),
            after_win=deal.outcome is Outcome.WON,
            recipients=() if draft.context.mode is Mode.PAST else _recipients(draft),
        )
    )
    _start_clock(draft, node)


def _start_clock(draft: Draft, node: str) -> None:
    """The node's clock begins; it begins again with the deal's next opening. On a closed deal no clock runs."""
    deal, context, kind = draft.deal, draft.context, KINDS[PROOF_LOST]
    if not deal.in_progress or clock_key(PROOF_LOST, node) in deal.clocks:
        return
    lost = deal.lost[node]
    limit = kind.limit(context.process, lost.stage)
    if limit:
        episode = max(deal.lost_episodes.get(node, 0), 1)
        draft.add(
            clock_started(
                kind, limit, context, stage=lost.stage, visit=deal.visit, episode=episode, start=draft.at, node=node
            )
        )


def _regained(draft: Draft, node: str, how: Literal["passed", "back"]) -> None:
    """A deadline that has passed before is a stall on record, which ends with this and is told to nobody."""
    deal = draft.deal
    clock = deal.clocks.get(clock_key(PROOF_LOST, node))
    if clock and not clock.stalled and clock.due_at <= draft.at:
        draft.add(stall_recorded(deal, clock, (node,)))
    draft.add(
        *(
            stall_ended(stall, draft.at, "regained")
            for stall in draft.deal.open_stalls
            if (stall.clock, stall.node) == (PROOF_LOST, node)
        ),
        e.ProofRegained(effective_at=draft.at, node=node, how=how),
    )


def _why(draft: Draft, node: str) -> str:
    """What opened the node, or the later one that it was passed by."""
    passing = set(passing_nodes(node, draft.context.process))
    for fact in reversed(draft.facts):
        match fact:
            case e.NodeReversed() if fact.node in passing:
                return fact.why
            case e.StageMovedBack() if passing.intersection(fact.reopened_nodes):
                return "moved_back"
            case e.DealReopened() if passing.intersection(fact.reopened_nodes):
                return "reopened"
    return ""


def _recipients(draft: Draft) -> tuple[str, ...]:
    return recipients_for(("owner", "director"), draft.deal, draft.context.organisation)


def tell_of_lost_proofs(draft: Draft) -> None:
    """At the end of a past: of what was lost in it only what is still lost is told, to the owner and director of now."""
    for place, fact in enumerate(draft.facts):
        if isinstance(fact, e.ProofLost) and is_still_lost(fact, draft.deal):
            draft.facts[place] = fact.model_copy(update={"recipients": _recipients(draft)})


def way_back(deal_id: str, stage: str, *, in_progress: bool) -> str:
    """The command, without its reason, that lets the deal stand where the node is still to be passed."""
    return f"deal {'back' if in_progress else 'reopen'} {shlex.quote(deal_id)} --to {stage}"


def is_still_lost(fact: e.ProofLost, deal: Deal) -> bool:
    """Whether what was lost by this fact has not been regained since, and is still somebody's concern."""
    return any(
        (lost.node, lost.episode, lost.since) == (fact.node, fact.episode, fact.effective_at)
        for lost in deal.proofs_lost
    )
