"""What a source says otherwise of evidence on record: a correction, dated and counted anew; a fact does not happen twice."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from dealflow.application.imports.following.changes import Outstanding
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
        if (again := _said_again(act, piece, imported)) is not None:
            order += 1
            corrections.append((now, _in_order(again, order, plan)))
            continue
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
    gone, takes = list(_said_no_more(plan, deal, imported)), "evidence" in plan.export.takes_away
    acts: list[Dated] = []
    for withdrawal in gone if takes else ():
        order += 1
        acts.append((now, _in_order(withdrawal, order, plan)))
    return replace(
        new,
        acts=(*new.acts, *corrections, *acts),
        followed={**new.followed, "evidence": len(corrections), "evidence_cleared": len(acts)},
        stays={**new.stays, "evidence": left, "evidence_cleared": 0 if takes else len(gone)},
    )


def _in_order(act: c.WithdrawEvidence | c.RecordEvidence, order: int, plan: DealPlan) -> c.Command:
    assert act.origin is not None
    key = ordered_key(act.origin.key, order, plan.export)
    return act.model_copy(update={"origin": act.origin.model_copy(update={"key": key})})


def _said_no_more(plan: DealPlan, deal: Deal, imported: Imported) -> Iterator[c.WithdrawEvidence]:
    """The withdrawal of each piece that this export has said and says no more.

    None where a fact of the record could not be used: that one may be among them.
    """
    origin = plan.opening.origin
    if origin is None or any(reject.costs != "nothing" for reject in plan.rejects):
        return
    said = {fact_of(act.origin.key) for _, act in plan.acts if isinstance(act, c.RecordEvidence) and act.origin}
    for name in imported.said_by("evidence", origin.source, plan.export.file):
        piece = _latest(f"{origin.source}:{deal.id}:{name}", deal)
        stands = piece is not None and piece.imported and piece.status is not EvidenceStatus.WITHDRAWN
        if piece is not None and stands and f"{origin.source}/evidence:{name}" not in said:
            taken = origin.model_copy(update={"key": f"{origin.source}/withdrawn:{name}"})
            yield c.WithdrawEvidence(evidence_id=piece.id, reason=origin.source, origin=taken)


def _latest(evidence_id: str, deal: Deal) -> Evidence | None:
    """The piece of this name; once the source has withdrawn it and said it again, the one that it said last."""
    piece, number = deal.evidence.get(evidence_id), 2
    while (again := deal.evidence.get(f"{evidence_id}~{number}")) is not None:
        piece, number = again, number + 1
    return piece


def _said_again(act: c.RecordEvidence, piece: Evidence, imported: Imported) -> c.RecordEvidence | None:
    """What the source says again of a piece that it has itself withdrawn; None where a person has, which stands."""
    if piece.status is not EvidenceStatus.WITHDRAWN or act.origin is None:
        return None
    name = fact_of(act.origin.key).partition(":")[2]
    number = 1 if piece.id == act.evidence_id else int(piece.id.rpartition("~")[2])
    if imported.times(f"{act.origin.source}/withdrawn:{name}") < number:
        return None
    return act.model_copy(update={"evidence_id": f"{act.evidence_id}~{number + 1}"})


def _known_pieces(plan: DealPlan, deal: Deal) -> Iterator[tuple[c.RecordEvidence, Evidence]]:
    for _, act in plan.acts:
        if isinstance(act, c.RecordEvidence) and (piece := _latest(act.evidence_id, deal)) and piece.imported:
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
