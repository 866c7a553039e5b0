"""What every store asks of its caller before it writes."""

from collections.abc import Sequence

from dealflow.application.ports.store import Append, CommandRepeated
from dealflow.domain.deal.stream import DEAL_STREAMS


def check_appends(appends: Sequence[Append]) -> None:
    """Raise ValueError for an append that its caller built wrongly, CommandRepeated for a command twice in one call."""
    commands: set[str] = set()
    for append in appends:
        versions = [stamp.version for _, stamp in append.facts]
        if versions != list(range(append.version + 1, append.version + 1 + len(versions))):
            raise ValueError(f"{append.stream}: versions {versions} do not follow {append.version}")
        instants = [stamp.recorded_at for _, stamp in append.facts]
        if instants != sorted(instants):
            raise ValueError(f"{append.stream}: an event is recorded before its predecessor")
        if append.schedule and not (append.facts and append.stream.startswith(DEAL_STREAMS)):
            raise ValueError(f"{append.stream}: a schedule changes with the facts of a deal only")
        if append.command:
            if append.command.key in commands:
                raise CommandRepeated(append.command.key)
            commands.add(append.command.key)
