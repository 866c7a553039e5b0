"""The one place where errors become exit codes: 0 done, 1 refused, 2 wrong usage, 3 a part that is needed is not there."""

import os
import sys
import traceback
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from dealflow.adapters.files.located_yaml import LocatedProblem
from dealflow.cli.language import spoken
from dealflow.domain.values.phrase import phrase, phrase_of
from dealflow.wording.catalogue import catalogue
from dealflow.wording.system_faults import system_fault

DONE, REFUSED, WRONG_USAGE, NOT_THERE = 0, 1, 2, 3


class WrongUsage(Exception):
    """The command line cannot be understood as it was written; the phrases, a line each, say what would be right."""


class FilesInvalid(Exception):
    """Files that cannot be used; carries every problem found."""

    def __init__(self, problems: "Iterable[LocatedProblem]") -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def report(error: BaseException, arguments: list[str]) -> int:
    """Tell the user what went wrong, as a person or a program reads it; the exit code."""
    # Typer makes a SystemExit of a pipe that was closed while a command ran.
    if isinstance(error, BrokenPipeError) or isinstance(error.__context__, BrokenPipeError):
        return _reader_left()
    if isinstance(error, KeyboardInterrupt | typer.Abort):
        return 130
    code, document, lines = _told(error)
    if os.environ.get("DEALFLOW_LOG_LEVEL", "").lower() == "debug":
        traceback.print_exception(error)
    try:
        if "--json" in arguments:
            from dealflow.cli.output import print_json

            print_json(document)
        else:
            _say(lines)
    except BrokenPipeError:
        return _reader_left()
    return code


def _told(error: BaseException) -> tuple[int, dict[str, Any], list[str]]:
    """Exit code, document and lines of an error; what is imported here is needed only when something went wrong."""
    if isinstance(error, typer.TyperException):
        return _usage(error)
    from pydantic import ValidationError

    from dealflow.adapters.calendars.file import CalendarFileInvalid
    from dealflow.adapters.imports.mapping.file import ImportInvalid
    from dealflow.adapters.imports.memory import ImportMemoryBroken, ImportRunning
    from dealflow.adapters.imports.rejects import RejectsRefused
    from dealflow.adapters.people.reader import PeopleFileError
    from dealflow.application.ports.store import Conflict, KeyMissing, KeysUnavailable, StoreUnreachable
    from dealflow.application.ports.workflow_starter import TemporalUnreachable
    from dealflow.domain.values.refusal import CommandRefused
    from dealflow.settings import SettingsError

    match error:
        case CommandRefused():
            return _refused(error.reasons)
        case FilesInvalid() | ImportInvalid() | PeopleFileError() | CalendarFileInvalid():
            return _problems(error.problems)
        case ValidationError():
            return _shape(error)
        case WrongUsage() | RejectsRefused():
            return _failed(WRONG_USAGE, "wrong_usage", error.args)
        case SettingsError():
            return _failed(WRONG_USAGE, "settings_invalid", error.problems)
        case KeyMissing():
            return _failed(REFUSED, "key_missing", [phrase_of(error)])
        case KeysUnavailable():
            return _failed(NOT_THERE, "keys_unavailable", [phrase_of(error)])
        case StoreUnreachable():
            return _failed(NOT_THERE, "store_unreachable", [phrase_of(error)])
        case TemporalUnreachable():
            return _failed(NOT_THERE, "temporal_unreachable", [phrase_of(error)])
        case ImportMemoryBroken():
            return _failed(REFUSED, "import_memory_broken", [phrase_of(error)])
        case ImportRunning():
            return _failed(REFUSED, "import_running", [phrase_of(error)])
        case Conflict():
            return _failed(
                REFUSED, "conflict", [phrase("{error}; nothing was changed, try again", error=phrase_of(error))]
            )
        case OSError():
            return _failed(NOT_THERE, "unreadable", [system_fault(error)])
    return _of_parts(error)


