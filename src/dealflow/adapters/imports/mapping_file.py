"""A mapping file read and checked against its process: every problem at once, each with its place."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from dealflow.adapters.imports.mapping import Mapping
from dealflow.adapters.imports.mapping_facts import FactReader, ProcessLookup
from dealflow.adapters.imports.mapping_tables import TableReader
from dealflow.adapters.process_yaml import Problem, Tree, read_tree

_SHARED = ("source", "process", "zone", "snapshot", "dates", "deal", "facts")
_KEYS = (*_SHARED, "tables", "rows", "joins", "people")
# The reader is the templates' own; these faults of a whole file need other advice here.
_ADVICE = {"empty": "it begins with source:", "too-large": None, "documents": "one mapping per file"}


class ImportInvalid(ValueError):
    """A mapping, or files, with which no import can begin; carries every problem found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def read_mapping(path: Path, process_lookup: ProcessLookup) -> Mapping:
    """The mapping, checked against the published process that it names; ImportInvalid with every problem."""
    tree, problems = read_tree(path)
    if tree is None:
        raise ImportInvalid(
            problem.model_copy(update={"right": _ADVICE.get(problem.rule, problem.right)}) for problem in problems.found
        )
    mapping = _Reader(problems, process_lookup).mapping_of(tree, path)
    if problems.failed or mapping is None:
        raise ImportInvalid(sorted(problems.found, key=lambda problem: (problem.line, problem.column)))
    return mapping


class _Reader(FactReader, TableReader):
    def mapping_of(self, tree: Tree, path: Path) -> Mapping | None:
        entries = self.mapping(tree, "the mapping", _KEYS)
        for key in ("source", "process", "zone", "deal", "facts", "tables", "rows"):
            self.required(entries, key, tree, "the mapping")
        process = self.process(entries.get("process"))
        deal = self.deal(entries.get("deal"))
        by, facts = self.facts(entries.get("facts"))
        records = self.records(entries)
        source = self.name(entries.get("source"), "the source")
        zone = self.zone(entries.get("zone"), "the mapping's zone") if "zone" in entries else "UTC"
        snapshot = self.instant(entries.get("snapshot"), "the snapshot")
        dates = self.dates(entries.get("dates"))
        if process is None or by is None or self.problems.failed:
            return None
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        return Mapping(str(path), digest, source, process, zone, snapshot, dates, deal, by, facts, records)
