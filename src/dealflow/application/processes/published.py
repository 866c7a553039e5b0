"""The publication of a process: where it is recorded, and the answer to it."""

from typing import Literal

from dealflow.domain.values.frozen import Frozen

# Every stream of a process is called so, with its name behind.
PROCESS_STREAMS = "process/"


class Published(Frozen):
    """What came of a publication, or of a word to one that was proposed.

    `version` is the one that it is; of what is only proposed, or is proposed no more, the latest that there is, or 0. `new` is
    false where that had been so before. `event` is its event in the process's stream, where it is not numbered as the version.
    `was` is the version of when it was proposed, where there is a later one now, and `told` are the directors who hear of it.
    """

    process: str
    version: int
    digest: str
    new: bool
    standing: Literal["published", "proposed", "rejected"] = "published"
    event: int | None = None
    was: int | None = None
    told: tuple[str, ...] = ()
