"""Cells of another system's records become the commands of a deal; tables and event logs share it."""

import re
from collections.abc import Callable
from collections.abc import Mapping as Cells
from datetime import datetime
from functools import partial
from typing import NamedTuple

from dealflow.adapters.imports.cells import CellReader
from dealflow.adapters.imports.columns.read import ColumnForms
from dealflow.adapters.imports.faults import RecordFault, named
from dealflow.adapters.imports.mapping.chosen import Chosen
from dealflow.adapters.imports.mapping.model import FactRule, ImportMapping, Records, first
from dealflow.adapters.imports.pieces import changing
from dealflow.application.imports.keys import Export, fact_key
from dealflow.application.imports.plans import Cost, Reject, Shift
from dealflow.domain.deal import commands as c
from dealflow.domain.deal.events import Customer, Origin
from dealflow.domain.values.ids import is_deal_id, letter_fault, person_fault
from dealflow.domain.values.phrase import NOTHING, Phrase, as_phrase, phrase
from dealflow.domain.values.suggest import nearest
from dealflow.domain.values.text.spelling import normal_id, normal_name
from dealflow.domain.values.text.visible import is_text

# A move back says a stage, a reopening that the deal is open.
_SPOKEN: Cells[str, str] = {"back": "stage", "reopen": "outcome"}
LOG = "log"  # what a log in XES is called, which has no tables
# Other ids are the same then.
_SHORTENED = re.compile(r"\d(?:[.,]\d+)?E\+\d{2,3}", re.ASCII)
HasDeal = Callable[[str], bool]


class DatedAs(NamedTuple):
    """What a change of a date is known by: what stands in the cell, and the instant that it is read as."""

    word: str
    read: str | None = None


def none_before(_deal_id: str) -> bool:
    """No deal is on record."""
    return False


def export_of(mapping: ImportMapping) -> Export:
    """What the records of this mapping are an export of."""
    records: Records | None = getattr(mapping, "records", None)
    speaks = frozenset(_SPOKEN.get(rule.kind, rule.kind) for rule in mapping.rules)
    if records is None:
        return Export(LOG, mapping.exported_at, speaks, takes_away=mapping.follows.cleared)
    once = records.tables[records.rows].file
    return Export(records.rows, mapping.exported_at, speaks, once, mapping.follows.cleared)


