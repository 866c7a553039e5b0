"""What must hold of one stream and of the rows that were written with it: pure checks, each fault with what to do."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import groupby
from typing import Literal

from pydantic import ValidationError

from dealflow.application.audit.rows import StoredEvent, StoredNotice
from dealflow.application.commands.answers import Answer, CustomerDone, SealDone, TokenDone
from dealflow.application.engine.asked_of_schedule import AskedOfSchedule
from dealflow.application.engine.reschedule import sleeps_too_long
from dealflow.application.house.versions import BY_THE_HOUSE, HouseLoaded
from dealflow.application.ports.schedule import Scheduled
from dealflow.application.ports.store import CommandRow, said_of_key
from dealflow.application.processes.published import PROCESS_STREAMS, Published
from dealflow.application.repeated import keys_of
from dealflow.domain.customer.stream import KEYS_STREAM, stream_of_subject
from dealflow.domain.deal import events as e
from dealflow.domain.deal.evolve import evolve
from dealflow.domain.deal.state import Deal, clock_key
from dealflow.domain.deal.stream import DEAL_STREAMS, deal_of, stream_of
from dealflow.domain.escalation.notice import notice_key
from dealflow.domain.escalation.notices_of import notices_of
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.process.definition import ProcessDefinition, ProcessRef
from dealflow.domain.token.stream import token_stream
from dealflow.domain.values.frozen import Frozen
from dealflow.domain.values.phrase import Phrase, phrase
from dealflow.domain.values.unreadable import LOST

Check = Literal[
    "chain", "command", "customer", "keys", "notice", "row", "schedule", "seal", "state", "value", "views", "workflow"
]
_NOTIFYING = (e.WarningGiven, e.RungReached, e.EscalationDecided, e.ProofLost, e.OwnerChanged)
RESTORE = phrase("a program other than dealflow has changed the database: restore it from a backup")
_NOBODY = Organisation()


class Finding(Frozen):
    """Something that does not hold, where, and what to do about it."""

    check: Check
    stream: str | None = None
    version: int | None = None
    deal_id: str | None = None
    says: Phrase
    do: Phrase


def finding(check: Check, stream: str, says: Phrase, do: Phrase, version: int | None = None) -> Finding:
    """A fault of this stream, and of the deal whose stream it is."""
    deal_id = deal_of(stream) if stream.startswith(DEAL_STREAMS) else None
    return Finding(check=check, stream=stream, version=version, deal_id=deal_id, says=says, do=do)


def chain_faults(events: Sequence[StoredEvent]) -> Iterator[Finding]:
    """One stream's events have the versions from 1 on, can be read, and each carries the digest of the one before."""
    expected, before = 1, ""
    for event in events:
        if event.version != expected:
            says = (
                phrase("event {version} of {stream} is not there", version=expected, stream=event.stream)
                if event.version == expected + 1
                else phrase(
                    "events {first} to {last} of {stream} are not there",
                    first=expected,
                    last=event.version - 1,
                    stream=event.stream,
                )
            )
            yield finding("chain", event.stream, says, RESTORE, expected)
        elif event.previous != before:
            says = phrase(
                "event {version} of {stream} does not carry the digest of its predecessor: one of the two was altered",
                version=event.version,
                stream=event.stream,
            )
            yield finding("chain", event.stream, says, RESTORE, event.version)
        if event.fault:
            do = phrase("upgrade dealflow where a newer one wrote it; otherwise restore the database from a backup")
            yield finding("chain", event.stream, event.fault, do, event.version)
        elif event.recorded and (lost := lost_values(event.recorded.fact)):
            says = phrase(
                "event {version} of {stream} has values that cannot be read, since their key is missing: {fields}",
                version=event.version,
                stream=event.stream,
                fields=", ".join(lost),
            )
            do = phrase("put back keys that have it; `dealflow doctor` says whose keys are missing")
            yield finding("keys", event.stream, says, do, event.version)
        expected, before = event.version + 1, event.digest


