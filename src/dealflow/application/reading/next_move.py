"""`deal next`: what is missing to leave the stage, by when, and who hears of it if nothing comes."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from pydantic import AwareDatetime

from dealflow.application.processes.registry import ProcessInForce
from dealflow.application.reading.deal_parts.acts import MilestoneView, StepView, milestone_views, step_views
from dealflow.application.reading.deal_parts.amount import AmountWaits, amount_waits
from dealflow.application.reading.deal_parts.ladder import RungView, ladder_view, stall_of
from dealflow.application.reading.deal_parts.lost import LostProofView, lost_proofs
from dealflow.application.reading.deal_parts.named import Named, PersonView, node_named, people_view, stage_named
from dealflow.application.reading.deal_parts.nodes import NodeView, node_view
from dealflow.application.reading.deal_parts.tracks import TracksView, tracks_view
from dealflow.domain.clocks.due import next_deadline
from dealflow.domain.deal.events import Recorded
from dealflow.domain.deal.state import Clock, Deal
from dealflow.domain.escalation.ladder import recipients_for
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.process.definition import Stage
from dealflow.domain.track.position import open_nodes
from dealflow.domain.values.frozen import Frozen
from dealflow.domain.values.phrase import NOTHING, Phrase


class NextClockView(Frozen):
    """A deadline that runs, or has run out, with the warning before it and the ladder behind it."""

    name: str
    node: Named | None
    since: AwareDatetime
    limit: str
    due_at: AwareDatetime
    provisional: bool
    granted: bool
    run_out: bool
    stall_id: str | None
    warn_at: AwareDatetime | None
    warned: bool
    warns: tuple[PersonView, ...]
    ladder: tuple[RungView, ...]


class NextMove(Frozen):
    """What lets the deal leave its stage: all of `missing` and `milestones`, or any one of `any_of` where there are some.

    `ready`: nothing is missing, the deal moves as soon as its workflow looks. `to` is None where leaving ends its life;
    `by` is the first deadline that has not run out; `closes_at` is when the stage ends by itself. `earlier`: required
    nodes of earlier stages that are not passed; they hold no gate, but until then the customer stands there. Those whose
    proof is lost are in `proof_lost`, also of a closed deal that was won on them. `wrong`: why the deal cannot be judged now.
    """

    at: AwareDatetime
    deal_id: str
    title: str
    outcome: str
    in_progress: bool
    stage: Named
    wins: bool
    to: Named | None
    ready: bool
    tracks: TracksView
    missing: tuple[NodeView, ...] = ()
    milestones: tuple[MilestoneView, ...] = ()
    any_of: tuple[NodeView, ...] = ()
    proof_lost: tuple[LostProofView, ...] = ()
    amount_waits: AmountWaits | None = None
    earlier: tuple[NodeView, ...] = ()
    steps: tuple[StepView, ...] = ()
    closes_at: AwareDatetime | None = None
    by: AwareDatetime | None = None
    clocks: tuple[NextClockView, ...] = ()
    wrong: Phrase = NOTHING


def next_move(
    deal: Deal, process: ProcessInForce, organisation: Organisation, *, at: datetime, recorded: Sequence[Recorded]
) -> NextMove:
    """What is missing to move on, and the lost proofs first; of a deal whose life has ended only these. `recorded`: its stream."""
    definition = process.definition
    stage = definition.stage(deal.stage)
    after = definition.stages[definition.stage_index[stage.id] + 1 :]
    closes_at = deal.ready.ready_at if deal.ready and deal.ready.how == "closes_after" else None
    move = NextMove(
        at=at,
        deal_id=deal.id,
        title=deal.title,
        outcome=deal.outcome.value,
        in_progress=deal.in_progress,
        stage=stage_named(stage.id, definition),
        wins=stage.wins,
        to=stage_named(after[0].id, definition) if after else None,
        ready=deal.ready is not None and deal.ready.ready_at <= at,
        tracks=tracks_view(deal, definition),
        closes_at=closes_at,
        proof_lost=tuple(lost_proofs(deal, process)),
        amount_waits=amount_waits(deal, organisation),
        wrong=process.calendar_fault if deal.in_progress else NOTHING,
    )
    if not deal.in_progress:
        return move
    move = move.model_copy(update={"earlier": tuple(_earlier(stage, deal, process))})
    if move.ready:
        return move
    return move.model_copy(
        update={
            "missing": tuple(_missing(stage, deal, process)),
            "milestones": tuple(_milestones(stage, deal)),
            "any_of": _any_of(stage, deal, process),
            "steps": tuple(step for step in step_views(deal, definition, at) if step.done_at is None),
            "by": next_deadline(deal),
            "clocks": tuple(_clock(clock, deal, process, organisation, recorded) for clock in deal.clocks.values()),
        }
    )


def _missing(stage: Stage, deal: Deal, process: ProcessInForce) -> Iterator[NodeView]:
    if stage.gate in ("nodes", "both"):
        shown = (node_view(node, deal, process) for node in stage.required_nodes)
        yield from (node for node in shown if node.status == "open")


def _earlier(stage: Stage, deal: Deal, process: ProcessInForce) -> Iterator[NodeView]:
    definition = process.definition
    for before in definition.stages[: definition.stage_index[stage.id]]:
        for node in (node for node in open_nodes(deal, definition, before.id) if node not in deal.lost):
            yield node_view(definition.nodes[node], deal, process)


def _milestones(stage: Stage, deal: Deal) -> Iterator[MilestoneView]:
    """Those that the gate asks for and that do not count yet."""
    asked = stage.gate in ("milestones", "both")
    leaving = not stage.required_nodes and not asked
    for milestone in milestone_views(stage, deal):
        if not milestone.counts and (asked or (leaving and milestone.leaves)):
            yield milestone


def _any_of(stage: Stage, deal: Deal, process: ProcessInForce) -> tuple[NodeView, ...]:
    """In a stage without required nodes any optional one that is reached opens the gate."""
    if stage.required_nodes or stage.gate != "nodes":
        return ()
    return tuple(node_view(node, deal, process) for node in stage.nodes)


def _clock(
    clock: Clock, deal: Deal, process: ProcessInForce, organisation: Organisation, recorded: Sequence[Recorded]
) -> NextClockView:
    stall = stall_of(clock, deal)
    warned = recipients_for(process.definition.ladder.warning, deal, organisation) if clock.warn_at else ()
    return NextClockView(
        name=clock.name,
        node=node_named(clock.node, process.definition) if clock.node else None,
        since=clock.started_at,
        limit=clock.limit,
        due_at=clock.due_at,
        provisional=clock.provisional,
        granted=clock.granted,
        run_out=clock.stalled,
        stall_id=stall.id if stall else None,
        warn_at=clock.warn_at,
        warned=clock.warned,
        warns=people_view(warned, organisation),
        ladder=ladder_view(clock, deal, process, organisation, recorded),
    )
