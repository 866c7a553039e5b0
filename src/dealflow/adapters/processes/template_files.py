"""Templates as files: each checked with the calendars of this installation, and all of them together before they are published."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from dealflow.adapters.calendars.business import BusinessCalendars
from dealflow.adapters.files.located_yaml import LocatedProblem
from dealflow.adapters.processes.reader import load_process
from dealflow.domain.process.definition import ProcessDefinition
from dealflow.domain.values.phrase import phrase
from dealflow.domain.values.suggest import nearest


@dataclass(frozen=True, slots=True)
class CheckedTemplate:
    """One file with what was found in it; `passes`: it could be published."""

    path: Path
    definition: ProcessDefinition | None
    problems: tuple[LocatedProblem, ...]
    passes: bool


def check_template(path: Path, calendars: BusinessCalendars, today: date, *, strict: bool = False) -> CheckedTemplate:
    """Check one file; `strict`: a warning keeps it from passing."""
    definition, problems = load_process(path, calendars=calendars, today=today)
    passes = definition is not None and not (strict and problems)
    return CheckedTemplate(path, definition, tuple(_with_nearest_file(path, problem) for problem in problems), passes)


def publishing_faults(checked: Sequence[CheckedTemplate]) -> list[LocatedProblem]:
    """What keeps these files from being published together: faults of each, and two processes of one name."""
    faults = [problem for one in checked for problem in one.problems if not one.passes]
    first: dict[str, Path] = {}
    for one in checked:
        if one.definition is None:
            continue
        name = one.definition.name
        if name in first:
            faults.append(_name_twice(one.path, name, first[name]))
        first.setdefault(name, one.path)
    return faults


def _name_twice(path: Path, name: str, first: Path) -> LocatedProblem:
    wrong = phrase("the process '{name}' stands in {file} as well", name=name, file=str(first))
    right = phrase("publish one of them")
    return LocatedProblem(file=str(path), line=1, column=1, rule="name-twice", message=wrong, right=right)


def _with_nearest_file(path: Path, problem: LocatedProblem) -> LocatedProblem:
    """For a file that is not there, the one that was probably meant."""
    if path.exists() or not path.parent.is_dir():
        return problem
    near = nearest(path.name, [other.name for other in path.parent.glob("*.y*ml")])
    return problem.model_copy(update={"suggestion": str(path.with_name(near))}) if near else problem