def lost_values(fact: e.Fact) -> list[str]:
    """The places in a fact of which only the word for a lost value can be read."""
    fields, customer = getattr(fact, "fields", {}), getattr(fact, "customer", None)
    found = [f"fields.{name}" for name in getattr(fact, "personal", ()) if fields.get(name) == LOST]
    return [*found, *(["customer.name"] if customer is not None and customer.name == LOST else [])]


@dataclass(frozen=True, slots=True)
class Effect:
    """Where a command's events stand by its own answer: the versions from `first` to `last`; None where it made none."""

    stream: str
    first: int
    last: int


def effect_of(row: CommandRow) -> Effect | None:
    """What the answer says of its effect; raise ValueError for one that cannot be read."""
    try:
        answer = Answer.model_validate_json(row.answer)
    except ValidationError:
        return _effect_beside_deals(row)
    first = answer.version - len(answer.facts) + 1
    return Effect(stream_of(answer.deal_id), first, answer.version) if answer.facts else None


def _effect_beside_deals(row: CommandRow) -> Effect:
    with suppress(ValidationError):
        done = CustomerDone.model_validate_json(row.answer)
        return Effect(stream_of_subject(done.customer), done.version - len(done.customer_facts) + 1, done.version)
    with suppress(ValidationError):
        of_token = TokenDone.model_validate_json(row.answer)
        return Effect(token_stream(of_token.token_id), of_token.version, of_token.version)
    with suppress(ValidationError):
        loaded = HouseLoaded.model_validate_json(row.answer)
        return Effect(loaded.stream, loaded.version, loaded.version)
    with suppress(ValidationError):
        of_seal = SealDone.model_validate_json(row.answer)
        return Effect(KEYS_STREAM, of_seal.version, of_seal.version)
    published = Published.model_validate_json(row.answer)
    at = published.event or published.version
    return Effect(PROCESS_STREAMS + published.process, at, at)


def row_faults(events: Sequence[StoredEvent], rows: Mapping[str, CommandRow]) -> Iterator[Finding]:
    """Every command that has events in this stream was accepted, and has them once, where its answer says."""
    named = [event.recorded for event in events if event.recorded and has_row(event.recorded.stamp)]
    by_command: dict[tuple[str, str], list[int]] = {}
    for recorded in named:
        by_command.setdefault((recorded.stamp.actor, recorded.stamp.command_id), []).append(recorded.stamp.version)
    stream = events[0].stream if events else ""
    for (actor, command_id), versions in by_command.items():
        row = next((rows[key] for key in keys_of(actor, command_id) if key in rows), None)
        if row is None:
            says = phrase(
                "event {version} of {stream} is of command {command}, which the store has not accepted",
                version=versions[0],
                stream=stream,
                command=command_id,
            )
            yield finding("command", stream, says, RESTORE, versions[0])
            continue
        try:
            effect = effect_of(row)
        except ValueError:
            continue  # said of the command itself
        wanted = list(range(effect.first, effect.last + 1)) if effect and effect.stream == stream else []
        if versions != wanted:
            says = phrase(
                "command {command} has the events {versions} of {stream}; its answer tells of {wanted}",
                command=command_id,
                versions=str(versions),
                stream=stream,
                wanted=str(wanted),
            )
            yield finding("command", stream, says, RESTORE, versions[0])


def has_row(stamp: e.Stamp) -> bool:
    """Whether somebody gave a command: what was due, imported, taken back with an import, read from a
    file of the house, or followed from another deal has no row.
    """
    by_itself = stamp.cause in ("progress", "import", "undo") or stamp.cause.startswith(BY_THE_HOUSE)
    return not by_itself and not stamp.is_of_another_deal


def effect_fault(
    row: CommandRow, effect: Effect | None, there: Mapping[tuple[str, int], StoredEvent]
) -> Finding | None:
    """An accepted command has its events; `there` holds the first and the last of them where they exist."""
    if effect is None:
        return None
    for version in (effect.first, effect.last):
        event = there.get((effect.stream, version))
        named: dict[str, str | int] = {"command": said_of_key(row.key), "version": version, "stream": effect.stream}
        if event is None:
            says = phrase("command {command} was accepted, but its event {version} of {stream} is not there", **named)
        elif event.recorded and row.key not in keys_of(event.recorded.stamp.actor, event.recorded.stamp.command_id):
            says = phrase(
                "command {command} was accepted, but event {version} of {stream} is of another command", **named
            )
        else:
            continue
        return finding("command", effect.stream, says, RESTORE, version)
    return None


