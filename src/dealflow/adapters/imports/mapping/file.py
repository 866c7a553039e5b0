"""A mapping file read and checked against its process: every problem at once, each with its place."""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

from dealflow.adapters.files.located_yaml import LocatedProblem, Problems, Tree, read_tree
from dealflow.adapters.imports.mapping.facts import FactReader, ProcessLookup
from dealflow.adapters.imports.mapping.log import LogReader
from dealflow.adapters.imports.mapping.model import LogMapping, TableMapping
from dealflow.adapters.imports.mapping.tables import TableReader
from dealflow.domain.values.phrase import phrase

_SHARED = ("source", "process", "zone", "deal", "facts")
_OF_TABLES = ("snapshot", "dates", "tables", "rows", "joins", "people")
_Read = TypeVar("_Read")
# The reader is the templates' own; these faults of a whole file need other advice here.
_ADVICE = {"empty": phrase("it begins with source:"), "too-large": None, "documents": phrase("one mapping per file")}


class ImportInvalid(ValueError):
    """A mapping, or files, with which no import can begin; carries every problem found."""

    def __init__(self, problems: Iterable[LocatedProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def read_mapping(path: Path, process_lookup: ProcessLookup) -> TableMapping:
    """The mapping of tables, checked against the published process that it names; ImportInvalid with every problem."""
    tree, problems = _tree(path)
    return _checked(_TableReader(problems, process_lookup).mapping_of(tree, path), problems)


def read_log_mapping(path: Path, process_lookup: ProcessLookup) -> LogMapping:
    """The mapping of an event log, checked in the same way."""
    tree, problems = _tree(path)
    return _checked(_LogReader(problems, process_lookup).mapping_of(tree, path), problems)


def _tree(path: Path) -> tuple[Tree, Problems]:
    tree, problems = read_tree(path)
    if tree is None:
        raise ImportInvalid(
            problem.model_copy(update={"right": _ADVICE.get(problem.rule, problem.right)}) for problem in problems.found
        )
    return tree, problems


def _checked(mapping: _Read | None, problems: Problems) -> _Read:
    if problems.failed or mapping is None:
        raise ImportInvalid(sorted(problems.found, key=lambda problem: (problem.line, problem.column)))
    return mapping


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


class _TableReader(FactReader, TableReader):
    def mapping_of(self, tree: Tree, path: Path) -> TableMapping | None:
        entries = self.mapping(tree, phrase("the mapping"), (*_SHARED, *_OF_TABLES))
        for key in ("source", "process", "zone", "deal", "facts", "tables", "rows"):
            self.required(entries, key, tree, phrase("the mapping"))
        process = self.process(entries.get("process"))
        deal = self.deal(entries.get("deal"))
        by, facts = self.facts(entries.get("facts"))
        records = self.records(entries)
        source = self.name(entries.get("source"), phrase("the source"))
        zone = self.zone(entries.get("zone"), phrase("the mapping's zone")) if "zone" in entries else "UTC"
        snapshot = self.instant(entries.get("snapshot"), phrase("the snapshot"))
        dates = self.dates(entries.get("dates"))
        if process is None or by is None or self.problems.failed:
            return None
        return TableMapping(
            file=str(path),
            digest=_digest(path),
            source=source,
            process=process,
            zone=zone,
            snapshot=snapshot,
            snapshot_place=(entries["snapshot"].line, entries["snapshot"].column) if snapshot else (1, 1),
            dates=dates,
            deal=deal,
            by=by,
            facts=facts,
            records=records,
        )


class _LogReader(LogReader):
    def mapping_of(self, tree: Tree, path: Path) -> LogMapping | None:
        entries = self.mapping(tree, phrase("the mapping"), _SHARED)
        for key in ("source", "process", "facts"):
            self.required(entries, key, tree, phrase("the mapping"))
        process = self.process(entries.get("process"))
        deal = self.deal_of_a_trace(entries.get("deal"), tree)
        log = self.log(entries.get("facts"))
        source = self.name(entries.get("source"), phrase("the source"))
        zone = self.zone(entries.get("zone"), phrase("the mapping's zone")) if "zone" in entries else "UTC"
        if process is None or log is None or self.problems.failed:
            return None
        return LogMapping(
            file=str(path),
            digest=_digest(path),
            source=source,
            process=process,
            zone=zone,
            deal=deal,
            by=log.by,
            facts=log.facts,
            at=log.at,
            transition=log.transition,
            resource=log.resource,
            places=log.places,
        )
