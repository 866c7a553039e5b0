"""Commands that put facts on record: open, amend, evidence, milestones, steps, activities. None of them moves a stage."""

from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from dealflow.domain.deal.context import Mode
from dealflow.domain.deal.draft import Draft
from dealflow.domain.deal.state import EvidenceStatus
from dealflow.domain.decide import checks
from dealflow.domain.decide.effects import Effects
from dealflow.domain.decide.permission import must_answer_for
from dealflow.domain.process.fields import check_fields
from dealflow.domain.track.gate import judge_again
from dealflow.domain.track.transition import entered
from dealflow.domain.values.refusal import Code, refuse


def open_deal(draft: Draft, command: c.OpenDeal, _: Effects) -> None:
    if draft.opened:
        raise refuse(Code.DEAL_EXISTS, draft.deal_id)
    customer = command.customer
    draft.add(
        e.DealOpened(
            effective_at=checks.observed(command.opened_at, draft, "opened_at"),
            origin=command.origin,
            deal_id=draft.deal_id,
            title=checks.line(command.title, "title"),
            process=draft.context.ref,
            stage=draft.context.process.stages[0].id,
            owner=checks.person(command.owner, draft, command.origin) if command.owner is not None else None,
            customer=customer and _customer(customer),
            amount=command.amount,
            attributes=_attributes(command.attributes),
            linked_from=command.linked_from,
        )
    )
    entered(draft)


def _customer(customer: e.Customer) -> e.Customer:
    name = customer.name and checks.line(customer.name, "customer")
    return e.Customer(id=checks.line(customer.id, "customer"), name=name)


def _attributes(attributes: dict[str, str]) -> dict[str, str]:
    return {checks.line(key, "attribute"): checks.note(value, key, most=2_000) for key, value in attributes.items()}


def amend(draft: Draft, command: c.AmendDeal, effects: Effects) -> None:
    deal = draft.deal
    merged = {**deal.attributes, **_attributes(command.attributes)} if command.attributes else None
    title = checks.line(command.title, "title") if command.title is not None else None
    wanted = {
        "title": title,
        "customer": command.customer and _customer(command.customer),
        "amount": command.amount,
        "attributes": merged,
    }
    changes = {name: value for name, value in wanted.items() if value is not None and value != getattr(deal, name)}
    if not changes:
        raise refuse(Code.NOTHING_CHANGES, draft.deal_id)
    draft.add(e.DealAmended(effective_at=draft.at, origin=command.origin, **changes))
    if "amount" in changes:
        effects.judge_all(draft)


def record_evidence(draft: Draft, command: c.RecordEvidence, effects: Effects) -> None:
    deal, process = draft.deal, draft.context.process
    kind = process.evidence.get(command.kind)
    if kind is None:
        raise checks.unknown(Code.UNKNOWN_KIND, command.kind, process.evidence)
    evidence_id = checks.line(command.evidence_id, "evidence")
    if evidence_id in deal.evidence:
        raise refuse(Code.ALREADY_SO, evidence_id, what=f"evidence {evidence_id} is on record")
    fields = check_fields(kind.fields, command.fields, currency=process.currency, place=command.kind)
    observed_at = checks.observed(command.observed_at, draft)
    draft.add(
        e.EvidenceRecorded(
            effective_at=observed_at,
            origin=command.origin,
            evidence_id=evidence_id,
            kind=kind.id,
            side=kind.side,
            fields=fields,
            personal=tuple(name for name in fields if kind.fields[name].personal),
            reported_at=draft.at if draft.context.mode is Mode.LIVE else observed_at,
            author=checks.line(command.author or draft.context.who.person, "author"),
            note=checks.note(command.note, "note"),
        )
    )
    effects.judge_kind(draft, kind.id)


def withdraw_evidence(draft: Draft, command: c.WithdrawEvidence, effects: Effects) -> None:
    _must_stand(draft, command.evidence_id, EvidenceStatus.WITHDRAWN)
    draft.add(
        e.EvidenceWithdrawn(
            effective_at=draft.at,
            origin=command.origin,
            evidence_id=command.evidence_id,
            reason=checks.reason(command.reason),
        )
    )
    _judge_on_the_rest(draft, command.evidence_id, effects)


