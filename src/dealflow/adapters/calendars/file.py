"""The file `calendars.yaml`: a company's own calendars, each refused with its place when it cannot be right."""

from pathlib import Path

from dealflow.adapters.calendars.model import CalendarDocument, CalendarEntry
from dealflow.adapters.calendars.plan import SHIPPED, CalendarPlan
from dealflow.adapters.files.file_model import advised, place_of, read_list
from dealflow.adapters.files.located_yaml import LocatedProblem, read_tree
from dealflow.domain.values.phrase import phrase


class CalendarFileInvalid(ValueError):
    """A calendar file that cannot be used; carries every problem found."""

    def __init__(self, problems: list[LocatedProblem]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


def read_plans(path: Path) -> list[CalendarPlan]:
    """The calendars of a file; CalendarFileInvalid with every problem."""
    tree, problems = read_tree(path)
    plans: list[CalendarPlan] = []
    taken = {plan.name for plan in SHIPPED}
    if tree is None:
        raise CalendarFileInvalid(advised(CalendarDocument, problems))
    for place, entry in read_list(CalendarDocument, CalendarEntry, tree, problems):
        if entry.name in taken:
            wrong = phrase("there is a calendar '{name}' already", name=entry.name)
            problems.add(place_of(place, ("name",)), "duplicate-id", wrong, phrase("choose another name"))
        taken.add(entry.name)
        plans.append(entry.plan())
    if problems.found:
        raise CalendarFileInvalid(sorted(problems.found, key=lambda problem: (problem.line, problem.column)))
    return plans