def schedule_fault(asked: AskedOfSchedule, row: Scheduled | None) -> Finding | None:
    """The deal's row says what its stream says."""
    do = phrase("`dealflow reconcile` writes it anew")
    stream = stream_of(asked.deal_id)
    if row is None:
        return finding(
            "schedule", stream, phrase("deal {deal} has no row in the schedule", deal=asked.deal_id), do, asked.version
        )
    if row.version > asked.version:
        says = phrase(
            "the schedule knows deal {deal} at version {version}, its stream ends at {last}",
            deal=asked.deal_id,
            version=row.version,
            last=asked.version,
        )
        return finding("schedule", stream, says, RESTORE, row.version)
    ahead = max(row.wake_version, row.signalled_version, row.seen_version)
    if ahead > row.version:
        # What is said to be seen is never woken again, and what can never be seen is woken for ever.
        says = phrase(
            "the schedule of deal {deal} speaks of version {version}, its stream ends at {last}",
            deal=asked.deal_id,
            version=ahead,
            last=asked.version,
        )
        return finding("schedule", stream, says, do, row.version)
    pairs = {
        "version": (row.version, asked.version),
        "run": (row.run, asked.run),
        "opening": (row.opening, asked.opening),
        "in progress": (row.in_progress, asked.in_progress),
        "next due": (row.next_due, asked.next_due),
    }
    differing = [
        phrase("{column} {has} instead of {expected}", column=name, has=str(has), expected=str(said))
        for name, (has, said) in pairs.items()
        if has != said
    ]
    if not differing and sleeps_too_long(row, asked.next_due):
        at = str(row.armed_at) if row.armed_at else phrase("no instant")
        says = phrase(
            "the workflow of deal {deal} is said to wait for {at}, and its next deadline is {due}",
            deal=asked.deal_id,
            at=at,
            due=str(asked.next_due),
        )
        return finding("schedule", stream, says, do, asked.version)
    if not differing:
        return None
    says = phrase("the schedule of deal {deal} has {differing}", deal=asked.deal_id, differing=differing)
    return finding("schedule", stream, says, do, asked.version)


def state_faults(deal: Deal) -> Iterator[Finding]:
    """What the fold of a stream can never come to."""
    do = phrase("report it as a fault of dealflow, with `dealflow deal history` of the deal")
    stream = stream_of(deal.id)
    if not deal.in_progress and deal.clocks:
        says = phrase("deal {deal} is closed, and its clock {clock} runs", deal=deal.id, clock=sorted(deal.clocks))
        yield finding("state", stream, says, do, deal.version)
    if not deal.in_progress and deal.open_stalls:
        says = phrase("deal {deal} is closed, and stall {stall} is open", deal=deal.id, stall=deal.open_stalls[0].id)
        yield finding("state", stream, says, do, deal.version)
    yield from _lost_proof_faults(deal)
    episodes = [(stall.visit, clock_key(stall.clock, stall.node), stall.episode) for stall in deal.open_stalls]
    for visit, clock, episode in sorted({each for each in episodes if episodes.count(each) > 1}):
        says = phrase(
            "deal {deal} has several open stalls of clock {clock}, visit {visit}, episode {episode}",
            deal=deal.id,
            clock=clock,
            visit=visit,
            episode=episode,
        )
        yield finding("state", stream, says, do, deal.version)


def _lost_proof_faults(deal: Deal) -> Iterator[Finding]:
    """While a deal is in progress each proof that is lost has its clock, and no other node has one."""
    do = phrase("report it as a fault of dealflow, with `dealflow deal history` of the deal")
    timed = {clock.node for clock in deal.clocks.values() if clock.node}
    for node in sorted(timed.symmetric_difference(deal.lost if deal.in_progress else ())):
        says = (
            phrase("deal {deal} has a clock for the lost proof of {node}, which is not lost", deal=deal.id, node=node)
            if node in timed
            else phrase("deal {deal} has lost the proof of {node}, and no clock runs for it", deal=deal.id, node=node)
        )
        yield finding("state", stream_of(deal.id), says, do, deal.version)


