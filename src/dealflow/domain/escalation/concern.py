"""Whether a notice that still waits is still its recipient's concern, by the deal and the people of now."""

from urllib.parse import unquote

from dealflow.domain.clocks.stall import stall_id
from dealflow.domain.deal.stalls import OpenStall, Raised
from dealflow.domain.deal.state import Deal
from dealflow.domain.escalation.ladder import recipients_for
from dealflow.domain.escalation.notice import Notice
from dealflow.domain.escalation.proof_lost import PROOF_LOST
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.process.definition import Place, ProcessDefinition

CLOCK_ENDED = "the clock that it warns of has ended"
STALL_ENDED = "the stall has ended"
PROOF_IS_THERE = "the proof is no longer lost"
DEAL_ENDED = "the deal has ended"
TAKEN_BACK = "the import that brought it was taken back"
OTHER_OWNER = "the deal has another owner"
OTHERS_ANSWER = "others answer for it now"


def why_superseded(notice: Notice, deal: Deal, process: ProcessDefinition, organisation: Organisation) -> str | None:
    """Why it need not be told any more; None while it is to be told. A decision is told to all who were to hear of the stall."""
    about = unquote(notice.key.partition("/")[0])
    if notice.run < deal.run:
        return TAKEN_BACK
    places: tuple[Place, ...]
    match notice.kind:
        case "decided" | "published":
            return None
        case "reassigned":
            if deal.owner != notice.recipient:
                return OTHER_OWNER
            return None if deal.is_judged else DEAL_ENDED
        case "warning":
            if all(stall_id(deal, clock.name, clock) != about for clock in deal.clocks.values()):
                return CLOCK_ENDED
            places = process.ladder.warning
        case "escalation":
            stall = deal.stalls.get(about)
            if not isinstance(stall, OpenStall):
                return STALL_ENDED
            reached = stall.escalation.rung if isinstance(stall.escalation, Raised) else -1
            places = tuple(place for rung in process.ladder.rungs[: reached + 1] for place in rung.to)
        case "proof_lost":
            if all([lost.node, PROOF_LOST, str(lost.episode)] != about.split("/")[2:] for lost in deal.proofs_lost):
                return PROOF_IS_THERE
            places = ("owner", "director")
    return None if notice.recipient in recipients_for(places, deal, organisation) else OTHERS_ANSWER
