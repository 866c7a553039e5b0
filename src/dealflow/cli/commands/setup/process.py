"""`dealflow process`: check, publish, list and show templates."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dealflow.cli.opening import reading
from dealflow.cli.options import CommandId, Home, Json, OnBehalfOf, group

if TYPE_CHECKING:
    from dealflow.adapters.calendars.business import BusinessCalendars
    from dealflow.adapters.processes.template_files import CheckedTemplate
    from dealflow.cli.session import Session
    from dealflow.settings import Settings

app = group("Check, publish and read process templates.")
Files = Annotated[list[Path], typer.Argument(metavar="FILE", help="Templates in YAML.", show_default=False)]
Name = Annotated[
    str, typer.Argument(metavar="NAME[@VERSION]", help="The latest version, or the one named.", show_default=False)
]
Strict = Annotated[bool, typer.Option("--strict", help="Warnings count as errors.")]


@app.command(epilog="Example: dealflow process check process_defs/*.yaml")
def check(files: Files, strict: Strict = False, home: Home = None, json: Json = False) -> int:
    """Check templates. Every problem with its file, line and column. Nothing is published."""
    from dealflow.bootstrap import calendars_here
    from dealflow.cli.session import load_settings
    from dealflow.cli.views.setup.template_files import print_checked

    settings = load_settings(home, json=json)
    return print_checked(_checked(files, settings, calendars_here(settings), strict=strict), json=json)


@app.command(epilog="Example: dealflow process publish process_defs/standard-sale.yaml")
def publish(
    files: Files, command_id: CommandId = None, on_behalf_of: OnBehalfOf = None, home: Home = None, json: Json = False
) -> int:
    """Publish templates as new versions. The same content again is the version that is there. A fault stops all."""
    from dealflow.adapters.processes.template_files import publishing_faults
    from dealflow.cli.errors import FilesInvalid
    from dealflow.cli.session import opened
    from dealflow.cli.views.setup.template_files import note_warnings, print_published

    with opened(home, json=json, command_id=command_id, on_behalf_of=on_behalf_of, makes_store=True) as session:
        checked = _checked(files, session.settings, session.system.calendars_checked())
        if faults := publishing_faults(checked):
            raise FilesInvalid(faults)
        note_warnings(checked)
        done = [
            session.system.processes.publish(one, who=session.kept_who, command_id=f"{session.command_id}/{one.name}")
            for template in checked
            if (one := template.definition)
        ]
    return print_published(done, json=json)


@app.command("list", epilog="Example: dealflow process list --json")
@reading
def list_(session: "Session") -> int:
    """List the published versions."""
    from dealflow.application.reading.process import published_versions
    from dealflow.cli.views.setup.process import print_versions

    return print_versions(published_versions(session.system.processes))


@app.command(epilog="Example: dealflow process show standard-sale@1 --lang zh")
@reading
def show(session: "Session", name: Name) -> int:
    """Show a published version. Stages, nodes with their standards, evidence with its fields, clocks, ladder."""
    from dealflow.cli.views.setup.process import print_process

    process = session.system.processes.get(name)
    return print_process(process, session.system.processes.fault_of(process))


def _checked(
    files: list[Path], settings: "Settings", calendars: "BusinessCalendars", *, strict: bool = False
) -> "list[CheckedTemplate]":
    from dealflow.adapters.clock import SystemClock
    from dealflow.adapters.processes.template_files import check_template

    today = SystemClock().now().astimezone(settings.timezone).date()
    return [check_template(path, calendars, today, strict=strict) for path in files]