def dispute_evidence(draft: Draft, command: c.DisputeEvidence, effects: Effects) -> None:
    _must_stand(draft, command.evidence_id, EvidenceStatus.DISPUTED)
    draft.add(
        e.EvidenceDisputed(
            effective_at=draft.at,
            origin=command.origin,
            evidence_id=command.evidence_id,
            reason=checks.reason(command.reason),
        )
    )
    _judge_on_the_rest(draft, command.evidence_id, effects)


def _judge_on_the_rest(draft: Draft, evidence_id: str, effects: Effects) -> None:
    if draft.deal.in_progress:
        judge_again(draft, evidence_id)
    else:
        effects.note("kept_as_history")


def confirm_evidence(draft: Draft, command: c.ConfirmEvidence, effects: Effects) -> None:
    evidence = _must_stand(draft, command.evidence_id, None)
    must_answer_for(draft)
    draft.add(
        e.EvidenceConfirmed(
            effective_at=draft.at,
            origin=command.origin,
            evidence_id=command.evidence_id,
            reason=checks.reason(command.reason),
        )
    )
    effects.judge_kind(draft, evidence)


def _must_stand(draft: Draft, evidence_id: str, becomes: EvidenceStatus | None) -> str:
    """The kind of evidence that is on record and not withdrawn, nor already what it is to become."""
    evidence = draft.deal.evidence.get(evidence_id)
    if evidence is None:
        raise checks.unknown(Code.UNKNOWN_EVIDENCE, evidence_id, draft.deal.evidence)
    if evidence.status in (becomes, EvidenceStatus.WITHDRAWN):
        raise refuse(Code.ALREADY_SO, evidence_id, what=f"evidence {evidence_id} is {evidence.status}")
    return evidence.kind


def record_milestone(draft: Draft, command: c.RecordMilestone, effects: Effects) -> None:
    process = draft.context.process
    found = process.milestones.get(command.milestone)
    if found is None:
        raise checks.unknown(Code.UNKNOWN_MILESTONE, command.milestone, process.milestones)
    stage, milestone = found
    fields = check_fields(milestone.fields, command.fields, currency=process.currency, place=milestone.id)
    if not draft.deal.in_progress:
        effects.note("kept_as_history")
    draft.add(
        e.MilestoneRecorded(
            effective_at=checks.observed(command.observed_at, draft),
            origin=command.origin,
            milestone=milestone.id,
            stage=stage,
            fields=fields,
            personal=tuple(name for name in fields if milestone.fields[name].personal),
        )
    )


def plan_step(draft: Draft, command: c.PlanStep, _: Effects) -> None:
    if not draft.deal.in_progress:
        raise refuse(Code.DEAL_CLOSED, draft.deal_id, outcome=draft.deal.outcome.value)
    if command.node is not None and command.node not in draft.context.process.nodes:
        raise checks.unknown(Code.UNKNOWN_NODE, command.node, draft.context.process.nodes)
    step_id = checks.line(command.step_id, "step")
    if command.by <= draft.at and draft.context.mode is Mode.LIVE:
        raise refuse(Code.DEADLINE_PAST, "by", given=command.by, now=draft.at)
    if step_id in draft.deal.steps:
        raise refuse(Code.ALREADY_SO, step_id, what=f"step {step_id} is planned")
    draft.add(
        e.StepPlanned(
            effective_at=draft.at,
            origin=command.origin,
            step_id=step_id,
            what=checks.line(command.what, "what"),
            by=command.by,
            node=command.node,
        )
    )


def complete_step(draft: Draft, command: c.CompleteStep, _: Effects) -> None:
    step = draft.deal.steps.get(command.step_id)
    if step is None:
        raise checks.unknown(Code.UNKNOWN_STEP, command.step_id, draft.deal.steps)
    if step.done_at is not None:
        raise refuse(Code.ALREADY_SO, command.step_id, what=f"step {command.step_id} is done")
    note = checks.note(command.note, "note")
    draft.add(e.StepDone(effective_at=draft.at, origin=command.origin, step_id=command.step_id, note=note))


def record_activity(draft: Draft, command: c.RecordActivity, effects: Effects) -> None:
    if not draft.deal.in_progress:
        effects.note("kept_as_history")
    draft.add(
        e.ActivityRecorded(
            effective_at=checks.observed(command.observed_at, draft),
            origin=command.origin,
            what=checks.note(command.what, "what") or checks.line(command.what, "what"),
            reported_at=draft.at,
        )
    )
