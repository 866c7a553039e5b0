"""One transaction of several decisions: what they see of one another, and whether it stands when that is not certain."""

from collections.abc import Iterable, Sequence

from dealflow.application.ports import Append, CommandRepeated, CommandRow, EventStore, StoreUnreachable
from dealflow.domain.events import Recorded, Stamp


_MAYBE = "what was asked may have been carried out, and may be sent again under the same id"


class OutcomeUnknown(StoreUnreachable):
    """The store went away while it committed; sent again under its id, a command has one effect all the same."""


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


def commit(store: EventStore, appends: Sequence[Append]) -> None:
    """Append, and return when it is certain that these appends stand, whichever try wrote them.

    Raise Conflict or CommandRepeated when somebody else was faster, StoreUnreachable when nothing was written, and
    OutcomeUnknown when the store cannot even say that.
    """
    try:
        store.append(appends)
    except (CommandRepeated, StoreUnreachable) as error:
        # The answer to a COMMIT may be lost after the commit; a store that tries again by itself then meets its own rows.
        try:
            stands = _stands(store, appends)
        except StoreUnreachable as away:
            raise OutcomeUnknown(f"{away}; {_MAYBE}") from error
        if not stands:
            raise


def _stands(store: EventStore, appends: Sequence[Append]) -> bool:
    """Whether these very appends are in the store: one transaction writes all of them or none."""
    commands = [append.command for append in appends if append.command]
    rows = {row.command_id: row for row in store.commands([command.command_id for command in commands])}
    if any(rows.get(command.command_id) != command for command in commands):
        return False
    stamps: dict[str, list[Stamp]] = {}
    for append in appends:
        stamps.setdefault(append.stream, []).extend(stamp for _, stamp in append.facts)
    written = store.load_many(list(stamps))
    return all(
        [one.stamp for one in written.get(stream, ())][own[0].version - 1 : own[-1].version] == own
        for stream, own in stamps.items()
        if own
    )
