"""Instalments add up: what fits the standard, less what takes back, comes to at least the threshold."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from dealflow.domain.process.definition import FieldType, Standard, Text
from dealflow.domain.process.rules import RuleFailed
from dealflow.domain.track.judge.case import Case
from dealflow.domain.track.judge.pieces import Piece, counted_once, counting, nothing_counts, values_of
from dealflow.domain.track.judge.taken_back import Takings, amounts_of, takings
from dealflow.domain.track.judge.verdict import Met, NotMet, Verdict, not_met
from dealflow.domain.values.money import MAX_MINOR, Money
from dealflow.domain.values.refusal import Code, Reason


class _Need(NamedTuple):
    """The threshold: minor units of the currency, or a plain number."""

    least: int
    currency: str | None

    def say(self, amount: int) -> object:
        bounded = max(-MAX_MINOR, min(amount, MAX_MINOR))
        return amount if self.currency is None else str(Money(minor=bounded, currency=self.currency))


class _Entry(NamedTuple):
    """A piece in the account: `worth` is what each version that fits adds. A `firm` one fits whatever it turns out to be."""

    piece: Piece
    firm: bool
    worth: tuple[int, ...]
    values: tuple[object, ...]
    reason: Reason | None


@dataclass(slots=True)
class _Account:
    """The sum as it grows, piece after piece in the order of recording."""

    total: int = 0
    counted: dict[str, Piece] = field(default_factory=dict)
    reasons: list[Reason] = field(default_factory=list)
    first: dict[object, Piece] = field(default_factory=dict)
    in_doubt: dict[object, int] = field(default_factory=dict)

    def add(self, entry: _Entry, standard: Standard, case: Case, says: Text) -> None:
        """Count the piece, unless it does not fit or an earlier one has said the same."""
        if entry.reason:
            self.reasons.append(entry.reason)
        least = min(entry.worth, default=0)
        if not entry.firm:
            # A piece that may not count adds nothing; where it would take away, it does.
            self.total += min(least, 0)
            for value in entry.values if entry.worth else ():
                self.in_doubt[value] = min(least, self.in_doubt.get(value, least))
            return
        known = [self.first[value] for value in entry.values if value in self.first]
        for value in entry.values:
            self.first.setdefault(value, entry.piece)
            # An earlier piece that says the same, and whose removal is not confirmed, may be the one that counts.
            least = min(least, self.in_doubt.get(value, least))
        if known:
            self.reasons.append(counted_once(standard, entry.piece, known[0], case, says))
            return
        self.total += least
        self.counted[entry.piece.now.id] = entry.piece


def judge_sum(standard: Standard, pieces: list[Piece], case: Case, says: Text) -> Verdict:
    """Met where the pieces that count come to the threshold, with as many of them as are asked for."""
    assert standard.sum is not None
    kind = standard.kind or ""
    need = _need(standard, case, says) if counting(kind, pieces, case) else nothing_counts(kind, pieces, case, says)
    if isinstance(need, Reason):
        return NotMet((need,))
    account = _Account()
    for piece in pieces:
        if piece.now.kind == kind:
            account.add(_entry(standard, piece, need, case, says), standard, case, says)
    taken = takings(standard, pieces, account.counted, case, says)
    back = taken.amounts.get(need.currency, 0)
    unclear = [*taken.unclear, *_in_another_currency(taken, need, case, says)]
    total = account.total - back
    enough = total >= need.least
    if enough and len(account.counted) >= standard.count and not unclear:
        return Met(tuple(account.counted))
    reasons = [*account.reasons, *unclear]
    if not enough:
        short = {"field": standard.sum.field, "need": need.say(need.least)}
        # Of few pieces the sum tells the values.
        adds = ((kind, standard.sum.field), *((each.evidence, each.field) for each in standard.sum.subtract))
        is_told = not any(case.is_personal(of, name) for of, name in adds)
        if is_told:
            short["have"] = need.say(total)
        if back and is_told:
            takes = [evidence for evidence, refund in taken.evidence.items() if need.currency in refund.amounts]
            short |= {"taken": need.say(back), "subtracted": takes}
        reasons.append(case.reason(Code.SUM_SHORT, kind, says, None, **short))
    elif len(account.counted) < standard.count:
        have = len(account.counted)
        reasons.append(case.reason(Code.COUNT_SHORT, kind, says, have=have, need=standard.count))
    return not_met(reasons)


def _need(standard: Standard, case: Case, says: Text) -> _Need | Reason:
    assert standard.sum is not None
    kind, asked = standard.kind or "", standard.sum
    if asked.reads_amount and (missing := case.without_amount(kind, says)):
        return missing
    try:
        least = case.rules.threshold(kind, asked.at_least, case.amount)
    except RuleFailed as failed:
        return case.reason(Code.RULE_FAILED, kind, says, problem=failed.problem)
    if isinstance(least, Money):
        return _Need(least.minor, least.currency)
    known = case.process.evidence.get(kind)
    spec = known.fields.get(asked.field) if known else None
    if spec is None or spec.type is not FieldType.MONEY:
        return _Need(least, None)
    # A bare number is minor units of the deal's currency, so it says nothing while that is not settled.
    if case.amount is None:
        return _Need(least, case.process.currency)
    return case.without_amount(kind, says) or _Need(least, case.amount.currency)


def _entry(standard: Standard, piece: Piece, need: _Need, case: Case, says: Text) -> _Entry:
    values = values_of(standard, piece)
    if not case.counts(piece.now):
        return _Entry(piece, firm=False, worth=(), values=values, reason=None)
    worth: list[int] = []
    reason: Reason | None = None
    for version in piece.versions:
        reason = case.why_not(standard, version, says)
        has = amounts_of(version, standard.sum.field if standard.sum else "")
        if reason is None and need.currency in has:
            worth.append(has[need.currency])
        elif reason is None and has:
            have = next(iter(has))
            reason = case.reason(Code.CURRENCY_DIFFERS, version.kind, says, version, have=have, need=need.currency)
    firm = piece.stays and len(worth) == len(piece.versions)
    return _Entry(piece, firm, tuple(worth), values, reason if piece.stays else None)


def _in_another_currency(taken: Takings, need: _Need, case: Case, says: Text) -> Iterator[Reason]:
    for refund in taken.evidence.values():
        for currency in refund.amounts:
            if currency != need.currency and taken.amounts.get(currency):
                known = refund.evidence
                have, needed = currency, need.currency
                yield case.reason(Code.CURRENCY_DIFFERS, known.kind, says, known, have=have, need=needed)
