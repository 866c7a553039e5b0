"""Pieces of evidence that say what another piece says: recorded all the same, and told to whoever recorded them."""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta

from dealflow.domain.deal import events as e
from dealflow.domain.deal.state import Deal, Evidence, EvidenceStatus
from dealflow.domain.track.judge.pieces import same_value
from dealflow.domain.values.frozen import Frozen

# A second piece without fields says nothing new on the same working day; that of another day is another event.
_SAME_DAY = timedelta(hours=12)


class LikePiece(Frozen):
    """`evidence` has the kind and all fields of `like`, which somebody (`author`) recorded before or beside it.

    `observed_at` is when `like` was observed, aware and UTC; `is_same_time` whether `evidence` was observed then as well.
    """

    evidence: str
    like: str
    kind: str
    observed_at: datetime
    author: str
    status: EvidenceStatus
    is_same_time: bool
    has_fields: bool


def look_alikes(deal: Deal, facts: Iterable[e.Fact]) -> tuple[LikePiece, ...]:
    """What these facts, which are in the deal, have recorded or corrected so that it looks like another piece of the deal.

    Of several the nearest in time is named; of a pair, the later recorded is named as looking like the earlier where both
    are of these facts. A withdrawn piece looks like none.
    """
    changed = dict.fromkeys(
        fact.evidence_id for fact in facts if isinstance(fact, e.EvidenceRecorded | e.EvidenceCorrected)
    )
    kinds = {deal.evidence[each].kind for each in changed}
    staying: dict[str, list[Evidence]] = defaultdict(list)
    for piece in deal.evidence.values():
        if piece.kind in kinds and piece.status is not EvidenceStatus.WITHDRAWN:
            staying[piece.kind].append(piece)
    alike: dict[object, list[Evidence]] = defaultdict(list)
    for pieces in staying.values():
        if len(pieces) > 1:
            for piece in pieces:
                alike[_says(piece)].append(piece)
    found = (look for pieces in alike.values() if len(pieces) > 1 for look in _pairs(pieces, changed))
    return tuple(sorted(found, key=lambda look: deal.evidence[look.evidence].version))


def _says(piece: Evidence) -> object:
    return piece.kind, frozenset((name, same_value(value)) for name, value in piece.fields.items())


def _pairs(pieces: list[Evidence], changed: Collection[str]) -> Iterator[LikePiece]:
    """Each changed piece with the nearest in time of those that it may look like: a source may say the same a thousand times."""
    known = sorted((piece for piece in pieces if piece.id not in changed), key=_when)
    for piece in sorted((piece for piece in pieces if piece.id in changed), key=lambda piece: piece.version):
        place = bisect_left(known, piece.observed_at, key=lambda other: other.observed_at)
        near = [other for other in known[max(place - 1, 0) : place + 1] if _is_near(piece, other)]
        if near:
            like = min(near, key=lambda other: (abs(other.observed_at - piece.observed_at), other.version))
            yield _like(piece, like)
        insort(known, piece, key=_when)


def _when(piece: Evidence) -> tuple[datetime, int]:
    return piece.observed_at, piece.version


def _like(piece: Evidence, like: Evidence) -> LikePiece:
    return LikePiece(
        evidence=piece.id,
        like=like.id,
        kind=piece.kind,
        observed_at=like.observed_at,
        author=like.author,
        status=like.status,
        is_same_time=like.observed_at == piece.observed_at,
        has_fields=bool(piece.fields),
    )


def _is_near(piece: Evidence, other: Evidence) -> bool:
    """Where there are no fields to compare, the time has to agree: exactly where a source gives it for both."""
    if piece.fields:
        return True
    apart = abs(other.observed_at - piece.observed_at)
    return apart == timedelta() if piece.imported and other.imported else apart < _SAME_DAY
