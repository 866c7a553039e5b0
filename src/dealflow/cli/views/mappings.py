"""Mappings as files to begin with: the ready ones, and the schema that editors check them by."""

from collections.abc import Collection, Mapping

from dealflow.adapters.files.file_model import FileModel, json_schema
from dealflow.adapters.imports.mapping.document import (
    CsvLogMappingDocument,
    LogMappingDocument,
    TableMappingDocument,
)
from dealflow.adapters.imports.ready import READY, ready_mapping
from dealflow.cli.errors import DONE, WrongUsage
from dealflow.cli.output import print_json, reader, say
from dealflow.cli.tables import print_table
from dealflow.domain.process.definition import ProcessDefinition
from dealflow.domain.values.phrase import phrase
from dealflow.domain.values.suggest import nearest

_DOCUMENTS: Mapping[str, type[FileModel]] = {
    "crm-csv": TableMappingDocument,
    "log-csv": CsvLogMappingDocument,
    "xes": LogMappingDocument,
}


def print_ready_mappings() -> int:
    """Print which ready mappings there are."""
    if reader().json:
        print_json({"mappings": [{"name": name, "for": what} for name, what in READY.items()]})
    else:
        print_table(("Name", "For"), list(READY.items()))
    return DONE


def print_ready_mapping(name: str, process: str | None = None, definition: ProcessDefinition | None = None) -> int:
    """Print one of them, with the stages of a process where one is named; WrongUsage for a name that none has."""
    _must_be_one(name, READY)
    text = ready_mapping(name, process or "your-process", definition)
    if reader().json:
        print_json({"name": name, "mapping": text})
    else:
        say(text.rstrip("\n"))
    return DONE


def print_mapping_schema(command: str) -> int:
    """Print the JSON Schema of the mappings that this command reads."""
    _must_be_one(command, _DOCUMENTS)
    print_json(json_schema(_DOCUMENTS[command]))
    return DONE


def _must_be_one(name: str, known: Collection[str]) -> None:
    if name in known:
        return
    near = nearest(name, known)
    said = {"given": name[:60], "known": tuple(known)}
    raise WrongUsage(
        phrase("there is no '{given}': one of {known}; did you mean '{near}'?", **said, near=near)
        if near
        else phrase("there is no '{given}': one of {known}", **said)
    )
