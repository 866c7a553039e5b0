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
    from dealflow.cli.session import load_settings
    from dealflow.cli.views.setup.calendar import print_calendars

    return print_calendars(load_settings(home, json=json))


@app.command(epilog="Example: dealflow calendar show china-office --year 2026")
def show(name: Name, year: Year = None, home: Home = None, json: Json = False) -> int:
    """Show a year. Working days by month, weekdays off, weekend days worked."""
    from dealflow.cli.session import load_settings
    from dealflow.cli.views.setup.calendar import print_year

    return print_year(load_settings(home, json=json), name, year)
