"""Whether everything holds that the store promises: every stream, command, notice and schedule row, while the system works."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, groupby
from typing import TypeVar

from dealflow.application.audit import stream_checks as checks
from dealflow.application.audit.rows import StoredEvent, StoredNotice, StoreRows
from dealflow.application.audit.seal_checks import SealCheck, Sealed
from dealflow.application.audit.stream_checks import RESTORE, Effect, ExpectedState, Finding, finding
from dealflow.application.audit.workflow_checks import Comparison
from dealflow.application.engine.asked_of_schedule import asked_of_schedule
from dealflow.application.ports.store import EventUnreadable, StoreUnreachable, said_of_key
from dealflow.application.processes.registry import Processes
from dealflow.application.repeated import keys_of
from dealflow.domain.deal.events import Recorded
from dealflow.domain.deal.evolve import last_known
from dealflow.domain.deal.state import Deal
from dealflow.domain.deal.stream import DEAL_STREAMS, deal_of, stream_of
from dealflow.domain.process.definition import ProcessDefinition, ProcessRef
from dealflow.domain.values.frozen import Frozen
from dealflow.domain.values.phrase import Phrase, as_phrase, phrase, phrase_of
from dealflow.domain.values.refusal import CommandRefused

T = TypeVar("T")
PAGE = 200
# So many are held in memory at a time, unless one stream alone has more.
EVENTS_AT_ONCE = 20_000
# The count is complete; the list is for people.
MOST_LISTED = 1000
_LOOKS = 5
_PAUSE_SECONDS = 0.1
DAMAGED = phrase(
    "`dealflow reconcile` writes anew what follows from the events; for the rest restore the database from a backup"
)


class Counted(Frozen):
    """How much was looked at."""

    streams: int = 0
    events: int = 0
    commands: int = 0
    schedules: int = 0
    notices: int = 0
    deals: int = 0  # in progress, and compared with their workflows
    faults: int = 0


class Checked(Frozen):
    """What does not hold, the first of it; `not_checked` says why the workflows could not be compared."""

    sound: bool
    counted: Counted
    findings: tuple[Finding, ...] = ()
    seal: Sealed = Sealed()
    not_checked: Phrase = as_phrase("")


class Invariants:
    """Reads the whole store, a page at a time; a stream that moves meanwhile is looked at again before it is called wrong."""

    def __init__(
        self,
        rows: StoreRows,
        processes: Processes,
        progress: Callable[[int, int], None] = lambda _done, _total: None,
        *,
        page: int = PAGE,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._rows, self._processes, self._progress = rows, processes, progress
        self._page, self._pause = page, pause
        self._counts = dict.fromkeys(("streams", "events", "commands", "schedules", "notices"), 0)

    def check(self, total_events: int) -> tuple[Counted, list[Finding]]:
        """Everything but the workflows, and the first findings; `total_events` is what the progress is told of."""
        found: list[Finding] = []
        faults = 0
        parts = {
            "rows": self._rows_damaged,
            "streams": lambda: self._streams(total_events),
            "schedule": self._schedules,
            "commands": self._commands,
            "notices": self._notices,
        }
        for each in chain.from_iterable(to_its_end(name, part) for name, part in parts.items()):
            faults += 1
            if len(found) < MOST_LISTED:
                found.append(each)
        return Counted(**self._counts, faults=faults), found

    def _streams(self, total: int) -> Iterator[Finding]:
        for page in self._pages(self._rows.streams, lambda row: row[0]):
            for group in _by_size(page):
                suspects = {each.stream for each in self._looked(group) if each.stream}
                for stream in sorted(suspects):
                    yield from self._look_again(stream)
                self._counts["streams"] += len(group)
                self._progress(self._counts["events"], max(total, self._counts["events"]))

    def _rows_damaged(self) -> Iterator[Finding]:
        for row in self._rows.damaged():
            if row.stream:
                yield finding("row", row.stream, row.says, DAMAGED, row.version)
                continue
            says = phrase("row {key} of {table}: {says}", key=row.key, table=row.table, says=row.says)
            yield Finding(check="row", says=says, do=DAMAGED)

    def _look_again(self, stream: str) -> list[Finding]:
        """What is found in every look, the last of them at a stream that stood still."""
        found: list[Finding] = []
        for look in range(_LOOKS):
            if look:
                self._pause(_PAUSE_SECONDS)
            before = self._rows.heads([stream])
            now = self._looked([stream], counted=False)
            found = [each for each in now if look == 0 or _same(each) in {_same(one) for one in found}]
            if not found or self._rows.heads([stream]) == before:
                break
        return found

    def _looked(self, streams: Sequence[str], *, counted: bool = True) -> list[Finding]:
        """The same, one by one where one of them cannot be read at all."""
        try:
            return self._look(streams, counted=counted)
        except (TypeError, ValueError, OverflowError, AttributeError) as error:
            if len(streams) > 1:
                return [each for stream in streams for each in self._looked([stream], counted=counted)]
            says = phrase("the rows of {stream} cannot be read: {error}", stream=streams[0], error=_said(error))
            return [finding("chain", streams[0], says, RESTORE)]

    def _look(self, streams: Sequence[str], *, counted: bool = True) -> list[Finding]:
        """These streams with what was written beside them. Events first: what is read after them is never older."""
        events = self._rows.events(streams)
        if counted:
            self._counts["events"] += len(events)
        by_stream = {stream: list(group) for stream, group in groupby(events, key=lambda event: event.stream)}
        found: list[Finding] = []
        whole: dict[str, list[Recorded]] = {}
        for stream, own in by_stream.items():
            faults = list(checks.chain_faults(own))
            found += faults
            # Of a stream that is damaged everything else would be wrong as well.
            if not faults:
                whole[stream] = [event.recorded for event in own if event.recorded]
        stamps = (r.stamp for recorded in whole.values() for r in recorded if checks.has_row(r.stamp))
        keys = {key for stamp in stamps for key in keys_of(stamp.actor, stamp.command_id)}
        rows = {row.key: row for row in self._rows.commands_of(sorted(keys))}
        for stream in whole:
            found += checks.row_faults(by_stream[stream], rows)
        return found + self._deals(
            {stream: known for stream, known in whole.items() if stream.startswith(DEAL_STREAMS)}
        )

    def _deals(self, streams: dict[str, list[Recorded]]) -> list[Finding]:
        found: list[Finding] = []
        deals: list[tuple[Deal, ExpectedState]] = []
        for stream, recorded in streams.items():
            deal, asked, fault = self._folded(stream, recorded)
            found += [fault] if fault else []
            if deal:
                deals.append((deal, asked))
                found += checks.state_faults(deal)
        wanted = [known for recorded in streams.values() if (known := asked_of_schedule(recorded))]
        rows = {row.deal_id: row for row in self._rows.schedule_of([known.deal_id for known in wanted])}
        found += [fault for known in wanted if (fault := checks.schedule_fault(known, rows.get(known.deal_id)))]
        return found + self._missing(deals)

    def _missing(self, deals: Sequence[tuple[Deal, ExpectedState]]) -> list[Finding]:
        """What these deals have asked for, and what is not there."""
        told = self._rows.notice_keys(sorted({key for _, asked in deals for key in asked.notices}))
        opened = self._rows.heads(sorted({stream_of(linked) for _, asked in deals for linked in asked.linked}))
        notices = [
            checks.notice_missing(deal, key, version)
            for deal, asked in deals
            for key, version in asked.notices.items()
            if key not in told
        ]
        linked = [
            checks.linked_missing(deal, linked, version)
            for deal, asked in deals
            for linked, version in asked.linked.items()
            if stream_of(linked) not in opened
        ]
        return notices + linked

    def _folded(self, stream: str, recorded: Sequence[Recorded]) -> tuple[Deal | None, ExpectedState, Finding | None]:
        try:
            deal, asked = checks.folded(recorded, self._definition)
        except (KeyError, CommandRefused, EventUnreadable) as error:
            why = (
                phrase("it tells of a stall that was never recorded")
                if isinstance(error, KeyError)
                else as_phrase(str(error))
            )
            says = phrase("{stream} cannot be followed: {why}", stream=stream, why=why)
            do = phrase("report it, with `dealflow deal history` of the deal")
            return None, ExpectedState({}), finding("state", stream, says, do)
        if deal is None and last_known(recorded) is None:
            says = phrase("{stream} does not begin with the opening of a deal", stream=stream)
            return None, asked, finding("state", stream, says, RESTORE, 1)
        return deal, asked, None

    def _definition(self, ref: ProcessRef) -> ProcessDefinition:
        return self._processes.get(ref).definition

    def _schedules(self) -> Iterator[Finding]:
        for page in self._pages(self._rows.schedule, lambda row: row.deal_id):
            self._counts["schedules"] += len(page)
            heads = self._rows.heads([stream_of(row.deal_id) for row in page])
            for row in page:
                if stream_of(row.deal_id) not in heads:
                    says = phrase("the schedule has deal {deal}, which has no events", deal=row.deal_id)
                    yield finding("schedule", stream_of(row.deal_id), says, RESTORE)

    def _commands(self) -> Iterator[Finding]:
        for page in self._pages(self._rows.commands, lambda row: row.key):
            self._counts["commands"] += len(page)
            effects: dict[str, Effect | None] = {}
            for row in page:
                try:
                    effects[row.key] = checks.effect_of(row)
                except (TypeError, ValueError):
                    says = phrase("the answer of command {command} cannot be read", command=said_of_key(row.key))
                    yield Finding(check="command", says=says, do=RESTORE)
            places = {(one.stream, version) for one in effects.values() if one for version in (one.first, one.last)}
            there = {(event.stream, event.version): event for event in self._rows.events_at(sorted(places))}
            for row in page:
                if fault := checks.effect_fault(row, effects.get(row.key), there):
                    yield fault

    def _notices(self) -> Iterator[Finding]:
        for page in self._pages(self._rows.notices, lambda notice: notice.key):
            self._counts["notices"] += len(page)
            yield from checks.notice_faults(page, self._asked(page))

    def _asked(self, notices: Sequence[StoredNotice]) -> dict[str, ExpectedState]:
        """What the deals of these notices ask for; those that cannot be followed were named before."""
        streams = sorted({stream_of(notice.deal_id) for notice in notices if notice.deal_id})
        events = (event for some in _by_size(self._rows.heads(streams).items()) for event in self._rows.events(some))
        asked: dict[str, ExpectedState] = {deal_of(name): ExpectedState({}) for name in streams}
        for stream, group in groupby(events, key=lambda event: event.stream):
            own: list[StoredEvent] = list(group)
            recorded = [event.recorded for event in own if event.recorded]
            _, known, fault = self._folded(stream, recorded)
            deal_id = deal_of(stream)
            if fault or len(recorded) < len(own):
                del asked[deal_id]
            else:
                asked[deal_id] = known
        return asked

    def _pages(self, read: Callable[[str, int], list[T]], key: Callable[[T], str]) -> Iterator[list[T]]:
        after = ""
        while page := read(after, self._page):
            yield page
            after = key(page[-1])


def to_its_end(name: str, part: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    """What a part finds; where damage ends it, that is a finding as well, and the other parts go on."""
    try:
        yield from part()
    except EventUnreadable as error:
        yield finding("row", error.stream, phrase_of(error), DAMAGED, error.version)
    except StoreUnreachable:
        raise
    except Exception as error:  # noqa: BLE001  whatever stands in the rows, it is told and not thrown
        says = phrase("the {name} could not be checked to their end: {error}", name=name, error=_said(error))
        yield Finding(check="row", says=says, do=DAMAGED)


def _said(error: Exception) -> str:
    """The kind of an error: its text may show the value that was met."""
    return type(error).__name__


def checked(counted: Counted, found: Sequence[Finding], seal: SealCheck, compared: Comparison) -> Checked:
    """The answer of the whole check: what the store says, what its seal says, and what the workflows add."""
    more = [*to_its_end("seals", seal.check), *compared.findings]
    counted = counted.model_copy(update={"deals": compared.deals, "faults": counted.faults + len(more)})
    return Checked(
        sound=not counted.faults and not compared.failed,
        counted=counted,
        findings=tuple([*found, *more][:MOST_LISTED]),
        seal=seal.sealed,
        not_checked=compared.failed,
    )


def _same(one: Finding) -> tuple[str, str | None, int | None]:
    # Not the text, which names versions of a stream that moves.
    return one.check, one.stream, one.version if one.check in ("chain", "command", "keys", "notice") else None


def _by_size(streams: Iterable[tuple[str, int]]) -> Iterator[list[str]]:
    """Groups of streams that are small enough to be read together."""
    group: list[str] = []
    size = 0
    for name, events in streams:
        if group and size + events > EVENTS_AT_ONCE:
            yield group
            group, size = [], 0
        group.append(name)
        size += events
    if group:
        yield group
