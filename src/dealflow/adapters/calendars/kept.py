"""The calendars of the house as the store keeps them, beside those that are shipped with every version."""

from typing import Any

from dealflow.adapters.calendars.business import BusinessCalendars
from dealflow.adapters.calendars.plan import CalendarPlan

# A number for the form, so that a later one changes no old digest.
_FORM = 1


def calendars_content(calendars: BusinessCalendars) -> dict[str, Any]:
    """What is kept of them: the plans, by name."""
    return {"form": _FORM, "calendars": [_kept(plan) for plan in sorted(calendars.own, key=lambda plan: plan.name)]}


def calendars_of_content(content: dict[str, Any]) -> BusinessCalendars:
    """The calendars of a kept content, with those that are shipped; ValueError for a form that is not known."""
    if content.get("form") != _FORM:
        raise ValueError(f"form {content.get('form')} is not known")
    return BusinessCalendars(own=[_plan(entry) for entry in content["calendars"]])


def _kept(plan: CalendarPlan) -> dict[str, Any]:
    return {
        "name": plan.name,
        "zone": plan.zone,
        "week": [*plan.week],
        "hours": [[opens, closes] for opens, closes in plan.hours],
        "country": plan.country,
    }


def _plan(entry: dict[str, Any]) -> CalendarPlan:
    hours = tuple((opens, closes) for opens, closes in entry["hours"])
    return CalendarPlan(entry["name"], entry["zone"], tuple(entry["week"]), hours, entry["country"])
