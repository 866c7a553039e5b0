"""`dealflow people`: check the organisation's file, load it into the store, and show who counts, or counted."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dealflow.cli.opening import reading
from dealflow.cli.options import AsOf, CommandId, Home, Json, OnBehalfOf, group

if TYPE_CHECKING:
    from dealflow.cli.session import Session

app = group("Check, load and show the people.")
PeopleToLoad = Annotated[
    Path | None, typer.Argument(metavar="FILE", help="Else the people.yaml of the settings.", show_default=False)
]


@app.command(epilog="Example: dealflow people check")
def check(home: Home = None, json: Json = False) -> int:
    """Check people.yaml. Every problem with its line and column; who has no director, which address cannot be used."""
    from dealflow.adapters.people.reader import load_people, people_respelled
    from dealflow.application.notices.channels import people_warnings
    from dealflow.bootstrap import notifier_of
    from dealflow.cli.inputs.house import against_store
    from dealflow.cli.session import load_settings
    from dealflow.cli.user import os_user
    from dealflow.cli.views.setup.people import print_people

    settings = load_settings(home, json=json)
    organisation = load_people(settings.people, is_named=settings.names_people)
    warnings = [
        *people_respelled(settings.people),
        *people_warnings(organisation, notifier_of(settings), os_user()),
        *against_store(settings, organisation),
    ]
    return print_people(settings.people, organisation, warnings)


@app.command(epilog="Example: dealflow people load people.yaml")
def load(
    file: PeopleToLoad = None,
    command_id: CommandId = None,
    on_behalf_of: OnBehalfOf = None,
    home: Home = None,
    json: Json = False,
) -> int:
    """Load the people of the store. They count from now on, whatever the files say; the same again is said to be."""
    from dealflow.adapters.people.reader import load_people
    from dealflow.cli.inputs.house import file_to_load
    from dealflow.cli.inputs.identity import who
    from dealflow.cli.session import opened
    from dealflow.cli.user import os_user
    from dealflow.cli.views.setup.house import print_people_loaded
    from dealflow.domain.house.decide import must_be_loadable

    with opened(home, json=json, command_id=command_id, on_behalf_of=on_behalf_of, loads=True) as session:
        people = session.system.people
        new = load_people(file_to_load(file, session.settings.people, people), is_named=True)
        before = people.versions.last()
        # The first people of a store say themselves who may load them.
        acting = session.kept_who if before else who(new, os_user(), on_behalf_of)
        must_be_loadable(new, before.value if before else new, acting)
        done = people.versions.load(new, acting, session.command_id)
        return print_people_loaded(done, len(new.people), session.system.people_change(done.version, acting.person))


@app.command(epilog="Example: dealflow people show --as-of 2026-11-24T09:30:00+08:00 --json")
@reading
def show(session: "Session", as_of: AsOf = None) -> int:
    """Show the people who count. With `--as-of` those by whom the engine decided at that instant."""
    from dealflow.cli.inputs.as_of import asked_past
    from dealflow.cli.views.setup.people import print_people_in_force

    versions, instant = session.system.people.versions, asked_past(session.writing, as_of).as_of
    version = versions.as_of(instant) if instant else versions.last()
    current = None if version or instant else session.system.people.current()
    return print_people_in_force(version, current)
