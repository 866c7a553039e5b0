"""A small process for tests of the domain, read without any adapter: plain days, and rules that Python can say as well."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from types import SimpleNamespace
from typing import Any

from ruamel.yaml import YAML

from dealflow.domain.process.calendar import Deadline
from dealflow.domain.process.canonical import content_of, digest_of_content
from dealflow.domain.process.definition import FieldType, ProcessDefinition, reads_deal_amount
from dealflow.domain.process.rules import FieldValue, RuleFailed
from dealflow.domain.values.duration import Duration
from dealflow.domain.values.money import Money
from dealflow.domain.values.phrase import phrase

SMALL = """\
process: small
calendar: plain
currency: CNY
evidence:
  talk: {side: customer, fields: {whom: {one_of: [helper, decider]}}}
  need: {side: customer, fields: {budget: {integer: optional}}}
  question: {side: customer}
  offer: {side: customer, fields: {amount: money}}
  payment: {side: customer, fields: {amount: money}}
  referral: {side: customer, fields: {referred: {person: personal}}}
  order: {side: customer}
  reply: {side: customer}
stages:
  - id: meet
    milestones: [invited]
    nodes:
      - {id: helper_met, met_by: decider_met, standard: {evidence: talk, where: whom == "helper"}}
      - {id: decider_met, standard: {evidence: talk, where: whom == "decider", not_older_than: 30 days}}
    clocks: {stage_age: {limit: 10 days, warn: 8 days}}
  - id: learn
    milestones: [written_up]
    nodes:
      - {id: need_confirmed, standard: {evidence: need}}
      - {id: details_asked, optional: true, standard: {evidence: question, count: 2}}
    back_to: [meet]
    clocks: {stage_age: {limit: 5 days}}
  - id: haggle
    milestones: [quote_sent]
    nodes:
      - {id: price_named, standard: {evidence: offer, where: 'amount >= percent(deal.amount, 50)'}}
    back_to: [meet, learn]
    clocks: {stage_age: {limit: 5 days}}
  - id: sign
    wins: true
    milestones: [contract_sent]
    nodes:
      - {id: deposit_paid, standard: {evidence: payment, where: 'amount >= percent(deal.amount, 10)'}}
    back_to: [meet, learn, haggle]
    clocks: {stage_age: {limit: 5 days}}
  - id: collect
    nodes:
      - {id: paid_in_full, standard: {evidence: payment, sum: {field: amount, at_least: deal.amount}}}
    back_to: [learn, sign]
    clocks: {stage_age: {limit: 30 days}}
  - id: serve
    nodes:
      - {id: refers, optional: true, standard: {evidence: referral}, opens: {deal: referred, customer_field: referred}}
    back_to: [collect]
    closes_after: 20 days
  - id: again
    nodes:
      - {id: buys, optional: true, standard: {evidence: order}, opens: {deal: rebuy, process: small}}
    back_to: [serve]
    closes_after: 20 days
ladder:
  warning: [owner]
  rungs:
    - {after: 0 days, to: [owner, director]}
    - {after: 2 days, to: [director]}
    - {after: 4 days, to: [superior], high_risk: true}
decisions: {next_deadline: 3 days, cap: 20 days}
lost_reasons: [price, rival, refund]
"""

_LADDER = {"rungs": [{"after": "0 days", "to": ["owner", "director"]}]}


@cache
def process_of(text: str = SMALL) -> ProcessDefinition:
    """The definition that this template text gives; what a template may leave out is filled in, and nothing is checked."""
    tree = YAML(typ="safe").load(text)
    return ProcessDefinition.model_validate(
        {
            "name": tree.pop("process"),
            "evidence": {kind: _evidence(kind, spec) for kind, spec in tree.pop("evidence").items()},
            "stages": [_stage(spec) for spec in tree.pop("stages")],
            "ladder": tree.pop("ladder", _LADDER),
            "lost_reasons": [{"id": reason} for reason in tree.pop("lost_reasons", ())],
            **tree,
        }
    )


def digest_of(definition: ProcessDefinition) -> str:
    """The digest of a definition in the present form."""
    return digest_of_content(content_of(definition))


def variant(*changes: tuple[str, str], text: str = SMALL) -> ProcessDefinition:
    """A template with some places written otherwise."""
    for old, new in changes:
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the template"
        text = text.replace(old, new)
    return process_of(text)


def _evidence(kind: str, spec: dict[str, Any]) -> dict[str, Any]:
    fields = {name: _field(field) for name, field in spec.get("fields", {}).items()}
    return {**spec, "id": kind, "fields": fields}


def _field(spec: str | dict[str, Any]) -> dict[str, Any]:
    """`money`, `{integer: optional}`, `{person: personal}`, `{one_of: [a, b]}`, or whole with its `type`."""
    if isinstance(spec, str):
        return {"type": spec}
    if "type" in spec:
        return spec
    [(kind, detail)] = spec.items()
    if kind == "one_of":
        return {"type": kind, "options": detail}
    return {"type": kind, "required": detail != "optional", "personal": detail == "personal"}


def _stage(spec: dict[str, Any]) -> dict[str, Any]:
    milestones = [{"id": each} if isinstance(each, str) else each for each in spec.get("milestones", ())]
    return {**spec, "milestones": milestones}


class PlainRules:
    """Rules as Python reads them: comparisons of fields with values, with `deal.amount` and with `percent` of it."""

    def holds(self, kind: str, where: str, fields: Mapping[str, FieldValue], deal_amount: Money | None) -> bool:
        return bool(self._value(where, fields, deal_amount))

    def threshold(self, kind: str, expression: str, deal_amount: Money | None) -> Money | int:
        value = int(self._value(expression, {}, deal_amount))
        is_amount = deal_amount is not None and reads_deal_amount(expression)
        return Money(minor=value, currency=deal_amount.currency) if deal_amount and is_amount else value

    def _value(self, expression: str, fields: Mapping[str, FieldValue], deal_amount: Money | None) -> Any:
        known = {name: value.minor if isinstance(value, Money) else value for name, value in fields.items()}
        deal = SimpleNamespace(amount=deal_amount.minor) if deal_amount else SimpleNamespace()
        try:
            return eval(expression, {"percent": _percent, "deal": deal}, known)
        except (NameError, AttributeError) as error:
            raise RuleFailed(phrase("a name is not known")) from error


def _percent(amount: int, per_cent: int) -> int:
    return -(-amount * per_cent // 100)


class PlainDays:
    """A calendar of elapsed time only, in which every day is a working day."""

    def after(self, start: datetime, length: Duration) -> Deadline:
        elapsed = timedelta(days=length.count) if length.unit == "working days" else length.elapsed
        return Deadline(due_at=start + elapsed)


def with_receipts(unique: str = "customer") -> ProcessDefinition:
    """The small process with payments that have a receipt, whose number may stand once."""
    plain = process_of()
    payment = plain.evidence["payment"]
    receipt = payment.fields["amount"].model_copy(update={"type": FieldType.TEXT, "unique": unique, "required": False})
    fields = {**payment.fields, "receipt": receipt}
    evidence = {**plain.evidence, "payment": payment.model_copy(update={"fields": fields})}
    return ProcessDefinition.model_validate(plain.model_copy(update={"evidence": evidence}).model_dump())
