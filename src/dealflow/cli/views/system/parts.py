"""The parts that run, as `doctor` shows them: where, since when, and what they reach."""

from datetime import datetime

from dealflow.application.engine.parts import RunningPart
from dealflow.application.health.parts import running
from dealflow.application.health.state import RunningState
from dealflow.cli.output import reader
from dealflow.cli.tables import print_heading, print_table
from dealflow.wording.terms import term


def print_running(state: RunningState) -> None:
    """A row for each part that runs; those that ended are told among what is wrong, or not at all."""
    parts = sorted(running(state), key=lambda part: (part.what, part.started_at))
    if parts:
        print_heading("Running")
        print_table(
            ("Part", "Host", "PID", "Version", "Since", "Seen", "Store since", "Temporal since", ">Clock ahead"),
            [_row(part, state) for part in parts],
            indent=2,
        )


def _row(part: RunningPart, state: RunningState) -> tuple[object, ...]:
    seen = max((state.at - part.seen_at).total_seconds(), 0)
    return (
        _kind(part, state),
        part.host,
        part.pid,
        part.version,
        _since(part.started_at, state.at),
        reader().t("{seconds} s ago", seconds=f"{seen:.0f}"),
        _since(part.store_since, state.at),
        _temporal(part, state.at),
        reader().t("{seconds} s", seconds=f"{round(part.clock_ahead_seconds, 2) or 0:.2f}"),
    )


def _kind(part: RunningPart, state: RunningState) -> str:
    kind = term("part", part.what)
    if part.what != "relay":
        return reader().t(kind)
    lease = state.relay_lease
    works = lease is not None and lease.holder == part.id and lease.until > state.at
    return reader().t("{kind}, works" if works else "{kind}, stands by", kind=kind)


def _temporal(part: RunningPart, now: datetime) -> str:
    if part.what == "views" or part.temporal == "unknown":
        return ""
    since = _since(part.temporal_since, now)
    return since if part.temporal == "reached" else reader().t("not since {at}", at=since)


def _since(instant: datetime, now: datetime) -> str:
    """The time of day, with the day where it is not today's."""
    local, today = instant.astimezone(reader().zone), now.astimezone(reader().zone)
    return f"{local:%H:%M:%S}" if local.date() == today.date() else f"{local:%Y-%m-%d %H:%M}"
