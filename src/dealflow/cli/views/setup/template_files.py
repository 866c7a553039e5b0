"""Templates as a person reads them: what the checker found, and the versions that were published."""

from collections.abc import Sequence
from pathlib import Path

from dealflow.adapters.processes.template_files import CheckedTemplate
from dealflow.application.processes.published import Published
from dealflow.cli.errors import DONE, REFUSED
from dealflow.cli.output import note, print_json, reader, say
from dealflow.domain.process.definition import ProcessDefinition
from dealflow.domain.values.phrase import counted


def note_warnings(checked: Sequence[CheckedTemplate]) -> None:
    """Tell of warnings beside a publication: one of a kind is enough here, `process check` lists them all."""
    warnings = {(p.file, p.message): p for one in checked for p in reversed(one.problems)}
    for problem in reversed(warnings.values()):
        note(reader().t(problem.said))


def print_checked(results: Sequence[CheckedTemplate], *, json: bool) -> int:
    """Print what was found; the exit code."""
    passes = all(result.passes for result in results)
    if json:
        print_json({"ok": passes, "files": [_document(result) for result in results]})
        return DONE if passes else REFUSED
    for result in results:
        for problem in result.problems:
            say(reader().t(problem.said))
        if result.definition is not None and result.passes:
            say(_in_order(result.path, result.definition))
    return DONE if passes else REFUSED


def print_published(done: Sequence[Published], *, json: bool) -> int:
    """Print the versions that came of it."""
    if json:
        print_json({"published": [one.model_dump(mode="json") for one in done]})
        return DONE
    for one in done:
        version = f"{one.process}@{one.version}"
        said = (
            reader().t("{version} is published", version=version)
            if one.new
            else reader().t("{version} was published before; nothing has changed", version=version)
        )
        say(f"{said}  (sha256 {one.digest[:12]})")
    return DONE


def _in_order(path: Path, one: ProcessDefinition) -> str:
    return reader().t(
        "{file}: {name} is in order ({stages}, {nodes}, {kinds})",
        file=str(path),
        name=one.name,
        stages=counted("{n} stage", "{n} stages", len(one.stages)),
        nodes=counted("{n} node", "{n} nodes", len(one.nodes)),
        kinds=counted("{n} kind of evidence", "{n} kinds of evidence", len(one.evidence)),
    )


def _document(result: CheckedTemplate) -> dict[str, object]:
    return {
        "file": str(result.path),
        "ok": result.passes,
        "process": result.definition.name if result.definition else None,
        "problems": [problem.model_dump(mode="json") for problem in result.problems],
    }
