"""A piece of evidence that looks like another, as a person reads it."""

from dealflow.cli.output import reader
from dealflow.domain.deal.state import EvidenceStatus
from dealflow.domain.track.judge import LikePiece
from dealflow.domain.values.phrase import phrase


def look_alike_line(look: LikePiece) -> str:
    """Which piece it looks like, in what, and what to do."""
    to = reader()
    same = phrase("the same kind and fields") if look.has_fields else phrase("the same kind, without fields")
    at = to.time(look.observed_at)
    when = (
        phrase("observed at the same time, {at}", at=at)
        if look.is_same_time
        else phrase("observed at another time, {at}", at=at)
    )
    like: str = look.like
    if look.status is not EvidenceStatus.VALID:
        like = phrase("{evidence} ({status})", evidence=look.like, status=phrase(look.status.value))
    return to.t(
        "{evidence} looks like {like}: {same}, {when}, recorded by {author}. Withdraw one if they are the same.",
        evidence=look.evidence,
        like=like,
        same=same,
        when=when,
        author=look.author,
    )
