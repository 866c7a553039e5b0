"""Judge a node: for every amount of the deal that it must hold for, and every part of its standard."""

from collections.abc import Iterable, Iterator

from dealflow.domain.deal.state import Deal
from dealflow.domain.process.definition import DecisionNode, ProcessDefinition, Standard, Text
from dealflow.domain.process.rules import Rules
from dealflow.domain.track.amounts import amounts_for, largest
from dealflow.domain.track.judge.case import Case
from dealflow.domain.track.judge.count import judge_count
from dealflow.domain.track.judge.last import judge_last
from dealflow.domain.track.judge.pieces import Piece, as_they_stand, pieces_of
from dealflow.domain.track.judge.total import judge_sum
from dealflow.domain.track.judge.verdict import Met, NotMet, Verdict, all_met, not_met
from dealflow.domain.values.money import Money
from dealflow.domain.values.refusal import Code, Reason

_SHORT = (Code.SUM_SHORT, Code.COUNT_SHORT)


def verdict(node: DecisionNode, deal: Deal, process: ProcessDefinition, rules: Rules) -> Verdict:
    """Judge one node on the evidence that counts for it (design, section 3)."""
    standard = node.standard
    amounts = amounts_for(node, deal, process)
    present = Case(node, deal, process, rules, deal.node(node.id).open_since, amounts[-1] if amounts else None, amounts)
    found = _judge(standard, present, standard.says)
    if isinstance(found, NotMet) or not standard.reads_amount or present.in_several_currencies:
        return found
    met = [found]
    for amount in reversed(amounts[:-1]):
        case = present._replace(amount=amount)
        found = _judge(standard, case, standard.says)
        if isinstance(found, NotMet):
            said = [str(each) for each in amounts]
            why = case.reason(Code.AMOUNT_NOT_CONFIRMED, "", standard.says, amount=str(amount), amounts=said)
            return not_met((*found.reasons, why))
        met.append(found)
    return all_met(met) if len(met) > 1 else met[0]


def fails_for(node: DecisionNode, deal: Deal, process: ProcessDefinition, rules: Rules) -> Money | None:
    """The largest of the deal's amounts for which the node's standard is not met; None where they cannot be compared."""
    amounts, since = amounts_for(node, deal, process), deal.node(node.id).open_since
    if largest(amounts) is None:
        return None
    for amount in sorted(amounts, key=lambda each: -each.minor):
        case = Case(node, deal, process, rules, since, amount, amounts)
        if isinstance(_judge(node.standard, case, node.standard.says), NotMet):
            return amount
    return None


def _judge(standard: Standard, case: Case, says: Text) -> Verdict:
    says = standard.says or says
    if not standard.parts:
        return _judge_kind(standard, case, says)
    parts = [_judge(part, case, says) for part in standard.parts]
    met = [part for part in parts if isinstance(part, Met)]
    if met and (standard.any_of or len(met) == len(parts)):
        return all_met(met) if standard.all_of else met[0]
    return not_met(reason for part in parts if isinstance(part, NotMet) for reason in part.reasons)


def _judge_kind(standard: Standard, case: Case, says: Text) -> Verdict:
    """Judge evidence of one kind; what is unconfirmed counts at its worst, and is named where that makes a difference."""
    pieces = pieces_of(case.deal, standard.kinds)
    found = _judge_pieces(standard, pieces, case, says)
    if isinstance(found, Met):
        return found
    in_doubt = [piece for piece in pieces if piece.in_doubt]
    if not in_doubt:
        return found
    settled = _judge_pieces(standard, as_they_stand(pieces), case, says)
    if settled == found:
        return found
    certain = settled.reasons if isinstance(settled, NotMet) else ()
    # How much there is so far is said as it was judged: with what is in doubt at its worst.
    reasons = (*_others(certain), *(reason for reason in found.reasons if reason.code in _SHORT))
    return not_met((*reasons, *(_waits(piece, case, says) for piece in in_doubt)))


def _others(reasons: Iterable[Reason]) -> Iterator[Reason]:
    return (reason for reason in reasons if reason.code not in _SHORT)


def _judge_pieces(standard: Standard, pieces: list[Piece], case: Case, says: Text) -> Verdict:
    if standard.latest:
        return judge_last(standard, pieces, case, says)
    return (judge_sum if standard.sum else judge_count)(standard, pieces, case, says)


def _waits(piece: Piece, case: Case, says: Text) -> Reason:
    act = "correct" if piece.stays else "dispute" if piece.now.status.value == "disputed" else "withdraw"
    return case.reason(Code.CHANGE_NOT_CONFIRMED, piece.now.kind, says, piece.now, act=act)