def _of_parts(error: BaseException) -> tuple[int, dict[str, Any], list[str]]:
    """Errors of the parts that run for long; these modules load slowly, and are loaded already when such an error came."""
    name = type(error).__name__
    if type(error).__module__.startswith("dealflow."):
        match name:
            case "MetricsNotServed":
                return _failed(NOT_THERE, "metrics_not_served", [phrase_of(error)])
            case "ServerNotFound" | "ServerFailed":
                return _failed(NOT_THERE, "temporal_unreachable", error.args)
            case "HomeTaken":
                return _failed(REFUSED, "home_taken", [phrase_of(error)])
            case "DemoFailed":
                return _failed(REFUSED, "demo_failed", [phrase_of(error)])
    # What the error says may repeat a value that is personal.
    wrong = phrase("this should not have happened: {error}", error=f"{name} ({_place(error)})")
    return _failed(NOT_THERE, "unexpected", [wrong, phrase("DEALFLOW_LOG_LEVEL=debug shows where")])


def _place(error: BaseException) -> str:
    """The last line of ours in which it happened."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if f"{os.sep}dealflow" in frame.filename]
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"


def refused_document(reasons: Iterable[Any]) -> list[dict[str, Any]]:
    """Refusals as data, each with its sentence."""
    from dealflow.cli.output import reader
    from dealflow.wording.sentences import sentence

    who = reader()
    return [
        {
            "code": reason.code.value,
            "place": reason.place,
            "message": sentence(reason, who.language, who.zone),
            "suggestion": reason.suggestion,
            "data": reason.model_dump(mode="json")["data"],
        }
        for reason in reasons
    ]


def _refused(reasons: Iterable[Any]) -> tuple[int, dict[str, Any], list[str]]:
    found = list(reasons)
    listed = refused_document(found)
    lines = [item["message"] for item in listed]
    lines += [reason.data["advice"] for reason in found if "advice" in reason.data]
    return REFUSED, {"refused": listed}, lines


def _problems(problems: Iterable[Any]) -> tuple[int, dict[str, Any], list[str]]:
    listed = list(problems)
    document = [
        {
            "code": problem.rule,
            "place": f"{problem.file}:{problem.line}:{problem.column}",
            "message": problem.message + (f"; {problem.right}" if problem.right else ""),
            "suggestion": problem.suggestion,
            "data": problem.model_dump(mode="json"),
        }
        for problem in listed
    ]
    return REFUSED, {"refused": document}, [problem.said for problem in listed]


def _shape(error: Any) -> tuple[int, dict[str, Any], list[str]]:
    """A value that does not have the shape of its command: refused like any other, with its place."""
    from dealflow.domain.values.refusal import Code, Reason
    from dealflow.domain.values.shape_fault import shape_fault

    reasons = [
        Reason(
            code=Code.FIELD_INVALID,
            place=".".join(str(part) for part in fault["loc"] if not isinstance(part, int)),
            data={"wrong": shape_fault(fault)},
        )
        for fault in error.errors(include_input=False, include_url=False)
    ]
    return _refused(reasons)


def _usage(error: typer.TyperException) -> tuple[int, dict[str, Any], list[str]]:
    if type(error).__name__ == "NoArgsIsHelpError":
        document = {"error": {"code": "wrong_usage", "message": "name a command"}}
        return WRONG_USAGE, document, error.format_message().strip().splitlines()
    from dealflow.cli.parser.usage import usage_fault

    fault = usage_fault(error)
    lines: list[str] = [fault]
    context = getattr(error, "ctx", None)
    if context is not None:
        lines += [context.get_usage().strip(), phrase("See: {command}", command=f"{context.command_path} --help")]
    return WRONG_USAGE, {"error": {"code": "wrong_usage", "message": fault}}, lines


def _failed(code: int, name: str, lines: Sequence[str]) -> tuple[int, dict[str, Any], list[str]]:
    key = "refused" if code == REFUSED else "error"
    fault: dict[str, Any] = {"code": name, "message": "\n".join(lines)}
    return code, {key: [fault] if code == REFUSED else fault}, list(lines)


def _say(lines: list[str]) -> None:
    in_language = catalogue(spoken())
    for line in lines:
        sys.stderr.write(in_language.say(line) + "\n")


def _reader_left() -> int:
    # The command had done its work, and nobody reads any more; the interpreter must not complain when it flushes.
    sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  the process ends with it
    return DONE
