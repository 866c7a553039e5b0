"""`deal show` as a person reads it."""

from collections.abc import Iterator

from dealflow.application.reading.deal import ClockView, DealView, EvidenceView
from dealflow.application.reading.deal_parts.amount import AmountWaits
from dealflow.application.reading.deal_parts.named import PersonView
from dealflow.application.reading.deal_parts.nodes import NodeView
from dealflow.application.reading.deal_parts.tracks import GapView
from dealflow.application.reading.next_move import NextClockView
from dealflow.cli.output import print_json, reader, say
from dealflow.cli.tables import amount, cell, print_heading, print_pairs, print_table
from dealflow.cli.views.deals.board import signed
from dealflow.cli.views.deals.lost_proofs import lost_proof_lines
from dealflow.cli.views.deals.unreadable import wrong_line
from dealflow.domain.values.money import Money
from dealflow.domain.values.phrase import phrase
from dealflow.wording.terms import term


def print_deal(shown: DealView) -> int:
    """Print one deal as it is, or as it was."""
    if reader().json:
        print_json(shown)
    else:
        _print(shown)
    return 0


def _print(shown: DealView) -> None:
    to = reader()
    say(f"{shown.deal_id}  {cell(shown.title)}")
    print_pairs(list(_particulars(shown)), indent=2)
    if shown.wrong:
        say("  " + wrong_line(shown.wrong))
    print_heading("Decision nodes")
    print_table(("Stage", "Decision node", "Status", "Since", "Evidence"), _nodes(shown), indent=2)
    for line in (*lost_proof_lines(shown.proof_lost), *_missing(shown)):
        say("  " + line)
    _parts(shown)
    if shown.clocks:
        print_heading("Clocks")
        for clock in shown.clocks:
            say("  " + _clock(clock))
    if shown.stalls:
        print_heading("Stalls")
        for stall in shown.stalls:
            escalation = term("escalation", stall.escalation)
            said = to.t(
                "{id}: since {due}, escalation {escalation}",
                id=stall.stall_id,
                due=to.time(stall.due_at),
                escalation=escalation,
            )
            say("  " + said)


def _clock(clock: ClockView) -> str:
    to = reader()
    name, due, limit = clock_name(clock), to.time(clock.due_at), to.length(clock.limit)
    # A plain length is counted by no calendar.
    said = (
        to.t(
            "{clock}: {due}, {limit} from {since} ({calendar})",
            clock=name,
            due=due,
            limit=limit,
            since=to.time(clock.since),
            calendar=clock.calendar,
        )
        if clock.calendar
        else to.t("{clock}: {due}, {limit} from {since}", clock=name, due=due, limit=limit, since=to.time(clock.since))
    )
    marks = [to.t("run out")] if clock.run_out else []
    marks += [to.t("granted by a person")] if clock.granted else []
    marks += [to.t("provisional")] if clock.provisional else []
    return to.joined([said, *marks])


def clock_name(clock: ClockView | NextClockView) -> str:
    """The clock, with the node where each node has one of its own."""
    to, name = reader(), term("clock", clock.name)
    return (
        to.t("{clock} ({node})", clock=name, node=to.short(clock.node.id, clock.node.title))
        if clock.node
        else to.t(name)
    )


def _proven(proven: Money | None, waits: AmountWaits) -> str:
    if not waits.amount.minor:
        return reader().t("no amount (0 proves nothing)")
    amounts = [str(one) for one in waits.amounts]
    return amount(proven) or reader().t("no amount (these cannot be compared: {amounts})", amounts=amounts)


