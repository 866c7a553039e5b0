"""The unique values that a deal holds, and which pieces are set aside where one value is on record twice."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from dealflow.domain.deal.events import EvidenceCountsAgain, EvidenceSetAside
from dealflow.domain.deal.state import Deal, Evidence, EvidenceStatus, SetAside
from dealflow.domain.process.definition import Field, ProcessDefinition
from dealflow.domain.process.rules import FieldValue
from dealflow.domain.track.judge import same_value


@dataclass(frozen=True, slots=True, order=True)
class ValueHolder:
    """A piece that holds a value. Of several the first recorded counts; `version` is that of its recording."""

    recorded_at: datetime
    deal: str
    version: int
    evidence: str


@dataclass(frozen=True, slots=True)
class HeldValue:
    """One value of one piece. `key` says what is compared: the kind, the field, how far it is to be one, and the value."""

    key: str
    field: str
    holder: ValueHolder


def held_values(deal: Deal | None, process: ProcessDefinition) -> tuple[HeldValue, ...]:
    """All unique values of the deal's pieces that are not withdrawn, of a piece in doubt all that it may have.

    A piece holds its values whatever became of the node that it was recorded for.
    """
    unique = process.unique_fields
    if deal is None or not unique:
        return ()
    found: dict[HeldValue, None] = {}
    for piece in deal.evidence.values():
        if piece.kind in unique and piece.status is not EvidenceStatus.WITHDRAWN:
            holder = ValueHolder(piece.recorded_at, deal.id, piece.version, piece.id)
            for name, field in unique[piece.kind].items():
                scopes = _scopes(field, deal)
                values = [version.fields.get(name) for version in piece.versions]
                keys = (_key(piece.kind, name, scope, value) for scope in scopes for value in values)
                found |= dict.fromkeys(HeldValue(key, name, holder) for key in keys if key)
    return tuple(found)


def _scopes(field: Field, deal: Deal) -> list[str]:
    """A deal without customer is by itself until it is linked to one; one that its owner has moved is also where it was."""
    if field.unique == "everywhere":
        return ["everywhere"]
    customers = [*([deal.customer.id] if deal.customer else []), *deal.former_customers]
    return [f"customer/{customer}" for customer in dict.fromkeys(customers)] or [f"deal/{deal.id}"]


def shared_places(held: Iterable[HeldValue], keys: Collection[str]) -> list[str]:
    """These keys with all others of the fields that they are of: only all together say whether a piece counts."""
    places = {(value.holder.evidence, value.field) for value in held if value.key in keys}
    more = (value.key for value in held if (value.holder.evidence, value.field) in places)
    return sorted({*keys, *more})


def _key(kind: str, field: str, scope: str, value: FieldValue | None) -> str | None:
    if value is None:
        return None
    said = json.dumps([kind, field, scope, same_value(value)], ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(said.encode()).hexdigest()


def set_aside(
    deal: Deal, held: Iterable[HeldValue], holders: Mapping[str, Sequence[ValueHolder]], at: datetime
) -> list[EvidenceSetAside | EvidenceCountsAgain]:
    """What has to be said of the deal's pieces, where these are all holders of some values; others are left as they are.

    `held` is what the deal holds; of a field that it has several values of, all their holders are given.
    """
    wanted: dict[tuple[str, str], SetAside | None] = {}
    for evidence_id, field in ((piece.id, one.field) for piece in deal.evidence.values() for one in piece.set_aside):
        if not any((value.holder.evidence, value.field) == (evidence_id, field) for value in held):
            wanted[evidence_id, field] = None
    for value in held:
        if not holders.get(value.key):
            # Not asked about, or a deal whose customer goes on as another and that is still to follow.
            continue
        first, own = min(holders[value.key]), value.holder
        aside = SetAside(value.field, first.deal, first.evidence) if first != own else None
        place = own.evidence, value.field
        wanted[place] = wanted.get(place) or aside
    facts: list[EvidenceSetAside | EvidenceCountsAgain] = []
    for (evidence_id, field), aside in wanted.items():
        now = _as_it_is(deal.evidence[evidence_id], field)
        if aside is None and now is not None:
            facts.append(EvidenceCountsAgain(effective_at=at, evidence_id=evidence_id, field=field))
        elif aside is not None and aside != now:
            facts.append(
                EvidenceSetAside(
                    effective_at=at,
                    evidence_id=evidence_id,
                    field=field,
                    first_deal=aside.first_deal,
                    first=aside.first,
                )
            )
    return facts


def _as_it_is(piece: Evidence, field: str) -> SetAside | None:
    return next((one for one in piece.set_aside if one.field == field), None)
