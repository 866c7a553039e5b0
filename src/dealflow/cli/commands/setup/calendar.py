"""`dealflow calendar`: the business calendars that clocks count in."""

from pathlib import Path
from typing import Annotated

import typer

from dealflow.cli.options import CommandId, Home, Json, OnBehalfOf, group

app = group("Show and load the business calendars.")
CalendarsFile = Annotated[
    Path | None, typer.Argument(metavar="FILE", help="Else the calendars.yaml of the settings.", show_default=False)
]
Name = Annotated[str, typer.Argument(metavar="CALENDAR", help="Its name.", show_default=False)]
Year = Annotated[int | None, typer.Option("--year", min=1951, max=2149, help="Else this year.")]


@app.command("list", epilog="Example: dealflow calendar list")
def list_(home: Home = None, json: Json = False) -> int:
    """List the calendars. Those shipped, and those of calendars.yaml."""
    from dealflow.bootstrap import calendars_here
    from dealflow.cli.session import load_settings
    from dealflow.cli.views.setup.calendar import print_calendars

    calendars = calendars_here(load_settings(home, json=json))
    return print_calendars([calendars.get(name) for name in sorted(calendars.names)])


@app.command(epilog="Example: dealflow calendar load calendars.yaml")
def load(
    file: CalendarsFile = None,
    command_id: CommandId = None,
    on_behalf_of: OnBehalfOf = None,
    home: Home = None,
    json: Json = False,
) -> int:
    """Load the calendars of the store. They count from now on, whatever the files say; the same again is said to be."""
    from dealflow.adapters.calendars.business import BusinessCalendars
    from dealflow.cli.inputs.house import file_to_load
    from dealflow.cli.session import opened
    from dealflow.cli.views.setup.house import print_loaded
    from dealflow.domain.decide.permission import must_be_permitted_in_store

    with opened(home, json=json, command_id=command_id, on_behalf_of=on_behalf_of, loads=True) as session:
        system = session.system
        chosen = file_to_load(file, session.settings.calendars, system.house_calendars)
        must_be_permitted_in_store("calendars", session.kept_who, system.people.current())
        calendars = BusinessCalendars(chosen)
        done = system.house_calendars.versions.load(calendars, session.kept_who, session.command_id)
        return print_loaded(done, len(calendars.own))


@app.command(epilog="Example: dealflow calendar show china-office --year 2026")
def show(name: Name, year: Year = None, home: Home = None, json: Json = False) -> int:
    """Show a year. Working days by month, weekdays off, weekend days worked."""
    from dealflow.adapters.calendars.business import UnknownCalendar
    from dealflow.adapters.calendars.year import calendar_year
    from dealflow.adapters.clock import SystemClock
    from dealflow.bootstrap import calendars_here
    from dealflow.cli.errors import WrongUsage
    from dealflow.cli.session import load_settings
    from dealflow.cli.views.setup.calendar import print_year
    from dealflow.domain.values.phrase import phrase_of

    settings = load_settings(home, json=json)
    try:
        calendar = calendars_here(settings).get(name)
    except UnknownCalendar as error:
        raise WrongUsage(phrase_of(error)) from error
    chosen = year or SystemClock().now().astimezone(settings.timezone).year
    return print_year(calendar, calendar_year(calendar, chosen))
