"""How each column of an import was read, as a person reads it."""

from dealflow.application.imports.plans import ImportReport
from dealflow.cli.tables import print_heading, print_table
from dealflow.domain.values.phrase import phrase

_TYPES = {
    "time": phrase("date"), "amount": phrase("amount"), "number": phrase("number"), "whole number": phrase("whole number"),
}  # fmt: skip


def print_columns(report: ImportReport) -> None:
    """How each column was read; where nothing is written yet, so that it can be looked at first."""
    if not (report.columns and report.dry_run):
        return
    print_heading("Columns that hold more than text, and how each is read")
    rows = [
        (
            each.name,
            _TYPES.get(each.type, each.type),
            " | ".join(each.read_by) if each.filled else "",
            f"{each.filled:,}",
            f"{each.empty:,}",
            f"{each.unread:,}" if each.unread else "",
        )
        for each in report.columns
    ]
    print_table(("Column", phrase("Type"), phrase("Read by"), ">Filled", ">Empty", ">Unread"), rows, indent=2)
