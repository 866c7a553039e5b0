"""Groups of commands that are imported when one of them is called, so that `--help` answers at once."""

from importlib import import_module
from typing import Any, NamedTuple, cast

import typer
from typer.core import TyperCommand, TyperGroup


class Part(NamedTuple):
    """Where the commands of a name stand: a module of this package with an `app`, and what its help says in one line."""

    module: str
    help: str


PARTS = {
    "process": Part("process", "Check, publish and read process templates."),
    "deal": Part("deal", "Open, read and move deals."),
    "evidence": Part("evidence", "Record what the customer did, and take it back."),
    "milestone": Part("milestone", "Record a landmark of the seller's own work."),
    "step": Part("step", "Plan the next step and report it done."),
    "activity": Part("activity", "Record an act of the seller that proves nothing."),
    "stall": Part("stall", "List what has stalled."),
    "escalation": Part("escalation", "List and decide what was put before a person."),
    "inventory": Part("inventory", "Count customers and deals by stage and decision node."),
    "import": Part("imports", "Take in deals of another system."),
    "people": Part("people", "Check people.yaml."),
    "calendar": Part("calendar", "Show the business calendars."),
    "notify": Part("notify", "Send a person a test message."),
    "demo": Part("demo", "Run the main job for real, and tell what happens."),
    "up": Part("up", "Run everything in this terminal: server, worker, relay, views."),
    "worker": Part("worker", "Run the worker alone."),
    "relay": Part("relay", "Run the relay alone."),
    "reconcile": Part("reconcile", "Compare the store with Temporal, and mend what differs."),
    "doctor": Part("doctor", "Say what is reachable, what lags and what to do."),
}


class LazyGroup(TyperGroup):
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
        command: Any = typer.main.get_command(import_module(f"dealflow.cli.{found.module}").app)
        return cast("TyperCommand | TyperGroup", command)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """As Typer asks for it."""
        return self.part(cmd_name)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The list of parts in the help."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, part.help) for name, part in PARTS.items()])
