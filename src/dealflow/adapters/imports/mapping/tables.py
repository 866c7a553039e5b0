"""The part of a mapping that is for tables: files, joins, and where the people stand."""

from typing import get_args

from dealflow.adapters.files.located_yaml import Tree, YamlMapping, YamlScalar
from dealflow.adapters.imports.mapping.model import Column, Join, PeopleRule, Records, Table
from dealflow.adapters.imports.mapping.values import MappingValues
from dealflow.domain.people.organisation import Role
from dealflow.domain.values.phrase import phrase
from dealflow.domain.values.text.spelling import normal_name

_PEOPLE = ("table", "person", "manager", "region", "role", "manager_role")
# An integrator is named with its kinds of evidence, which no table of people has.
_ROLES = tuple(role for role in get_args(Role) if role != "integrator")


class TableReader(MappingValues):
    """Reads tables, joins and people."""

    def records(self, entries: dict[str, Tree]) -> Records:
        tables: dict[str, Table] = {}
        listed = entries.get("tables")
        if isinstance(listed, YamlMapping):
            for key, value in listed.entries.values():
                tables[key.text] = self.table(key, value)
        elif listed is not None:
            self.problems.add(listed, "type", phrase("'tables' must be a mapping"), phrase("write deals: deals.csv"))
        rows = self.table_name(entries.get("rows"), "'rows'", tables)
        joins: list[Join] = []
        for item in self.items(entries.get("joins"), "'joins'"):
            if (join := self.join(item, tables)) is not None:
                if join.table in (rows, *(other.table for other in joins)):
                    wrong = (
                        phrase("the table '{table}' is joined already", table=join.table[:60])
                        if join.table != rows
                        else phrase("rows join themselves")
                    )
                    self.problems.add(item, "join", wrong, phrase("one join for each other table"))
                joins.append(join)
        return Records(tables, rows, tuple(joins), self.people(entries.get("people"), tables))

    def table(self, key: YamlScalar, tree: Tree) -> Table:
        what = phrase("table '{written}'", written=key.text[:60])
        if isinstance(tree, YamlScalar):
            return Table(
                key.text,
                self.word(tree, phrase("the file of {what}", what=what)),
                "utf-8-sig",
                ",",
                tree.line,
                tree.column,
            )
        entries = self.mapping(tree, what, ("file", "encoding", "delimiter"))
        file = self.word(self.required(entries, "file", tree, what), phrase("the file of {what}", what=what))
        delimiter = ","
        if (given := entries.get("delimiter")) is not None:
            delimiter = given.text if isinstance(given, YamlScalar) else ""
            delimiter = "\t" if delimiter == "tab" else delimiter
            if len(delimiter) != 1 or delimiter in '"\r\n':
                self.problems.add(
                    given,
                    "delimiter",
                    phrase("the delimiter of {what} must be one character", what=what),
                    phrase("such as ';' or tab"),
                )
                delimiter = ","
        encoding = self.encoding(entries.get("encoding"), phrase("the encoding of {what}", what=what))
        return Table(key.text, file, encoding, delimiter, tree.line, tree.column)

    def table_name(self, tree: Tree | None, what: str, tables: dict[str, Table]) -> str:
        word = self.word(tree, what)
        if tree is not None and word and word not in tables:
            wrong = phrase("{what} names the table '{word}', which is not among the tables", what=what, word=word[:60])
            self.problems.add(tree, "unknown-table", wrong, near=(word, tables))
        return word

    def join(self, tree: Tree, tables: dict[str, Table]) -> Join | None:
        entries = self.mapping(tree, phrase("a join"), ("column", "to", "values"))
        cell = self.cell(self.required(entries, "column", tree, phrase("a join")), phrase("the column of a join"))
        to = self.required(entries, "to", tree, phrase("a join"))
        table, _, key = self.word(to, "'to' of a join").partition(".")
        values = entries.get("values")
        corrected: dict[str, str] = {}
        if isinstance(values, YamlMapping):
            corrected = {
                normal_name(key.text): self.word(value, phrase("a value of a join"))
                for key, value in values.entries.values()
            }
        elif values is not None:
            self.problems.add(values, "type", phrase("'values' must be a mapping"), phrase("write wrong: right"))
        if cell is None or to is None or not table:
            return None
        if not key:
            self.problems.add(to, "join", phrase("'to' names no column"), phrase("write table.column"))
            return None
        if table not in tables:
            wrong = phrase("'to' names the table '{table}', which is not among the tables", table=table[:60])
            self.problems.add(to, "unknown-table", wrong, near=(table, tables))
        return Join(cell, table, Column(key, to.line, to.column + len(table) + 1), corrected)

    def people(self, tree: Tree | None, tables: dict[str, Table]) -> PeopleRule | None:
        if tree is None:
            return None
        entries = self.mapping(tree, "'people'", _PEOPLE)
        table = self.table_name(self.required(entries, "table", tree, "'people'"), "'people'", tables)
        person = self.cell(self.required(entries, "person", tree, "'people'"), "'person'")
        if person is None:
            return None
        return PeopleRule(
            table=table,
            person=person,
            manager=self.cell(entries.get("manager"), "'manager'"),
            region=self.cell(entries.get("region"), "'region'"),
            role=self.choice(entries.get("role"), "'role'", _ROLES, "seller"),
            manager_role=self.choice(entries.get("manager_role"), "'manager_role'", _ROLES, "manager"),
        )
