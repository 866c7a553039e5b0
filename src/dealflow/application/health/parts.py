"""What is wrong with the parts that run, or should: workers, relays and those who follow the log, on all hosts."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from dealflow.application.engine.parts import RunningPart, What
from dealflow.application.health.state import Health, HealthProblem, RunningState
from dealflow.domain.values.phrase import Phrase, counted, phrase

# A part gives a sign every 5 s; one that gave none for so long has died, or hangs.
GONE = timedelta(minutes=1)
# A deadline that is judged by a clock this wrong is judged wrongly.
WRONG_CLOCK_SECONDS = 2.0
# The lease changes hands within 13 s.
IDLE = timedelta(seconds=30)
_KINDS: tuple[What, ...] = ("worker", "relay")
_NONE_RUNS = {
    "worker": phrase("no worker runs"),
    "relay": phrase("no relay runs"),
    "worker relay": phrase("no worker and no relay runs"),
}
_START = {
    "worker": phrase(
        "start `dealflow up`, or `dealflow worker` where Temporal runs elsewhere; deals do not move meanwhile"
    ),
    "relay": phrase(
        "start `dealflow up`, or `dealflow relay` where Temporal runs elsewhere; a wake that gets lost waits meanwhile"
    ),
    "worker relay": phrase(
        "start `dealflow up`, or `dealflow worker` and `dealflow relay` where Temporal runs elsewhere;"
        " deals do not move meanwhile"
    ),
}
_NAMES = {"worker": phrase("worker"), "relay": phrase("relay"), "views": phrase("views")}


def running(state: RunningState, what: What | None = None) -> list[RunningPart]:
    """The parts that run now, of one kind or all."""
    return [part for part in state.parts if what in (None, part.what) and _runs(part, state.at)]


def others_reach(state: RunningState | None) -> tuple[Phrase | None, bool]:
    """How others stand with a Temporal that this computer does not reach, where others are known; whether one reaches it."""
    asked = [part for part in running(state) if part.temporal != "unknown"] if state else []
    reached = [part for part in asked if part.temporal == "reached"]
    if reached:
        since = said_at(reached[0].temporal_since)
        return phrase("{part} reaches it since {at}", part=named_part(reached[0]), at=since), True
    if asked:
        first = min(asked, key=lambda part: part.temporal_since)
        since = said_at(first.temporal_since)
        return phrase("{part} has not reached it since {at}", part=named_part(first), at=since), False
    return None, False


def part_problems(found: Health) -> Iterator[HealthProblem]:
    """Kinds of which none runs, parts that do not reach Temporal, relays that do not work, clocks that are wrong."""
    state = found.running
    if state is None:
        return
    yield from _missing(state)
    if not found.temporal.error:
        yield from _cut_off(state)
        yield from _idle_relays(state)
    yield from _wrong_clocks(found, state)


def advice_on_parts(found: Health) -> Iterator[HealthProblem]:
    """Parts that died while others go on, and parts of another version."""
    state = found.running
    if state is None:
        return
    for part in state.parts:
        if part.stopped_at is None and not _runs(part, state.at) and not _is_replaced(part, state):
            yield HealthProblem(
                part=part.what,
                says=phrase(
                    "{part} ended without a word, last seen {at}; others go on",
                    part=named_part(part),
                    at=said_at(part.seen_at),
                ),
                do=phrase("its log says why; start it again if it is meant to run there"),
            )
    for part in running(state):
        if part.version != found.version:
            yield HealthProblem(
                part="versions",
                says=phrase(
                    "{part} is dealflow {version}, and this is {own}",
                    part=named_part(part),
                    version=part.version,
                    own=found.version,
                ),
                do=phrase("upgrade the older one; they work together meanwhile"),
            )


def _missing(state: RunningState) -> Iterator[HealthProblem]:
    missing = [what for what in _KINDS if not running(state, what)]
    if missing:
        kinds = " ".join(missing)
        yield HealthProblem(part=missing[0], says=_last(_NONE_RUNS[kinds], state, missing), do=_START[kinds])


def _cut_off(state: RunningState) -> Iterator[HealthProblem]:
    for part in running(state):
        if part.temporal == "away":
            yield HealthProblem(
                part=part.what,
                says=phrase(
                    "{part} has not reached Temporal since {at}: {error}",
                    part=named_part(part),
                    at=said_at(part.temporal_since),
                    error=part.temporal_error,
                ),
                do=phrase(
                    "check DEALFLOW_TEMPORAL_ADDRESS on {host} and the way from there; it tries again by itself",
                    host=part.host,
                ),
            )


def _idle_relays(state: RunningState) -> Iterator[HealthProblem]:
    lease = state.relay_lease
    able = [part for part in running(state, "relay") if part.temporal == "reached"]
    since = lease.until if lease else None
    steady = [part for part in able if state.at - part.temporal_since > IDLE]
    if steady and (since is None or state.at - since > IDLE):
        says = (
            counted(
                "{n} relay runs, and has not worked since {at}",
                "{n} relays run, and none has worked since {at}",
                len(able),
                at=said_at(since),
            )
            if since
            else counted("{n} relay runs, and has not worked", "{n} relays run, and none has worked", len(able))
        )
        yield HealthProblem(
            part="relay", says=says, do=phrase("their logs say why (relay.wake_failed); start one of them again")
        )


def _wrong_clocks(found: Health, state: RunningState) -> Iterator[HealthProblem]:
    ahead = {part.host: part.clock_ahead_seconds for part in running(state)}
    ahead.setdefault(found.host, found.store.clock_ahead_seconds)
    for host, seconds in sorted(ahead.items()):
        if abs(seconds) > WRONG_CLOCK_SECONDS:
            wrong = {"host": host, "seconds": f"{abs(seconds):.1f}"}
            yield HealthProblem(
                part="clocks",
                says=phrase("the clock of {host} is {seconds} s ahead of the database's", **wrong)
                if seconds > 0
                else phrase("the clock of {host} is {seconds} s behind the database's", **wrong),
                do=phrase(
                    "let NTP set the clocks of {host} and of the database's host: deadlines are judged by them",
                    host=host,
                ),
            )


def _last(says: Phrase, state: RunningState, kinds: Sequence[What]) -> Phrase:
    """What runs not, with when the last one was there."""
    ended = [part for part in state.parts if part.what in kinds]
    if not ended:
        return phrase("{says}, and none ever has", says=says)
    last = max(ended, key=lambda part: part.seen_at)
    if last.stopped_at:
        at = said_at(last.stopped_at)
        return phrase("{says}: {part} was stopped at {at}", says=says, part=named_part(last), at=at)
    at = said_at(last.seen_at)
    return phrase(
        "{says}: {part} was last seen {at}, and ended without a word", says=says, part=named_part(last), at=at
    )


def _is_replaced(part: RunningPart, state: RunningState) -> bool:
    """Whether another of its kind was started on its host since, or none runs at all, which is said elsewhere."""
    others = running(state, part.what)
    return not others or any(each.host == part.host and each.started_at > part.seen_at for each in others)


def _runs(part: RunningPart, at: datetime) -> bool:
    return part.stopped_at is None and at - part.seen_at <= GONE


def named_part(part: RunningPart) -> Phrase:
    """Which it is, and where."""
    return phrase("the {part} on {host} (process {pid})", part=_NAMES[part.what], host=part.host, pid=part.pid)


def said_at(instant: datetime) -> str:
    """An instant as sentences give it."""
    return f"{instant:%Y-%m-%d %H:%M:%S} UTC"
