"""One node of one deal under judgement: whether a piece of evidence fits its standard, and the reason where it does not."""

from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple

from dealflow.domain.deal.state import Deal, Evidence
from dealflow.domain.process.definition import DecisionNode, ProcessDefinition, Standard, Text, names_in
from dealflow.domain.process.rules import FieldValue, RuleFailed, Rules
from dealflow.domain.values.duration import Duration
from dealflow.domain.values.money import Money
from dealflow.domain.values.refusal import Code, Reason
from dealflow.domain.values.unreadable import is_unreadable


class Case(NamedTuple):
    """A node judged for one amount of its deal; `amounts` are all those that the standard must hold for.

    Evidence counts if it was recorded or confirmed after the version `open_since`, when the node was opened again.
    """

    node: DecisionNode
    deal: Deal
    process: ProcessDefinition
    rules: Rules
    open_since: int
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
        return evidence.counts_from > self.open_since

    @property
    def in_several_currencies(self) -> bool:
        """Whether the amounts cannot be compared with one another."""
        return len(self.amounts) > 1 and len({amount.currency for amount in self.amounts}) > 1

    def without_amount(self, kind: str, says: Text) -> Reason | None:
        """Why nothing can be compared with the deal's amount, where that is so."""
        if self.amount is None:
            return self.reason(Code.DEAL_AMOUNT_MISSING, kind, says)
        if self.in_several_currencies:
            return self.reason(Code.AMOUNT_NOT_CONFIRMED, kind, says, amounts=[str(each) for each in self.amounts])
        return None

    def why_not(self, standard: Standard, evidence: Evidence, says: Text) -> Reason | None:
        """Why this piece does not fit the standard: too old, or not as the rule asks. None where it fits."""
        limit, where = standard.not_older_than, standard.where
        too_old = self._too_old(limit, evidence, says) if limit else None
        return too_old or (self._against_rule(standard, where, evidence, says) if where else None)

    def _too_old(self, limit: Duration, evidence: Evidence, says: Text) -> Reason | None:
        age = evidence.reported_at - evidence.observed_at
        if age <= limit.elapsed:
            return None
        days = -(-age // timedelta(days=1))
        return self.reason(Code.TOO_OLD, evidence.kind, says, evidence, limit=str(limit), age_days=days)

    def _against_rule(self, standard: Standard, where: str, evidence: Evidence, says: Text) -> Reason | None:
        if unreadable := self._unreadable(where, evidence):
            # What was judged when it could be read stays so.
            if evidence.id in self.deal.node(self.node.id).evidence:
                return None
            return self.reason(Code.VALUE_UNREADABLE, evidence.kind, says, evidence, fields=unreadable)
        if standard.where_reads_amount:
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
        if standard.where_reads_amount and self.amount:
            seen["deal.amount"] = str(self.amount)
        return self.reason(Code.RULE_NOT_MET, evidence.kind, says, evidence, where=where, seen=seen or None)

    def is_personal(self, kind: str, field: str) -> bool:
        """Whether the values of this field are told to nobody."""
        known = self.process.evidence.get(kind)
        return known is not None and field in known.fields and known.fields[field].personal

    def _unreadable(self, where: str, evidence: Evidence) -> list[str]:
        """The fields that the rule looks at, and whose values nobody can read now."""
        if not any(map(is_unreadable, evidence.fields.values())):
            return []
        named = [name for name in names_in(where) if self.is_personal(evidence.kind, name)]
        return sorted(name for name in named if is_unreadable(evidence.fields.get(name)))

    def _seen(self, where: str, evidence: Evidence) -> dict[str, str]:
        """The values that the rule looked at, options with their titles; personal ones are never repeated."""
        spec = self.process.evidence[evidence.kind].fields if evidence.kind in self.process.evidence else {}
        words = names_in(where)
        public = [name for name in evidence.fields if name in words and name in spec and not spec[name].personal]
        return {name: spec[name].shown(evidence.fields[name]) for name in public}


def _other_currency(fields: Mapping[str, FieldValue], amount: Money) -> str | None:
    amounts = (value for value in fields.values() if isinstance(value, Money))
    return next((value.currency for value in amounts if value.currency != amount.currency), None)
