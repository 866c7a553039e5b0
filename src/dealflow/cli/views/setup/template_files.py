"""Templates as a person reads them: what the checker found, and the versions that were published."""

from collections.abc import Sequence

from dealflow.adapters.processes.template_files import CheckedTemplate
from dealflow.application.processes.published import Published
from dealflow.cli.errors import DONE, REFUSED
from dealflow.cli.output import note, print_json, reader, say


def note_warnings(checked: Sequence[CheckedTemplate]) -> None:
    """Tell of warnings beside a publication: one of a kind is enough here, `process check` lists them all."""
    warnings = {(p.file, p.message): p for one in checked for p in reversed(one.problems)}
    for problem in reversed(warnings.values()):
        note(str(problem))


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
