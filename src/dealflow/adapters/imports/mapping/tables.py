"""The part of a mapping that is for tables: files, joins, and where the people stand."""

from dealflow.adapters.files.located_yaml import Tree, YamlScalar
from dealflow.adapters.imports.mapping.document import ROLES, JoinEntry, SellersEntry, TableEntry
from dealflow.adapters.imports.mapping.facts import FactReader
from dealflow.adapters.imports.mapping.model import Column, Join, PeopleRule, Records, Table
from dealflow.domain.values.phrase import phrase


class TableReader(FactReader):
    """Reads tables, joins and people."""

    def records(self, entries: dict[str, Tree]) -> Records:
        listed = self.pairs(entries.get("tables"), phrase("'tables'"), phrase("write deals: deals.csv"))
        tables = {key.text: self.table(key, value) for key, value in listed}
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
        entries = self.part(TableEntry, tree, what)
        file = self.word(entries.get("file"), phrase("the file of {what}", what=what))
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
        entries = self.part(JoinEntry, tree)
        cell = self.cell(entries.get("column"), phrase("the column of a join"))
        to = entries.get("to")
        table, _, key = self.word(to, "'to' of a join").partition(".")
        optional = self.boolean(entries.get("optional"), "'optional'")
        corrected = self.corrected(entries.get("values"), phrase("the values of a join"))
        if cell is None or to is None or not table:
            return None
        if not key:
            self.problems.add(to, "join", phrase("'to' names no column"), phrase("write table.column"))
            return None
        if table not in tables:
            wrong = phrase("'to' names the table '{table}', which is not among the tables", table=table[:60])
            self.problems.add(to, "unknown-table", wrong, near=(table, tables))
        return Join(cell, table, Column(key, to.line, to.column + len(table) + 1), corrected, optional)

    def people(self, tree: Tree | None, tables: dict[str, Table]) -> PeopleRule | None:
        if tree is None:
            return None
        entries = self.part(SellersEntry, tree)
        table = self.table_name(entries.get("table"), "'people'", tables)
        person = self.cell(entries.get("person"), "'person'")
        if person is None:
            return None
        return PeopleRule(
            table=table,
            person=person,
            manager=self.cell(entries.get("manager"), "'manager'"),
            region=self.cell(entries.get("region"), "'region'"),
            role=self.choice(entries.get("role"), "'role'", ROLES, "seller"),
            manager_role=self.choice(entries.get("manager_role"), "'manager_role'", ROLES, "manager"),
        )
