"""What happened, in a sentence per kind of event; each gets shorter where a value is missing."""

from collections.abc import Mapping

from dealflow.domain.values.phrase import Phrase, phrase
from dealflow.wording.shortened import template

SENTENCES: Mapping[str, str] = {
    "deal.opened.v1": template(
        "Opened in {stage}[ for {customer}][, owner {owner}][, {amount}], process {process}."
        "[ Follows from {linked_from}.][ Run {run} of the deal.]"
    ),
    "deal.import_undone.v1": template("Taken back: what {batch} brought; {as_before}.[ Reason: {reason}]"),
    "deal.amended.v1": template(
        "Amended: {changes|nothing}[, {as_won}][, {confirms}][; the present amount from {present_was} to {amount}]."
        "[ Reason: {reason}]"
    ),
    "deal.fields_cleared.v1": template("Another system has emptied: {changes}."),
    "deal.amount_confirmed.v1": template(
        "The amount is confirmed: {amount}; no earlier one counts any more.[ Reason: {reason}]"
    ),
    "deal.owner_changed.v1": template(
        "Owner is now {owner}[, before {previous}].[ Told {recipients}.][ Reason: {reason}]"
    ),
    "deal.stage_claimed.v1": template(
        "Another system says the deal stands in {to_stage}.[ {inferred}][ Not proven: {unproven}.]"
    ),
    "deal.claim_agrees.v1": template("Another system says what is so: {claim}."),
    "deal.claim_not_applied.v1": template("A claim was not applied: {claim}[, because {why}]."),
    "deal.dates_corrected.v1": template(
        "Another system corrects its dates: {dates}.[ What follows from them is told anew from {told_from} on.]"
    ),
    "deal.evidence_recorded.v1": template("Evidence from the {side}: {kind} ({evidence_id})[, by {author}].[ {note}]"),
    "deal.evidence_withdrawn.v1": template("Evidence {evidence_id} withdrawn[; {unconfirmed}].[ Reason: {reason}]"),
    "deal.evidence_disputed.v1": template("Evidence {evidence_id} disputed[; {unconfirmed}].[ Reason: {reason}]"),
    "deal.evidence_corrected.v1": template(
        "Evidence {evidence_id} corrected[: {changes}][; {unconfirmed}].[ Reason: {reason}]"
    ),
    "deal.evidence_confirmed.v1": template("Evidence {evidence_id} confirmed.[ Reason: {reason}]"),
    "deal.evidence_removal_confirmed.v1": template(
        "The change of evidence {evidence_id} is confirmed: what it said before counts against no node any more."
        "[ Reason: {reason}]"
    ),
    "deal.evidence_set_aside.v1": template(
        "Evidence {evidence_id} counts no more: its {field} is on record before it[, with evidence {first} of deal {first_deal}]."
    ),
    "deal.evidence_counts_again.v1": template(
        "Evidence {evidence_id} is set aside no more: no earlier evidence that is compared has its {field}[; it is {standing}]."
    ),
    "deal.node_reached.v1": template("The customer reached: {node}[ (on {evidence})]."),
    "deal.node_reversed.v1": template(
        "Node open again: {node}; without {evidence|the evidence}[ ({why})] its standard is not met."
    ),
    "deal.node_waived.v1": template("Node waived: {node}.[ Reason: {reason}]"),
    "deal.proof_lost.v1": template(
        "Proof lost: {node}, which the deal passed in {stage}, is open again[: {why}][; {after_win}]."
        "[ Told {recipients}.]"
    ),
    "deal.proof_regained.v1": template("Proof lost no more: {node}; {how}."),
    "deal.gate_met.v1": template("The gate of {stage} is met: {how}.[ Reason: {reason}]"),
    "deal.gate_lost.v1": template("The gate of {stage} is no longer met."),
    "deal.stage_advanced.v1": template("Moved on from {from_stage} to {to_stage}[, {pass_through}]."),
    "deal.stage_moved_back.v1": template(
        "Moved back from {from_stage} to {to_stage}[; open again: {reopened_nodes}]"
        "[; {reopens_outcome}][; {claimed}].[ Reason: {reason}]"
    ),
    "deal.won.v1": template("Won[, {amount}]: {basis}.[ Not proven: {unproven}.][ Reason: {reason}]"),
    "deal.lost.v1": template("Lost: {reason}[ ({basis})].[ {note}]"),
    "deal.cancelled.v1": template("Cancelled: {reason}[ ({basis})]."),
    "deal.closed.v1": template("Closed in {stage}: {how}.[ Reason: {reason}]"),
    "deal.reopened.v1": template(
        "Reopened in {stage} (opening {opening}), outcome {outcome}[; open again: {reopened_nodes}][; {claimed}]."
        "[ Reason: {reason}]"
    ),
    "deal.milestone_recorded.v1": template("The seller did: {milestone}, a mark of {stage}."),
    "deal.milestone_withdrawn.v1": template("Taken back: {milestone}, a mark of {stage}.[ Reason: {reason}]"),
    "deal.step_planned.v1": template("Planned: {what}, by {by}[, to move {node}]."),
    "deal.step_done.v1": template("Done: {step}.[ {note}]"),
    "deal.activity_recorded.v1": template("The seller's activity: {what}."),
    "deal.clock_started.v1": template(
        "Clock started in {stage}: {clock}[ ({node})][ of {limit}], due {due}[, {granted}][, {provisional}]."
    ),
    "deal.warning_given.v1": template("Warned[ {recipients}]: {clock}[ ({node})] of {stage} runs out at {due_at}."),
    "deal.stall_recorded.v1": template(
        "Stalled in {stage}: {clock} of {limit} ran out, waiting since {since}.[ Missing: {missing}.]"
    ),
    "deal.stall_ended.v1": template("The stall ended: {how}."),
    "deal.escalation_raised.v1": template("Escalated, the ladder counts from {counted_from}[, {backlog}]."),
    "deal.rung_reached.v1": template(
        "Step {rung} of the ladder: told {recipients|nobody}[, {high_risk}].[ No longer theirs: {released}.]"
    ),
    "deal.escalation_decided.v1": template("Decided: {decision}[, {details}].[ Reason: {reason}]"),
    "deal.linked_deal_due.v1": template("Opens a linked deal[: {linked_deal_id}] ({kind}), from {node}."),
    "process.published.v1": template("Published: {process}[, {title}].[ Told: {recipients}]"),
    "process.proposed.v1": template("Proposed: {process}[, {title}], by its digest {digest}."),
    "process.proposal_rejected.v1": template("Proposed no more: {process}, by its digest {digest}.[ Reason: {reason}]"),
    "token.created.v1": template("{person} has a token: {token_id}[ ({label})][, until {expires_at}]."),
    "token.revoked.v1": template("Token {token_id} of {person} is good for nothing any more.[ Reason: {reason}]"),
    "import.begun.v1": template(
        "Import {batch} began[, of {files}][, exported at {exported_at}][, {shift}][, {reread}]."
    ),
    "import.undo_begun.v1": template("What {batch} brought is being taken back.[ Reason: {reason}]"),
    "import.undo_finished.v1": template(
        "What {batch} brought was taken back. Deals that are gone: {gone}, as before: {restored}, kept: {kept};"
        " events: {events}."
    ),
    "import.finished.v1": template("Import {batch} is through. Deals: {deals}, events: {events}, rejected: {rejects}."),
    "people.loaded.v1": template("These people count from now on: {people} ({digest})."),
    "calendars.loaded.v1": template("These calendars count from now on: {calendars|only those shipped} ({digest})."),
    "house.followed.v1": template(
        "Deals are woken for the people of version {people} and the calendars of version {calendars}."
    ),
    "customer.added.v1": template("{customer} is on record."),
    "customer.renamed.v1": template("The customer's name is {customer}."),
    "customer.external_id_linked.v1": template("{customer_id} has an id in another system: {system}."),
    "customer.merged.v1": template("{customer_id} goes on as {into}.[ Reason: {reason}]"),
    "customer.took_over.v1": template("{merged} was merged into {customer_id}.[ Reason: {reason}]"),
    "store.seal_rotated.v1": template("Another key seals from here on: {key}.[ Reason: {reason}]"),
    "store.sealed_anew.v1": template("Everything was sealed as it stood, by the new key {key}. Reason: {reason}"),
    "customer.rekeyed.v1": template(
        "{customer_id} has a new key; what the old one encrypted stays lost. Reason: {reason}"
    ),
    "customer.erasure_proposed.v1": template("To erase {customer_id} is proposed.[ Reason: {reason}]"),
    "customer.erasure_rejected.v1": template("To erase {customer_id} is proposed no more.[ Reason: {reason}]"),
    "customer.erased.v1": template("Personal data of {customer_id} erased.[ Reason: {reason}]"),
}

