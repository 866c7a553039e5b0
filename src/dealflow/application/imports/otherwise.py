"""What a source says otherwise of facts that are on record: a fact does not happen twice, so it stays, and the report says so."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from dealflow.application.imports.plans import DealPlan
from dealflow.domain.deal import commands as c
from dealflow.domain.deal.state import Deal, Evidence
from dealflow.domain.process.definition import ProcessDefinition
from dealflow.domain.process.fields import check_fields
from dealflow.domain.process.manner import Manner
from dealflow.domain.values.refusal import CommandRefused
from dealflow.domain.values.unreadable import is_unreadable


def evidence_said_otherwise(plan: DealPlan, deal: Deal, process: ProcessDefinition) -> tuple[str, ...]:
    """The pieces on record of which the plan says other fields than they have, or ever had before somebody corrected them."""
    return tuple(_said_otherwise(plan, deal, process))


def _said_otherwise(plan: DealPlan, deal: Deal, process: ProcessDefinition) -> Iterator[str]:
    for _, act in plan.acts:
        piece = deal.evidence.get(act.evidence_id or "") if isinstance(act, c.RecordEvidence) else None
        if isinstance(act, c.RecordEvidence) and piece is not None and not _says_the_same(act, piece, deal, process):
            yield piece.id


def _says_the_same(act: c.RecordEvidence, piece: Evidence, deal: Deal, process: ProcessDefinition) -> bool:
    kind = process.evidence.get(act.kind)
    if kind is None or act.kind != piece.kind:
        return kind is None
    manner = Manner(
        currency=process.currency,
        deal_currency=deal.amount.currency if deal.amount is not None else None,
        mark=act.decimal,
        zone=ZoneInfo(act.zone) if act.zone is not None else None,
        now=None,
    )
    try:
        said = check_fields(kind.fields, act.fields, manner=manner, place=kind.id)
    except CommandRefused:
        return False
    versions = (piece, *piece.earlier)
    return any(all(_is(said.get(name), version.fields.get(name)) for name in kind.fields) for version in versions)


def _is(said: object, stands: object) -> bool:
    # Of what nobody can read nobody can tell whether it is another.
    return said == stands or is_unreadable(stands)
