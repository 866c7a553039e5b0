"""The answer to an escalation: it ends the stall, sets the next deadline, and does what was decided."""

from datetime import UTC

from dealflow.domain.clocks.start import start_clock
from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from dealflow.domain.deal.draft import Draft
from dealflow.domain.deal.state import Stall
from dealflow.domain.decide import checks
from dealflow.domain.decide.effects import Effects
from dealflow.domain.decide.moves import lose_deal, move_back, must_be_in_progress, waive_node
from dealflow.domain.decide.permission import must_answer_for
from dealflow.domain.process.calendar import Deadline
from dealflow.domain.track.position import open_nodes
from dealflow.domain.values.refusal import Code, refuse


def decide_escalation(draft: Draft, command: c.DecideEscalation, _: Effects) -> None:
    stall = _open_stall(draft, command.escalation)
    must_be_in_progress(draft)
    must_answer_for(draft)
    why = checks.reason(command.reason)
    due = _next_deadline(draft, command)
    target = _target(draft, command, stall)
    details = {"to": target} if target else {}
    if _grants(command):
        _must_have_clock(draft, target if command.decision == "back" else draft.deal.stage, stall.clock)
        details["until"] = due.due_at.isoformat()
    draft.add(
        e.EscalationDecided(
            effective_at=draft.at, stall_id=stall.id, decision=command.decision, reason=why, details=details
        )
    )
    draft.add(e.StallEnded(effective_at=max(draft.at, stall.due_at), stall_id=stall.id, how="decided"))
    _carry_out(draft, command, stall, target, due, why)


def _open_stall(draft: Draft, escalation: str) -> Stall:
    deal = draft.deal
    stalls = deal.stalls
    chosen = stalls.get(escalation) if escalation else None
    if not escalation:
        is_open = deal.open_stalls
        chosen = (
            is_open[0] if len(is_open) == 1 else next(reversed(list(stalls.values())), None) if not is_open else None
        )
    if chosen is None:
        raise checks.unknown(Code.UNKNOWN_ESCALATION, escalation or deal.id, [s.id for s in deal.open_stalls])
    if not chosen.open:
        if chosen.decision is None:
            raise refuse(Code.ALREADY_SO, chosen.id, what=f"the stall ended ({chosen.ended_how})")
        raise refuse(
            Code.ALREADY_DECIDED, chosen.id, by=chosen.decided_by, at=chosen.decided_at, decision=chosen.decision
        )
    return chosen


def _next_deadline(draft: Draft, command: c.DecideEscalation) -> Deadline:
    """As given (`until`, or `lasting` from now), else the template's default; within the template's cap."""
    calendar, rules = draft.context.calendar, draft.context.process.decisions
    latest = calendar.after(draft.at, rules.cap).due_at
    length = command.lasting or rules.next_deadline
    try:
        due = calendar.after(draft.at, length) if command.until is None else Deadline(due_at=command.until)
    except (ValueError, OverflowError) as error:  # no calendar reaches as far
        raise refuse(Code.DEADLINE_TOO_FAR, "until", given=str(length), cap=str(rules.cap), latest=latest) from error
    if due.due_at <= draft.at:
        raise refuse(Code.DEADLINE_PAST, "until", given=due.due_at, now=draft.at)
    if due.due_at > latest:
        raise refuse(Code.DEADLINE_TOO_FAR, "until", given=due.due_at, cap=str(rules.cap), latest=latest)
    return due.model_copy(update={"due_at": due.due_at.astimezone(UTC)})


def _target(draft: Draft, command: c.DecideEscalation, stall: Stall) -> str | None:
    """The new owner, the node, the stage or the reason that the decision names."""
    match command.decision:
        case "reassign":
            owner = checks.person(_needed(command.to, "to", "a person of people.yaml"), draft)
            if owner == draft.deal.owner:
                raise refuse(Code.ALREADY_SO, draft.deal_id, what=f"{owner} owns {draft.deal_id}")
            return owner
        case "back":
            return _needed(command.to, "to", "a stage of the template")
        case "waive":
            missing = open_nodes(draft.deal, draft.context.process, draft.deal.stage)
            only = missing[0] if len(missing) == 1 else None
            return _needed(command.node or only, "node", f"one of {', '.join(missing)}")
        case "lose":
            known = [reason.id for reason in draft.context.process.lost_reasons]
            return _needed(command.lost_reason, "lost_reason", f"one of {', '.join(known)}")
        case "extend":
            return None


def _needed(value: str | None, place: str, right: str) -> str:
    if not value:
        raise refuse(Code.FIELD_MISSING, place, field=place, right=right)
    return value


def _carry_out(
    draft: Draft, command: c.DecideEscalation, stall: Stall, target: str | None, due: Deadline, why: str
) -> None:
    to = target or ""
    match command.decision:
        case "reassign":
            previous = draft.deal.owner
            draft.add(e.OwnerChanged(effective_at=draft.at, owner=to, previous=previous, reason=why))
        case "waive":
            waive_node(draft, to, why)
        case "back":
            move_back(draft, to, why)
        case "lose":
            lose_deal(draft, to, why)
        case "extend":
            pass
    if _grants(command):
        _grant(draft, stall, due)


def _grants(command: c.DecideEscalation) -> bool:
    """Whether a person's deadline is set; after a move back the stage's own limit holds, unless one is named."""
    explicit = command.until is not None or command.lasting is not None
    return command.decision in ("extend", "reassign", "waive") or (command.decision == "back" and explicit)


def _must_have_clock(draft: Draft, stage: str | None, clock: str) -> None:
    """A deadline is not put on record for a stage in which no clock would keep it."""
    process = draft.context.process
    if stage in process.stage_index and clock not in process.stage(stage).clocks:
        wrong, right = f"the stage {stage} has no clock {clock}", "no deadline with this move"
        raise refuse(Code.FIELD_INVALID, "until", field="until", wrong=wrong, right=right)


def _grant(draft: Draft, stall: Stall, due: Deadline) -> None:
    """The deadline that the person set begins the next episode of the clock; after a move back, of the new visit's."""
    stage = draft.context.process.stage(draft.deal.stage)
    for name, limit in stage.clocks.items():
        if name == stall.clock:
            clock = draft.deal.clocks.get(name)
            episode = clock.episode + 1 if clock else 1
            start_clock(draft, name, limit, episode=episode, start=draft.at, granted=due)
