"""Evidence as a judgement sees it: every piece with all that it may turn out to be while a change of it is unconfirmed."""

from collections.abc import Collection, Iterator
from typing import NamedTuple
from unicodedata import normalize

from dealflow.domain.deal.state import Deal, Evidence, EvidenceStatus
from dealflow.domain.process.definition import AUTHOR, Standard, Text
from dealflow.domain.process.rules import FieldValue
from dealflow.domain.track.judge.case import Case
from dealflow.domain.values.money import Money
from dealflow.domain.values.phrase import Phrase, phrase
from dealflow.domain.values.refusal import Code, Reason
from dealflow.domain.values.text.alike import as_drawn
from dealflow.domain.values.text.spelling import normal_id
from dealflow.domain.values.unreadable import is_unreadable


class Piece(NamedTuple):
    """A piece of evidence on record. `versions` are all that it may be, the present one last.

    `stays`: it is not withdrawn or disputed. One that is counts for nothing; it may count against a node until somebody above
    the owner confirms that it was taken away.
    """

    now: Evidence
    versions: tuple[Evidence, ...]
    stays: bool

    @property
    def in_doubt(self) -> bool:
        """Whether it is not certain what it comes to."""
        return not self.stays or len(self.versions) > 1


def pieces_of(deal: Deal, kinds: Collection[str]) -> list[Piece]:
    """The pieces of these kinds that count or may count, in the order of their recording."""
    return [
        Piece(evidence, evidence.versions, stays)
        for evidence in deal.evidence.values()
        if evidence.kind in kinds and not evidence.set_aside and ((stays := evidence.stands) or evidence.unconfirmed)
    ]


def as_they_stand(pieces: list[Piece]) -> list[Piece]:
    """The pieces as if every change of them were confirmed."""
    return [Piece(piece.now, (piece.now,), stays=True) for piece in pieces if piece.stays]


def counting(kind: str, pieces: list[Piece], case: Case) -> list[Piece]:
    """The pieces of the kind that count for the node."""
    since = case.open_since
    return [piece for piece in pieces if piece.stays and piece.now.kind == kind and piece.now.counts_from > since]


def nothing_counts(kind: str, pieces: list[Piece], case: Case, says: Text) -> Reason:
    """Why no piece of the kind counts: there is none, none that stands, or none since the node was opened again."""
    if any(piece.stays and piece.now.kind == kind for piece in pieces):
        return case.reason(Code.NEEDS_NEW_EVIDENCE, kind, says)
    theirs = [one for one in case.deal.evidence.values() if one.kind == kind]
    if on_record := [why for one in theirs for why in _why_not(one, case)]:
        elsewhere = {aside.first_deal for one in theirs for aside in one.set_aside} - {case.deal.id, ""}
        if elsewhere:
            return case.reason(Code.EVIDENCE_NOT_COUNTED, kind, says, pieces=on_record, elsewhere=sorted(elsewhere))
        return case.reason(Code.EVIDENCE_NOT_COUNTED, kind, says, pieces=on_record)
    return case.reason(Code.EVIDENCE_MISSING, kind, says)


def _why_not(evidence: Evidence, case: Case) -> Iterator[Phrase]:
    """Why a piece that is on record does not stand."""
    if evidence.status is not EvidenceStatus.VALID:
        status = phrase(evidence.status.value)
        yield phrase("evidence {evidence} is {status}", evidence=evidence.id, status=status)
        return
    known = case.process.evidence.get(evidence.kind)
    for one in evidence.set_aside:
        field = known.fields.get(one.field) if known else None
        title = (field and field.title) or one.field
        if not one.first:
            yield phrase("the {field} of evidence {evidence} is on record before it", field=title, evidence=evidence.id)
            continue
        yield phrase(
            "the {field} of evidence {evidence} is on record before it, with evidence {first} of deal {deal}",
            field=title,
            evidence=evidence.id,
            first=one.first,
            deal=one.first_deal,
        )


def told_apart_by(standard: Standard, evidence: Evidence) -> object:
    """What makes a piece another than the rest: pieces with one value of this count once."""
    if standard.distinct is None:
        return evidence.id
    if standard.distinct == AUTHOR:
        return evidence.author
    value = evidence.fields.get(standard.distinct)
    # What nobody can read is not therefore the same as another that nobody can read.
    return evidence.id if is_unreadable(value) else same_value(value)


def values_of(standard: Standard, piece: Piece) -> tuple[object, ...]:
    """All that may tell the piece apart; nothing where no two pieces are the same."""
    if standard.distinct is None:
        return ()
    return tuple(dict.fromkeys([told_apart_by(standard, version) for version in piece.versions]))


def same_value(value: FieldValue | None) -> object:
    """The value as it is compared; a text whatever its blanks, its capitals, how it is drawn, and what nobody sees in it."""
    if isinstance(value, Money):
        return value.minor, value.currency
    if not isinstance(value, str):
        return value
    if value.isascii() and value.isprintable():
        return " ".join(value.split()).casefold()
    # As capitals, in which look-alikes of several scripts have one small letter as well.
    return as_drawn(normal_id(normalize("NFKC", value)).casefold().upper()).casefold()


def counted_once(standard: Standard, piece: Piece, first: Piece, case: Case, says: Text) -> Reason:
    """This piece says what another has said before."""
    return case.reason(Code.COUNTED_ONCE, piece.now.kind, says, piece.now, field=standard.distinct, first=first.now.id)
