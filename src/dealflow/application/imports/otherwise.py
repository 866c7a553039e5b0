"""What a source says otherwise of evidence on record: a correction, dated and counted anew; a fact does not happen twice."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from dealflow.application.imports.changes import Outstanding
from dealflow.application.imports.keys import Imported, content_digest, fact_of, ordered_key
from dealflow.application.imports.plans import Dated, DealPlan
from dealflow.domain.deal import commands as c
from dealflow.domain.deal.state import Deal, Evidence, EvidenceStatus
from dealflow.domain.process.definition import ProcessDefinition
from dealflow.domain.process.fields import check_fields
from dealflow.domain.process.manner import Manner
from dealflow.domain.values.refusal import CommandRefused
from dealflow.domain.values.unreadable import is_unreadable


def with_corrections(
    new: Outstanding, plan: DealPlan, deal: Deal, process: ProcessDefinition, now: datetime
) -> Outstanding:
    """With a correction of each piece of which the plan says something else than the source said last.

    What nobody can take over is listed as it is.
    """
    source = plan.opening.origin.source if plan.opening.origin else ""
    imported = Imported.of(deal.imported, source, plan.export)
    order = imported.last_order + len(new.acts)
    corrections: list[Dated] = []
    left = 0
    for act, piece in _known_pieces(plan, deal):
        try:
            correction = _correction(act, piece, deal, process, imported, plan.export.file)
        except CommandRefused:
            left += 1
            continue
        if correction is None:
            continue
        if piece.status is EvidenceStatus.WITHDRAWN:
            left += 1
            continue
        order += 1
        assert correction.origin is not None
        origin = correction.origin.model_copy(
            update={"key": ordered_key(correction.origin.key, order, plan.export)},
        )
        corrections.append((now, correction.model_copy(update={"origin": origin})))
    return replace(
        new,
        acts=(*new.acts, *corrections),
        followed={**new.followed, "evidence": len(corrections)},
        stays={**new.stays, "evidence": left},
    )


def _known_pieces(plan: DealPlan, deal: Deal) -> Iterator[tuple[c.RecordEvidence, Evidence]]:
    for _, act in plan.acts:
        if isinstance(act, c.RecordEvidence) and (piece := deal.evidence.get(act.evidence_id)) and piece.imported:
            yield act, piece


def _correction(
    act: c.RecordEvidence,
    piece: Evidence,
    deal: Deal,
    process: ProcessDefinition,
    imported: Imported,
    file: str,
) -> c.CorrectEvidence | None:
    """The fields that the source has changed, and its date; None where it says what it said last."""
    kind = process.evidence.get(act.kind)
    if kind is None or act.kind != piece.kind or act.origin is None:
        return None
    manner = Manner(
        currency=process.currency,
        deal_currency=deal.amount.currency if deal.amount is not None else None,
        mark=act.decimal,
        zone=ZoneInfo(act.zone) if act.zone is not None else None,
        now=None,
    )
    said = check_fields(kind.fields, act.fields, manner=manner, place=kind.id)
    fact = fact_of(act.origin.key)
    if not imported.says(fact, file):
        return None  # another export of the source has said it, and says it otherwise
    first = piece.earlier[0] if piece.earlier else piece
    changed: dict[str, Any] = {}
    for name in kind.fields:
        before = imported.last_of(fact, f"field.{name}", file) or _digest(first.fields, name)
        if before != _digest(said, name) and not is_unreadable(piece.fields.get(name)):
            changed[name] = said.get(name, "")
    differs = {name: value for name, value in changed.items() if value != piece.fields.get(name, "")}
    is_dated_otherwise = imported.is_dated_otherwise(act.origin.key, file) and act.observed_at != piece.observed_at
    if not differs and not is_dated_otherwise:
        return None
    parts = [act.origin.key, *(f"field.{name}={_digest({name: value}, name)}" for name, value in changed.items())]
    return c.CorrectEvidence(
        evidence_id=piece.id,
        fields={name: act.fields.get(name, "") for name in differs},
        zone=act.zone,
        decimal=act.decimal,
        observed_at=act.observed_at if is_dated_otherwise else None,
        reason=act.origin.source,
        origin=act.origin.model_copy(update={"key": ";".join(parts)}),
    )


def _digest(fields: Mapping[str, object], name: str) -> str:
    """What a field is known by; one that is missing is empty."""
    value = fields.get(name, "")
    return content_digest("" if value is None else value)