def _particulars(shown: DealView) -> Iterator[tuple[str, object]]:
    to, tracks = reader(), shown.tracks
    yield phrase("Process"), to.titled(shown.process)
    yield phrase("Stage"), to.t("{stage}, since {since}", stage=to.titled(shown.stage), since=to.time(shown.entered_at))
    life = to.t("in progress") if shown.in_progress else to.t("closed at {at}", at=to.time(shown.closed_at))
    yield phrase("Outcome"), to.t("{outcome}, {life}", outcome=term("outcome", shown.outcome), life=life)
    yield (
        phrase("Won"),
        to.t("{at} ({basis})", at=to.time(shown.won_at), basis=term("basis", shown.won_by or ""))
        if shown.won_at
        else "",
    )
    yield phrase("Won unproven"), to.listed(to.titled(node) for node in shown.won_unproven)
    yield phrase("Reason for the loss"), to.titled(shown.loss_reason) if shown.loss_reason else ""
    yield phrase("Owner"), person(shown.owner)
    yield phrase("Director"), person(shown.director)
    yield phrase("Customer"), (shown.customer.name or shown.customer.id) if shown.customer else ""
    yield phrase("Amount"), amount(shown.amount)
    if waits := shown.amount_waits:
        yield phrase("Proven amount"), _proven(shown.proven_amount, waits)
        yield phrase("To be confirmed by"), to.listed(person(one) for one in waits.who_may) or to.t("nobody")
    yield phrase("Amount as won"), amount(shown.won_amount) if shown.won_amount != shown.amount else ""
    yield phrase("Opened"), to.time(shown.opened_at)
    yield phrase("Seller stands at"), to.titled(tracks.standing)
    yield (
        phrase("Customer stands at"),
        to.titled(tracks.customer_stage) if tracks.customer_stage else to.t("past every required node"),
    )
    position = to.titled(tracks.position) if tracks.position else to.t("no node yet")
    yield phrase("Position"), to.t("{position}, since {since}", position=position, since=to.time(tracks.position_since))
    yield phrase("Gap"), to.t("{gap}, since {since}", gap=signed(tracks.gap), since=to.time(tracks.gap_since))
    yield phrase("Gaps before"), to.listed(_gap_before(one) for one in tracks.gaps if one.until)
    yield phrase("Ahead"), to.listed(to.titled(node) for node in tracks.ahead)
    yield (
        phrase("Gate"),
        to.t("met since {at}", at=to.time(shown.gate.ready_at))
        if shown.gate and shown.gate.ready_at <= shown.at
        else "",
    )
    yield phrase("Next deadline"), to.time(shown.next_due)
    yield phrase("Linked deals"), to.listed(shown.linked)
    yield phrase("Follows from"), shown.linked_from.deal_id if shown.linked_from else ""
    yield phrase("Claims not applied"), shown.claims_not_applied or ""
    yield from shown.attributes.items()


def _gap_before(one: GapView) -> str:
    to = reader()
    return to.t(
        "{gap} from {since} to {until}", gap=signed(one.gap), since=to.time(one.since), until=to.time(one.until)
    )


def person(shown: PersonView | None) -> str:
    """A person by name and id."""
    if shown is None:
        return ""
    return shown.id if shown.name == shown.id else f"{shown.name} ({shown.id})"


def _nodes(shown: DealView) -> Iterator[tuple[object, ...]]:
    to = reader()
    stage = ""
    for node in shown.nodes:
        evidence = ", ".join(node.evidence)
        yield "" if node.stage == stage else node.stage, to.titled(node), _status(node), to.time(node.since), evidence
        stage = node.stage


def _missing(shown: DealView) -> Iterator[str]:
    """What is missing in the stage where the deal is."""
    to = reader()
    for node in shown.nodes:
        if node.stage == shown.stage.id and node.required and node.reasons:
            yield to.t("Missing for {node}:", node=to.titled(node))
            yield from (f"  {to.reason_of(node.id, reason)}" for reason in node.reasons)


def _status(node: NodeView) -> str:
    to = reader()
    if node.met_by:
        return to.t("met by {node}", node=node.met_by)
    said = phrase("open, proof lost") if node.lost else term("node", node.status)
    return to.t(said) if node.required else to.t("{status} (optional)", status=said)


def _standing(piece: EvidenceView) -> str:
    to, standing = reader(), term("evidence", piece.standing)
    if piece.counted_with:
        first = piece.counted_with[0]
        if not first.evidence:
            return to.t("set aside: counts with a piece that you do not see")
        return to.t("set aside: counts with {evidence} of {deal}", evidence=first.evidence, deal=first.deal)
    return to.t("{standing}, not confirmed", standing=standing) if piece.waits else to.t(standing)


def _parts(shown: DealView) -> None:
    to = reader()
    if shown.evidence:
        print_heading("Evidence")
        rows = [
            (
                one.id,
                to.title(one.kind, one.title),
                to.time(one.observed_at),
                _standing(one),
                one.author,
                _values(one),
            )
            for one in shown.evidence
        ]
        print_table(("Id", "Kind", "Observed", "Standing", "Author", "Fields"), rows, indent=2)
    milestones = [one for one in shown.milestones if one.at]
    if milestones:
        print_heading("Milestones")
        rows_of_milestones = [
            (m.stage, to.titled(m), to.time(m.at), to.t("withdrawn") if m.withdrawn else "") for m in milestones
        ]
        print_table(("Stage", "Milestone", "At", ""), rows_of_milestones, indent=2)
    if shown.steps:
        print_heading("Steps")
        steps = [
            (s.id, s.what, to.time(s.by), to.time(s.done_at) or to.t("overdue" if s.overdue else "planned"))
            for s in shown.steps
        ]
        print_table(("Id", "What", "Until", "Done"), steps, indent=2)


def _values(evidence: EvidenceView) -> str:
    to = reader()
    shown = {name: to.t(term("unreadable", str(value))) for name, value in evidence.fields.items()}
    shown |= {name: to.short(str(evidence.fields[name]), title) for name, title in evidence.chosen.items()}
    return ", ".join(f"{name}={said}" for name, said in shown.items())
