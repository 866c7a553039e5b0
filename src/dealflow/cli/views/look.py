"""What the columns of files hold, as a person reads it, and the mapping that is made of it."""

from collections.abc import Sequence
from pathlib import Path

from dealflow.adapters.imports.look.columns import SeenColumn, SeenTable
from dealflow.adapters.imports.look.draft import draft_of, shown_type
from dealflow.adapters.imports.look.roles import Roles, ready_for
from dealflow.adapters.imports.rejects import shortened
from dealflow.cli.errors import DONE, WrongUsage
from dealflow.cli.output import print_json, reader, say
from dealflow.cli.tables import print_heading, print_table
from dealflow.domain.process.definition import ProcessDefinition
from dealflow.domain.values.phrase import phrase

_VALUES = 2
_IN_JSON = 50
# A table of six columns has to fit into 80 places.
_NAME, _TYPE, _SEEN, _MAY_BE = 20, 14, 20, 8


def must_be_new(path: Path | None) -> None:
    """WrongUsage for a file that is there already: what somebody has written is never lost."""
    if path is not None and path.exists():
        raise WrongUsage(phrase("--write {file}: it is there already; name another file", file=str(path)))


def print_looked(
    tables: Sequence[SeenTable],
    roles: Roles,
    process: str | None,
    definition: ProcessDefinition | None,
    write: Path | None,
) -> int:
    """Print the columns and the mapping, which is written where a file is named."""
    text = draft_of(roles, process, definition, reader().t)
    if write is not None:
        try:
            write.write_text(text, encoding="utf-8")
        except OSError as error:
            reason = error.strerror or str(error)
            raise WrongUsage(
                phrase("--write {file}: it cannot be written: {reason}", file=str(write), reason=reason)
            ) from error
    if reader().json:
        print_json(_document(tables, roles, text, write))
        return DONE
    for table in tables:
        _print_table(table, roles)
    if write is not None:
        say(reader().t("A first mapping is in {file}: look through it, then try it with --dry-run", file=str(write)))
    else:
        print_heading("A first mapping; --write FILE puts it into a file")
        say(text.rstrip("\n"))
    return DONE


def _document(tables: Sequence[SeenTable], roles: Roles, text: str, write: Path | None) -> dict[str, object]:
    return {
        "tables": [
            {
                "file": str(table.path),
                "rows": table.rows,
                "unread": table.unread,
                "columns": [
                    {
                        "name": column.name,
                        "type": column.type,
                        "forms": list(column.forms),
                        "two_ways": column.two_ways,
                        "filled": column.filled,
                        "empty": column.empty,
                        "distinct": len(column.values),
                        "values": [{"value": v, "rows": n} for v, n in column.values.most_common(_IN_JSON)],
                        "may_be": _roles(column, roles) if table is roles.main else [],
                    }
                    for column in table.columns.values()
                ],
            }
            for table in tables
        ],
        "command": "log-csv" if roles.is_log else "crm-csv",
        "ready": ready_for(roles.main),
        "mapping": text,
        "mapping_file": str(write) if write else None,
    }


def _roles(column: SeenColumn, roles: Roles) -> list[str]:
    return [role for role, names in roles.columns.items() if column.name in names]


def _print_table(table: SeenTable, roles: Roles) -> None:
    to = reader()
    rows = to.counted("{file}: {n:,} row", "{file}: {n:,} rows", table.rows, file=table.path.name)
    unread = to.counted("{n:,} cannot be read", "{n:,} cannot be read", table.unread) if table.unread else ""
    print_heading(to.joined([rows, unread]) if unread else rows)
    listed = [
        (
            column.name[:_NAME],
            shown_type(column)[:_TYPE],
            f"{column.filled:,}",
            f"{len(column.values):,}",
            to.listed(shortened(value) for value, _ in column.values.most_common(_VALUES))[:_SEEN],
            to.listed(_roles(column, roles) if table is roles.main else [])[:_MAY_BE],
        )
        for column in table.columns.values()
    ]
    print_table(("Column", "Type", ">Cells", ">Values", "Such as", "May be"), listed, indent=2)
