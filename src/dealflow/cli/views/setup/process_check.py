"""Templates as files: what the checker finds in them, and the definitions that are to be published."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dealflow.adapters.clock import SystemClock
from dealflow.adapters.files.located_yaml import LocatedProblem
from dealflow.adapters.processes.reader import load_process
from dealflow.application.processes.published import Published
from dealflow.bootstrap import calendars_of
from dealflow.cli.errors import DONE, REFUSED, FilesInvalid
from dealflow.cli.output import note, print_json, reader, say
from dealflow.domain.process.definition import ProcessDefinition
from dealflow.domain.values.suggest import nearest
from dealflow.settings import Settings


@dataclass(frozen=True, slots=True)
class CheckedTemplate:
    """One file with what was found in it; `passes`: it could be published."""

    path: Path
    definition: ProcessDefinition | None
    problems: tuple[LocatedProblem, ...]
    passes: bool


def checked(path: Path, settings: Settings, *, strict: bool) -> CheckedTemplate:
    """Check one file, with the calendars that this installation knows."""
    calendars = calendars_of(settings)
    today = SystemClock().now().astimezone(settings.timezone).date()
    definition, problems = load_process(path, calendars=calendars, today=today)
    passes = definition is not None and not (strict and problems)
    return CheckedTemplate(path, definition, tuple(_with_nearest_file(path, problem) for problem in problems), passes)


def definitions(files: Sequence[Path], settings: Settings) -> list[ProcessDefinition]:
    """The definitions of all files; FilesInvalid with every problem when one has an error. Warnings are only told."""
    results = [checked(path, settings, strict=False) for path in files]
    if not all(result.passes for result in results):
        raise FilesInvalid(problem for result in results for problem in result.problems if not result.passes)
    # One of a kind is enough here; `process check` lists them all.
    warnings = {(p.file, p.message): p for result in results for p in reversed(result.problems)}
    for problem in reversed(warnings.values()):
        note(str(problem))
    found = [result.definition for result in results if result.definition is not None]
    _check_names(files, found)
    return found


def print_checked(results: Sequence[CheckedTemplate], *, json: bool) -> int:
    """Print what was found; the exit code."""
    passes = all(result.passes for result in results)
    if json:
        print_json({"ok": passes, "files": [_document(result) for result in results]})
        return DONE if passes else REFUSED
    for result in results:
        for problem in result.problems:
            say(str(problem))
        if result.definition is not None and result.passes:
            one = result.definition
            said = reader().t("{file}: {name} is in order ({stages} stages, {nodes} nodes, {kinds} kinds of evidence)")
            counts = {"stages": len(one.stages), "nodes": len(one.nodes), "kinds": len(one.evidence)}
            say(said.format(file=result.path, name=one.name, **counts))
    return DONE if passes else REFUSED


def print_published(done: Sequence[Published], *, json: bool) -> int:
    """Print the versions that came of it."""
    if json:
        print_json({"published": [one.model_dump(mode="json") for one in done]})
        return DONE
    for one in done:
        text = "{version} is published" if one.new else "{version} was published before; nothing has changed"
        say(reader().t(text).format(version=f"{one.process}@{one.version}") + f"  (sha256 {one.digest[:12]})")
    return DONE


def _document(result: CheckedTemplate) -> dict[str, object]:
    return {
        "file": str(result.path),
        "ok": result.passes,
        "process": result.definition.name if result.definition else None,
        "problems": [problem.model_dump(mode="json") for problem in result.problems],
    }


def _check_names(files: Sequence[Path], found: Sequence[ProcessDefinition]) -> None:
    names = [one.name for one in found]
    for index, name in enumerate(names):
        if name in names[:index]:
            wrong = f"the process '{name}' stands in {files[names.index(name)]} as well"
            right = "publish one of them"
            raise FilesInvalid(
                [
                    LocatedProblem(
                        file=str(files[index]), line=1, column=1, rule="name-twice", message=wrong, right=right
                    )
                ]
            )


def _with_nearest_file(path: Path, problem: LocatedProblem) -> LocatedProblem:
    """For a file that is not there, the one that was probably meant."""
    if path.exists() or not path.parent.is_dir():
        return problem
    near = nearest(path.name, [other.name for other in path.parent.glob("*.y*ml")])
    return problem.model_copy(update={"suggestion": str(path.with_name(near))}) if near else problem
