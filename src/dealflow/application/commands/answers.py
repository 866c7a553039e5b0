"""What a use case answers: data that every edge can print."""

from datetime import datetime
from typing import Literal

from dealflow.domain.values.frozen import Frozen
from dealflow.domain.values.refusal import Reason


class NodeVerdict(Frozen):
    """Whether a node's standard is met by what is on record; the reasons say what is missing."""

    node: str
    met: bool
    reasons: tuple[Reason, ...] = ()


Note = Literal["kept_as_history", "recorded_before", "claim_not_applied", "already_so", "nothing_changed"]


class Answer(Frozen):
    """An accepted command. `facts` are the topics appended, `ids` what was named by it, `wake`: the workflow has to look."""

    command_id: str
    deal_id: str
    version: int
    facts: tuple[str, ...] = ()
    verdicts: tuple[NodeVerdict, ...] = ()
    notes: tuple[Note, ...] = ()
    ids: dict[str, str] = {}
    stage: str
    outcome: str
    in_progress: bool
    next_due: datetime | None = None
    wake: bool = False
    repeated: bool = False


class Progressed(Frozen):
    """A look at a deal by its workflow: what was appended, and when to look again."""

    deal_id: str
    version: int
    closed: bool
    next_due: datetime | None = None
    waits_for: str = ""
    facts: tuple[str, ...] = ()