# After what somebody above had to do, where there was nobody but the one who did it.
ALONE = template("Alone: nobody else was left who could.")
BEHIND_AN_END = template("{said} {more}")
BEHIND_A_REASON = template("{said}. {more}")

# Of `deal.gate_met.v1`, where no fact meets the gate but time that passes.
ENDS_BY_ITSELF = template("{stage} ends by itself on {ready_at} unless something leaves it earlier.")

# Of `deal.node_reversed.v1`, where the node was not reached any more, or is waived: only what it once rested on falls away.
AS_BEFORE = template("The node stays as it was: {node}[; seen from earlier days it rests on {evidence} no more].")

# Of `deal.node_reversed.v1`, where a piece of evidence came to count.
BY_EVIDENCE = template("Node open again: {node}; with {evidence} its standard is not met.")

# Of `deal.node_reversed.v1`, where it is not for evidence.
BY_THE_AMOUNT = template("Node open again: {node}; for the deal's amount[ ({why})] its standard is not met.")

# Of `deal.stall_recorded.v1`, where the clock is that of a lost proof: the deal need not be in the node's stage.
SAID_OTHERWISE = template(
    "Another system says otherwise what was before.[ What follows is told anew from {told_from} on.]"
)
STILL_LOST = template("The proof of {node} in {stage} is still lost after {limit}, since {since}.")

