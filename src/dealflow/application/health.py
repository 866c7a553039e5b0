"""The state of an installation: what was found, and what of it is wrong, each problem with what to do about it."""

from collections.abc import Iterator
from datetime import timedelta

from pydantic import AwareDatetime

from dealflow.domain.model import Frozen

# A wake or a notice that is younger may just be under way.
PATIENCE = timedelta(minutes=1)
# A view that is a page behind is about to catch up.
LAG_OF_NOTE = 5_000


class Setting(Frozen):
    """One setting without its secrets, and where it comes from."""

    name: str
    value: str
    source: str


class StoreState(Frozen):
    """`error` says why the store cannot be used; then nothing else is known of it."""

    place: str
    error: str = ""
    schema_version: int | None = None
    events: int | None = None
    last_position: int | None = None
    deals: int | None = None
    in_progress: int | None = None
    keys: str = ""


class PeopleState(Frozen):
    """`unreachable` are people none of whose channels can ever take a message, each with the reason."""

    file: str
    declared: bool = False
    people: int = 0
    problems: tuple[str, ...] = ()
    unreachable: dict[str, str] = {}


class CalendarState(Frozen):
    """`provisional_from` is the first year, of this one and the next, whose make-up days are not announced yet."""

    name: str
    version: str
    provisional_from: int | None = None


class TemporalState(Frozen):
    """The server as it answered; `found` says where its address comes from, "" when there is none."""

    address: str = ""
    found: str = ""
    error: str = ""
    version: str = ""
    namespace: str = ""
    queue: str = ""
    workers: int | None = None
    deal_workflows: int | None = None
    person_workflows: int | None = None


class WorkState(Frozen):
    """What waits for a workflow to look: wakes that did not arrive, and timers that should have fired."""

    waiting_wakes: int = 0
    oldest_wake: AwareDatetime | None = None
    overdue: int = 0
    oldest_overdue: AwareDatetime | None = None


class OutboxState(Frozen):
    """Notices by state; `oldest_due` is the earliest instant at which one of those waiting may be told.

    A digest gathers for `gather_minutes` more.
    """

    waiting: int = 0
    delivered: int = 0
    abandoned: int = 0
    held: int = 0
    oldest_due: AwareDatetime | None = None
    gather_minutes: float = 0.0


class ViewState(Frozen):
    """How far the board has followed the log, and the deals that it could not take in."""

    position: int = 0
    head: int = 0
    faults: tuple[str, ...] = ()


class Problem(Frozen):
    """Something that is wrong, in which part, and what to do about it."""

    part: str
    says: str
    do: str


class Health(Frozen):
    """Everything that was found at one instant; a part is None when it could not be looked at."""

    at: AwareDatetime
    version: str
    home: str
    embedded: str = ""  # who runs `dealflow up` here
    settings: tuple[Setting, ...] = ()
    unknown_settings: tuple[str, ...] = ()
    store: StoreState
    people: PeopleState
    calendars: tuple[CalendarState, ...] = ()
    calendar_problems: tuple[str, ...] = ()
    notice_problems: tuple[str, ...] = ()
    processes: tuple[str, ...] = ()
    temporal: TemporalState
    work: WorkState | None = None
    outbox: OutboxState | None = None
    views: ViewState | None = None


class Examined(Frozen):
    """What `doctor` answers."""

    healthy: bool
    problems: tuple[Problem, ...]
    advice: tuple[Problem, ...]
    found: Health


def examined(found: Health) -> Examined:
    """Judge what was found; advice is what may be meant so."""
    problems = (*_store_problems(found), *_people_problems(found.people), *_temporal_problems(found))
    problems += (*_work_problems(found), *_notice_problems(found), *_outbox_problems(found), *_view_problems(found))
    return Examined(healthy=not problems, problems=problems, advice=tuple(_advice(found)), found=found)


def _store_problems(found: Health) -> Iterator[Problem]:
    if found.store.error:
        yield Problem(
            part="store",
            says=found.store.error,
            do="check DEALFLOW_HOME and DEALFLOW_DATABASE_URL; `dealflow process publish` makes a store where there is none",
        )
    for problem in found.calendar_problems:
        yield Problem(part="calendars", says=problem, do="correct the file; no command works until then")


def _people_problems(people: PeopleState) -> Iterator[Problem]:
    for problem in people.problems:
        yield Problem(part="people", says=problem, do="correct the file; until then the last good version counts")
    for person, why in people.unreachable.items():
        yield Problem(
            part="people",
            says=f"{person} cannot be reached: {why}",
            do=f"correct the channels of {person} in {people.file}, then try `dealflow notify test {person}`",
        )


