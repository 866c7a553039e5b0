"""The answer to an escalation: it ends the stall, sets the next deadline, and does what was decided."""

from collections.abc import Iterator
from datetime import UTC

from dealflow.domain.clocks.kinds import Moment, kind_of
from dealflow.domain.clocks.start import clock_started
from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from dealflow.domain.deal.context import Context
from dealflow.domain.deal.draft import Draft
from dealflow.domain.deal.stalls import Decided, EndedStall, OpenStall
from dealflow.domain.deal.state import Deal, clock_key
from dealflow.domain.decide import checks
from dealflow.domain.decide.moves import (
    Lost,
    MovedBack,
    deal_lost,
    moved_back,
    must_be_in_progress,
    node_waived,
    owner_changed,
)
from dealflow.domain.decide.permission import must_let_own
from dealflow.domain.process.calendar import Deadline
from dealflow.domain.process.definition import ProcessDefinition
from dealflow.domain.track.position import open_nodes, passing_nodes
from dealflow.domain.values.phrase import Phrase, phrase, phrase_in
from dealflow.domain.values.refusal import Code, refuse

# How a stall ended that no decision ended.
_ENDED = {
    "moved": phrase_in("stall", "moved"),
    "decided": phrase_in("stall", "decided"),
    "closed": phrase_in("stall", "closed"),
    "regained": phrase_in("stall", "regained"),
}
Answered = e.EscalationDecided | e.StallEnded | e.OwnerChanged | e.NodeWaived | MovedBack | Lost | e.ClockStarted


def decide_escalation(draft: Draft, command: c.DecideEscalation) -> Iterator[Answered]:
    """The answer, what it does, and the next deadline. Each fact is decided on the deal with the facts before it."""
    deal, context = draft.deal, draft.context
    stall = _open_stall(deal, command.escalation)
    must_be_in_progress(deal)
    why = checks.reason(command.reason)
    due = _next_deadline(command, context)
    target = _target(deal, stall, command, context)
    details = {"to": target} if target else {}
    if grants := _grants(command, stall, target, context):
        _must_have_clock(target if command.decision == "back" and target else deal.stage, stall.clock, context)
        details["until"] = due.due_at.isoformat()
    yield e.EscalationDecided(
        effective_at=context.at, stall_id=stall.id, decision=command.decision, reason=why, details=details
    )
    yield e.StallEnded(effective_at=max(context.at, stall.due_at), stall_id=stall.id, how="decided")
    yield from _carried_out(draft.deal, command, target or "", why, context)
    if grants:
        yield from _granted(draft.deal, stall, due, context)


def _open_stall(deal: Deal, escalation: str) -> OpenStall:
    """The named stall, else the only open one. Where none is open, the refusal says how the last one ended."""
    chosen = deal.stalls.get(escalation)
    if not escalation:
        is_open, last = deal.open_stalls, next(reversed(list(deal.stalls.values())), None)
        chosen = is_open[0] if len(is_open) == 1 else None if is_open else last
    match chosen:
        case OpenStall():
            return chosen
        case EndedStall(escalation=Decided(by=by, at=at, decision=decision)):
            raise refuse(Code.ALREADY_DECIDED, chosen.id, by=by, at=at, decision=decision)
        case EndedStall():
            raise refuse(Code.ALREADY_SO, chosen.id, what=phrase("the stall ended ({how})", how=_ENDED[chosen.how]))
        case None:
            raise checks.unknown(Code.UNKNOWN_ESCALATION, escalation or deal.id, [s.id for s in deal.open_stalls])


def _next_deadline(command: c.DecideEscalation, context: Context) -> Deadline:
    """The given deadline (`until`, or `lasting` from now), else the template's default; never beyond the template's cap."""
    calendar, rules = context.calendar, context.process.decisions
    latest = calendar.after(context.at, rules.cap).due_at
    length = command.lasting or rules.next_deadline
    try:
        due = calendar.after(context.at, length) if command.until is None else Deadline(due_at=command.until)
    except (ValueError, OverflowError) as error:  # no calendar reaches as far
        raise refuse(Code.DEADLINE_TOO_FAR, "until", given=length.said, cap=str(rules.cap), latest=latest) from error
    if due.due_at <= context.at:
        raise refuse(Code.DEADLINE_PAST, "until", given=due.due_at, now=context.at)
    if due.due_at > latest:
        raise refuse(Code.DEADLINE_TOO_FAR, "until", given=due.due_at, cap=str(rules.cap), latest=latest)
    return due.model_copy(update={"due_at": due.due_at.astimezone(UTC)})


