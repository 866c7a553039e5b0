"""Rows find their rows of other tables: a join is read once and kept, its columns are then `table.column`."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from dealflow.adapters.imports.csv.table import BadRow, CsvTable
from dealflow.adapters.imports.mapping.model import Join
from dealflow.application.imports.plans import ImportFinding
from dealflow.domain.values.phrase import phrase
from dealflow.domain.values.suggest import nearest
from dealflow.domain.values.text.spelling import normal_name

OnBadRow = Callable[[CsvTable, BadRow, str], None]


@dataclass
class Lookup:
    """The rows of a joined table under their keys, with the columns that the mapping asks for."""

    join: Join
    rows: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def place(self) -> str:
        """Which column looks for which key."""
        return f"{self.join.cell.name} -> {self.join.table}.{self.join.key.name}"


def read_join(join: Join, table: CsvTable, asked: Iterable[str], bad: OnBadRow) -> Lookup:
    """The rows of a table under their keys; `bad` hears of each that cannot be used, with what stands before its columns."""
    lookup = Lookup(join)
    prefix = f"{join.table}."
    wanted = frozenset(name.removeprefix(prefix) for name in asked if name.startswith(prefix))
    for row in table.rows(wanted | {join.key.name}):
        if isinstance(row, BadRow):
            bad(table, row, prefix)
        elif (key := normal_name(row.cells[join.key.name])) in lookup.rows:
            again = BadRow(row.number, join.key.name, phrase("the key stands in an earlier row already"), key)
            bad(table, again, prefix)
        else:
            lookup.rows[key] = {f"{prefix}{name}": cell for name, cell in row.cells.items() if name in wanted}
    return lookup


def nearest_key(lookups: Iterable[Lookup], place: str, value: str) -> str | None:
    """The key that is most like a value that was not found; asked for what is shown."""
    keys = next((lookup.rows for lookup in lookups if lookup.place == place), None)
    return nearest(value, keys) if keys and value else None


def joined(
    cells: dict[str, str], lookups: Iterable[Lookup], shown: Callable[[str, str], str]
) -> tuple[ImportFinding, ...]:
    """Add what the joined tables have for this row to its cells; the values that are found in none.

    `shown` is how a value of a column may be repeated.
    """
    findings: list[ImportFinding] = []
    for lookup in lookups:
        join = lookup.join
        value = normal_name(cells.get(join.cell.name, ""))
        found = lookup.rows.get(value)
        if value in join.values:
            value = cells[join.cell.name] = join.values[value]
            found = lookup.rows.get(normal_name(value))
        if found is not None:
            cells.update(found)
        elif value and not join.optional:
            said = shown(join.cell.name, value)
            findings.append(ImportFinding(lookup.place, said))
    return tuple(findings)
