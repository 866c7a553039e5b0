"""Nothing half-written: a store that was refused something is as it was before."""

from dealflow.bootstrap import open_system
from tests.support.observed.sound import store_holds
from tests.support.running.typed_commands import CommandLine


def assert_whole(cli: CommandLine, events: int) -> None:
    """As many events as before, and each in order."""
    with open_system(cli.settings()) as system:
        store_holds(system)
        assert system.parts.count_events() == events


def events_of(cli: CommandLine) -> int:
    with open_system(cli.settings()) as system:
        return system.parts.count_events()
