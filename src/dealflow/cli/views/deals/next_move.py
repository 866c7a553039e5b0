"""`deal next` as a person reads it."""

from collections.abc import Iterable, Iterator

from dealflow.application.reading.deal_parts.acts import MilestoneView, StepView
from dealflow.application.reading.deal_parts.ladder import RungView
from dealflow.application.reading.deal_parts.named import PersonView
from dealflow.application.reading.deal_parts.nodes import NodeView
from dealflow.application.reading.deal_parts.tracks import TracksView
from dealflow.application.reading.next_move import NextClockView, NextMove
from dealflow.cli.output import print_json, reader, say
from dealflow.cli.views.deals.amount import amount_waits_line
from dealflow.cli.views.deals.board import signed
from dealflow.cli.views.deals.deal import clock_name
from dealflow.cli.views.deals.lost_proofs import lost_proof_lines
from dealflow.cli.views.deals.unreadable import wrong_line
from dealflow.wording.terms import term


def print_next_move(move: NextMove) -> int:
    """Print what is missing to move on."""
    to = reader()
    if to.json:
        print_json(move)
        return 0
    say(f"{move.deal_id}  {to.short(move.title, {})}")
    say(to.t("Stage: {stage}", stage=to.titled(move.stage)))
    print_needs(move)
    return 0


def print_needs(move: NextMove) -> None:
    """Print what lets the deal leave its stage, and the deadlines behind it."""
    for line in _lines(move):
        say(line)


def _lines(move: NextMove) -> Iterator[str]:
    to = reader()
    if move.wrong:
        yield wrong_line(move.wrong)
    yield from lost_proof_lines(move.proof_lost)
    if move.amount_waits:
        yield amount_waits_line(move.amount_waits)
    if not move.in_progress and move.proof_lost:
        return
    if not move.in_progress:
        yield to.t("The deal's life has ended ({outcome}); nothing is missing.", outcome=term("outcome", move.outcome))
        return
    goal = to.titled(move.to) if move.to else to.t("the end of the deal's life")
    if move.ready:
        yield to.t("Nothing is missing; the deal moves to {goal} as soon as a worker looks.", goal=goal)
        if move.tracks.gap:
            yield _gap(move.tracks)
        yield from _earlier(move)
        return
    if move.tracks.gap:
        yield _gap(move.tracks)
    yield to.t("Needed to move on to {goal}:", goal=goal)
    yield from _nodes(move.missing)
    yield from _milestones(move.milestones)
    if move.any_of:
        yield "  " + to.t("any one of")
        yield from _nodes(move.any_of, "    ")
    if move.closes_at:
        yield "  " + to.t("or nothing: the stage ends by itself at {at}", at=to.time(move.closes_at))
    yield from _earlier(move)
    yield from _steps(move.steps)
    for clock in move.clocks:
        yield from _clock(clock)


def _gap(tracks: TracksView) -> str:
    """Who is how far ahead: the seller of the customer, or the customer of the seller."""
    to = reader()
    assert tracks.customer_stage is not None  # without it there is no gap
    return to.t(
        "Gap {gap}, since {since}: the seller stands at {standing}, the customer at {customer_stage}.",
        gap=signed(tracks.gap),
        since=to.time(tracks.gap_since),
        standing=to.titled(tracks.standing),
        customer_stage=to.titled(tracks.customer_stage),
    )


def _earlier(move: NextMove) -> Iterator[str]:
    """What an earlier stage left open, or has open again."""
    if move.earlier:
        yield reader().t("The customer still stands in an earlier stage; not passed there:")
        yield from _nodes(move.earlier)


def _nodes(nodes: Iterable[NodeView], indent: str = "  ") -> Iterator[str]:
    to = reader()
    for node in nodes:
        # An open node to which nothing has happened has no such time.
        again = to.t("{node}, open again", node=to.titled(node)) if node.since else to.titled(node)
        yield f"{indent}- {again}"
        yield from (f"{indent}    {to.reason_of(node.id, reason)}" for reason in node.reasons)
        if node.playbook:
            yield f"{indent}    " + to.t("Playbook: {advice}", advice=to.short("", node.playbook))


def _milestones(milestones: Iterable[MilestoneView]) -> Iterator[str]:
    to = reader()
    for milestone in milestones:
        yield "  - " + to.t("milestone {name}", name=to.titled(milestone))


def _steps(steps: Iterable[StepView]) -> Iterator[str]:
    to = reader()
    for step in steps:
        plan = {"by": to.time(step.by), "what": to.short(step.what, {}), "id": step.id}
        if step.overdue:
            yield to.t("Planned for {by}, overdue: {what} ({id})", **plan)
        else:
            yield to.t("Planned for {by}: {what} ({id})", **plan)


def _clock(clock: NextClockView) -> Iterator[str]:
    to = reader()
    measure = {"clock": clock_name(clock), "due": to.time(clock.due_at), "limit": to.length(clock.limit)}
    said = (
        to.t("{clock} ran out at {due} (limit {limit})", **measure)
        if clock.run_out
        else to.t("{clock} runs out at {due} (limit {limit})", **measure)
    )
    said = to.t("{said}, granted by a person", said=said) if clock.granted else said
    yield to.t("{said}, provisional", said=said) if clock.provisional else said
    if clock.warn_at and not clock.warned and not clock.run_out:
        people = _people(clock.warns) or to.t("nobody")
        yield "  " + to.t("warned at {at}: {people}", at=to.time(clock.warn_at), people=people)
    for rung in clock.ladder:
        yield f"  {_rung(rung)}"
        for told in rung.later:
            yield "  " + to.t("told at {at}: {people}", at=to.time(told.at), people=_people(told.people))


def _rung(rung: RungView) -> str:
    to = reader()
    at = to.time(rung.at)
    people = _people(rung.people) or to.t("nobody ({places})", places=[term("role", place) for place in rung.places])
    if rung.at is None:
        return to.t("then told, when cannot be said: {people}", people=people)
    if rung.reached:
        return to.t("told at {at}: {people}", at=at, people=people)
    if rung.computed:
        return to.t("then told at {at} by today's calendar: {people}", at=at, people=people)
    return to.t("then told at {at}: {people}", at=at, people=people)


def _people(people: Iterable[PersonView]) -> str:
    named = (person.name if person.name == person.id else f"{person.name} ({person.id})" for person in people)
    return reader().listed(named)
