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
FilesToPublish = Annotated[
    list[Path] | None, typer.Argument(metavar="FILE", help="Templates in YAML.", show_default=False)
]
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


@app.command(
    epilog="Example: dealflow process publish process_defs/standard-sale.yaml\n\n"
    "Where people.yaml asks for a second person: dealflow process publish --confirm DIGEST"
)
def publish(
    files: FilesToPublish = None,
    confirm: Annotated[
        str | None, typer.Option("--confirm", metavar="DIGEST", help="As a second person, publish what is proposed.")
    ] = None,
    reject: Annotated[
        str | None, typer.Option("--reject", metavar="DIGEST", help="Take back or reject what is proposed.")
    ] = None,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why it is rejected; stays on record.")] = "",
    command_id: CommandId = None,
    on_behalf_of: OnBehalfOf = None,
    home: Home = None,
    json: Json = False,
) -> int:
    """Publish templates as new versions. The same content again is the version that is there. A fault stops all."""
    if confirm is not None or reject is not None or reason:
        return _answer_a_proposal(files, confirm, reject, reason, (home, json, command_id, on_behalf_of))
    if not files:
        from dealflow.cli.errors import WrongUsage
        from dealflow.domain.values.phrase import phrase

        raise WrongUsage(phrase("name the templates to publish, or what is proposed: --confirm DIGEST"))
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
    """List the published versions, and what is proposed and waits for a second person."""
    from dealflow.application.reading.process import proposed_versions, published_versions
    from dealflow.cli.views.setup.process import print_versions

    processes = session.system.processes
    return print_versions(published_versions(processes), proposed_versions(processes))


@app.command(epilog="Example: dealflow process show standard-sale@1 --lang zh")
@reading
def show(
    session: "Session",
    name: Name,
    proposed: Annotated[
        bool, typer.Option("--proposed", help="NAME is the digest of what is proposed and not yet published.")
    ] = False,
) -> int:
    """Show a published version. Stages, nodes with their standards, evidence with its fields, clocks, ladder."""
    from dealflow.cli.views.setup.process import print_process
    from dealflow.domain.values.phrase import NOTHING

    if proposed:
        return print_process(session.system.processes.proposed(name.strip().lower()), NOTHING)
    process = session.system.processes.get(name)
    return print_process(process, session.system.processes.fault_of(process))


def _answer_a_proposal(
    files: list[Path] | None,
    confirm: str | None,
    reject: str | None,
    reason: str,
    shared: tuple[Path | None, bool, str | None, str | None],
) -> int:
    from dealflow.cli.errors import WrongUsage
    from dealflow.cli.session import opened
    from dealflow.cli.views.setup.template_files import print_published
    from dealflow.domain.values.phrase import phrase

    if files or (confirm is None) == (reject is None):
        raise WrongUsage(phrase("one of a FILE, --confirm DIGEST and --reject DIGEST says what is to be done"))
    if reason and reject is None:
        raise WrongUsage(phrase("--reason goes with --reject only"))
    home, json, command_id, on_behalf_of = shared
    with opened(home, json=json, command_id=command_id, on_behalf_of=on_behalf_of) as session:
        publishing, who = session.system.processes.publishing, session.kept_who
        digest = (confirm or reject or "").strip().lower()
        done = (
            publishing.confirm(digest, who=who, command_id=session.command_id)
            if reject is None
            else publishing.reject(digest, reason, who=who, command_id=session.command_id)
        )
    return print_published([done], json=json)


def _checked(
    files: list[Path], settings: "Settings", calendars: "BusinessCalendars", *, strict: bool = False
) -> "list[CheckedTemplate]":
    from dealflow.adapters.clock import SystemClock
    from dealflow.adapters.processes.template_files import check_template

    today = SystemClock().now().astimezone(settings.timezone).date()
    return [check_template(path, calendars, today, strict=strict) for path in files]
