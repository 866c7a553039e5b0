"""The shipped texts of notices and the short words in them; `$name` is a value, as in the operators' own templates."""

from collections.abc import Mapping

from dealflow.domain.values.phrase import Phrase, counted, phrase, phrase_in
from dealflow.wording.catalogue import Catalogue
from dealflow.wording.shortened import template
from dealflow.wording.terms import TERMS

_EXTEND = '  dealflow escalation decide {} extend --for "5 working days" --reason "..."'
_OWNER = template("Owner: $owner")
_WHY = template("Why: $clock is over its limit of $limit since $due $provisional")
_LOST_TOO_LONG = template("Lost since $since: $missing, passed in $stage; the deadline was $due $provisional")
_SINCE = template("Counted since: $since")
_MISSING = template("Missing to move on: $missing")
_WHAT = "$deal_id  $title"
_NEXT = "  dealflow deal next $deal"
_LOST = template("Proof lost: $lost")
_OLDEST = template("The oldest come first.")
# The subject, then the body, line by line; commands are the same in every language.
_ONE: Mapping[str, tuple[str, ...]] = {
    "warning": (
        template("$deal_id will stall in $stage on $due"),
        _WHAT,
        _OWNER,
        template("Why: $clock reaches its limit of $limit on $due $provisional"),
        _MISSING,
        "",
        template("What to do: get what is missing and record it; see what counts with"),
        _NEXT,
    ),
    "escalation": (
        template("${mark}$deal_id has stalled in $stage ($owner)"),
        _WHAT,
        _OWNER,
        _WHY,
        _SINCE,
        _MISSING,
        "",
        template("What to do: decide, with one of"),
        _EXTEND.format("$escalation"),
        '  dealflow escalation decide $escalation reassign --to PERSON --reason "..."',
        '  dealflow escalation decide $escalation back --to STAGE --reason "..."',
        template("Look first: dealflow deal show $deal"),
    ),
    "escalation_owner": (
        template("${mark}$deal_id has stalled in $stage"),
        _WHAT,
        _OWNER,
        _WHY,
        _SINCE,
        _MISSING,
        template("Asked to decide: $asked"),
        "",
        template(
            "What to do: get what is missing and record it, then the deal moves on by itself; see what counts with"
        ),
        _NEXT,
        "  dealflow evidence record $deal KIND --field NAME=VALUE",
        template("Until then $asked may set a new deadline, move the deal back, or give it to somebody else."),
    ),
    "decided": (
        template("$deal_id: $decided_by decided: $decision"),
        _WHAT,
        _OWNER,
        template("Decision: $decision, by $decided_by"),
        template("Reason: $reason"),
        template("It was about: $clock over its limit of $limit in $stage since $due"),
        template("Next deadline: $next_due"),
        "",
        template("What to do: act on the decision; see what is missing with"),
        _NEXT,
    ),
    "reassigned": (
        template("$deal_id is yours now ($stage)"),
        _WHAT,
        template("Owner until now: $previous"),
        template("Given to you by: $given_by"),
        template("Reason: $reason"),
        template("Due next: $next"),
        template("Stalled since: $stalls"),
        template("Proof lost since: $proofs"),
        template("Waits for somebody above the owner: $waiting"),
        _MISSING,
        "",
        template("What to do: look at the deal, and at what counts with"),
        "  dealflow deal show $deal",
        _NEXT,
    ),
    "published": (
        template("$process is published"),
        "$process  $title",
        template("Published by: $given_by"),
        template("Proposed by: $proposed_by"),
        template("Deals that are opened from now on follow it; those in progress keep their version."),
        "",
        template("What to do: see what it asks for, with"),
        "  dealflow process show $process",
    ),
    "lost_escalation": (
        template("${mark}$deal_id: proof lost, and not regained in time: $missing ($owner)"),
        _WHAT,
        _OWNER,
        _LOST_TOO_LONG,
        "",
        template("What to do: decide, with one of"),
        _EXTEND.format("$escalation"),
        '  dealflow escalation decide $escalation back --reason "..."',
        '  dealflow escalation decide $escalation waive --reason "..."',
        template("Look first: dealflow deal show $deal"),
    ),
    "lost_escalation_owner": (
        template("${mark}$deal_id: proof lost, and not regained in time: $missing"),
        _WHAT,
        _OWNER,
        _LOST_TOO_LONG,
        template("Asked to decide: $asked"),
        "",
        template("What to do: prove it again and record it, with"),
        "  dealflow evidence record $deal KIND --field NAME=VALUE",
        template("Until then $asked may set a new deadline, move the deal back, or give it to somebody else."),
    ),
    "proof_lost": (
        template("$deal_id: proof lost: $missing"),
        _WHAT,
        _OWNER,
        template("Lost since $since: $missing, which the deal had passed in $stage"),
        template("Why: $why"),
        "$won",
        template("Deadline: $until $provisional"),
        "",
        template("What to do: prove it again and record it, with"),
        "  dealflow evidence record $deal KIND --field NAME=VALUE",
        template("or let the deal stand where it is still to be proven, with"),
        '  dealflow $way_back --reason "..."',
        template("Look first: dealflow deal show $deal"),
    ),
}
DIGESTS = ("digest", "digest_owner")
TEMPLATES = (*_ONE, *DIGESTS)
# Short words by the key under which an operator may replace them.
WORDS: Mapping[str, Phrase] = {
    **{f"clock.{name}": words for name, words in TERMS["clock"].items()},
    "state.escalation": phrase("stalled since"),
    "state.warning": phrase("stalls on"),
    "state.decided": phrase("decided, was due"),
    "state.reassigned": phrase("yours since"),
    "state.published": phrase("published on"),
    "waiting.amount": phrase("the amount"),
    "state.proof_lost": phrase("proof lost, until"),
    "state.proof_lost_closed": phrase("proof lost, closed deal, since"),
    "proof_lost.after_win": phrase("The deal is won, and counts as won until somebody decides otherwise."),
    "owner.none": phrase_in("owner", "nobody"),
    "mark.high_risk": phrase("[HIGH RISK]"),
    "provisional": phrase("(provisional: the calendar's plan for that year is not known yet)"),
    "list.owner": phrase("$owner ($count)"),
    "list.line": phrase("$state $due  $deal_id  $stage  $title  $escalation_id  $mark"),
    "list.more": phrase("and $count more"),
}


def shipped(name: str, says: Catalogue, count: int = 1) -> str:
    """The template in a language; `count` is how many deals a digest tells of."""
    subject, *body = map(says.text, _digest(name, count) if name in DIGESTS else _ONE[name])
    return "\n".join([f"Subject: {subject}", "", *body])


def _digest(name: str, n: int) -> tuple[str, ...]:
    if name == "digest":
        counts: str = counted(
            "$count deal to look at: $stalled stalled, $warnings about to stall, $decided decided",
            "$count deals to look at: $stalled stalled, $warnings about to stall, $decided decided",
            n,
        )
        return (
            *(counts, counts, _LOST, _OLDEST, "", "$list", ""),
            template("What to do: see all with"),
            "  dealflow escalation list",
            template("and answer each with"),
            _EXTEND.format("ID"),
        )
    counts = template("$count of your deals to look at: $stalled stalled, $warnings about to stall, $decided decided")
    return (
        *(counts, counts, _LOST, _OLDEST, "", "$list", ""),
        template(
            "What to do: get what is missing and record it, then the deal moves on by itself; see what counts for each with"
        ),
        "  dealflow deal next ID",
        template(
            "What has stalled is for those above you to decide; `dealflow deal next` names who is told, and when."
        ),
    )
