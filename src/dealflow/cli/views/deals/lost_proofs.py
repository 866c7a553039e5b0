"""The lost proofs of a deal as a person reads them."""

from collections.abc import Iterable, Iterator

from dealflow.application.reading.deal_parts.lost import LostProofView
from dealflow.cli.output import reader
from dealflow.wording.terms import term


def lost_proof_lines(proofs: Iterable[LostProofView]) -> Iterator[str]:
    """Each with what is missing, until when, and the command that lets the deal go back."""
    to = reader()
    for lost in proofs:
        named = {"node": to.titled(lost.node), "since": to.time(lost.since), "why": term("lost_why", lost.why)}
        if lost.why:
            yield to.t("Proof lost: {node}, since {since}: {why}", **named)
        else:
            yield to.t("Proof lost: {node}, since {since}", **named)
        yield from (f"    {to.reason_of(lost.node.id, reason)}" for reason in lost.node.reasons)
        if lost.due_at is not None:
            due = to.time(lost.due_at)
            yield "    " + (to.t("the deadline was {due}", due=due) if lost.run_out else to.t("until {due}", due=due))
        yield "    " + to.t("prove it again, or: dealflow {command}", command=lost.way_back)
