"""Business calendars as a person reads them."""

from collections.abc import Sequence
from datetime import date

from dealflow.adapters.calendars.business import BusinessCalendar
from dealflow.adapters.calendars.year import CalendarYear
from dealflow.cli.output import print_json, reader, say
from dealflow.cli.tables import print_pairs, print_table


def print_calendars(calendars: Sequence[BusinessCalendar]) -> int:
    """Print every calendar with what it is made of."""
    if reader().json:
        print_json({"calendars": [_document(one) for one in calendars]})
        return 0
    print_table(
        ("Calendar", "Zone", "Country", "Made of"),
        [(one.plan.name, one.plan.zone, one.plan.country, one.version) for one in calendars],
    )
    return 0


def print_year(calendar: BusinessCalendar, found: CalendarYear) -> int:
    """Print the working days of one year."""
    if reader().json:
        document = {
            **_document(calendar),
            "year": found.year,
            "provisional": found.provisional,
            "working_days": found.working_days,
            "working_days_by_month": found.working_days_by_month,
            "days_off": found.days_off,
            "days_made_up": found.days_made_up,
        }
        print_json(document)
        return 0
    provisional = reader().t("the make-up working days of this year are not known yet") if found.provisional else ""
    say(f"{calendar.plan.name} {found.year}")
    print_pairs(
        [
            ("Made of", calendar.version),
            ("Working days", found.working_days),
            ("Weekdays off", _listed(found.days_off)),
            ("Other days worked", _listed(found.days_made_up)),
            ("Provisional", provisional),
        ],
        indent=2,
    )
    months = [(f"{found.year}-{month:02}", days) for month, days in found.working_days_by_month.items()]
    print_table(("Month", ">Working days"), months, indent=2)
    return 0


def _listed(days: Sequence[date]) -> str:
    return reader().listed(day.isoformat() for day in days)


def _document(calendar: BusinessCalendar) -> dict[str, object]:
    plan = calendar.plan
    return {"name": plan.name, "zone": plan.zone, "country": plan.country, "version": calendar.version}
