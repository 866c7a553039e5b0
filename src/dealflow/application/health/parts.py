"""What is wrong with the parts that run, or should: workers, relays and those who follow the log, on all hosts."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from dealflow.application.engine.parts import RunningPart, What
from dealflow.application.health.state import Health, HealthProblem, RunningState

# A part gives a sign every 5 s; one that gave none for so long has died, or hangs.
GONE = timedelta(minutes=1)
# A deadline that is judged by a clock this wrong is judged wrongly.
WRONG_CLOCK_SECONDS = 2.0
# The lease changes hands within 13 s.
IDLE = timedelta(seconds=30)
_KINDS: tuple[What, ...] = ("worker", "relay")
_MEANWHILE = {"worker": "deals do not move meanwhile", "relay": "a wake that gets lost waits meanwhile"}


def running(state: RunningState, what: What | None = None) -> list[RunningPart]:
    """The parts that run now, of one kind or all."""
    return [part for part in state.parts if what in (None, part.what) and _runs(part, state.at)]


def others_reach(state: RunningState | None) -> tuple[str, bool]:
    """How others stand with a Temporal that this computer does not reach, as the rest of a sentence; whether one reaches it."""
    asked = [part for part in running(state) if part.temporal != "unknown"] if state else []
    reached = [part for part in asked if part.temporal == "reached"]
    if reached:
        return f"; {_named(reached[0])} reaches it since {said_at(reached[0].temporal_since)}", True
    if asked:
        first = min(asked, key=lambda part: part.temporal_since)
        return f"; {_named(first)} has not reached it since {said_at(first.temporal_since)}", False
    return "", False


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
                says=f"{_named(part)} ended without a word, last seen {said_at(part.seen_at)}; others go on",
                do="its log says why; start it again if it is meant to run there",
            )
    for part in running(state):
        if part.version != found.version:
            yield HealthProblem(
                part="versions",
                says=f"{_named(part)} is dealflow {part.version}, and this is {found.version}",
                do="upgrade the older one; they work together meanwhile",
            )


def _missing(state: RunningState) -> Iterator[HealthProblem]:
    missing = [what for what in _KINDS if not running(state, what)]
    if missing:
        start = " and ".join(f"`dealflow {what}`" for what in missing)
        yield HealthProblem(
            part=missing[0],
            says=" and ".join(f"no {what}" for what in missing) + f" runs{_last(state, missing)}",
            do=f"start `dealflow up`, or {start} where Temporal runs elsewhere; {_MEANWHILE[missing[0]]}",
        )


def _cut_off(state: RunningState) -> Iterator[HealthProblem]:
    for part in running(state):
        if part.temporal == "away":
            yield HealthProblem(
                part=part.what,
                says=f"{_named(part)} has not reached Temporal since {said_at(part.temporal_since)}: {part.temporal_error}",
                do=f"check DEALFLOW_TEMPORAL_ADDRESS on {part.host} and the way from there; it tries again by itself",
            )


def _idle_relays(state: RunningState) -> Iterator[HealthProblem]:
    lease = state.relay_lease
    able = [part for part in running(state, "relay") if part.temporal == "reached"]
    since = lease.until if lease else None
    steady = [part for part in able if state.at - part.temporal_since > IDLE]
    if steady and (since is None or state.at - since > IDLE):
        says = f"{len(able)} relays run, and none has worked" + (f" since {said_at(since)}" if since else "")
        yield HealthProblem(
            part="relay", says=says, do="their logs say why (relay.wake_failed); start one of them again"
        )


def _wrong_clocks(found: Health, state: RunningState) -> Iterator[HealthProblem]:
    ahead = {part.host: part.clock_ahead_seconds for part in running(state)}
    ahead.setdefault(found.host, found.store.clock_ahead_seconds)
    for host, seconds in sorted(ahead.items()):
        if abs(seconds) > WRONG_CLOCK_SECONDS:
            way = "ahead of" if seconds > 0 else "behind"
            yield HealthProblem(
                part="clocks",
                says=f"the clock of {host} is {abs(seconds):.1f} s {way} the database's",
                do=f"let NTP set the clocks of {host} and of the database's host: deadlines are judged by them",
            )


def _last(state: RunningState, kinds: Sequence[What]) -> str:
    """When the last one was there, as the rest of a sentence."""
    ended = [part for part in state.parts if part.what in kinds]
    if not ended:
        return ", and none ever has"
    last = max(ended, key=lambda part: part.seen_at)
    if last.stopped_at:
        return f": {_named(last)} was stopped at {said_at(last.stopped_at)}"
    return f": {_named(last)} was last seen {said_at(last.seen_at)}, and ended without a word"


def _is_replaced(part: RunningPart, state: RunningState) -> bool:
    """Whether another of its kind was started on its host since, or none runs at all, which is said elsewhere."""
    others = running(state, part.what)
    return not others or any(each.host == part.host and each.started_at > part.seen_at for each in others)


def _runs(part: RunningPart, at: datetime) -> bool:
    return part.stopped_at is None and at - part.seen_at <= GONE


def _named(part: RunningPart) -> str:
    return f"the {part.what} on {part.host} (process {part.pid})"


def said_at(instant: datetime) -> str:
    """An instant as sentences give it."""
    return f"{instant:%Y-%m-%d %H:%M:%S} UTC"
