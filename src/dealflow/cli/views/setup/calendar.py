"""Business calendars as a person reads them."""

from calendar import monthrange
from datetime import date

from dealflow.adapters.calendars.business import BusinessCalendar, UnknownCalendar
from dealflow.adapters.clock import SystemClock
from dealflow.bootstrap import calendars_of
from dealflow.cli.errors import WrongUsage
from dealflow.cli.output import print_json, reader, say
from dealflow.cli.tables import print_pairs, print_table
from dealflow.settings import Settings


def print_calendars(settings: Settings) -> int:
    """Print every calendar with what it is made of."""
    calendars = calendars_of(settings)
    found = [calendars.get(name) for name in sorted(calendars.names)]
    if reader().json:
        print_json({"calendars": [_document(one) for one in found]})
        return 0
    print_table(
        ("Calendar", "Zone", "Country", "Made of"),
        [(one.plan.name, one.plan.zone, one.plan.country, one.version) for one in found],
    )
    return 0


def print_year(settings: Settings, name: str, year: int | None) -> int:
    """Print the working days of one year; WrongUsage for a calendar that is not known."""
    try:
        calendar = calendars_of(settings).get(name)
    except UnknownCalendar as error:
        raise WrongUsage(str(error)) from error
    chosen = year or SystemClock().now().astimezone(settings.timezone).year
    days = [date(chosen, month, day) for month in range(1, 13) for day in range(1, monthrange(chosen, month)[1] + 1)]
    working = [day for day in days if calendar.is_working_day(day)]
    usual = [day for day in days if day.weekday() in calendar.plan.week]
    off = sorted(set(usual) - set(working))
    made_up = sorted(set(working) - set(usual))
    by_month = {month: sum(day.month == month for day in working) for month in range(1, 13)}
    provisional = calendar.plan.country is not None and calendar.is_provisional(chosen)
    if reader().json:
        found = {
            **_document(calendar),
            "year": chosen,
            "provisional": provisional,
            "working_days": len(working),
            "working_days_by_month": by_month,
            "days_off": off,
            "days_made_up": made_up,
        }
        print_json(found)
        return 0
    say(f"{calendar.plan.name} {chosen}")
    print_pairs(
        [
            ("Made of", calendar.version),
            ("Working days", len(working)),
            ("Weekdays off", ", ".join(day.isoformat() for day in off)),
            ("Other days worked", ", ".join(day.isoformat() for day in made_up)),
            (
                "Provisional",
                reader().t("the make-up working days of this year are not known yet") if provisional else "",
            ),
        ],
        indent=2,
    )
    print_table(
        ("Month", ">Working days"), [(f"{chosen}-{month:02}", days) for month, days in by_month.items()], indent=2
    )
    return 0


def _document(calendar: BusinessCalendar) -> dict[str, object]:
    plan = calendar.plan
    return {"name": plan.name, "zone": plan.zone, "country": plan.country, "version": calendar.version}
