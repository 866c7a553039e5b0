"""Commands that put facts on record: open, evidence, milestones, steps, activities. None of them moves a stage."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from dealflow.domain.deal.context import Context, Mode
from dealflow.domain.deal.draft import UNRECORDED
from dealflow.domain.deal.replace import replace
from dealflow.domain.deal.state import Deal, Evidence, EvidenceStatus
from dealflow.domain.decide import checks
from dealflow.domain.decide.amend import amount_of, attributes_of, customer_of
from dealflow.domain.decide.permission import Grant, confirms_own, must_be_allowed_to_open
from dealflow.domain.process.definition import EvidenceKind
from dealflow.domain.process.field_faults import shown
from dealflow.domain.process.fields import check_fields
from dealflow.domain.process.manner import Manner
from dealflow.domain.process.rules import FieldValue
from dealflow.domain.track.judge import looks_the_same, same_value, speaks_against, waits_to_count
from dealflow.domain.values.phrase import Phrase, phrase
from dealflow.domain.values.refusal import Code, CommandRefused, refuse
from dealflow.domain.values.unreadable import LOST


def open_deal(deal: Deal | None, deal_id: str, command: c.OpenDeal, context: Context) -> e.DealOpened:
    owner = checks.person(command.owner, context, command.origin) if command.owner is not None else None
    must_be_allowed_to_open(owner, command, context)
    if deal is not None:
        raise refuse(Code.DEAL_EXISTS, deal_id)
    # What follows from a deal is called after it, whatever the deal is called.
    is_linked = command.linked_from is not None
    if not is_linked:
        checks.new_id(deal_id, "id")
    customer = command.customer
    return e.DealOpened(
        effective_at=checks.observed(command.opened_at, context, "opened_at"),
        origin=command.origin,
        deal_id=deal_id,
        title=checks.line(command.title, "title"),
        process=context.ref,
        stage=context.process.stages[0].id,
        owner=owner,
        customer=customer and customer_of(customer, known=is_linked),
        amount=amount_of(command.amount),
        attributes=attributes_of(command.attributes),
        linked_from=command.linked_from,
    )


def record_evidence(deal: Deal, command: c.RecordEvidence, context: Context) -> e.EvidenceRecorded:
    process = context.process
    kind = process.evidence.get(command.kind)
    if kind is None:
        raise checks.unknown(Code.UNKNOWN_KIND, command.kind, process.evidence)
    # An import calls its evidence after the deal, which may have been on record for long.
    is_ours = command.origin is None
    evidence_id = (checks.new_id if is_ours else checks.line)(command.evidence_id, "evidence")
    if evidence_id in deal.evidence:
        raise refuse(
            Code.ALREADY_SO, evidence_id, what=phrase("evidence {evidence} is on record", evidence=evidence_id)
        )
    fields = check_fields(kind.fields, command.fields, manner=_manner(command, deal, context), place=command.kind)
    _must_be_first(deal, kind, fields, evidence_id)
    observed_at = checks.observed(command.observed_at, context)
    return e.EvidenceRecorded(
        effective_at=observed_at,
        origin=command.origin,
        evidence_id=evidence_id,
        kind=kind.id,
        side=kind.side,
        fields=fields,
        personal=tuple(name for name in fields if kind.fields[name].personal),
        reported_at=context.at if context.mode is Mode.LIVE else observed_at,
        author=(checks.new_person if is_ours and command.author else checks.line)(
            command.author or context.who.person, "author"
        ),
        note=checks.note(command.note, "note"),
    )


def _manner(command: c.ActWithFields, deal: Deal, context: Context) -> Manner:
    """How the texts of the fields are meant. A file says nothing of today: only a live command is told from it."""
    return Manner(
        currency=context.process.currency,
        deal_currency=deal.amount.currency if deal.amount is not None else None,
        mark=command.decimal,
        zone=ZoneInfo(command.zone) if command.zone is not None else None,
        now=context.at if context.mode is Mode.LIVE and command.origin is None else None,
    )


def _must_be_first(deal: Deal, kind: EvidenceKind, fields: Mapping[str, FieldValue], evidence_id: str) -> None:
    """A unique value stands once in the deal; a piece that was withdrawn holds none, one in doubt all that it may have."""
    unique = [(name, field) for name, field in kind.fields.items() if field.unique and name in fields]
    if not unique:
        return
    others = (piece for piece in deal.evidence.values() if piece.kind == kind.id and piece.id != evidence_id)
    held = [version for piece in others if piece.status is not EvidenceStatus.WITHDRAWN for version in piece.versions]
    for name, field in unique:
        wanted = same_value(fields[name])
        for version in held:
            if name in version.fields and same_value(version.fields[name]) == wanted:
                value = shown(str(fields[name]), field)
                given = {"before": phrase("given twice, first")} if version.command_id == UNRECORDED else {}
                raise refuse(Code.VALUE_TAKEN, f"{kind.id}.{name}", value=value, first=version.id, **given)


def withdraw_evidence(
    deal: Deal, command: c.WithdrawEvidence, context: Context
) -> e.EvidenceWithdrawn | e.EvidenceRemovalConfirmed:
    if command.confirms:
        return _removal_confirmed(deal, command, EvidenceStatus.WITHDRAWN)
    evidence = _must_stand(deal, command.evidence_id, EvidenceStatus.WITHDRAWN)
    grant = _counts_at_once(deal, evidence, command, context)
    return e.EvidenceWithdrawn(
        effective_at=evidence.observed_at,
        origin=command.origin,
        evidence_id=command.evidence_id,
        reason=checks.reason(command.reason),
        confirmed=grant is not None,
        alone=grant == "alone",
    )


def dispute_evidence(
    deal: Deal, command: c.DisputeEvidence, context: Context
) -> e.EvidenceDisputed | e.EvidenceRemovalConfirmed:
    if command.confirms:
        return _removal_confirmed(deal, command, EvidenceStatus.DISPUTED)
    evidence = _must_stand(deal, command.evidence_id, EvidenceStatus.DISPUTED)
    grant = _counts_at_once(deal, evidence, command, context)
    return e.EvidenceDisputed(
        effective_at=evidence.observed_at,
        origin=command.origin,
        evidence_id=command.evidence_id,
        reason=checks.reason(command.reason),
        confirmed=grant is not None,
        alone=grant == "alone",
    )


def _counts_at_once(deal: Deal, evidence: Evidence, command: c.Act, context: Context) -> Grant | None:
    """Whether the piece is taken away without the word of somebody above the owner: also where it speaks against no node."""
    process = context.process
    standards = (process.nodes[node].standard for node in process.bearing_on(evidence.kind))
    speaks = any(speaks_against(standard, evidence, deal) for standard in standards)
    return _agreed(deal, evidence, command, context) if speaks else "right"


def _agreed(deal: Deal, evidence: Evidence, command: c.Act, context: Context) -> Grant | None:
    """Whether a change of evidence needs nobody's word: an import makes it, or somebody who could confirm it."""
    return "right" if command.origin is not None else confirms_own(deal, evidence, context)


