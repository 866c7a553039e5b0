"""The verdict on a node: does the evidence on record meet its standard, and if not, what is missing?"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from dealflow.domain.deal.state import Deal, Evidence, EvidenceStatus
from dealflow.domain.process.definition import DecisionNode, ProcessDefinition, Standard, Text
from dealflow.domain.process.rules import FieldValue, RuleFailed, Rules
from dealflow.domain.values.money import Money
from dealflow.domain.values.refusal import Code, Reason


@dataclass(frozen=True, slots=True)
class Met:
    """The standard is met by the evidence with these ids."""

    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotMet:
    """The standard is not met; every reason names the node and what is missing."""

    reasons: tuple[Reason, ...]


Verdict = Met | NotMet


@dataclass(frozen=True, slots=True)
class _Case:
    """One node of one deal under judgement."""

    node: DecisionNode
    deal: Deal
    process: ProcessDefinition
    rules: Rules

    def reason(self, code: Code, kind: str, says: Text, evidence: Evidence | None = None, **data: object) -> Reason:
        """A reason in the words of the template; `evidence` is what fails for it, where it is one piece."""
        known = self.process.evidence.get(kind)
        named = {"kind": known.title if known and known.title else kind, "says": says or None}
        failing = {"evidence": [evidence.id]} if evidence else {}
        return Reason(code=code, place=self.node.id, data={**named, **data, **failing})


def verdict(node: DecisionNode, deal: Deal, process: ProcessDefinition, rules: Rules) -> Verdict:
    """Judge one node on the valid evidence that counts for it (design, section 3)."""
    return _judge(node.standard, _Case(node, deal, process, rules), node.standard.says)


def _judge(standard: Standard, case: _Case, says: Text) -> Verdict:
    says = standard.says or says
    if standard.all_of:
        parts = [_judge(part, case, says) for part in standard.all_of]
        missing = [reason for part in parts if isinstance(part, NotMet) for reason in part.reasons]
        return NotMet(_merged(missing)) if missing else Met(_joined(part for part in parts if isinstance(part, Met)))
    if standard.any_of:
        parts = [_judge(part, case, says) for part in standard.any_of]
        met = next((part for part in parts if isinstance(part, Met)), None)
        return met or NotMet(_merged(r for part in parts if isinstance(part, NotMet) for r in part.reasons))
    return _judge_kind(standard, case, says)


def _joined(parts: Iterable[Met]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(evidence for part in parts for evidence in part.evidence))


def _judge_kind(standard: Standard, case: _Case, says: Text) -> Verdict:
    kind = standard.evidence or ""
    valid = [e for e in case.deal.evidence.values() if e.kind == kind and e.status is EvidenceStatus.VALID]
    counting = [e for e in valid if e.counts_from > case.deal.node(case.node.id).open_since]
    if not counting:
        code = Code.NEEDS_NEW_EVIDENCE if valid else Code.EVIDENCE_MISSING
        return NotMet((case.reason(code, kind, says),))
    reasons: list[Reason] = []
    fitting: list[Evidence] = []
    for evidence in counting:
        wrong = _too_old(standard, evidence, case, says) or _rule(standard, evidence, case, says)
        if wrong:
            reasons.append(wrong)
        else:
            fitting.append(evidence)
    if standard.sum:
        return _judge_sum(standard, fitting, case, says, reasons)
    if len(fitting) >= standard.count:
        return Met(tuple(evidence.id for evidence in fitting))
    if fitting or not reasons:
        reasons.append(case.reason(Code.COUNT_SHORT, kind, says, have=len(fitting), need=standard.count))
    return NotMet(_merged(reasons))


def _merged(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """Evidence that fails for the same reason is named in one."""
    reasons = tuple(reasons)
    if len(reasons) < 2:
        return reasons
    merged: dict[str, Reason] = {}
    for reason in reasons:
        rest = {name: value for name, value in reason.data.items() if name != "evidence"}
        key = json.dumps([reason.code, reason.place, rest], default=str, sort_keys=True)
        known = [*merged[key].data.get("evidence", ()), *reason.data.get("evidence", ())] if key in merged else None
        if known is None:
            merged[key] = reason
        elif known:
            merged[key] = reason.model_copy(update={"data": {**rest, "evidence": known}})
    return tuple(merged.values())


def _too_old(standard: Standard, evidence: Evidence, case: _Case, says: Text) -> Reason | None:
    limit = standard.not_older_than
    age = evidence.reported_at - evidence.observed_at
    if limit is None or age <= limit.elapsed:
        return None
    days = -(-age // timedelta(days=1))
    return case.reason(Code.TOO_OLD, evidence.kind, says, evidence, limit=str(limit), age_days=days)


def _rule(standard: Standard, evidence: Evidence, case: _Case, says: Text) -> Reason | None:
    if not standard.where:
        return None
    amount = case.deal.amount
    if "deal.amount" in standard.where:
        if amount is None:
            return case.reason(Code.DEAL_AMOUNT_MISSING, evidence.kind, says)
        if other := _other_currency(evidence.fields, amount):
            return case.reason(Code.CURRENCY_DIFFERS, evidence.kind, says, evidence, have=other, need=amount.currency)
    try:
        if case.rules.holds(evidence.kind, standard.where, evidence.fields, amount):
            return None
    except RuleFailed as failed:
        return case.reason(Code.RULE_FAILED, evidence.kind, says, evidence, problem=failed.problem)
    seen = _seen(standard.where, evidence, case)
    return case.reason(Code.RULE_NOT_MET, evidence.kind, says, evidence, where=standard.where, seen=seen or None)


def _other_currency(fields: Mapping[str, FieldValue], amount: Money) -> str | None:
    amounts = (value for value in fields.values() if isinstance(value, Money))
    return next((value.currency for value in amounts if value.currency != amount.currency), None)


def _seen(where: str, evidence: Evidence, case: _Case) -> dict[str, object]:
    """The values that the rule looked at; personal ones are never repeated."""
    spec = case.process.evidence[evidence.kind].fields if evidence.kind in case.process.evidence else {}
    words = set(re.findall(r"[A-Za-z_]\w*", where))
    public = [name for name in evidence.fields if name in words and not (name in spec and spec[name].personal)]
    seen = {
        name: spec[name].shown(evidence.fields[name]) if name in spec else str(evidence.fields[name]) for name in public
    }
    if "deal.amount" in where and case.deal.amount:
        seen["deal.amount"] = str(case.deal.amount)
    return seen


def _judge_sum(standard: Standard, fitting: list[Evidence], case: _Case, says: Text, reasons: list[Reason]) -> Verdict:
    """Add up the instalments that fit; amounts in a currency other than the deal's do not count."""
    assert standard.sum is not None
    kind, field = standard.evidence or "", standard.sum.field
    currency = case.deal.amount.currency if case.deal.amount else case.process.currency
    if "deal.amount" in standard.sum.at_least and case.deal.amount is None:
        return NotMet((case.reason(Code.DEAL_AMOUNT_MISSING, kind, says),))
    try:
        need = case.rules.threshold(kind, standard.sum.at_least, case.deal.amount)
    except RuleFailed as failed:
        return NotMet((case.reason(Code.RULE_FAILED, kind, says, problem=failed.problem),))
    if isinstance(need, Money):
        currency, need = need.currency, need.minor
    total, counted, is_money = 0, list[str](), False
    for evidence in fitting:
        value = evidence.fields.get(field)
        if isinstance(value, Money):
            is_money = True
            if value.currency != currency:
                differs = case.reason(Code.CURRENCY_DIFFERS, kind, says, evidence, have=value.currency, need=currency)
                reasons.append(differs)
                continue
            total += value.minor
        elif isinstance(value, int):
            total += value
        counted.append(evidence.id)
    if total >= need and len(counted) >= standard.count:
        return Met(tuple(counted))
    have, least = (
        (str(Money(minor=total, currency=currency)), str(Money(minor=need, currency=currency)))
        if is_money
        else (total, need)
    )
    return NotMet(_merged([*reasons, case.reason(Code.SUM_SHORT, kind, says, field=field, have=have, need=least)]))
