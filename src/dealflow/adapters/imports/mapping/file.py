"""A mapping file read and checked against its process: every problem at once, each with its place."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypeVar

from dealflow.adapters.files.located_yaml import LocatedProblem, Problems, Tree, read_tree
from dealflow.adapters.imports.mapping.document import (
    CsvLogMappingDocument,
    DealOfRow,
    DealOfTrace,
    FactsOfRows,
    LogMappingDocument,
    TableMappingDocument,
)
from dealflow.adapters.imports.mapping.facts import ProcessLookup
from dealflow.adapters.imports.mapping.following import following
from dealflow.adapters.imports.mapping.log import LogReader
from dealflow.adapters.imports.mapping.meaning import meaning_of
from dealflow.adapters.imports.mapping.model import LogMapping, TableMapping
from dealflow.adapters.imports.mapping.tables import TableReader
from dealflow.domain.process.canonical import digest_of_content
from dealflow.domain.values.phrase import phrase

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
    return _checked(_RowsMapping(problems, process_lookup).mapping_of(tree, path), problems)


def read_log_mapping(path: Path, process_lookup: ProcessLookup, *, is_csv: bool = False) -> LogMapping:
    """The mapping of an event log, in XES or in CSV, checked in the same way."""
    tree, problems = _tree(path)
    return _checked(_EventsMapping(problems, process_lookup).mapping_of(tree, path, is_csv=is_csv), problems)


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


def _place(entries: Mapping[str, Tree], key: str) -> tuple[int, int]:
    """Where the value of this key stands; the start of the file where there is none."""
    return (entries[key].line, entries[key].column) if key in entries else (1, 1)


class _RowsMapping(TableReader):
    def mapping_of(self, tree: Tree, path: Path) -> TableMapping | None:
        entries = self.part(TableMappingDocument, tree)
        process = self.process(entries.get("process"))
        zone = self.zone(entries.get("zone"), phrase("the mapping's zone")) if "zone" in entries else "UTC"
        deal = self.deal(self.part(DealOfRow, entries.get("deal")), zone)
        said = self.part(FactsOfRows, entries.get("facts"))
        by, facts = self.text(said.get("by"), "'by'"), self.facts_of(said.get("values"))
        every = self.rules(said.get("every"), "'every'", "every")
        self.chosen_by(said, entries.get("facts"))
        corrections, corrected = self.corrections(entries.get("corrections"))
        records = self.records(entries)
        source = self.name(entries.get("source"), phrase("the source"))
        snapshot = self.instant(entries.get("snapshot"), phrase("the snapshot"))
        cells, of_columns = self.cell_rule(entries), self.columns(entries.get("columns"))
        only = self.only(said.get("only"))
        exported_at = self.instant(entries.get("exported_at"), phrase("the export"))
        adds_to = tuple(self.name(item, "'adds_to'") for item, _ in self.words(entries.get("adds_to"), "'adds_to'"))
        follows = following(self, entries)
        if process is None or self.problems.failed:
            return None
        content = meaning_of(tree)
        return TableMapping(
            file=str(path),
            digest=digest_of_content(content),
            content=content,
            source=source,
            process=process,
            zone=zone,
            snapshot=snapshot,
            snapshot_place=_place(entries, "snapshot"),
            cells=cells,
            of_columns=of_columns,
            deal=deal,
            by=by,
            facts=facts,
            every=every,
            only=only,
            corrections=corrections,
            corrected=corrected,
            adds_to=adds_to,
            follows=follows,
            exported_at=exported_at,
            exported_place=_place(entries, "exported_at"),
            records=records,
        )

    def chosen_by(self, said: dict[str, Tree], tree: Tree | None) -> None:
        """Facts are chosen by a value, or are those of every row."""
        is_chosen = "every" not in said or "by" in said or "values" in said
        if tree is not None and is_chosen:
            for key in ("by", "values"):
                self.required(said, key, tree, "'facts'")


class _EventsMapping(LogReader):
    def mapping_of(self, tree: Tree, path: Path, *, is_csv: bool) -> LogMapping | None:
        entries = self.part(CsvLogMappingDocument if is_csv else LogMappingDocument, tree)
        process = self.process(entries.get("process"))
        zone = self.zone(entries.get("zone"), phrase("the mapping's zone")) if "zone" in entries else "UTC"
        said = self.attributes(entries.get("facts"))
        deal = self.deal_of_events(self.deal(self.part(DealOfTrace, entries.get("deal")), zone), tree, is_csv=is_csv)
        log = self.log(said, entries.get("facts"))
        corrections, corrected = self.corrections(entries.get("corrections"))
        source = self.name(entries.get("source"), phrase("the source"))
        cells, of_columns = self.cell_rule(entries), self.columns(entries.get("columns"))
        exported_at = self.instant(entries.get("exported_at"), phrase("the export"))
        adds_to = tuple(self.name(item, "'adds_to'") for item, _ in self.words(entries.get("adds_to"), "'adds_to'"))
        if "tables" in entries:
            self.required(entries, "rows", tree, phrase("the mapping"))
        records = self.records(entries) if "tables" in entries else None
        follows = following(self, entries)
        if process is None or log is None or self.problems.failed:
            return None
        content = meaning_of(tree)
        return LogMapping(
            file=str(path),
            digest=digest_of_content(content),
            content=content,
            source=source,
            process=process,
            zone=zone,
            cells=cells,
            of_columns=of_columns,
            deal=deal,
            by=log.by,
            facts=log.facts,
            every=log.every,
            only=log.only,
            corrections=corrections,
            corrected=corrected,
            adds_to=adds_to,
            follows=follows,
            exported_at=exported_at,
            exported_place=_place(entries, "exported_at"),
            at=log.at,
            transition=log.transition,
            resource=log.resource,
            places=log.places,
            picks=tuple(self.picks.values()),
            changes_only=log.changes_only,
            previous=log.previous,
            begins_in=log.begins_in,
            records=records,
        )
