"""Groups of commands that are imported when one of them is called, so that `--help` answers at once."""

from importlib import import_module
from typing import Any, NamedTuple, cast

import typer
from typer.core import TyperCommand, TyperGroup

from dealflow.cli.parser.help import ReadersGroup, in_readers_language, translated


class CommandGroup(NamedTuple):
    """Where the commands of a name stand: a module of this package with an `app`, and what its help says in one line."""

    module: str
    help: str


PARTS = {
    "process": CommandGroup("setup.process", "Check, publish and read process templates."),
    "deal": CommandGroup("deals.deal", "Open, read and move deals."),
    "evidence": CommandGroup("facts.evidence", "Record what the customer did, and take it back."),
    "milestone": CommandGroup("facts.milestone", "Record a landmark of the seller's own work."),
    "step": CommandGroup("facts.step", "Plan the next step and report it done."),
    "activity": CommandGroup("facts.activity", "Record an act of the seller that proves nothing."),
    "stall": CommandGroup("deals.stalls", "List what has stalled."),
    "escalation": CommandGroup("deals.escalations", "List and decide what was put before a person."),
    "inventory": CommandGroup("deals.inventory", "Count customers and deals by stage and decision node."),
    "customer": CommandGroup("deals.customer", "Look after customers."),
    "audit": CommandGroup("audit.audit", "Check what others have done."),
    "import": CommandGroup("imports", "Take in deals of another system."),
    "people": CommandGroup("setup.people", "Check, load and show the people."),
    "token": CommandGroup("setup.token", "Make and revoke tokens, by which people are known."),
    "calendar": CommandGroup("setup.calendar", "Show and load the business calendars."),
    "notify": CommandGroup("setup.notify", "Send a person a test message."),
    "demo": CommandGroup("system.demo", "Run the main job for real, and tell what happens."),
    "up": CommandGroup("system.up", "Run everything in this terminal: server, worker, relay, views."),
    "worker": CommandGroup("system.worker", "Run the worker alone."),
    "relay": CommandGroup("system.relay", "Run the relay alone."),
    "reconcile": CommandGroup("system.reconcile", "Compare the store with Temporal, and mend what differs."),
    "store": CommandGroup("system.store", "Bring a store up to date, put its index right, look after its seal."),
    "doctor": CommandGroup("system.doctor", "Say what is reachable, what lags and what to do."),
}


class LazyGroup(ReadersGroup):
    """The root: knows the names and help of its parts without importing them."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        # The base class suggests near names out of this mapping.
        self.commands = dict.fromkeys(PARTS)  # type: ignore[assignment]

    def part(self, name: str) -> TyperCommand | TyperGroup | None:
        """The command or group of that name, imported now; None when there is none."""
        found = PARTS.get(name)
        if found is None:
            return None
        command: Any = typer.main.get_command(import_module(f"dealflow.cli.commands.{found.module}").app)
        return in_readers_language(cast("TyperCommand | TyperGroup", command))

    def only(self, name: str, child: str) -> TyperCommand | TyperGroup | None:
        """This one command of a group, made without the others; None where the group has none of that name."""
        found = PARTS.get(name)
        if found is None:
            return None
        app = import_module(f"dealflow.cli.commands.{found.module}").app
        # A module with one command is that command, and what follows it is an argument.
        if len(app.registered_commands) == 1 and app.registered_callback is None:
            return None
        for each in app.registered_commands:
            if (each.name or typer.main.get_command_name(each.callback.__name__)) == child:
                command: Any = typer.main.get_command_from_info(
                    each,
                    pretty_exceptions_short=app.pretty_exceptions_short,
                    rich_markup_mode=app.rich_markup_mode,
                )
                return in_readers_language(cast("TyperCommand", command))
        return None

    def get_command(self, _ctx: Any, cmd_name: str) -> Any:
        """As Typer asks for it."""
        return self.part(cmd_name)

    def format_commands(self, _ctx: Any, formatter: Any) -> None:
        """The list of parts in the help."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, translated(part.help)) for name, part in PARTS.items()])
