"""Events of the two tracks: nodes judged, gates met, stages entered."""

from typing import ClassVar, Literal

from pydantic import AwareDatetime

from dealflow.domain.deal.events.fact import Fact, PersonsAct
from dealflow.domain.values.frozen import Frozen


class StageClaimed(Fact):
    """Another system says the deal stands in this stage: it places the deal and its standing, never a node.

    Where the deal is there already, `visit` is the present one; then only milestones that vouched for more vouch no longer.
    """

    topic: ClassVar[str] = "deal.stage_claimed.v1"
    from_stage: str
    to_stage: str
    visit: int
    basis: Literal["claimed"] = "claimed"


class ClaimAgrees(Fact):
    """A claim of what is so already: kept, so that it is known what the source said last."""

    topic: ClassVar[str] = "deal.claim_agrees.v1"
    claim: str


class ClaimNotApplied(Fact):
    """A claim that the deal contradicts: kept, listed, without effect."""

    topic: ClassVar[str] = "deal.claim_not_applied.v1"
    claim: str
    why: str


class DateCorrected(Frozen):
    """One date as it was and as it is; `claim` is `opened`, or what was claimed."""

    claim: str
    was: AwareDatetime
    now: AwareDatetime


class DatesCorrected(Fact):
    """Another system has corrected dates of what it said, and what follows from that is told anew behind this event.

    Without `dates` it says otherwise what lies before something that has placed the deal, at the dates of now.

    The deal stands in visit `to_visit` once more, with this `outcome`: what placed it from `from_version` on is as if it had
    never been; evidence, milestones and what was said of the deal stay. Without `to_visit` it stays where it is. `effective_at`
    is the earliest instant of what is told anew. With `opens_anew` the opening follows on it, at its right date.
    """

    topic: ClassVar[str] = "deal.dates_corrected.v1"
    dates: tuple[DateCorrected, ...]
    from_version: int
    to_visit: int | None
    outcome: Literal["open", "won", "lost", "cancelled"]
    opens_anew: bool = False


class NodeReached(Fact):
    """A judgement: the evidence named met the node's standard as that version of the process has it."""

    topic: ClassVar[str] = "deal.node_reached.v1"
    node: str
    evidence: tuple[str, ...]
    process: str


class NodeReversed(Fact):
    """A judgement undone: without the evidence named, what is left does not meet the standard, or only from later on."""

    topic: ClassVar[str] = "deal.node_reversed.v1"
    node: str
    evidence: tuple[str, ...]
    why: str


class NodeWaived(PersonsAct):
    topic: ClassVar[str] = "deal.node_waived.v1"
    node: str
    reason: str


class ProofLost(Fact):
    """A required node that was passed is open again, and the deal has left its stage or was won on it.

    `episode` counts on within an opening; `recipients` hear of it at once. Nobody of a past that was over when it was
    recorded.
    """

    topic: ClassVar[str] = "deal.proof_lost.v1"
    node: str
    stage: str
    episode: int
    why: str
    after_win: bool = False
    recipients: tuple[str, ...] = ()


class ProofRegained(Fact):
    """The node is passed again, or the deal stands where it is still to be passed."""

    topic: ClassVar[str] = "deal.proof_regained.v1"
    node: str
    how: Literal["passed", "back"]


class GateMet(PersonsAct):
    """The stage may be left; `ready_at` is the instant that counts in a race against a deadline."""

    topic: ClassVar[str] = "deal.gate_met.v1"
    stage: str
    visit: int
    how: Literal["nodes", "milestones", "both", "optional_node", "closes_after", "override"]
    ready_at: AwareDatetime
    reason: str = ""


class GateLost(Fact):
    """The gate was met and is no longer: evidence behind it was withdrawn or disputed before the deal moved."""

    topic: ClassVar[str] = "deal.gate_lost.v1"
    stage: str
    visit: int


class StageAdvanced(Fact):
    """`pass_through`: the gate of the stage that was left had been met before the deal entered it."""

    topic: ClassVar[str] = "deal.stage_advanced.v1"
    from_stage: str
    to_stage: str
    visit: int
    pass_through: bool = False


class StageMovedBack(Fact):
    """The nodes named are open again; evidence counts for them when recorded or confirmed after this event."""

    topic: ClassVar[str] = "deal.stage_moved_back.v1"
    from_stage: str
    to_stage: str
    visit: int
    reopened_nodes: tuple[str, ...]
    reopens_outcome: bool
    reason: str