def _target(deal: Deal, stall: OpenStall, command: c.DecideEscalation, context: Context) -> str | None:
    """The new owner, the node, the stage or the reason that the decision names; for a lost proof by default its own."""
    match command.decision:
        case "reassign":
            owner = checks.person(_needed(command.to, "to", phrase("a person of people.yaml")), context)
            if owner == deal.owner:
                raise refuse(Code.ALREADY_SO, deal.id, what=phrase("{owner} owns {deal}", owner=owner, deal=deal.id))
            must_let_own(deal, owner, context, command)
            return owner
        case "back":
            stage = stall.stage if stall.node else None
            return _needed(command.to or stage, "to", phrase("a stage of the template"))
        case "waive":
            missing = (stall.node,) if stall.node else open_nodes(deal, context.process, deal.stage)
            only = missing[0] if len(missing) == 1 else None
            return _needed(command.node or only, "node", phrase("one of {known}", known=missing))
        case "lose":
            known = [reason.id for reason in context.process.lost_reasons]
            return _needed(command.lost_reason, "lost_reason", phrase("one of {known}", known=known))
        case "extend":
            return None


def _needed(value: str | None, place: str, right: Phrase) -> str:
    if not value:
        raise refuse(Code.FIELD_MISSING, place, field=place, right=right)
    return value


def _carried_out(
    deal: Deal, command: c.DecideEscalation, target: str, why: str, context: Context
) -> tuple[e.OwnerChanged | e.NodeWaived | MovedBack | Lost, ...]:
    match command.decision:
        case "reassign":
            return (owner_changed(deal, target, why, context),)
        case "waive":
            return (node_waived(deal, target, why, context),)
        case "back":
            return moved_back(deal, target, why, context)
        case "lose":
            return deal_lost(deal, target, why, context)
        case "extend":
            return ()


def _grants(command: c.DecideEscalation, stall: OpenStall, target: str | None, context: Context) -> bool:
    """Whether a person's deadline is set; after a move back the stage's own limit holds, unless one is named."""
    explicit = command.until is not None or command.lasting is not None
    if stall.node:
        stays = _stays_lost(command, stall.node, target, context.process)
        if explicit and not stays and command.decision != "lose":
            wrong, right = phrase("the proof is not lost with this decision"), phrase("no deadline with it")
            raise refuse(Code.FIELD_INVALID, "until", field="until", wrong=wrong, right=right)
        return stays
    return command.decision in ("extend", "reassign", "waive") or (command.decision == "back" and explicit)


def _stays_lost(command: c.DecideEscalation, node: str, target: str | None, process: ProcessDefinition) -> bool:
    """Whether the decision leaves this proof lost."""
    match command.decision:
        case "waive":
            return all(target != passing for passing in passing_nodes(node, process))
        case "back":
            index = process.stage_index
            return target in index and index[target] > index[process.stage_of_node[node]]
        case _:
            return command.decision != "lose"


def _must_have_clock(stage: str, clock: str, context: Context) -> None:
    """Refuse a deadline for a stage that has no such clock."""
    if stage in context.process.stage_index and kind_of(clock).limit(context.process, stage) is None:
        wrong = phrase("the stage {stage} has no clock {clock}", stage=stage, clock=clock)
        right = phrase("no deadline with this move")
        raise refuse(Code.FIELD_INVALID, "until", field="until", wrong=wrong, right=right)


def _granted(deal: Deal, stall: OpenStall, due: Deadline, context: Context) -> Iterator[e.ClockStarted]:
    """The deadline that the person set begins the clock's next episode; after a move back, that of the new visit's clock."""
    kind, stage = kind_of(stall.clock), stall.stage if stall.node else deal.stage
    limit = kind.limit(context.process, stage)
    if limit and Moment.DECISION in kind.resets:
        before = deal.clocks.get(clock_key(kind.name, stall.node))
        yield clock_started(
            kind,
            limit,
            context,
            stage=stage,
            visit=deal.visit,
            episode=before.episode + 1 if before else 1,
            start=context.at,
            granted=due,
            node=stall.node,
        )
