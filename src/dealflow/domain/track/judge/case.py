"""One node of one deal under judgement: whether a piece of evidence fits its standard, and the reason where it does not."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from dealflow.domain.deal.state import Deal, Evidence
from dealflow.domain.process.definition import (
    DecisionNode,
    ProcessDefinition,
    Standard,
    Text,
    names_in,
    reads_deal_amount,
)
from dealflow.domain.process.rules import FieldValue, RuleFailed, Rules
from dealflow.domain.values.money import Money
from dealflow.domain.values.refusal import Code, Reason


@dataclass(frozen=True, slots=True)
class Case:
    """A node judged for one amount of its deal; `amounts` are all those that the standard must hold for."""

    node: DecisionNode
    deal: Deal
    process: ProcessDefinition
    rules: Rules
    amount: Money | None
    amounts: tuple[Money, ...]

    def reason(self, code: Code, kind: str, says: Text, evidence: Evidence | None = None, **data: object) -> Reason:
        """A reason in the words of the template; `evidence` is what fails for it, where it is one piece."""
        known = self.process.evidence.get(kind)
        named = {"kind": known.title if known and known.title else kind, "says": says or None}
        failing = {"evidence": [evidence.id]} if evidence else {}
        return Reason(code=code, place=self.node.id, data={**named, **data, **failing})

    def counts(self, evidence: Evidence) -> bool:
        """Whether it was recorded or confirmed after the node was opened again."""
        return evidence.counts_from > self.deal.node(self.node.id).open_since

    def without_amount(self, kind: str, says: Text) -> Reason | None:
        """Why nothing can be compared with the deal's amount, where that is so."""
        if self.amount is None:
            return self.reason(Code.DEAL_AMOUNT_MISSING, kind, says)
        if len({amount.currency for amount in self.amounts}) > 1:
            return self.reason(Code.AMOUNT_NOT_CONFIRMED, kind, says, amounts=[str(each) for each in self.amounts])
        return None

    def why_not(self, standard: Standard, evidence: Evidence, says: Text) -> Reason | None:
        """Why this piece does not fit the standard: too old, or not as the rule asks. None where it fits."""
        return self._too_old(standard, evidence, says) or self._against_rule(standard, evidence, says)

    def _too_old(self, standard: Standard, evidence: Evidence, says: Text) -> Reason | None:
        limit = standard.not_older_than
        age = evidence.reported_at - evidence.observed_at
        if limit is None or age <= limit.elapsed:
            return None
        days = -(-age // timedelta(days=1))
        return self.reason(Code.TOO_OLD, evidence.kind, says, evidence, limit=str(limit), age_days=days)

    def _against_rule(self, standard: Standard, evidence: Evidence, says: Text) -> Reason | None:
        where = standard.where
        if not where:
            return None
        if reads_deal_amount(where):
            if missing := self.without_amount(evidence.kind, says):
                return missing
            if self.amount and (other := _other_currency(evidence.fields, self.amount)):
                need = self.amount.currency
                return self.reason(Code.CURRENCY_DIFFERS, evidence.kind, says, evidence, have=other, need=need)
        try:
            if self.rules.holds(evidence.kind, where, evidence.fields, self.amount):
                return None
        except RuleFailed as failed:
            return self.reason(Code.RULE_FAILED, evidence.kind, says, evidence, problem=failed.problem)
        seen = self._seen(where, evidence)
        return self.reason(Code.RULE_NOT_MET, evidence.kind, says, evidence, where=where, seen=seen or None)

    def _seen(self, where: str, evidence: Evidence) -> dict[str, str]:
        """The values that the rule looked at, options with their titles; personal ones are never repeated."""
        spec = self.process.evidence[evidence.kind].fields if evidence.kind in self.process.evidence else {}
        words = names_in(where)
        public = [name for name in evidence.fields if name in words and not (name in spec and spec[name].personal)]
        seen = {
            name: spec[name].shown(evidence.fields[name]) if name in spec else str(evidence.fields[name])
            for name in public
        }
        if reads_deal_amount(where) and self.amount:
            seen["deal.amount"] = str(self.amount)
        return seen


def _other_currency(fields: Mapping[str, FieldValue], amount: Money) -> str | None:
    amounts = (value for value in fields.values() if isinstance(value, Money))
    return next((value.currency for value in amounts if value.currency != amount.currency), None)