def _temporal_problems(found: Health) -> Iterator[Problem]:
    temporal = found.temporal
    if temporal.error:
        yield Problem(
            part="temporal",
            says=temporal.error,
            do="start `dealflow up` in another terminal, or set DEALFLOW_TEMPORAL_ADDRESS; evidence is kept meanwhile",
        )
        return
    if temporal.workers == 0:
        yield Problem(
            part="worker",
            says=f"no worker polls the queue '{temporal.queue}' in namespace '{temporal.namespace}'",
            do="start `dealflow up`, or `dealflow worker` where Temporal runs elsewhere; deals do not move meanwhile",
        )
    in_progress, workflows = found.store.in_progress, temporal.deal_workflows
    starting = found.work is not None and found.work.waiting_wakes > 0
    if in_progress is not None and workflows is not None and workflows < in_progress and not starting:
        yield Problem(
            part="temporal",
            says=f"{in_progress} deals are in progress, but only {workflows} have a workflow",
            do="run `dealflow reconcile`, which says what differs and brings the missing ones back",
        )


def _work_problems(found: Health) -> Iterator[Problem]:
    work = found.work
    if work is None:
        return
    if work.oldest_wake is not None and found.at - work.oldest_wake > PATIENCE:
        yield Problem(
            part="relay",
            says=f"{work.waiting_wakes} deals wait to be woken, the oldest since {work.oldest_wake:%Y-%m-%d %H:%M:%S} UTC",
            do="see that a relay runs (`dealflow up`, or `dealflow relay`) and that Temporal answers",
        )
    if work.overdue:
        assert work.oldest_overdue is not None
        yield Problem(
            part="worker",
            says=f"{work.overdue} deals should have been looked at, the oldest at {work.oldest_overdue:%Y-%m-%d %H:%M:%S} UTC",
            do="see that a worker runs; the relay wakes these deals again, and nothing is lost",
        )


def _notice_problems(found: Health) -> Iterator[Problem]:
    for problem in found.notice_problems:
        yield Problem(
            part="notices", says=problem, do="correct the file, or remove it; the shipped text goes out meanwhile"
        )


def _outbox_problems(found: Health) -> Iterator[Problem]:
    outbox = found.outbox
    if outbox is None:
        return
    if outbox.abandoned:
        yield Problem(
            part="outbox",
            says=f"{outbox.abandoned} notices were given up: no channel of their recipients takes them",
            do="look for notice.abandoned in the log, and correct the channels in people.yaml; what they told stands in"
            " `dealflow escalation list`",
        )
    if outbox.held:
        yield Problem(
            part="outbox",
            says=f"{outbox.held} notices wait for an import to finish",
            do="let the import end; if it was interrupted, run the same import again, and each recipient gets one digest",
        )
    patience = PATIENCE + timedelta(minutes=outbox.gather_minutes)
    if outbox.oldest_due is not None and found.at - outbox.oldest_due > patience:
        yield Problem(
            part="outbox",
            says=f"{outbox.waiting} notices wait, the oldest since {outbox.oldest_due:%Y-%m-%d %H:%M:%S} UTC",
            do="see that relay and worker run; the log says why a notice failed (notice.failed)",
        )


def _view_problems(found: Health) -> Iterator[Problem]:
    views = found.views
    if views is None:
        return
    for fault in views.faults:
        yield Problem(
            part="views",
            says=f"the board could not take in {fault}",
            do="send this with the log to whoever maintains the installation; the deal itself is not affected",
        )
    if found.embedded and views.head - views.position > LAG_OF_NOTE:
        yield Problem(
            part="views",
            says=f"the board is {views.head - views.position} events behind",
            do="look for projection.failed in the log; a large import takes some seconds to arrive",
        )


def _advice(found: Health) -> Iterator[Problem]:
    for unknown in found.unknown_settings:
        yield Problem(part="settings", says=unknown, do="correct or remove it")
    if not found.people.declared and not found.people.problems:
        yield Problem(
            part="people",
            says=f"there is no {found.people.file}: everyone may work on every deal, but nobody may waive, override,"
            " confirm, reopen, declare won or answer an escalation, and nobody hears of a stall",
            do="write one, each person with their manager, or take it from a table of sellers:"
            " `dealflow import crm-csv ... --people`",
        )
    if not found.store.error and not found.processes:
        yield Problem(
            part="processes",
            says="no process is published yet",
            do="run `dealflow process publish process_defs/standard-sale.yaml`",
        )
    for calendar in found.calendars:
        if calendar.provisional_from is not None and calendar.provisional_from <= found.at.year:
            yield Problem(
                part="calendars",
                says=f"{calendar.name}: the make-up days of {calendar.provisional_from} are not known; deadlines say so",
                do="upgrade the package `holidays` once it knows them",
            )