class ActReader(CellReader):
    """Applies a mapping to cells; `has_deal` knows the deals on record."""

    def __init__(
        self,
        mapping: ImportMapping,
        now: datetime,
        forms: ColumnForms,
        shift: Shift | None = None,
        has_deal: HasDeal = none_before,
    ) -> None:
        super().__init__(mapping, now, forms, shift)
        self.has_deal = has_deal
        self.chosen = Chosen(mapping.facts)
        self.by = named(mapping.by)
        self.export = export_of(mapping)

    def deal_id(self, cells: Cells[str, str]) -> str:
        """The id of the deal."""
        choices = self.mapping.deal.id
        given = first(choices, cells)
        if given is None or not is_text(given):
            raise RecordFault(named(choices), phrase("the deal has no id"))
        deal_id = normal_id(given)
        if deal_id != given and self.has_deal(given):
            return given
        if _SHORTENED.fullmatch(deal_id):
            raise RecordFault(
                named(choices), phrase("a spreadsheet has shortened this number: export it as text"), given
            )
        if not is_deal_id(deal_id):
            raise RecordFault(named(choices), phrase("not an id: up to 120 characters on one line, without /"), given)
        if (wrong := letter_fault(deal_id)) and not self.has_deal(deal_id):
            raise RecordFault(named(choices), wrong, given)
        self.kept(named(choices), given, deal_id)
        return deal_id

    def _is_new(self, cells: Cells[str, str]) -> bool:
        """Whether the deal is not on record: one that is keeps what it was given before."""
        return not self.has_deal(self.deal_id(cells))

    def is_taken(self, cells: Cells[str, str]) -> bool:
        """Whether the mapping takes this record at all."""
        return all(normal_name(cells.get(only.cell.name, "")).casefold() in only.values for only in self.mapping.only)

    def value_by(self, cells: Cells[str, str]) -> str:
        """The value that chooses the facts, as the keys of the mapping are kept."""
        value = first(self.mapping.by, cells) or ""
        return self.kept(self.by, value, normal_name(value))

    def unknown(self, value: str) -> RecordFault:
        """The fault of a value for which the mapping has no facts, with the nearest that it has."""
        reason = phrase("the mapping does not know this value") if value else phrase("the cell is empty")
        fault = RecordFault(self.by, reason, value)
        fault.suggestion = nearest(value, self.mapping.facts)
        fault.unknown_value = bool(value)
        return fault

    def called(self, field: str) -> str:
        """The field as a report names it."""
        return field

    def rejected(
        self,
        fault: RecordFault,
        file: str,
        row: int,
        place: Phrase = NOTHING,
        deal_id: str | None = None,
        *,
        costs: Cost = "deal",
        records: int = 1,
    ) -> Reject:
        """The fault as it is reported: in this row or line of the file, at this place of a log."""
        return Reject(
            costs=costs,
            records=records,
            file=file,
            row=row,
            place=place,
            field=self.called(fault.field),
            reason=as_phrase(fault.reason),
            value=self.value_of(fault.field, fault.value),
            suggestion=fault.suggestion,
            unknown_value=fault.unknown_value,
            deal_id=deal_id,
        )

    def opening(self, cells: Cells[str, str], place: str, opened_at: datetime, dated: DatedAs | None) -> c.OpenDeal:
        """What opens the deal; `dated` is what a change of the date is known by."""
        deal, source = self.mapping.deal, self.mapping.source
        owner = self.optional(partial(self._owner, cells))
        customer = self.optional(partial(self._customer, cells))
        title = self.optional(partial(self.line, deal.title, cells, normal_name)) or normal_id(
            first(deal.id, cells) or ""
        )
        amount = self.optional(partial(self.money, deal.amount, cells))
        attributes: dict[str, str] = {}
        for name, choices in deal.attributes.items():
            if text := self.optional(partial(self.line, choices, cells)):
                attributes[name] = text
        key = fact_key(
            source,
            "open",
            title=title,
            owner=owner,
            customer=customer.id if customer else None,
            amount=amount,
            attributes=attributes,
            **_dating(dated),
        )
        return c.OpenDeal(
            title=title,
            process=self.mapping.process.ref,
            owner=owner,
            customer=customer,
            amount=amount,
            attributes=attributes,
            opened_at=opened_at,
            origin=Origin(source=source, row=place, key=key),
        )

    def _owner(self, cells: Cells[str, str]) -> str | None:
        owner = self.person(self.mapping.deal.owner, cells)
        if owner is not None and (wrong := person_fault(owner)) and self._is_new(cells):
            raise RecordFault(named(self.mapping.deal.owner), wrong, owner)
        return owner

    def _customer(self, cells: Cells[str, str]) -> Customer | None:
        deal = self.mapping.deal
        customer_id = self.line(deal.customer_id, cells, normal_id)
        if customer_id is None:
            return None
        if (wrong := letter_fault(customer_id, by_word=True)) and self._is_new(cells):
            raise RecordFault(named(deal.customer_id), wrong, customer_id)
        name = self.line(deal.customer_name, cells, normal_name, personal=deal.customer_name != deal.customer_id)
        return Customer(id=customer_id, name=name)

    def act(
        self,
        rule: FactRule,
        cells: Cells[str, str],
        *,
        place: str,
        deal_id: str,
        at: datetime,
        what: str,
        author: str | None,
        dated: DatedAs | None = None,
    ) -> c.Command:
        """What a rule makes of these cells; `what` tells this fact from all others of the deal, on every import."""
        source = self.mapping.source
        read = partial(self.money, rule.amount, cells)
        amount = read() if rule.kind == "amount" else self.optional(read)
        owner = self.person(rule.text, cells) if rule.kind == "owner" else None
        key = fact_key(source, what, amount=amount, owner=owner, **_dating(dated))
        origin = Origin(source=source, row=place, key=key)
        fields = self.fields(rule, cells)
        match rule.kind:
            case "stage":
                return c.ClaimStage(stage=rule.name, observed_at=at, origin=origin)
            case "outcome":
                reason = rule.reason or "not_given"
                outcome = {
                    "outcome": rule.name,
                    "observed_at": at,
                    "amount": amount,
                    "reason": reason,
                    "origin": origin,
                }
                return c.ClaimOutcome.model_validate(outcome)
            case "evidence":
                return c.RecordEvidence(
                    evidence_id=f"{source}:{deal_id}:{what.partition(':')[2]}",
                    kind=rule.name,
                    fields=fields,
                    zone=self.mapping.zone,
                    decimal="point",
                    observed_at=at,
                    author=author or "unknown",
                    origin=origin,
                )
            case "milestone":
                return c.RecordMilestone(
                    milestone=rule.name,
                    fields=fields,
                    zone=self.mapping.zone,
                    decimal="point",
                    observed_at=at,
                    origin=origin,
                )
            case "activity":
                return c.RecordActivity(what=self.line(rule.text, cells) or rule.name, observed_at=at, origin=origin)
            case "owner":
                if owner is None:
                    raise RecordFault(named(rule.text), phrase("the cell is empty"))
                return c.ReassignDeal(owner=owner, reason=self.line(rule.why, cells) or "", origin=origin)
            case "amount":
                if amount is None:
                    raise RecordFault(named(rule.amount), phrase("the cell is empty"))
                return c.AmendDeal(amount=amount, origin=origin)
        why = self.line(rule.why, cells) or self.line(self.mapping.by, cells) or source
        return changing(rule, origin, why, fields, self.mapping.zone)


def _dating(dated: DatedAs | None) -> dict[str, str | None]:
    return {"dated": dated.word, "read": dated.read} if dated else {}
