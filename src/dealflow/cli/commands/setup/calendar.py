"""`dealflow calendar`: the business calendars that clocks count in."""

from typing import Annotated

import typer

from dealflow.cli.options import Home, Json, group

app = group("Show the business calendars.")
Name = Annotated[str, typer.Argument(metavar="CALENDAR", help="Its name.", show_default=False)]
Year = Annotated[int | None, typer.Option("--year", min=1951, max=2149, help="Else this year.")]


@app.command("list", epilog="Example: dealflow calendar list")
def list_(home: Home = None, json: Json = False) -> int:
    """List the calendars. Those shipped, and those of calendars.yaml."""
    from dealflow.bootstrap import calendars_of
    from dealflow.cli.session import load_settings
    from dealflow.cli.views.setup.calendar import print_calendars

    calendars = calendars_of(load_settings(home, json=json)).checked()
    return print_calendars([calendars.get(name) for name in sorted(calendars.names)])


@app.command(epilog="Example: dealflow calendar show china-office --year 2026")
def show(name: Name, year: Year = None, home: Home = None, json: Json = False) -> int:
    """Show a year. Working days by month, weekdays off, weekend days worked."""
    from dealflow.adapters.calendars.business import UnknownCalendar
    from dealflow.adapters.calendars.year import calendar_year
    from dealflow.adapters.clock import SystemClock
    from dealflow.bootstrap import calendars_of
    from dealflow.cli.errors import WrongUsage
    from dealflow.cli.session import load_settings
    from dealflow.cli.views.setup.calendar import print_year
    from dealflow.domain.values.phrase import phrase_of

    settings = load_settings(home, json=json)
    try:
        calendar = calendars_of(settings).checked().get(name)
    except UnknownCalendar as error:
        raise WrongUsage(phrase_of(error)) from error
    chosen = year or SystemClock().now().astimezone(settings.timezone).year
    return print_year(calendar, calendar_year(calendar, chosen))