# What a fact has as yes or no.
FLAGS: Mapping[str, Phrase] = {
    "pass_through": phrase("in passing: its gate had been met before"),
    "reopens_outcome": phrase("the outcome is open again"),
    "reread": phrase("what is on record was read anew"),
    "confirms": phrase("which confirms it"),
    "as_won": phrase("as it was won"),
    "granted": phrase("set by a person"),
    "after_win": phrase("the deal is won"),
    "provisional": phrase("provisional: the year's working days are not announced yet"),
    "backlog": phrase("as backlog of an import"),
    "high_risk": phrase("high risk"),
    "unconfirmed": phrase(
        "until somebody above the owner confirms this, what it said before counts as well where that is worse for a node"
    ),
}

# The same with what it was before.
BEFORE: Mapping[str, str] = {
    "title": template("title from {was} to {value}"),
    "customer": template("customer from {was} to {value}"),
    "amount": template("amount from {was} to {value}"),
    "attributes": template("attributes from {was} to {value}"),
}

# A field of a fact with its value, as one of several in a sentence.
PARTICULARS: Mapping[str, str] = {
    "title": template("title {value}"),
    "customer": template("customer {value}"),
    "amount": template("amount {value}"),
    "attributes": template("attributes {value}"),
    "owner": template("owner {value}"),
    "to": template("to {value}"),
    "until": template("until {value}"),
}
