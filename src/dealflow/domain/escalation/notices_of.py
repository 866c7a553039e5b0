"""The notices that an append puts into the outbox: for which facts, to whom."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from dealflow.domain.clocks.due import next_deadline
from dealflow.domain.clocks.stall import stall_id
from dealflow.domain.deal import events as e
from dealflow.domain.deal.stalls import Decided, Stall, raised_of
from dealflow.domain.deal.state import Clock, Deal, clock_key
from dealflow.domain.escalation.handed_over import of_handed_over, titled
from dealflow.domain.escalation.notice import (
    CountedWith,
    MissingNode,
    Notice,
    NoticeKind,
    NoticeSubject,
    notice_key,
)
from dealflow.domain.escalation.proof_lost import PROOF_LOST, is_still_lost
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.process.definition import ProcessDefinition
from dealflow.domain.track.position import open_nodes


def notices_of(
    facts: Sequence[e.Fact],
    deal: Deal,
    process: ProcessDefinition,
    organisation: Organisation,
    at: datetime,
    batch: str | None = None,
    by: str | None = None,
) -> tuple[Notice, ...]:
    """The notices for new facts; `deal` already holds them. `batch` names an import, whose notices go into one digest.

    `by` is who acted. A new owner hears of stalls and decisions in the message that they have the deal.
    """
    handed = next((f for f in reversed(facts) if isinstance(f, e.OwnerChanged) and f.owner == deal.owner), None)
    new = set(handed.recipients) if handed else set[str]()
    found = _notices(facts, deal, process, organisation, at, batch)
    told = [one for one in found if one.recipient not in new or one.kind not in ("escalation", "decided")]
    if handed and new:
        told += _handed_over(handed, deal, process, at, by)
    return tuple(told)


def _handed_over(
    fact: e.OwnerChanged, deal: Deal, process: ProcessDefinition, at: datetime, by: str | None
) -> Iterator[Notice]:
    subject, change = of_handed_over(fact, deal, process, by), f"{deal.id}/{deal.version}"
    for person in fact.recipients:
        yield Notice(
            key=notice_key(change, "owner", 0, person, deal.run),
            recipient=person,
            kind="reassigned",
            deal_id=deal.id,
            title=deal.title,
            run=deal.run,
            subject=subject,
            created_at=at,
        )


def _notices(
    facts: Iterable[e.Fact],
    deal: Deal,
    process: ProcessDefinition,
    organisation: Organisation,
    at: datetime,
    batch: str | None,
) -> Iterator[Notice]:
    def notice(
        kind: NoticeKind, step: int | str, person: str, stall: str, subject: NoticeSubject, repeat: int = 0
    ) -> Notice:
        return Notice(
            key=notice_key(stall, step, repeat, person, deal.run),
            recipient=person,
            kind=kind,
            deal_id=deal.id,
            title=deal.title,
            run=deal.run,
            subject=subject,
            mode="digest" if batch or subject.backlog else "now",
            batch=batch,
            created_at=at,
        )

    for fact in facts:
        if isinstance(fact, e.WarningGiven) and (clock := deal.clocks.get(clock_key(fact.clock, fact.node))):
            subject = _of_clock(clock, deal, process)
            for person in fact.recipients:
                yield notice("warning", "warning", person, stall_id(deal, fact.clock, fact), subject)
        elif isinstance(fact, e.ProofLost) and is_still_lost(fact, deal):
            subject = _of_lost(fact, deal, process)
            for person in fact.recipients:
                yield notice("proof_lost", "lost", person, stall_id(deal, PROOF_LOST, fact), subject)
        elif isinstance(fact, e.RungReached):
            stall = deal.stalls[fact.stall_id]
            raised = raised_of(stall.escalation)
            for person in fact.recipients:
                # Whoever held a place before, and holds one again, is told again.
                again = raised.told.count((fact.rung, person)) - 1 if raised else 0
                yield notice("escalation", fact.rung, person, stall.id, _of_stall(stall, deal, process), again)
        elif isinstance(fact, e.EscalationDecided):
            stall = deal.stalls[fact.stall_id]
            subject = _of_stall(stall, deal, process).model_copy(
                update={
                    "decision": fact.decision,
                    "decided_by": _decided_by(stall),
                    "decision_reason": fact.reason,
                    "next_due_at": next_deadline(deal),
                }
            )
            for person in _others(stall, deal, organisation):
                yield notice("decided", "decided", person, stall.id, subject)


def _decided_by(stall: Stall) -> str | None:
    return stall.escalation.by if isinstance(stall.escalation, Decided) else None


def _others(stall: Stall, deal: Deal, organisation: Organisation) -> list[str]:
    """The people who have heard of the stall and the owner, without the person who decided."""
    raised = raised_of(stall.escalation)
    heard = raised.recipients if raised else ()
    people = dict.fromkeys([*heard, *([deal.owner] if deal.owner in organisation.people else [])])
    return [person for person in people if person and person != _decided_by(stall)]


def _missing(nodes: Iterable[str], process: ProcessDefinition) -> tuple[MissingNode, ...]:
    return tuple(titled(node, process) for node in nodes)


def _of_clock(clock: Clock, deal: Deal, process: ProcessDefinition) -> NoticeSubject:
    stage = process.stage(clock.stage)
    return NoticeSubject(
        owner=deal.owner,
        stage=stage.id,
        stage_title=stage.title,
        clock=clock.name,
        limit=clock.limit,
        since=clock.started_at,
        due_at=clock.due_at,
        provisional=clock.provisional,
        missing=_missing((clock.node,) if clock.node else open_nodes(deal, process, stage.id), process),
    )


def _of_lost(fact: e.ProofLost, deal: Deal, process: ProcessDefinition) -> NoticeSubject:
    clock, stage = deal.clocks.get(clock_key(PROOF_LOST, fact.node)), process.stage(fact.stage)
    return NoticeSubject(
        owner=deal.owner,
        stage=stage.id,
        stage_title=stage.title,
        clock=PROOF_LOST,
        limit=clock.limit if clock else "",
        since=fact.effective_at,
        due_at=clock.due_at if clock else fact.effective_at,
        provisional=clock is not None and clock.provisional,
        missing=_missing((fact.node,), process),
        asked=tuple(person for person in fact.recipients if person != deal.owner),
        lost_why=fact.why,
        after_win=fact.after_win,
        counted_with=tuple(_counted_with(fact, deal, process)) if fact.why == "set_aside" else (),
    )


def _counted_with(fact: e.ProofLost, deal: Deal, process: ProcessDefinition) -> Iterator[CountedWith]:
    kinds = process.nodes[fact.node].standard.kinds
    for evidence in deal.evidence.values():
        if evidence.kind in kinds:
            for one in evidence.set_aside:
                yield CountedWith(evidence=evidence.id, first=one.first, deal=one.first_deal)


def _of_stall(stall: Stall, deal: Deal, process: ProcessDefinition) -> NoticeSubject:
    stage, raised = process.stage(stall.stage), raised_of(stall.escalation)
    return NoticeSubject(
        owner=deal.owner,
        stage=stage.id,
        stage_title=stage.title,
        clock=stall.clock,
        limit=stall.limit,
        since=stall.since,
        due_at=stall.due_at,
        missing=_missing(stall.missing, process),
        asked=tuple(person for person in raised.recipients if person != deal.owner) if raised else (),
        escalation_id=stall.id,
        high_risk=raised is not None and raised.high_risk,
        backlog=raised is not None and raised.backlog,
    )
