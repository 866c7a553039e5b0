"""The verdict on a node: does the evidence on record meet its standard, and if not, what is missing?"""

from dealflow.domain.track.judge.against import speaking_against, speaks_against
from dealflow.domain.track.judge.look_alikes import LikePiece, look_alikes
from dealflow.domain.track.judge.looked_at import looks_the_same, waits_to_count
from dealflow.domain.track.judge.node import fails_for, verdict
from dealflow.domain.track.judge.pieces import same_value
from dealflow.domain.track.judge.verdict import Met, NotMet, Verdict

__all__ = [
    "LikePiece",
    "Met",
    "NotMet",
    "Verdict",
    "fails_for",
    "look_alikes",
    "looks_the_same",
    "same_value",
    "speaking_against",
    "speaks_against",
    "verdict",
    "waits_to_count",
]
