"""The publication of a process: where it is recorded, and the answer to it."""

from dealflow.domain.values.frozen import Frozen

# Every stream of a process is called so, with its name behind.
PROCESS_STREAMS = "process/"


class Published(Frozen):
    """A version of a process; `new` is false when the same content was published before."""

    process: str
    version: int
    digest: str
    new: bool