@dataclass(frozen=True, slots=True)
class ExpectedState:
    """What a deal's events ask for beside themselves, each with its version; `perhaps` depends on who was in the house then."""

    notices: Mapping[str, int]  # by key
    perhaps: frozenset[str] = frozenset()
    linked: Mapping[str, int] = field(default_factory=dict)  # by deal id


def folded(
    recorded: Sequence[e.Recorded], process_of: Callable[[ProcessRef], ProcessDefinition]
) -> tuple[Deal | None, ExpectedState]:
    """The deal, and the notices of each append as they were to be written with it; raise KeyError for an unknown stall."""
    deal: Deal | None = None
    asked: dict[str, int] = {}
    perhaps: set[str] = set()
    linked: dict[str, int] = {}
    for _, group in groupby(recorded, key=lambda one: (one.stamp.command_id, one.stamp.recorded_at)):
        append = list(group)
        for one in append:
            deal = evolve(deal, one.fact, one.stamp)
            if isinstance(one.fact, e.LinkedDealDue):
                linked.setdefault(one.fact.linked_deal_id, one.stamp.version)
        notifying = [one for one in append if isinstance(one.fact, _NOTIFYING)]
        if deal is None or not notifying:
            continue
        process = process_of(deal.process)
        together = notices_of([one.fact for one in notifying], deal, process, _NOBODY, append[-1].stamp.recorded_at)
        written = {notice.key for notice in together}
        for one in notifying:
            # Nobody: whether the owner was in the house when the stall was decided is not on record.
            notices = notices_of([one.fact], deal, process, _NOBODY, one.stamp.recorded_at)
            asked.update((notice.key, one.stamp.version) for notice in notices if notice.key in written)
            if isinstance(one.fact, e.EscalationDecided) and deal.owner:
                perhaps.add(notice_key(one.fact.stall_id, "decided", 0, deal.owner, deal.run))
    return deal, ExpectedState(asked, frozenset(perhaps), linked)


def linked_missing(deal: Deal, linked: str, version: int) -> Finding:
    """A deal was opened that is not there."""
    says = phrase(
        "event {version} of deal {deal} opened deal {linked}, which has no events",
        version=version,
        deal=deal.id,
        linked=linked,
    )
    return finding("chain", stream_of(deal.id), says, RESTORE, version)


def notice_missing(deal: Deal, key: str, version: int) -> Finding:
    """Somebody was to be told, and there is no such entry."""
    says = phrase(
        "event {version} of deal {deal} asks for notice {notice}, which is not in the outbox",
        version=version,
        deal=deal.id,
        notice=key,
    )
    do = phrase("tell them yourself (`dealflow deal history {deal}`)", deal=deal.id)
    return finding("notice", stream_of(deal.id), says, do, version)


def notice_faults(notices: Iterable[StoredNotice], asked: Mapping[str, ExpectedState]) -> Iterator[Finding]:
    """Each entry is delivered, waits, is held or was given up with a reason, and an event asks for it."""
    for notice in notices:
        says = _entry_fault(notice)
        known = asked.get(notice.deal_id)
        if not says and known and notice.key not in known.notices and notice.key not in known.perhaps:
            says = phrase("no event asks for it")
        if says:
            said = phrase("notice {notice}: {says}", notice=notice.key, says=says)
            yield finding("notice", stream_of(notice.deal_id), said, RESTORE)


def _entry_fault(notice: StoredNotice) -> Phrase | None:
    if notice.fault:
        return notice.fault
    match notice.state:
        case "waiting" if notice.batch and not notice.batch_known:
            return phrase("it waits for batch {batch}, which is not there", batch=notice.batch)
        case "delivered" if not notice.is_dated:
            return phrase("it was delivered, but when and by which channel is not said")
        case "abandoned" | "superseded" if not notice.last_error:
            return phrase("it was given up without a reason")
        case "waiting" | "delivered" | "abandoned" | "superseded":
            return None
    return phrase("its state {state} is not known", state=repr(notice.state))
