"""What the members of a group see of a store and of one another, and what they append together."""

from collections.abc import Iterable, Sequence

from dealflow.application.ports.store import Append, CommandRow, EventStore
from dealflow.domain.deal.events import Recorded


class Gathered:
    """A store as the members of a group read it: loaded once for all, with what the members before them append."""

    def __init__(self, store: EventStore, streams: Iterable[str], command_ids: Iterable[str]) -> None:
        self._store = store
        self._commands = {row.command_id: row for row in store.commands(sorted(set(command_ids)))}
        wanted = sorted(set(streams))
        self._streams: dict[str, list[Recorded]] = {stream: [] for stream in wanted} | store.load_many(wanted)
        self.appends: list[Append] = []

    def load(self, stream: str) -> list[Recorded]:
        if stream not in self._streams:
            self._streams[stream] = self._store.load(stream)
        return list(self._streams[stream])

    def command(self, command_id: str) -> CommandRow | None:
        return self._commands.get(command_id)

    def streams(self, prefix: str) -> list[str]:
        """None: whoever is refused in a group is refused alone, and only then needs the nearest name."""
        return []

    def add(self, appends: Sequence[Append]) -> None:
        """The next member sees these as if they were written."""
        for append in appends:
            new = [Recorded(stream=append.stream, stamp=stamp, fact=fact) for fact, stamp in append.facts]
            self._streams[append.stream] = [*self.load(append.stream), *new]
            if append.command:
                self._commands[append.command.command_id] = append.command
        self.appends += appends