def _removal_confirmed(
    deal: Deal, command: c.WithdrawEvidence | c.DisputeEvidence, status: EvidenceStatus
) -> e.EvidenceRemovalConfirmed:
    evidence = _known(deal, command.evidence_id)
    stands = phrase("evidence {evidence} is {status}", evidence=evidence.id, status=phrase(evidence.status.value))
    waits = evidence.status is status and evidence.unconfirmed
    return _change_confirmed(evidence, command, waits=waits, stands=stands)


def _change_confirmed(
    evidence: Evidence,
    command: c.WithdrawEvidence | c.DisputeEvidence | c.CorrectEvidence,
    *,
    waits: bool,
    stands: str,
) -> e.EvidenceRemovalConfirmed:
    """Somebody above the owner agrees to a change that waits; where none waits, the refusal says how the piece stands."""
    if not waits:
        raise refuse(Code.NOTHING_TO_CONFIRM, evidence.id, what=stands)
    return e.EvidenceRemovalConfirmed(
        effective_at=evidence.observed_at,
        origin=command.origin,
        evidence_id=evidence.id,
        reason=checks.reason(command.reason),
    )


def correct_evidence(
    deal: Deal, command: c.CorrectEvidence, context: Context
) -> e.EvidenceCorrected | e.EvidenceRemovalConfirmed:
    """The piece with what was wrong put right; fields that are not named stay as they are, erased ones too."""
    if command.confirms:
        evidence = _known(deal, command.evidence_id)
        if command.fields or command.observed_at:
            none = phrase("none: the other's values are agreed to")
            wrong = phrase("new values beside an agreement")
            raise refuse(Code.FIELD_INVALID, "confirm", field="confirm", wrong=wrong, right=none)
        # Agreeing to what was corrected is no agreement to what was taken away since.
        waits = evidence.in_doubt > 0 and not evidence.unconfirmed
        stands = (
            phrase(
                "evidence {evidence} is {status}, which is agreed to first",
                evidence=evidence.id,
                status=phrase(evidence.status.value),
            )
            if evidence.unconfirmed
            else phrase("evidence {evidence} was not corrected since", evidence=evidence.id)
        )
        return _change_confirmed(evidence, command, waits=waits, stands=stands)
    evidence = _must_stand(deal, command.evidence_id, None)
    kind = context.process.evidence[evidence.kind]
    spec = kind.fields
    named = {
        name: field if name in command.fields else field.model_copy(update={"required": False})
        for name, field in spec.items()
    }
    right = check_fields(named, command.fields, manner=_manner(command, deal, context), place=kind.id)
    kept = {name: value for name, value in evidence.fields.items() if name not in command.fields}
    if lost := sorted(name for name, value in kept.items() if value == LOST and name in spec and spec[name].personal):
        # Written once more, the word for it would take the place of what may be read again.
        raise refuse(Code.VALUE_UNREADABLE, evidence.id, kind=kind.title or kind.id, fields=lost)
    given = {**kept, **right}
    fields = {name: given[name] for name in spec if name in given}
    observed_at = checks.observed(command.observed_at, context) if command.observed_at else evidence.observed_at
    if (fields, observed_at) == (evidence.fields, evidence.observed_at):
        raise _nothing_changes(evidence)
    _must_be_first(deal, kind, right, evidence.id)
    changed = replace(evidence, fields=fields, observed_at=observed_at)
    is_nothing = looks_the_same(evidence, changed, context.process)
    grant = "right" if is_nothing else _agreed(deal, evidence, command, context)
    return e.EvidenceCorrected(
        effective_at=min(observed_at, evidence.observed_at),
        origin=command.origin,
        evidence_id=evidence.id,
        kind=evidence.kind,
        side=evidence.side,
        fields=fields,
        personal=tuple(name for name in fields if spec[name].personal),
        observed_at=observed_at,
        reported_at=evidence.reported_at,
        author=evidence.author,
        reason=checks.reason(command.reason),
        confirmed=grant is not None,
        alone=grant == "alone",
    )


