"""The state of an installation as it was found at one instant; `diagnosis` says what of it is wrong."""

from pydantic import AwareDatetime

from dealflow.application.engine.parts import LeaseState, RunningPart
from dealflow.domain.values.frozen import Frozen
from dealflow.domain.values.phrase import NOTHING, Phrase


class Setting(Frozen):
    """One setting without its secrets, and where it comes from."""

    name: str
    value: Phrase
    source: Phrase


class SealHealth(Frozen):
    """How many seals there are, the key of the next one and its file; `is_gone`: there are events, and no seals."""

    seals: int
    key_id: str
    file: str
    is_here: bool
    is_gone: bool


class StoreState(Frozen):
    """`error` says why the store cannot be used, and `do` what else there is to do than look at the settings.

    `version` is the database's own; `clock_ahead_seconds` is this computer's clock against the database's.
    """

    place: Phrase
    error: Phrase = NOTHING
    do: Phrase = NOTHING
    version: str = ""
    schema_version: int | None = None
    clock_ahead_seconds: float = 0.0
    events: int | None = None
    last_position: int | None = None
    deals: int | None = None
    in_progress: int | None = None
    keys: Phrase = NOTHING
    seal: SealHealth | None = None


class KeysState(Frozen):
    """`problem` and `do`: why no key of personal data can be had, and what to do; `exposed`: others may read them.

    `missing` are customers (or `deal:<id>`) whose newest key is not there, `lost` those of whom an earlier one is not,
    `doubtful` those whom only a row calls erased.
    """

    place: Phrase
    problem: Phrase = NOTHING
    do: Phrase = NOTHING
    exposed: bool = False
    kept: int = 0
    erased: int = 0
    missing: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()


class PeopleState(Frozen):
    """`unreachable` are people none of whose channels can ever take a message, each with the reason.

    `unread`: those on record cannot be read, so it is not known who counts.
    """

    file: str
    declared: bool = False
    people: int = 0
    problems: tuple[Phrase, ...] = ()
    unread: bool = False
    unreachable: dict[str, Phrase] = {}
    on_record: "OnRecord | None" = None


class OnRecord(Frozen):
    """The version of people, or of calendars, that counts: since when, and who loaded it (the engine, where it read a file).

    `differs`: this computer's file is another one, and does not count. `gone`: the home's own file is not there any more.
    """

    version: int
    digest: str
    since: AwareDatetime
    by: str
    differs: Phrase = NOTHING
    gone: bool = False


class CalendarState(Frozen):
    """`provisional_from` is the first year, of this one and the next, whose make-up days are not announced yet."""

    name: str
    version: str
    provisional_from: int | None = None


class CalendarMissing(Frozen):
    """A calendar that is not there, with the processes in use that count in it."""

    says: Phrase
    processes: tuple[str, ...]


class TemporalState(Frozen):
    """The server as it answered; `found` says where its address comes from, "" when there is none.

    `database` is the identity of its database, and `known_since` since when that one is known to hold all workflows.
    """

    address: str = ""
    found: Phrase = NOTHING
    error: Phrase = NOTHING
    version: str = ""
    namespace: str = ""
    queue: str = ""
    database: str = ""
    known_since: AwareDatetime | None = None
    guarded_by: str = ""  # mtls, api_key, or nothing
    is_elsewhere: bool = False  # not on this computer
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
    """Notices by state; of those waiting `oldest` was made first, and `oldest_due` is the earliest instant to tell one.

    A digest gathers for `gather_minutes` more.
    """

    waiting: int = 0
    delivered: int = 0
    abandoned: int = 0
    superseded: int = 0
    held: int = 0
    oldest: AwareDatetime | None = None
    oldest_due: AwareDatetime | None = None
    gather_minutes: float = 0.0


class ViewState(Frozen):
    """How far the board has followed the log, and the deals that it could not take in.

    `behind` counts what it has not taken in, the oldest of which was recorded at `oldest`.
    """

    position: int = 0
    head: int = 0
    behind: int = 0
    oldest: AwareDatetime | None = None
    faults: tuple[Phrase, ...] = ()


class RunningState(Frozen):
    """The parts by their own word, with the instant by the database's clock, and the relay that works."""

    at: AwareDatetime
    parts: tuple[RunningPart, ...] = ()
    relay_lease: LeaseState | None = None


class HealthProblem(Frozen):
    """Something that is wrong, in which part, and what to do about it."""

    part: str
    says: Phrase
    do: Phrase


class Health(Frozen):
    """Everything that was found at one instant; a part is None when it could not be looked at."""

    at: AwareDatetime
    version: str
    host: str = ""
    home: str
    embedded: Phrase = NOTHING  # who runs `dealflow up` here
    settings: tuple[Setting, ...] = ()
    unknown_settings: tuple[Phrase, ...] = ()
    store: StoreState
    keys: KeysState | None = None
    people: PeopleState
    calendars: tuple[CalendarState, ...] = ()
    calendars_on_record: OnRecord | None = None
    calendar_file: str = ""
    calendar_problems: tuple[Phrase, ...] = ()
    calendars_missing: tuple[CalendarMissing, ...] = ()
    notice_problems: tuple[Phrase, ...] = ()
    processes: tuple[str, ...] = ()
    temporal: TemporalState = TemporalState()
    running: RunningState | None = None
    work: WorkState | None = None
    outbox: OutboxState | None = None
    views: ViewState | None = None
    clocks_moved: bool = False  # a setting of tests: instants from outside are not held against the store's clock
    damaged: tuple[str, ...] = ()  # tables with rows that could not be taken


class Examined(Frozen):
    """What `doctor` answers."""

    healthy: bool
    problems: tuple[HealthProblem, ...]
    advice: tuple[HealthProblem, ...]
    found: Health
