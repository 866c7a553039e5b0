"""What takes back from a sum: how much each refund takes, of which piece, and what is left of a piece."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from dealflow.domain.deal.state import Evidence
from dealflow.domain.process.definition import Standard, Text
from dealflow.domain.track.judge.case import Case
from dealflow.domain.track.judge.pieces import Piece, same_value
from dealflow.domain.values.money import Money
from dealflow.domain.values.phrase import phrase
from dealflow.domain.values.refusal import Code, Reason

# Minor units by currency; a plain number has none.
Amounts = Mapping[str | None, int]
_NOTHING: Amounts = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Refund:
    """A piece that takes back. `names` is what it says of the piece that it takes from; None where it does not say."""

    evidence: Evidence
    amounts: Amounts
    names: object = None


def amounts_of(evidence: Evidence, name: str) -> Amounts:
    """What the field says; nothing where it holds no amount."""
    value = evidence.fields.get(name)
    if isinstance(value, Money):
        return {value.currency: value.minor}
    return {None: value} if isinstance(value, int) and not isinstance(value, bool) else {}


def refunds(standard: Standard, pieces: list[Piece], case: Case, says: Text) -> Iterator[Refund | Reason]:
    """All that the standard subtracts, or why it cannot be reckoned.

    Neither age nor rule nor the time of recording matters for what takes back. While a correction is in doubt, the larger
    amount counts, and what the piece named before and names now count only where they are the same.
    """
    for subtraction in standard.sum.subtract if standard.sum else ():
        for piece in (piece for piece in pieces if piece.now.kind == subtraction.evidence):
            amounts: dict[str | None, int] = {}
            said = [amounts_of(version, subtraction.field) for version in piece.versions]
            for currency, amount in (item for each in said for item in each.items()):
                # A refund that is written as a negative amount takes back as well.
                amounts[currency] = max(amounts.get(currency, 0), abs(amount))
            if not all(said):
                problem = phrase(
                    "the evidence has no value for '{field}', which the rule needs", field=subtraction.field
                )
                yield case.reason(Code.RULE_FAILED, piece.now.kind, says, piece.now, problem=problem)
                continue
            named = (
                {same_value(v.fields.get(subtraction.names)) for v in piece.versions} if subtraction.names else set()
            )
            yield Refund(piece.now, amounts, named.pop() if len(named) == 1 else None)


@dataclass(slots=True)
class Takings:
    """What the refunds take from a sum, by currency, with those that do; `unclear` says what cannot be reckoned."""

    amounts: dict[str | None, int] = field(default_factory=dict)
    evidence: dict[str, Refund] = field(default_factory=dict)
    unclear: list[Reason] = field(default_factory=list)

    def take(self, refunds: Sequence[Refund], covered: Amounts = _NOTHING) -> None:
        """Subtract these; `covered` is what the piece that they name bears itself, because it does not count."""
        taken: dict[str | None, int] = {}
        for refund in refunds:
            for currency, amount in refund.amounts.items():
                taken[currency] = taken.get(currency, 0) + amount
        over = {currency: amount - max(covered.get(currency, 0), 0) for currency, amount in taken.items()}
        for currency, amount in over.items():
            self.amounts[currency] = self.amounts.get(currency, 0) + max(amount, 0)
        if any(amount > 0 for amount in over.values()):
            self.evidence |= {refund.evidence.id: refund for refund in refunds}


def takings(standard: Standard, pieces: list[Piece], counted: Collection[str], case: Case, says: Text) -> Takings:
    """All refunds on the sum. Where the piece that a refund names counts, or none is named, it takes from the sum.

    Where that piece does not count (it is withdrawn or corrected, too old or does not fit), the refund takes from the sum
    only what goes beyond it.
    """
    found, loose = Takings(), list[Refund]()
    covered: dict[str, tuple[Amounts, list[Refund]]] = {}
    for refund in refunds(standard, pieces, case, says):
        if isinstance(refund, Reason):
            found.unclear.append(refund)
        elif (piece := _does_not_count(refund, standard, pieces, counted, case)) is None:
            loose.append(refund)
        else:
            covered.setdefault(piece.id, (piece.amounts, []))[1].append(refund)
    if loose:
        found.take(loose)
    for amounts, named in covered.values():
        found.take(named, amounts)
    return found


class _Uncounted(NamedTuple):
    """A piece that a refund names and that does not count, with what it would bear itself."""

    id: str
    amounts: Amounts


def _does_not_count(
    refund: Refund, standard: Standard, pieces: list[Piece], counted: Collection[str], case: Case
) -> _Uncounted | None:
    """The piece that the refund names, where it is known and does not count."""
    assert standard.sum is not None
    if refund.names is None:
        return None
    name = standard.sum.field
    own = [piece for piece in pieces if piece.now.kind == standard.kind]
    holding = [piece for piece in own if any(refund.names in _names_of(v, standard) for v in piece.versions)]
    if holding:
        piece = min(holding, key=lambda piece: (piece.now.id not in counted, not piece.stays))
        if piece.now.id in counted:
            return None
        said = [amounts_of(version, name) for version in piece.versions]
        return _Uncounted(piece.now.id, {currency: min(s.get(currency, 0) for s in said) for currency in said[-1]})
    for evidence in case.deal.evidence.values():
        for version in (evidence, *reversed(evidence.earlier)) if evidence.kind == standard.kind else ():
            if refund.names in _names_of(version, standard):
                return _Uncounted(evidence.id, amounts_of(version, name))
    return None


def _names_of(evidence: Evidence, standard: Standard) -> set[object]:
    """By what a refund can name this piece: its id, or a value that tells it apart from others."""
    assert standard.sum is not None
    fields = {standard.distinct, *(each.names for each in standard.sum.subtract)} & evidence.fields.keys()
    return {same_value(evidence.id), *(same_value(evidence.fields[name]) for name in fields if name)}