def _nothing_changes(evidence: Evidence) -> CommandRefused:
    if not evidence.in_doubt:
        return refuse(Code.NOTHING_CHANGES, evidence.id)
    waits = phrase(
        "A correction of it waits: somebody above the owner agrees to it with --confirm instead of values.",
    )
    return refuse(Code.NOTHING_CHANGES, evidence.id, waits=waits)


def confirm_evidence(deal: Deal, command: c.ConfirmEvidence, context: Context) -> e.EvidenceConfirmed:
    """The piece counts from now on; where its removal waits, this refuses the removal."""
    evidence = _known(deal, command.evidence_id)
    if not evidence.unconfirmed:
        _must_stand(deal, command.evidence_id, None)
    is_doubted = evidence.status is EvidenceStatus.DISPUTED or evidence.waits
    if not is_doubted and not waits_to_count(evidence, deal, context.process):
        raise refuse(Code.NOTHING_TO_CONFIRM, evidence.id, what=_undoubted(evidence))
    return e.EvidenceConfirmed(
        effective_at=context.at,
        origin=command.origin,
        evidence_id=command.evidence_id,
        reason=checks.reason(command.reason),
    )


def _undoubted(evidence: Evidence) -> Phrase:
    """How a piece stands that there is nothing to confirm of."""
    if not evidence.set_aside:
        return phrase(
            "evidence {evidence} counts: nobody doubts it, and no node that was opened again waits for it",
            evidence=evidence.id,
        )
    # Not which: whoever asks may not see the other deal. `deal show` says it.
    return phrase(
        "evidence {evidence} is set aside: its value counts with evidence that was recorded earlier, until that is withdrawn",
        evidence=evidence.id,
    )


