"""The answer to the publication of a process."""

from dealflow.domain.values.frozen import Frozen


class Published(Frozen):
    """A version of a process; `new` is false when the same content was published before."""

    process: str
    version: int
    digest: str
    new: bool
