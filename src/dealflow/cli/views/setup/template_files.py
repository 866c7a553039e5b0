"""Templates as a person reads them: what the checker found, and the versions that were published."""

from collections.abc import Sequence
from pathlib import Path
from typing import assert_never

from dealflow.adapters.processes.template_files import CheckedTemplate
from dealflow.application.processes.published import Published
from dealflow.cli.errors import DONE, REFUSED
from dealflow.cli.output import note, print_json, reader, say
from dealflow.domain.process.definition import ProcessDefinition
from dealflow.domain.values.phrase import Phrase, counted, phrase


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
        say(f"{reader().t(_what_came(one))}  (sha256 {one.digest[:12]})")
        if one.was is not None:
            was = f"{one.process}@{one.was}" if one.was else phrase("nothing")
            now = f"{one.process}@{one.version - 1}"
            say(
                phrase(
                    "When it was proposed, the latest version was {was}; it took the place of {now}.", was=was, now=now
                )
            )
        if one.told:
            say(phrase("Told {people}.", people=list(one.told)))
        if one.standing == "proposed":
            say(phrase("A second person confirms by"))
            say(f"  dealflow process publish --confirm \\\n  {one.digest}")
    return DONE


def _what_came(one: Published) -> Phrase:
    version = f"{one.process}@{one.version}"
    match one.standing:
        case "published" if one.new:
            return phrase("{version} is published", version=version)
        case "published":
            return phrase("{version} was published before; nothing has changed", version=version)
        case "proposed" if one.new:
            return phrase("proposed, not published: {process}", process=one.process)
        case "proposed":
            return phrase("proposed before, and not published: {process}", process=one.process)
        case "rejected":
            return phrase("proposed no more: {process}", process=one.process)
        case never:
            assert_never(never)


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