def _known(deal: Deal, evidence_id: str) -> Evidence:
    evidence = deal.evidence.get(evidence_id)
    if evidence is None:
        raise checks.unknown(Code.UNKNOWN_EVIDENCE, evidence_id, deal.evidence)
    return evidence


def _must_stand(deal: Deal, evidence_id: str, becomes: EvidenceStatus | None) -> Evidence:
    """Evidence can be changed if it is on record, not withdrawn, and not already as wanted."""
    evidence = _known(deal, evidence_id)
    if evidence.status in (becomes, EvidenceStatus.WITHDRAWN):
        raise refuse(
            Code.ALREADY_SO,
            evidence_id,
            what=phrase("evidence {evidence} is {status}", evidence=evidence_id, status=phrase(evidence.status.value)),
        )
    return evidence


def record_milestone(deal: Deal, command: c.RecordMilestone, context: Context) -> e.MilestoneRecorded:
    process = context.process
    found = process.milestones.get(command.milestone)
    if found is None:
        raise checks.unknown(Code.UNKNOWN_MILESTONE, command.milestone, process.milestones)
    stage, milestone = found
    fields = check_fields(milestone.fields, command.fields, manner=_manner(command, deal, context), place=milestone.id)
    return e.MilestoneRecorded(
        effective_at=checks.observed(command.observed_at, context),
        origin=command.origin,
        milestone=milestone.id,
        stage=stage,
        fields=fields,
        personal=tuple(name for name in fields if milestone.fields[name].personal),
    )


def withdraw_milestone(deal: Deal, command: c.WithdrawMilestone, context: Context) -> e.MilestoneWithdrawn:
    """All records of the milestone so far are taken back: an earlier one does not come back in place of the last."""
    name = command.milestone
    milestone = deal.milestones.get(name)
    if milestone is None:
        if name not in context.process.milestones:
            raise checks.unknown(Code.UNKNOWN_MILESTONE, name, context.process.milestones)
        recorded = [known for known, state in deal.milestones.items() if not state.withdrawn]
        raise refuse(Code.MILESTONE_NOT_RECORDED, name, given=name, known=recorded)
    if milestone.withdrawn:
        raise refuse(Code.ALREADY_SO, name, what=phrase("milestone {milestone} is withdrawn", milestone=name))
    return e.MilestoneWithdrawn(
        effective_at=milestone.at,
        origin=command.origin,
        milestone=name,
        stage=milestone.stage,
        reason=checks.reason(command.reason),
    )


def plan_step(deal: Deal, command: c.PlanStep, context: Context) -> e.StepPlanned:
    if not deal.in_progress:
        raise refuse(Code.DEAL_CLOSED, deal.id, outcome=deal.outcome.value)
    if command.node is not None and command.node not in context.process.nodes:
        raise checks.unknown(Code.UNKNOWN_NODE, command.node, context.process.nodes)
    step_id = checks.new_id(command.step_id, "step")
    if command.by <= context.at and context.mode is Mode.LIVE:
        raise refuse(Code.DEADLINE_PAST, "by", given=command.by, now=context.at)
    if step_id in deal.steps:
        raise refuse(Code.ALREADY_SO, step_id, what=phrase("step {step} is planned", step=step_id))
    return e.StepPlanned(
        effective_at=context.at,
        origin=command.origin,
        step_id=step_id,
        what=checks.line(command.what, "what"),
        by=command.by,
        node=command.node,
    )


def complete_step(deal: Deal, command: c.CompleteStep, context: Context) -> e.StepDone:
    step = deal.steps.get(command.step_id)
    if step is None:
        raise checks.unknown(Code.UNKNOWN_STEP, command.step_id, deal.steps)
    if step.done_at is not None:
        raise refuse(Code.ALREADY_SO, command.step_id, what=phrase("step {step} is done", step=command.step_id))
    note = checks.note(command.note, "note")
    return e.StepDone(effective_at=context.at, origin=command.origin, step_id=command.step_id, note=note)


def record_activity(command: c.RecordActivity, context: Context) -> e.ActivityRecorded:
    return e.ActivityRecorded(
        effective_at=checks.observed(command.observed_at, context),
        origin=command.origin,
        what=checks.note(command.what, "what") or checks.line(command.what, "what"),
        reported_at=context.at,
    )
