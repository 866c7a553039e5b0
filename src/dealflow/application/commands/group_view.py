"""What the members of a group see of a store and of one another, and what they append together."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from dealflow.application.ports.store import Append, CommandRow, EventStore, HeldBy, Stream, recorded_by


class GroupView:
    """A store as the members of a group read it: loaded once for all, with what the members before them append."""

    def __init__(
        self,
        store: EventStore,
        streams: Iterable[str],
        command_keys: Iterable[str] = (),
        changed: Mapping[str, HeldBy] = MappingProxyType({}),
    ) -> None:
        """`changed` are holders of values as groups before have left them where nothing is written."""
        self._store = store
        self._commands = {row.key: row for row in store.commands(sorted(set(command_keys)))}
        wanted = sorted(set(streams))
        self._streams = {stream: Stream() for stream in wanted} | store.load_many(wanted)
        self.changed = dict(changed)
        self.appends: list[Append] = []
        self._added: dict[str, list[Append]] = {}  # to streams that nobody has asked for since

    def load(self, stream: str) -> Stream:
        """The stream with what was added."""
        if stream not in self._streams:
            self._streams[stream] = self._store.load(stream)
        if added := self._added.pop(stream, None):
            # Without a head: the store chains the appends of one transaction to one another.
            new = (recorded for append in added for recorded in recorded_by(append))
            self._streams[stream] = Stream([*self._streams[stream], *new])
        return self._streams[stream]

    def commands(self, keys: Sequence[str]) -> list[CommandRow]:
        """The answers of commands, also of members before."""
        return [self._commands[key] for key in keys if key in self._commands]

    def held(self, keys: Sequence[str]) -> dict[str, HeldBy]:
        """Who holds these values, with what the members before have changed."""
        unchanged = [key for key in keys if key not in self.changed]
        stored = self._store.held(unchanged) if unchanged else {}
        return stored | {key: self.changed[key] for key in keys if key in self.changed}

    def streams(self, _prefix: str) -> list[str]:
        """None: a member that is refused here is refused once more alone, and only then needs the nearest name."""
        return []

    def add(self, appends: Sequence[Append]) -> None:
        """The next member sees these as if they were written."""
        for append in appends:
            self._added.setdefault(append.stream, []).append(append)
            if append.command:
                self._commands[append.command.key] = append.command
            self.changed |= {change.key: change for change in append.held}
        self.appends += appends
