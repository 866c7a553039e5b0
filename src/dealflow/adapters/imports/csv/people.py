"""The people of an import: sellers and managers from a table, added to `people.yaml` without touching who stands there."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from dealflow.adapters.files.located_yaml import LocatedProblem
from dealflow.adapters.imports.csv.files import CsvFiles
from dealflow.adapters.imports.csv.table import BadRow, TableRow
from dealflow.adapters.imports.mapping.file import ImportInvalid
from dealflow.adapters.imports.mapping.model import PeopleRule
from dealflow.adapters.imports.rejects import shortened
from dealflow.adapters.people.merge import Merged, merge_people
from dealflow.adapters.people.reader import load_people
from dealflow.adapters.people.write import write_people
from dealflow.application.imports.plans import Reject, RespelledColumn
from dealflow.application.imports.report import RespelledCount
from dealflow.domain.people.organisation import Organisation, Person
from dealflow.domain.values.ids import ENGINE, is_person_id, person_fault
from dealflow.domain.values.phrase import as_phrase, phrase
from dealflow.domain.values.text.spelling import Respelled, normal_id, normal_name, respelled


class PeopleOffered(NamedTuple):
    """Everyone in the people table, the rows that name nobody, and what was changed of ids and names."""

    organisation: Organisation
    rejects: tuple[Reject, ...]
    respelled: tuple[RespelledColumn, ...]


def people_of(files: CsvFiles) -> PeopleOffered:
    """Everyone in the mapping's people table, and the rows that name nobody; ImportInvalid when it has no such table."""
    rule = files.records.people
    if rule is None:
        problem = LocatedProblem(
            file=files.mapping.file,
            line=1,
            column=1,
            rule="people",
            message=phrase("the mapping does not say where the people stand"),
            right=phrase("add people: {table: ..., person: ..., manager: ...}"),
        )
        raise ImportInvalid([problem])
    table = files.tables[rule.table]
    people: dict[str, Person] = {}
    rows: dict[str, TableRow] = {}
    regions: dict[str, set[str]] = {}
    rejects: list[Reject] = []
    respelled = RespelledCount()
    wanted = frozenset(column.name for column in (rule.person, rule.manager, rule.region) if column is not None)
    for row in table.rows(wanted):
        fault = row if isinstance(row, BadRow) else _fault(row, rule, rows)
        if isinstance(fault, BadRow):
            value = shortened(fault.value)
            rejects.append(
                Reject(
                    file=table.path.name,
                    row=fault.number,
                    field=fault.field,
                    reason=as_phrase(fault.reason),
                    value=value,
                )
            )
            continue
        assert isinstance(row, TableRow)
        person, manager, region = _read(row, rule)
        rows[person] = row
        respelled.add(table.path.name, row.number, _respelled(row, rule))
        name = normal_name(row.cells[rule.person.name])
        people[person] = Person(id=person, name=name, role=rule.role, manager=manager or None, region=region or None)
        if manager:
            regions.setdefault(manager, set()).add(region)
    for manager, theirs in regions.items():
        if manager not in people:
            region = next(iter(theirs)) if len(theirs) == 1 else ""
            people[manager] = Person(id=manager, name=manager, role=rule.manager_role, region=region or None)
    return PeopleOffered(Organisation(people=people), tuple(rejects), respelled.columns())


def add_people(path: Path, offered: Organisation, *, importer: str | None = None, write: bool = True) -> Merged:
    """Add who is not in the file yet; nobody who stands there is changed. PeopleFileError when the file is broken.

    Where there was no file, `importer`, the system's user who makes it, gets an entry as well.
    """
    present = load_people(path)
    everyone = dict(offered.people)
    called = "operations" if importer == ENGINE else importer
    if not present.declared and importer and called and called not in everyone and is_person_id(called):
        # From now on only people of the file may act, and whoever made it must not be locked out by it.
        everyone[called] = Person(id=called, name=called, role="operations", users=(importer,))
    merged = merge_people(present, Organisation(people=everyone))
    if write and merged.added:
        write_people(path, merged.organisation)
    return merged


def _read(row: TableRow, rule: PeopleRule) -> tuple[str, str, str]:
    manager = normal_id(row.cells[rule.manager.name]) if rule.manager else ""
    region = row.cells[rule.region.name] if rule.region else ""
    return normal_id(row.cells[rule.person.name]), manager, region


def _respelled(row: TableRow, rule: PeopleRule) -> Iterator[Respelled]:
    for column in (rule.person, rule.manager):
        if column is not None:
            given = row.padded.get(column.name, row.cells[column.name])
            if change := respelled(column.name, given, normal_id(given)):
                yield change


def _fault(row: TableRow, rule: PeopleRule, rows: dict[str, TableRow]) -> BadRow | None:
    person, manager, _ = _read(row, rule)
    for column, value in ((rule.person, person), (rule.manager, manager)):
        if column is None or not (value or column is rule.person):
            continue
        if not is_person_id(value):
            return BadRow(row.number, column.name, phrase("not a person's id: up to 80 characters, without /"), value)
        if wrong := person_fault(value):
            return BadRow(row.number, column.name, wrong, value)
    if (earlier := rows.get(person)) is not None:
        is_same = earlier.cells[rule.person.name] == row.cells[rule.person.name]
        reason = (
            phrase("the person stands in an earlier row already")
            if is_same
            else phrase("the person is that of row {row}: only blanks or what nobody sees differ", row=earlier.number)
        )
        return BadRow(row.number, rule.person.name, reason, person)
    if person == manager:
        return BadRow(
            row.number, rule.manager.name if rule.manager else "", phrase("nobody is their own manager"), person
        )
    return None
