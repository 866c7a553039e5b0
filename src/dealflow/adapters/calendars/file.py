"""The file `calendars.yaml`: a company's own calendars, each refused with its place when it cannot be right."""

import re
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import holidays

from dealflow.adapters.calendars.plan import SHIPPED, CalendarPlan
from dealflow.adapters.files.located_yaml import LocatedProblem, Problems, Tree, YamlScalar, read_tree
from dealflow.adapters.files.values import Values

_KEYS = ("name", "country", "zone", "week", "hours")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN = re.compile(r"^([01]?\d|2[0-3]):([0-5]\d)\s*-\s*([01]?\d|2[0-4]):([0-5]\d)$", re.ASCII)


class CalendarFileInvalid(ValueError):
    """A calendar file that cannot be used; carries every problem found."""

    def __init__(self, problems: list[LocatedProblem]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


def read_plans(path: Path) -> list[CalendarPlan]:
    """The calendars of a file, a list of {name, country, zone, week, hours}; CalendarFileInvalid with every problem."""
    tree, problems = read_tree(path)
    plans: list[CalendarPlan] = []
    if tree is not None:
        reader = _Reader(problems)
        entries = reader.mapping(tree, "the calendar file", ("calendars",))
        items = reader.items(reader.required(entries, "calendars", tree, "the calendar file"), "'calendars'")
        taken = {plan.name for plan in SHIPPED}
        for item in items:
            plan = reader.plan(item)
            if plan.name in taken:
                problems.add(item, "duplicate-id", f"there is a calendar '{plan.name}' already", "choose another name")
            taken.add(plan.name)
            plans.append(plan)
    if problems.found:
        raise CalendarFileInvalid(problems.found)
    return plans


class _Reader(Values):
    def __init__(self, problems: Problems) -> None:
        super().__init__(problems)
        self.countries = sorted(holidays.list_supported_countries())
        self.zones = sorted(available_timezones())

    def plan(self, tree: Tree) -> CalendarPlan:
        entries = self.mapping(tree, "a calendar", _KEYS)
        name = self.name(self.required(entries, "name", tree, "a calendar"), "the calendar's name")
        what = f"calendar '{name}'"
        country = None
        if "country" in entries:
            country = self.word(entries["country"], f"the country of {what}").upper()
            if country and country not in self.countries:
                wrong = f"no holidays are known for the country '{country[:60]}'"
                self.problems.add(
                    entries["country"], "country", wrong, "a code such as CN", near=(country, self.countries)
                )
                country = None
        zone = self.zone(entries.get("zone"), what) if "zone" in entries else "UTC"
        week = self.week(entries.get("week"), what) if "week" in entries else (0, 1, 2, 3, 4)
        hours = self.hours(entries.get("hours"), what) if "hours" in entries else ((540, 1080),)
        return CalendarPlan(name=name, zone=zone, week=week, hours=hours, country=country)

    def zone(self, tree: Tree | None, what: str) -> str:
        word = self.word(tree, f"the zone of {what}")
        try:
            return ZoneInfo(word).key
        except (ZoneInfoNotFoundError, ValueError, OSError):
            if tree is not None and word:
                wrong = f"unknown zone '{word[:60]}'"
                self.problems.add(tree, "zone", wrong, "a name such as Asia/Shanghai", near=(word, self.zones))
            return "UTC"

    def week(self, tree: Tree | None, what: str) -> tuple[int, ...]:
        items = self.items(tree, f"the week of {what}")
        if tree is not None and not items:
            self.problems.add(tree, "no-working-day", f"{what} has no working day", "list at least one of mon to sun")
        days = {_DAYS.index(self.choice(item, f"a day of {what}", _DAYS, "mon")) for item in items}
        return tuple(sorted(days))

    def hours(self, tree: Tree | None, what: str) -> tuple[tuple[int, int], ...]:
        spans: list[tuple[int, int]] = []
        for item in [tree] if isinstance(tree, YamlScalar) else self.items(tree, f"the hours of {what}"):
            word = self.word(item, f"the hours of {what}")
            match = _SPAN.match(word.strip())
            opens, closes = (
                (int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])) if match else (0, 0)
            )
            if not match or opens >= closes or closes > 24 * 60:
                self.problems.add(item, "hours", f"'{word[:60]}' are no hours of a day", "such as 09:00-18:00")
            elif spans and opens < spans[-1][1]:
                self.problems.add(item, "hours", f"'{word}' begins before the hours before it end", "put them in order")
            else:
                spans.append((opens, closes))
        if tree is not None and not spans and not self.problems.failed:
            self.problems.add(tree, "no-working-day", f"{what} has no working hours", "such as 09:00-18:00")
        return tuple(spans)
